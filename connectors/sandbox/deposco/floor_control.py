"""The simulator's own endpoints for the warehouse floor; each takes `ids`, `numbers`, or a `status` with a `limit`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, jsonify

from connectors.sandbox.deposco import automation, floor, packing, receiving
from connectors.sandbox.deposco.answers import Refused
from connectors.sandbox.deposco.control import asked, misused
from connectors.sandbox.deposco.credentials import COMPANY
from connectors.sandbox.deposco.lifecycle import cancel_all, cancel_line, changed
from connectors.sandbox.deposco.models import RETURN, SALES, Json, Order
from connectors.sandbox.deposco.store import State, state
from connectors.sandbox.kit import ADMIN

bp = Blueprint("deposco_floor_control", __name__, url_prefix=ADMIN)
bp.register_error_handler(ValueError, misused)
bp.register_error_handler(KeyError, misused)
Action = Callable[[State, Order, Json, datetime], Any]


def chosen(here: State, wanted: Json, *, type: str) -> list[Order]:
    ids = [int(id) for id in wanted.get("ids", [])]
    for number in wanted.get("numbers", []):
        found = here.find_order(COMPANY, type, str(number))
        ids += [found.id] if found else [0]
    if "status" in wanted:
        ids += list(here.by_status[type, str(wanted["status"])])[: int(wanted.get("limit", 10**9))]
    if not ids or any(id not in here.orders for id in ids):
        raise ValueError(f"no such orders: {wanted}")
    return [here.orders[id] for id in ids]


def units(wanted: Json) -> floor.Units | None:
    """`units`: packs by SKU; all of them if not named."""
    return None if wanted.get("units") is None else {str(sku): int(packs) for sku, packs in wanted["units"].items()}


def label(wanted: Json) -> packing.Label:
    """`carrier`, `service`, and `tracking`: one number for each package, or [] for none."""
    tracking = wanted.get("tracking")
    numbers = None if tracking is None else tuple([tracking] if isinstance(tracking, str) else tracking)
    return packing.Label(str(wanted.get("carrier", "")), str(wanted.get("service", "")), numbers)


def do_ready(here: State, order: Order, wanted: Json, at: datetime) -> None:
    order.base = "Ready for Fulfillment"
    changed(here, order, at=at)


def do_wave(here: State, order: Order, wanted: Json, at: datetime) -> str | None:
    """One wave for all the chosen orders; `{"release": false}` only builds it."""
    wanted.setdefault("wave", floor.new_wave(here))
    floor.wave(here, order, number=str(wanted["wave"]), at=at)
    if wanted.get("release", True):
        floor.release(here, order, at=at)
    return order.wave


def released(here: State, order: Order, wanted: Json, at: datetime) -> None:
    """An order that nobody waved yet is waved first."""
    if order.count("released") <= order.count("packed"):
        do_wave(here, order, {"wave": order.wave or floor.new_wave(here)}, at)


def do_pick(here: State, order: Order, wanted: Json, at: datetime) -> None:
    released(here, order, wanted, at)
    floor.pick(here, order, at=at, units=units(wanted), facility=str(wanted.get("facility", "")))


def do_short(here: State, order: Order, wanted: Json, at: datetime) -> None:
    released(here, order, wanted, at)
    floor.short(here, order, at=at, units=units(wanted), facility=str(wanted.get("facility", "")))


def do_pack(here: State, order: Order, wanted: Json, at: datetime) -> list[str]:
    """Into `packages`: how many, or a list of {sku: packs}; what is not picked yet is picked first."""
    facility, packages = str(wanted.get("facility", "")), wanted.get("packages", 1)
    content = packing.sum_up(packages) if isinstance(packages, list) else units(wanted)
    if content is not None or order.count("picked") <= order.count("packed"):
        do_pick(here, order, {"units": not_picked(here, order, content, facility), "facility": facility}, at)
    made = packing.pack(here, order, at=at, units=content, facility=facility, packages=packages, label=label(wanted))
    return [each.number for each in made]


def not_picked(here: State, order: Order, content: floor.Units | None, facility: str) -> floor.Units | None:
    """What has to be picked before this content can be packed."""
    if content is None:
        return None
    missing = dict(content)
    for line, _, packs in floor.spread(here, order, None, facility=facility, low="packed", high="picked"):
        sku = here.items[line.item_id].number
        missing[sku] = max(0, missing.get(sku, 0) - packs)
    return missing


def do_load(here: State, order: Order, wanted: Json, at: datetime) -> None:
    packing.load(here, order, at=at, units=units(wanted), facility=str(wanted.get("facility", "")))


def do_ship(here: State, order: Order, wanted: Json, at: datetime) -> list[str]:
    """Send what is packed, or named `containers` of it; with `units` or `packages`, or if nothing is packed, pack first."""
    facility = str(wanted.get("facility", ""))
    open = waiting(here, order, facility)
    if wanted.get("units") is not None or "packages" in wanted or not open:
        do_pack(here, order, wanted, at)
        open = waiting(here, order, facility)
    return [each.number for each in open if packing.ship(here, each, at=at, containers=wanted.get("containers"))]


def waiting(here: State, order: Order, facility: str) -> list[Any]:
    found = [here.shipments[id] for id in order.shipment_ids]
    return [each for each in found if each.status in ("New", "Shipping") and facility in ("", each.facility)]


def do_label(here: State, order: Order, wanted: Json, at: datetime) -> str:
    return packing.buy_label(here, order, label=label(wanted), at=at).number


def do_roll_back(here: State, order: Order, wanted: Json, at: datetime) -> list[str]:
    """Un-ship `shipments` (numbers), or all of the order's."""
    found = [here.shipments[id] for id in order.shipment_ids if here.shipments[id].number in wanted.get("shipments", [f"SHP-{id}"])]
    for shipment in found:
        packing.roll_back(here, shipment, at=at)
    return [each.number for each in found]


def do_cancel(here: State, order: Order, wanted: Json, at: datetime) -> None:
    """The warehouse cancels what is not packed: all of it, `units` of it, or what one `facility` was to send."""
    facility = str(wanted.get("facility", ""))
    left = units(wanted)
    if left is None and not facility and not order.count("packed"):
        cancel_all(here, order, at=at)
        return
    for line in order.lines:
        free = sum(part.packs - part.packed for part in line.parts if facility in ("", part.facility))
        sku = here.items[line.item_id].number
        packs = free if left is None else min(free, left.get(sku, 0))
        if packs:
            cancel_line(here, order, line, packs, at=at, facility=facility, forced=True)
    changed(here, order, at=at)


def do_return(here: State, order: Order, wanted: Json, at: datetime) -> str:
    """Staff book a return, numbered `rma`, of `units` (all that was shipped); `received` takes it in at once."""
    number = str(wanted.get("rma") or f"RMA-{here.next_id('rma')}")
    facility = str(wanted.get("facility") or order.facility or next(iter(here.facilities)))
    booked = receiving.book(here, order, number=number, units=units(wanted), facility=facility, at=at)
    if wanted.get("received"):
        do_receive(here, booked, {**wanted, "units": None}, at)
    return booked.number


def do_receive(here: State, order: Order, wanted: Json, at: datetime) -> list[int]:
    """A return's goods arrive: `units`, of which `damaged`; `disposition` as the vendor words it. `{"units": {}}` only starts."""
    damaged = wanted.get("damaged")
    disposition = str(wanted.get("disposition", "Stock"))
    receipts = receiving.receive(here, order, at=at, units=units(wanted), damaged=damaged, disposition=disposition)
    return [each.id for each in receipts]


ACTIONS: dict[str, Action] = {
    "ready": do_ready,
    "hold": lambda here, order, wanted, at: automation.move_to(here, order, "Hold", at=at),
    "unhold": lambda here, order, wanted, at: automation.move_to(here, order, "New", at=at),
    "wave": do_wave,
    "release": lambda here, order, wanted, at: floor.release(here, order, at=at),
    "pick": do_pick,
    "short": do_short,
    "pack": do_pack,
    "load": do_load,
    "ship": do_ship,
    "label": do_label,
    "roll-back": do_roll_back,
    "cancel": do_cancel,
    "split": lambda here, order, wanted, at: floor.split(here, order, wanted["over"], at=at),
    "return": do_return,
    "receive": do_receive,
}


@bp.post("/<any({}):name>".format(",".join(f'"{name}"' for name in ACTIONS)))
def act(name: str) -> Response:
    """Do it to every chosen order; `done` maps numbers to what was made, `refused` to the reason why not."""
    here, wanted = state(), asked()
    done: dict[str, Any] = {}
    refused: dict[str, Any] = {}
    for order in chosen(here, wanted, type=RETURN if name == "receive" else SALES):
        try:
            done[order.number] = ACTIONS[name](here, order, wanted, here.now())
        except Refused as error:
            refused[order.number] = error.message
    return jsonify(done=done, refused=refused)
