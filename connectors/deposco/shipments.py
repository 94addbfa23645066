"""Outbound shipments → dispatches: one parcel for each package, with its own tracking number.

https://api.deposco.com, outbound shipments
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from connectors.canonical import Parcel, Shipment, ShipmentLine
from connectors.deposco.dates import told_at
from connectors.deposco.shapes import Row, id_of, key, nested, part, rows, sku_of
from connectors.errors import ContractError
from connectors.reading import decimal, text, whole

SHIPPED, ROLLED_BACK = "Shipped", "Rolled Back"
GRAMS = {"g": Decimal(1), "kg": Decimal(1000), "oz": Decimal("28.349523125"), "lb": Decimal("453.59237"), "lbs": Decimal("453.59237")}


class OrderLines:
    """The lines of one order, found by what a shipment tells of them: the line's id or number, the channel's number, the item."""

    def __init__(self, order: str, lines: Sequence[Row], *, what: str) -> None:
        self.order = order
        self.what = what
        self.lines = lines
        self.by_id = {id_of(row): row for row in lines if id_of(row)}

    def of(self, row: Mapping[str, Any], *, alone: bool) -> Row | None:
        """The line that a row of a shipment belongs to; None when it is another order's. `alone`: the shipment is only this order's."""
        ref = part(row, "orderLine")
        if text(ref.get("id")) and self.by_id:
            return self.by_id.get(text(ref.get("id")))
        if alone and (found := self.first("lineNumber", key(ref, "lineNumber"))):
            return found
        external = text(row.get("externalLineNumber"))
        matching = [each for each in self.lines if sku_of(each) == sku_of(row)]
        return next((each for each in matching if external and text(each.get("customerLineNumber")) == external), None) or next(iter(matching), None)

    def first(self, name: str, value: str) -> Row | None:
        return next((each for each in self.lines if value and text(each.get(name)) == value), None)

    def units(self, row: Mapping[str, Any], *, alone: bool) -> ShipmentLine | None:
        """What was shipped of a line, in units; None for nothing, and for what is another order's."""
        line = self.of(row, alone=alone)
        if line is None and not alone:
            return None
        sku = sku_of(row) or (sku_of(line) if line else "")
        told = key(row.get("pack"), "quantity") or (key(line.get("pack"), "quantity") if line else "")
        packs = whole(row.get("shippedPackQuantity") or 0, what=f"shipped quantity of {sku} in {self.what}")
        size = whole(told, what=f"pack quantity of {sku} in {self.what}") if told else 1
        return ShipmentLine(sku, packs * size, text(line.get("lineNumber")) if line else "") if packs > 0 else None


def parse_shipments(shipments: Sequence[Row], *, lines: OrderLines) -> tuple[Shipment, ...]:
    """The dispatches: what has left, and what was taken back. A label bought and not used is none."""
    found = [parse_shipment(row, lines=lines) for row in shipments if text(row.get("status")) in (SHIPPED, ROLLED_BACK) and id_of(row)]
    return tuple(shipment for shipment in found if shipment.lines or shipment.cancelled)


def parse_shipment(row: Row, *, lines: OrderLines) -> Shipment:
    alone = len(nested(row, "orderHeaders")[0]) <= 1
    reference = id_of(row) if alone else f"{id_of(row)}/{lines.order}"
    told = nested(row, "shipmentLines")[0]
    shipped = tuple(line for each in told if (line := lines.units(each, alone=alone)) is not None)
    parcels = parse_parcels(row, reference=reference, lines=lines, alone=alone)
    dates = part(row, "shipmentDates")
    return Shipment(
        reference=reference,
        lines=summed(shipped if told else tuple(line for parcel in parcels for line in parcel.lines)),
        parcels=parcels,
        carrier_code=text(row.get("shipVendor")),
        carrier_label=text(row.get("shipVendor")),
        service_code=text(row.get("shipVia")),
        warehouse_code=key(row.get("shipFromFacility"), "number"),
        shipped_at=told_at(dates, "actualShipDate") or told_at(row, "updatedDate"),
        cancelled=text(row.get("status")) == ROLLED_BACK,
    )


def summed(lines: Sequence[ShipmentLine]) -> tuple[ShipmentLine, ...]:
    """One entry for each order line, however many packages it is spread over."""
    units: dict[tuple[str, str], int] = {}
    for line in lines:
        units[line.sku, line.order_line] = units.get((line.sku, line.order_line), 0) + line.quantity
    return tuple(ShipmentLine(sku, quantity, order_line) for (sku, order_line), quantity in units.items())


def parse_parcels(row: Row, *, reference: str, lines: OrderLines, alone: bool) -> tuple[Parcel, ...]:
    """A parcel for each package that holds something of this order; without packages, one with the shipment's own number."""
    packages = nested(row, "shippedContainers")[0]
    parcels = [parse_parcel(each, row, place=place, reference=reference, lines=lines, alone=alone) for place, each in enumerate(packages, start=1)]
    found = tuple(parcel for parcel in parcels if parcel is not None)
    if found:
        return found
    number = text(row.get("trackingNumber"))
    return (Parcel(reference, number, tracking_url(row, number), weight_g=grams(part(row, "totalWeight"))),)


def parse_parcel(package: Row, shipment: Row, *, place: int, reference: str, lines: OrderLines, alone: bool) -> Parcel | None:
    contents = rows(package.get("shippedContainerLines"))
    inside = tuple(line for each in contents if (line := lines.units(each, alone=alone)) is not None)
    if contents and not inside:
        return None
    number = text(package.get("trackingNumber"))
    name = text(package.get("number")) or text(package.get("lpnNumber")) or f"{reference}-{place}"
    return Parcel(name, number, tracking_url(shipment, number), lines=inside, weight_g=grams(part(package, "weight")))


def tracking_url(shipment: Mapping[str, Any], number: str) -> str:
    """The shipment tells where to look; the package's number belongs behind it."""
    base = text(shipment.get("trackingUrl"))
    if not base or not number:
        return ""
    if number in base:
        return base
    own = text(shipment.get("trackingNumber"))
    return base.replace(own, number) if own and own in base else f"{base}{number}"


def grams(weight: Mapping[str, Any]) -> int | None:
    factor = GRAMS.get(text(weight.get("units")).lower())
    if factor is None:
        return None
    try:
        told = decimal(weight.get("value") if weight.get("value") is not None else weight.get("weight"), what="weight") * factor
    except ContractError:
        return None  # a weight nobody filled in stops no dispatch
    return int(told.quantize(Decimal(1), rounding=ROUND_HALF_UP)) or None
