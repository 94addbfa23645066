"""Reads one variant of a catalogue."""

from __future__ import annotations

from datetime import datetime

from connectors import canonical
from portal.ledger.record_catalogue import record_variant
from portal.sync.models import InboundMessage, InboundState


def read(seen: canonical.Variant, *, message: InboundMessage, at: datetime) -> InboundState:
    recorded = record_variant(seen, connection=message.connection, at=at)
    return InboundState.DONE if recorded.changed else InboundState.OLDER
