"""Reads one variant of a catalogue."""

from __future__ import annotations

from datetime import datetime

from connectors import canonical
from portal.ledger.record_catalogue import record_variant
from portal.sync.catalogue.follow import follow_variant
from portal.sync.models import InboundMessage, InboundState
from portal.sync.release import release_sku


def read(seen: canonical.Variant, *, message: InboundMessage, at: datetime) -> InboundState:
    recorded = record_variant(seen, connection=message.connection, at=at)
    if recorded.created or recorded.old_sku:
        release_sku(message.connection, recorded.item.sku, at=at)
    if recorded.changed:
        follow_variant(recorded, message=message, at=at)
    return InboundState.DONE if recorded.changed else InboundState.OLDER
