"""A fix releases what it blocked, by itself: a mapping saved, an order corrected, a connection back, a person's retry."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import partial

from django.db import transaction
from django.db.models import Q, QuerySet

from connectors.canonical import CodeKind
from exceptions.cases import clear_items
from mappings.errors import TO_CHANNEL, TO_HUB, CodeKey
from portal.connections.models import Connection, Integration
from portal.ledger.models import SalesOrder, Stage
from portal.sync.bells import ring
from portal.sync.claim import lock_orders
from portal.sync.models import OutboundMessage, State


def release(keys: Iterable[str], *, at: datetime) -> int:
    """Send again everything that waits for one of the keys; how many messages."""
    return release_rows(OutboundMessage.objects.filter(state=State.PARKED, waiting_for__in=list(keys)), at=at)


def release_sku(connection: Connection, sku: str, *, at: datetime) -> int:
    """The system now lists this SKU: what waited because it did not, goes."""
    joined = Integration.objects.present().filter(Q(hub=connection) | Q(channel=connection))
    keys = [CodeKey(CodeKind.SKU, one.pk, TO_HUB if one.hub_id == connection.pk else TO_CHANNEL, "", sku) for one in joined]
    return release([str(key) for key in keys], at=at)


def release_rows(rows: QuerySet[OutboundMessage], *, at: datetime) -> int:
    """Queue these rows again and ring for their connections. Must run in a transaction."""
    lock_orders(rows.values_list("order_id", flat=True))
    found = list(rows.select_for_update().values_list("pk", "connection_id", "order_id", "kind"))
    if not found:
        return 0
    OutboundMessage.objects.filter(pk__in=[row[0] for row in found]).update(state=State.QUEUED, not_before=at, waiting_for="", note="")
    orders = [row[2] for row in found if row[3] == "create_order" and row[2]]
    SalesOrder.objects.filter(pk__in=orders, stage=Stage.BLOCKED).update(stage=Stage.QUEUED, stage_note="", stage_at=at)
    for connection_id in {row[1] for row in found}:
        transaction.on_commit(partial(ring, "deliver", connection_id))
    return len(found)


def connection_back(connection: Connection, *, at: datetime) -> None:
    """It answers again: what was put off goes now, at the connection's own pace, and its case closes with the proof."""
    with transaction.atomic():
        put_off = OutboundMessage.objects.filter(connection=connection, state=State.QUEUED, not_before__gt=at, looks_first=False)
        put_off.update(not_before=at)
        proof = {"answered": at.isoformat(), "connection": connection.name}
        clear_items("E32", subjects=[f"connection:{connection.pk}"], proof=proof, at=at)
    ring("deliver", connection.pk)
