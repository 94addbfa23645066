"""Computes published levels anew when a buffer begins or ends, by the clock alone, some hundred SKUs at a time (R26)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from connectors.ports import Ability
from portal.connections.models import Connection, Integration
from portal.ledger.models import Buffer, StockLevel, StockReplan
from portal.sync.stock import replan_for
from portal.sync.stock_buffers import ANY, begins_with, fits

CHUNK = 500


def ask(integration: Integration, *, at: datetime, pattern: str = ANY, skus: Sequence[str] = (), buffer: Buffer | None = None) -> None:
    """From `at` on these SKUs of the integration are planned anew."""
    StockReplan.objects.create(integration=integration, buffer=buffer, pattern=pattern, skus=list(skus), due_at=at)


def on_integration_changed(sender: object, *, integration: Integration, at: datetime, **_: object) -> None:
    """Its own buffer, its warehouses or its switch may be other ones now."""
    StockReplan.objects.filter(integration=integration, buffer=None, due_at__lte=at).delete()
    ask(integration, at=at)


def schedule(buffer: Buffer, *, at: datetime, now: bool) -> None:
    """Plan at the edges of its period that are still to come; and `now`, when its effect changes at once."""
    buffer.replans.filter(due_at__gt=at).delete()
    edges = {edge for edge in (buffer.starts_at, buffer.ends_at) if edge is not None and edge > at}
    for edge in sorted(edges | ({at} if now else set())):
        ask(buffer.integration, at=edge, pattern=buffer.pattern, skus=buffer.skus, buffer=buffer)


def due(at: datetime) -> QuerySet[StockReplan]:
    """What waits for its turn; that of an integration which is off waits until it is on."""
    return StockReplan.objects.filter(due_at__lte=at, integration__in=Integration.objects.running())


def replan_next(hub: Connection, *, at: datetime) -> bool:
    """One chunk of what is due at this hub; False when nothing is. A chunk and how far it came are one transaction."""
    with transaction.atomic():
        waiting = due(at).filter(integration__hub=hub).select_related("integration", "integration__channel", "integration__hub")
        row = waiting.select_for_update(of=("self",), skip_locked=True).order_by("due_at", "pk").first()
        if row is None:
            return False
        if Ability.PUBLISH_STOCK not in row.integration.channel.vendor.abilities:
            row.delete()
            return True
        skus, last = next(chunks(hub, row.pattern, row.skus, after=row.after), ([], ""))
        replan_for(row.integration, skus, at=at, moved_at=at)
        if last:
            StockReplan.objects.filter(pk=row.pk).update(after=last)
        else:
            row.delete()
    return True


def chunks(hub: Connection, pattern: str, skus: Sequence[str] = (), *, after: str = "", size: int = CHUNK) -> Iterator[tuple[list[str], str]]:
    """The hub's SKUs that are meant, with the SKU to go on after ("" at the end)."""
    levels = StockLevel.objects.filter(connection=hub)
    if skus or ANY not in pattern:
        levels = levels.filter(sku__in=skus or [pattern])
    elif beginning := begins_with(pattern):
        levels = levels.filter(sku__startswith=beginning)
    while True:
        found = list(levels.filter(sku__gt=after).order_by("sku").values_list("sku", flat=True).distinct()[:size])
        after = found[-1] if len(found) == size else ""
        yield [sku for sku in found if skus or fits(pattern, sku)], after
        if not after:
            return
