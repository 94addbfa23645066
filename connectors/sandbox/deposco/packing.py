"""Packages: packed into shipments, sent one by one or together, rolled back; and labels that nobody used."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from connectors.sandbox.deposco import stock
from connectors.sandbox.deposco.answers import invalid
from connectors.sandbox.deposco.floor import Units, ready, spread
from connectors.sandbox.deposco.lifecycle import changed
from connectors.sandbox.deposco.models import Container, Line, Order, Shipment
from connectors.sandbox.deposco.store import State


@dataclass(frozen=True)
class Label:
    """What the warehouse puts on a shipment; blanks mean the order's own, or the tenant's, carrier and service."""

    carrier: str = ""
    service: str = ""
    tracking: tuple[str, ...] | None = None  # one for each package; None makes them up; () means none at all


def pack(
    here: State,
    order: Order,
    *,
    at: datetime,
    units: Units | None = None,
    facility: str = "",
    packages: int | list[Units] = 1,
    label: Label | None = None,
) -> list[Shipment]:
    """Put what is picked into packages, one new shipment for each facility."""
    ready(order, "packed")
    contents = sum_up(packages) if isinstance(packages, list) else units
    made: dict[str, Shipment] = {}
    goods: dict[str, list[tuple[Line, int]]] = {}
    for line, part, packs in spread(here, order, contents, facility=facility, low="packed", high="picked"):
        part.packed += packs
        line.updated_at = at
        goods.setdefault(part.facility, []).append((line, packs))
    for name, rows in goods.items():
        made[name] = new_shipment(here, order, name, label=label or Label(), at=at)
        fill(here, made[name], boxes(here, rows, packages), label=label or Label())
    changed(here, order, at=at)
    return list(made.values())


def sum_up(packages: list[Units]) -> Units:
    total: Units = {}
    for package in packages:
        for sku, packs in package.items():
            total[sku] = total.get(sku, 0) + packs
    return total


def boxes(here: State, rows: list[tuple[Line, int]], packages: int | list[Units]) -> list[dict[int, int]]:
    """What goes into each package: as listed, or dealt out one pack at a time."""
    if isinstance(packages, list):
        return [found for found in (boxed(here, rows, each) for each in packages) if found]
    filled: list[dict[int, int]] = [{} for _ in range(max(1, packages))]
    at = 0
    for line, packs in rows:
        share, rest = divmod(packs, len(filled))
        for place in range(len(filled)):
            count = share + ((place - at) % len(filled) < rest)
            if count:
                filled[place][line.id] = count
        at += rest
    return [each for each in filled if each]


def boxed(here: State, rows: list[tuple[Line, int]], wanted: Units) -> dict[int, int]:
    """One listed package's share of what this facility packed; what is taken is gone from `rows`."""
    found: dict[int, int] = {}
    left = dict(wanted)
    for place, (line, packs) in enumerate(rows):
        sku = here.items[line.item_id].number
        taken = min(packs, left.get(sku, 0))
        if taken:
            found[line.id] = taken
            left[sku] -= taken
            rows[place] = (line, packs - taken)
    return found


def new_shipment(here: State, order: Order, facility: str, *, label: Label, at: datetime) -> Shipment:
    own = order.fields
    carrier = label.carrier or own.get("shipVendor") or here.settings.carrier
    service = label.service or own.get("shipVia") or here.settings.service
    made = Shipment(here.next_id("shipment"), order.id, order.company, facility, carrier, service, at, at)
    here.shipments[made.id] = made
    here.shipments_of[made.company].append(made.id)
    here.shipments_created.touch(made.id, at=at)
    here.touch_shipment(made, at=at)
    order.shipment_ids.append(made.id)
    return made


def fill(here: State, shipment: Shipment, contents: list[dict[int, int]], *, label: Label) -> None:
    for place, packs in enumerate(contents):
        serial = here.next_id("container")
        if label.tracking is None:
            tracking: str | None = f"1Z999AA1{serial:010d}"
        else:
            tracking = label.tracking[place] if place < len(label.tracking) else None
        shipment.containers.append(Container(f"C-{serial}", f"LPN{serial:07d}", tracking, packs))
    shipment.tracking = next((each.tracking for each in shipment.containers if each.tracking), None)


def load(here: State, order: Order, *, at: datetime, units: Units | None = None, facility: str = "") -> None:
    for _, part, packs in spread(here, order, units, facility=facility, low="loaded", high="packed"):
        part.loaded += packs
    changed(here, order, at=at)


def ship(here: State, shipment: Shipment, *, at: datetime, containers: list[str] | None = None) -> bool:
    """Send packages; the shipment reads `Shipping` until its last package has left."""
    leaving = [each for each in shipment.containers if each.status == "New" and (containers is None or each.number in containers)]
    if shipment.status in ("Shipped", "Rolled Back") or not leaving:
        return False
    order = here.orders[shipment.order_id]
    for container in leaving:
        container.status = "Shipped"
        for line_id, packs in container.packs.items():
            line = here.lines[line_id]
            stock.send_out(here, line, line.part(shipment.facility), packs, at=at)
            line.updated_at = at
    if all(each.status == "Shipped" for each in shipment.containers):
        shipment.status, shipment.shipped_at = "Shipped", at
        here.shipments_sent.touch(shipment.id, at=at)
    else:
        shipment.status = "Shipping"
    here.touch_shipment(shipment, at=at)
    changed(here, order, at=at)
    return True


def roll_back(here: State, shipment: Shipment, *, at: datetime) -> None:
    """Un-ship: the goods are back on the shelf, released and not yet picked."""
    if shipment.status == "Rolled Back":
        raise invalid(f"Shipment {shipment.number} is already rolled back")
    for container in shipment.containers:
        for line_id, packs in container.packs.items():
            line = here.lines[line_id]
            part = line.part(shipment.facility)
            if container.status == "Shipped":
                stock.send_out(here, line, part, -packs, at=at)
            part.picked -= packs
            part.packed -= packs
            part.loaded = min(part.loaded, part.packed)
        container.status = "Rolled Back"
    shipment.status = "Rolled Back"
    here.touch_shipment(shipment, at=at)
    changed(here, here.orders[shipment.order_id], at=at)


def buy_label(here: State, order: Order, *, label: Label, at: datetime) -> Shipment:
    """A label bought and not used: a shipment with a tracking number and nothing in it."""
    made = new_shipment(here, order, next(iter(here.facilities)), label=label, at=at)
    fill(here, made, [{line.id: 0 for line in order.lines}], label=label)
    made.status, made.shipped_at = "Shipped", at
    made.containers[0].status = "Shipped"
    here.shipments_sent.touch(made.id, at=at)
    changed(here, order, at=at)
    return made
