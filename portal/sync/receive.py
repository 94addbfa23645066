"""Stores what came in, as it came, and says whether it is new."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime

from connectors.canonical import Received
from portal.connections.models import Connection
from portal.sync.models import InboundMessage


def receive(items: Sequence[Received], *, connection: Connection, door: str, at: datetime) -> int:
    """Store the items that are new (by the vendor's event id, else by their content); how many were."""
    rows = [
        InboundMessage(
            connection=connection,
            door=door,
            topic=item.topic,
            event_id=event_id(item),
            subject=item.subject[:160],
            body=item.body,
            changed_at=item.changed_at,
            received_at=at,
            not_before=at,
        )
        for item in items
    ]
    known = set(InboundMessage.objects.filter(connection=connection, event_id__in=[row.event_id for row in rows]).values_list("topic", "event_id"))
    fresh = [row for row in rows if (row.topic, row.event_id) not in known]
    InboundMessage.objects.bulk_create(fresh, ignore_conflicts=True)
    return len(fresh)


def event_id(item: Received) -> str:
    """The vendor's id where it fits; else a digest of it, or of the body."""
    if item.event_id and len(item.event_id) <= 200:
        return item.event_id
    return "sha256:" + hashlib.sha256(item.event_id.encode() or item.body).hexdigest()
