"""A confirmed shipment: the wave's lines, the order's lines and the stock follow, then the invoice.

The vendor's own warehouse connections do this; the call that does it from outside is proposed, not known.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import partial

from connectors.sandbox.xoro import desk, waves
from connectors.sandbox.xoro.answers import Refused
from connectors.sandbox.xoro.invoices import bill
from connectors.sandbox.xoro.lifecycle import changed, set_line
from connectors.sandbox.xoro.models import Confirmation, Json, Order, Wave, WaveLine
from connectors.sandbox.xoro.stock import begin, move, row_of
from connectors.sandbox.xoro.store import State


@dataclass(frozen=True)
class Parcel:
    """One package: its tracking number, and units by item id."""

    tracking: str
    units: Mapping[int, int]
    weight: Decimal = Decimal(0)


@dataclass(frozen=True)
class Shipment:
    """What somebody says was shipped of one order on one wave."""

    parcels: tuple[Parcel, ...]
    ship_date: datetime
    carrier: str
    service: str = ""
    cost: Decimal = Decimal(0)
    final: bool = False


def confirm(here: State, wave: Wave, order: Order, shipment: Shipment, *, at: datetime) -> Confirmation:
    """Accept it whole or not at all. Confirmed twice is shipped twice, as long as the wave has open units."""
    open_lines = check(here, wave, order, shipment)
    final = shipment.final or here.settings.disable_multishipment
    shipped = ship(here, wave, order, shipment, open_lines)
    if final:
        waves.close_lines(here, wave, [line for line in open_lines if line.open], kind="shipment")
    waves.refresh(here, wave)
    told = record(here, wave, order, shipment, final=final, at=at)
    if final and here.settings.short_close == "order" and any(line.open for line in order.lines) and not waves.open_waves(here, order):
        desk.close(here, order, at=at)
    changed(here, order, at=at)
    if here.settings.invoice_delay_s is not None:
        numbers = [parcel.tracking for parcel in shipment.parcels if parcel.tracking]
        here.later(here.settings.invoice_delay_s, partial(bill, here, order, dict(shipped), numbers), start=at)
    return told


def check(here: State, wave: Wave, order: Order, shipment: Shipment) -> list[WaveLine]:
    if order.id not in wave.order_ids:
        raise Refused(f"Sales order {order.number} is not on wave {wave.number}.", 1031)
    if shipment.carrier and shipment.carrier not in here.carriers:
        raise Refused(f"Carrier {shipment.carrier} not found.", 1032)
    open_lines = [line for line in waves.lines_of(wave, order) if line.open]
    if wave.status not in waves.OPEN_STATES or not open_lines:
        raise Refused(f"Wave {wave.number} has nothing left to ship of {order.number}.", 1033)
    left: Counter[int] = Counter()
    for line in open_lines:
        left[line.item_id] += line.open
    for item_id, units in sum_of(shipment).items():
        if units > left[item_id]:
            raise Refused(f"Quantity {units} of {here.items[item_id].number} exceeds the open wave quantity {left[item_id]}.", 1034)
    return open_lines


def sum_of(shipment: Shipment) -> Counter[int]:
    found: Counter[int] = Counter()
    for parcel in shipment.parcels:
        found.update(parcel.units)
    return found


def ship(here: State, wave: Wave, order: Order, shipment: Shipment, open_lines: list[WaveLine]) -> Counter[int]:
    """Pick, pack and close what was shipped; units by order line."""
    left, shipped = sum_of(shipment), Counter[int]()
    txn = begin(here, "shipment", order.number)
    by_id = {line.id: line for line in order.lines}
    for wave_line in open_lines:
        units = min(left[wave_line.item_id], wave_line.open)
        if units <= 0:
            continue
        left[wave_line.item_id] -= units
        line = by_id[wave_line.line_id]
        wave_line.shipped += units
        line.allocated -= units
        shipped[line.id] += units
        set_line(here, order, line, txn=txn, shipped=line.shipped + units)
        move(here, row_of(here, line.item_id, wave.store_id), txn=txn, on_hand=-units, allocated=-units)
    return shipped


def record(here: State, wave: Wave, order: Order, shipment: Shipment, *, final: bool, at: datetime) -> Confirmation:
    packages: list[Json] = []
    for parcel in shipment.parcels:
        packages.append({"tracking": parcel.tracking, "units": {here.items[id].number: units for id, units in parcel.units.items()}})
    carrier = shipment.carrier or order.header.get("CarrierName", "")
    terms = (shipment.ship_date, carrier, shipment.service, shipment.cost, final, packages, at)
    told = Confirmation(wave.number, order.number, *terms)
    order.confirmations.append(told)
    if shipment.carrier:
        order.header = order.header | {"CarrierName": carrier} | ({"ShipServiceName": shipment.service} if shipment.service else {})
    return told
