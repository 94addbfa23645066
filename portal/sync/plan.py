"""Writes what must be told to whom: one outbound message for one target, once."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from connectors.ports import Side
from portal.connections.models import Connection, Integration
from portal.ledger.models import SalesOrder
from portal.sync.models import OutboundMessage, State
from portal.sync.routes import ROUTES


def plan(
    kind: str,
    *,
    integration: Integration,
    subject: str,
    version: str,
    at: datetime,
    order: SalesOrder | None = None,
    payload: dict[str, Any] | None = None,
    target: Connection | None = None,
) -> OutboundMessage | None:
    """Queue the message in the caller's transaction; None when it was planned before (same kind, subject and version)."""
    route = ROUTES[kind]
    target = target or (integration.hub if route.target is Side.HUB else integration.channel)
    lane = route.lane.format(
        store=order.store_code if order else "", order=order.pk if order else "", subject=subject, product=(payload or {}).get("product", "")
    )
    message = OutboundMessage(
        connection=target,
        integration=integration,
        order=order,
        kind=kind,
        subject=subject,
        version=version,
        lane=lane,
        rank=route.rank,
        payload=payload or {},
        not_before=at,
        created_at=at,
    )
    if OutboundMessage.objects.filter(connection=target, kind=kind, subject=subject, version=version).exists():
        return None
    if route.newest_only:
        _supersede(target.pk, kind, subject)
    message.save(force_insert=True)
    return message


def _supersede(connection_id: int, kind: str, subject: str) -> None:
    waiting = OutboundMessage.objects.filter(connection_id=connection_id, kind=kind, subject=subject, state__in=(State.QUEUED, State.PARKED))
    waiting.update(state=State.SUPERSEDED, note="A newer value took its place.", waiting_for="")
