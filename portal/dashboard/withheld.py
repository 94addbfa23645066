"""What buffers keep from being sold: units, and their value at the price the ledger knows, never summed across currencies (R12)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import CharField, Count, DecimalField, F, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from portal.connections.models import Integration
from portal.ledger.models import Buffer, CatalogueItem, OrderLine, StockPublication

MOST = 100
MONEY = DecimalField(max_digits=18, decimal_places=4)


def priced() -> QuerySet[Any]:
    """Everything kept back, with a unit's price: the channel's catalogue, or else what its newest sale brought."""
    listed = CatalogueItem.objects.filter(connection=OuterRef("connection"), sku=OuterRef("sku"), gone_at=None, price__isnull=False)
    listed = listed.exclude(currency="").order_by("pk")
    sold = OrderLine.objects.filter(sku=OuterRef("sku"), order__connection=OuterRef("connection"), quantity__gt=0, is_extra=False).order_by("-order")
    catalogue, sale = Subquery(listed.values("price")[:1]), Subquery(sold.values(each=F("total") / F("quantity"))[:1], output_field=MONEY)
    return StockPublication.objects.filter(withheld__gt=0, integration__in=Integration.objects.present()).annotate(
        price=Coalesce(catalogue, sale, output_field=MONEY),
        currency=Coalesce(Subquery(listed.values("currency")[:1]), Subquery(sold.values("order__currency")[:1]), output_field=CharField()),
        source=Subquery(listed.values("currency")[:1]),
    )


@dataclass
class Total:
    """One line of the report. `value`: by currency; `unpriced`: units of SKUs that no price is known of."""

    label: str
    detail: str = ""
    units: int = 0
    skus: int = 0
    unpriced: int = 0
    value: dict[str, Decimal] = field(default_factory=dict)

    def add(self, *, units: int, skus: int, currency: str | None, value: Decimal | None) -> None:
        self.units += units
        self.skus += skus
        if currency and value is not None:
            self.value[currency] = self.value.get(currency, Decimal()) + value
        else:
            self.unpriced += units


def totals() -> tuple[list[Total], list[Total]]:
    """By channel, and by the buffer that keeps them back; most units first."""
    groups = priced().order_by().values("integration", "buffer", "currency")
    rows = groups.annotate(units=Sum("withheld"), skus=Count("sku", distinct=True), value=Sum(F("withheld") * F("price"), output_field=MONEY))
    integrations = Integration.objects.select_related("channel").in_bulk()
    buffers = Buffer.objects.in_bulk()
    channels: dict[int, Total] = {}
    classes: dict[tuple[int, int | None], Total] = {}
    for row in rows:
        at, buffer = integrations[row["integration"]], buffers.get(row["buffer"])
        scope = "its own number for every SKU" if buffer is None else buffer.scope
        added = {name: row[name] for name in ("units", "skus", "currency", "value")}
        channels.setdefault(at.pk, Total(at.channel.name, at.name)).add(**added)
        classes.setdefault((at.pk, row["buffer"]), Total(scope, at.name)).add(**added)
    return by_units(channels.values()), by_units(classes.values())


def by_units(found: Any) -> list[Total]:
    return sorted(found, key=lambda total: -total.units)


def rows_of(found: QuerySet[Any]) -> QuerySet[Any]:
    return found.select_related("connection", "integration", "buffer")


def largest() -> list[dict[str, Any]]:
    """The SKUs most is kept back of."""
    return [cells(row) for row in rows_of(priced()).order_by("-withheld", "sku", "pk")[:MOST]]


def every() -> Iterator[dict[str, Any]]:
    return (cells(row) for row in rows_of(priced()).order_by("connection", "sku", "pk").iterator(chunk_size=2000))


SOURCES = {True: "catalogue", False: "newest sale"}


def cells(row: Any) -> dict[str, Any]:
    """One publication as the page and the file tell it."""
    return {
        "sku": row.sku,
        "channel": row.connection.name,
        "integration": row.integration.name,
        "place": row.warehouse_code,
        "buffer": "its own number" if row.buffer is None else row.buffer.scope,
        "shown": row.wanted,
        "withheld": row.withheld,
        "price": row.price,
        "currency": row.currency or "",
        "value": None if row.price is None else row.price * row.withheld,
        "priced_by": "no price known" if row.price is None else SOURCES[row.source is not None],
    }
