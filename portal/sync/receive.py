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
    known = known_events(rows, connection)
    fresh = [row for row in rows if is_news(row, known, at=at)]
    InboundMessage.objects.bulk_create(fresh, ignore_conflicts=True)
    return len(fresh)


def known_events(rows: Sequence[InboundMessage], connection: Connection) -> dict[tuple[str, str], str]:
    """(topic, event id) → the newest event id of the same subject, for those events that came before."""
    same = InboundMessage.objects.filter(connection=connection, event_id__in=[row.event_id for row in rows])
    known = {(topic, event): subject for topic, event, subject in same.values_list("topic", "event_id", "subject")}
    about = InboundMessage.objects.filter(connection=connection, subject__in=set(known.values()))
    newest = {(topic, subject): event for topic, subject, event in about.order_by("id").values_list("topic", "subject", "event_id")}
    return {(topic, event): newest[topic, subject] for (topic, event), subject in known.items()}


def is_news(row: InboundMessage, known: dict[tuple[str, str], str], *, at: datetime) -> bool:
    """Whether to store it. What a poll reads is how things are now: a state that went and came back is news again."""
    newest = known.get((row.topic, row.event_id))
    if newest is None:
        return True
    if row.door != "poll" or newest == row.event_id or newest.startswith(came_back(row)):
        return False
    row.event_id = f"{came_back(row)}{at.isoformat()}"
    return True


def came_back(row: InboundMessage) -> str:
    """How the event id of a state that is there again begins."""
    return f"{row.event_id[:160]} again "


def event_id(item: Received) -> str:
    """The vendor's id where it fits; else a digest of it, or of the body."""
    if item.event_id and len(item.event_id) <= 200:
        return item.event_id
    return "sha256:" + hashlib.sha256(item.event_id.encode() or item.body).hexdigest()
