"""The simulator's own endpoints for orders and waves, as the tenant's users and its own warehouse connections move them.

What happens to orders takes `numbers`, `refs`, or a `status` with a `limit`; waves are named by `waves`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

from flask import Blueprint, Response, jsonify, request

from connectors.sandbox.kit import ADMIN
from connectors.sandbox.xoro import confirming, desk, waves
from connectors.sandbox.xoro.answers import Denied, Refused
from connectors.sandbox.xoro.confirming import Parcel, Shipment
from connectors.sandbox.xoro.control import asked, item_named, misused, store_id_of
from connectors.sandbox.xoro.invoices import bill
from connectors.sandbox.xoro.models import Json, Line, Order, Wave
from connectors.sandbox.xoro.order_write import change, read_header
from connectors.sandbox.xoro.store import State, state
from connectors.sandbox.xoro.summary import confirmed, order_told, wave_told

bp = Blueprint("xoro_floor_control", __name__, url_prefix=ADMIN)
for wrong in (ValueError, KeyError, Refused, Denied):
    bp.register_error_handler(wrong, misused)
Action = Callable[[State, Order, Json, datetime], Any]
SHIP_TO: Json = {
    "ShipToFirstName": "Ada",
    "ShipToLastName": "Quill",
    "ShipToAddr": "1 Test St",
    "ShipToCity": "Austin",
    "ShipToState": "TX",
    "ShipToZpCode": "78701",
    "ShipToCountry": "US",
    "ShipToPhoneNumber": "5550100",
    "ShipToEmail": "ada@example.test",
}
SHOP: Json = {"ThirdPartySource": "Shopify", "CarrierName": "UPS", "ShipServiceName": "Ground", "Tags": "web"}


@bp.post("/orders")
def place_orders() -> tuple[Response, int]:
    """Orders as the tenant's shops bring them in; answers order numbers by ThirdPartyRefNo.

    `{"count", "lines": {item: qty} | [{item, qty, price, ref}], "store", "header", "released", "wave", "mode", "ref", "first"}`;
    `ref` is taken as it is for one order, and numbered from `first` on for several.
    """
    here, wanted, at = state(), asked(), state().now()
    store_id, released = store_id_of(here, wanted.get("store")), bool(wanted.get("released", True))
    header = standing_header(here, wanted)
    count, first = int(wanted.get("count", 1)), int(wanted.get("first", 1))
    alone = count == 1 and "ref" in wanted and "first" not in wanted
    made: dict[str, str] = {}
    for turn in range(first, first + count):
        ref = str(wanted["ref"]) if alone else f"{wanted.get('ref', '555100')}{turn}"
        own = {"ThirdPartyRefNo": ref, "ThirdPartyRefName": f"#{ref}", "CustomerPO": f"#{ref}"}
        order = desk.enter(here, store_id=store_id, header=own | header, lines=lines_wanted(here, wanted["lines"]), at=at, released=released)
        made[order.header["ThirdPartyRefNo"]] = order.number
        if wanted.get("wave"):
            waves.generate(here, store_id=store_id, at=at, orders=[order], mode=str(wanted.get("mode", "")))
    return jsonify(made), 201


def standing_header(here: State, wanted: Json) -> Json:
    """The part of the header that all orders of one call share; `header` overrules it, under the vendor's names."""
    reference = {"CustomerName": next(iter(here.customers)), "SaleStoreName": here.sale_stores[0]}
    header = SHIP_TO | SHOP | reference | read_header(here, wanted.get("header", {}))
    header.pop("StoreName", None)
    return header


def lines_wanted(here: State, wanted: Any) -> list[Line]:
    rows = [{"item": item, "qty": qty} for item, qty in wanted.items()] if isinstance(wanted, dict) else wanted
    found = []
    for row in rows:
        item, id = item_named(here, row["item"]), here.next_id("line")
        price = Decimal(str(row["price"])) if "price" in row else item.price
        found.append(Line(id, item.id, int(row.get("qty", 1)), price, str(row.get("ref", id))))
    return found


def chosen(here: State, wanted: Json) -> list[Order]:
    numbers = [str(number) for number in wanted.get("numbers", [])]
    unknown = [number for number in numbers if number not in here.by_number]
    ids = [here.by_number[number] for number in numbers if number in here.by_number]
    ids += [id for ref in wanted.get("refs", []) for id in here.by_ref.get(str(ref), [])]
    if "status" in wanted:
        ids += list(here.by_status[str(wanted["status"]).lower()])[: int(wanted.get("limit", 10**9))]
    if unknown or not ids:
        raise ValueError(f"no such orders: {unknown or wanted}")
    return [here.orders[id] for id in ids]


def do_edit(here: State, order: Order, wanted: Json, at: datetime) -> None:
    """`header` under the vendor's names, `lines` by item number: the quantity wanted (0 gives the line up)."""
    rows = [{"ItemNumber": item, "Qty": qty} for item, qty in wanted.get("lines", {}).items()]
    change(here, order, header=wanted.get("header", {}), rows=rows, at=at)


def do_ship(here: State, order: Order, wanted: Json, at: datetime) -> list[Json]:
    """As the vendor's own warehouse connection confirms: `units` by item (all if not named), `tracking`, `carrier`, `service`, `final`."""
    done = []
    asked_units = {item_named(here, item).id: int(count) for item, count in wanted.get("units", {}).items()}
    for wave in waves.open_waves(here, order):
        units: dict[int, int] = {}
        for line in waves.lines_of(wave, order):
            take = min(line.open, asked_units.get(line.item_id, 0)) if wanted.get("units") else line.open
            if take:
                units[line.item_id] = units.get(line.item_id, 0) + take
                asked_units[line.item_id] = asked_units.get(line.item_id, 0) - take
        if units:
            parcel = Parcel(str(wanted.get("tracking", f"1Z999AA1{order.id:010d}")), units)
            words = str(wanted.get("carrier", "")), str(wanted.get("service", ""))
            done.append(confirmed(confirming.confirm(here, wave, order, Shipment((parcel,), at, *words, final=bool(wanted.get("final"))), at=at)))
    if not done:
        raise Refused(f"Sales order {order.number} has nothing on a wave.")
    return done


def do_invoice(here: State, order: Order, wanted: Json, at: datetime) -> str:
    """What was shipped and not billed yet."""
    billed = [here.invoices[id].units for id in here.invoices_of.get(order.id, [])]
    units = {line.id: line.shipped - sum(each.get(line.id, 0) for each in billed) for line in order.lines}
    return bill(here, order, {id: count for id, count in units.items() if count > 0}, [], at).number


def do_quick_ship(here: State, order: Order, wanted: Json, at: datetime) -> list[Json]:
    """Wave, pick, pack and ship in one step."""
    desk.wave_it(here, order, at)
    return do_ship(here, order, wanted, at)


ACTIONS: dict[str, Action] = {
    "release": lambda here, order, wanted, at: desk.release(here, order, at=at),
    "edit": do_edit,
    "cancel": lambda here, order, wanted, at: desk.cancel(here, order, at=at),
    "close": lambda here, order, wanted, at: desk.close(here, order, at=at),
    "ship": do_ship,
    "quick-ship": do_quick_ship,
    "invoice": do_invoice,
}


@bp.post("/<any({}):name>".format(",".join(f'"{name}"' for name in ACTIONS)))
def act(name: str) -> Response:
    """Do it to every chosen order; `done` maps order numbers to what was made, `refused` to the reason why not."""
    here, wanted = state(), asked()
    done: dict[str, Any] = {}
    refused: dict[str, str] = {}
    for order in chosen(here, wanted):
        try:
            done[order.number] = ACTIONS[name](here, order, wanted, here.now())
        except Refused as error:
            refused[order.number] = error.message
    return jsonify(done=done, refused=refused)


@bp.post("/waves")
def generate_waves() -> tuple[Response, int]:
    """Generate waves of a `store`, for `numbers` or all that wait; `mode`, `size` (orders on one wave), `locked`, `limit`."""
    here, wanted = state(), asked()
    store_id = store_id_of(here, wanted.get("store"))
    if wanted.get("numbers"):
        orders = chosen(here, wanted)
    else:
        orders = [here.orders[id] for id in list(here.waiting[store_id])[: int(wanted.get("limit", 10**9))]]
    mode, size, locked = str(wanted.get("mode", "")), int(wanted.get("size", 0)), wanted.get("locked")
    made = waves.generate(here, store_id=store_id, at=here.now(), orders=orders, mode=mode, size=size, locked=locked)
    return jsonify({wave.number: [here.orders[id].number for id in wave.order_ids] for wave in made}), 201


WAVE_ACTIONS: dict[str, Callable[[State, Wave, datetime], Any]] = {
    "void": lambda here, wave, at: waves.void(here, wave, at=at),
    "pick": lambda here, wave, at: waves.step(here, wave, waves.PICKED),
    "pack": lambda here, wave, at: waves.step(here, wave, waves.PACKED),
    "lock": lambda here, wave, at: setattr(wave, "locked", True),
    "unlock": lambda here, wave, at: setattr(wave, "locked", False),
}


@bp.post("/waves/<any({}):name>".format(",".join(f'"{name}"' for name in WAVE_ACTIONS)))
def act_on_waves(name: str) -> Response:
    """`{"waves": [number, …]}`."""
    here, wanted = state(), asked()
    done: list[str] = []
    refused: dict[str, str] = {}
    for number in wanted["waves"]:
        try:
            WAVE_ACTIONS[name](here, here.waves[here.wave_numbers[number]], here.now())
            done.append(number)
        except Refused as error:
            refused[number] = error.message
    return jsonify(done=done, refused=refused)


@bp.get("/waves/<number>")
def one_wave(number: str) -> Response:
    here = state()
    return jsonify(wave_told(here, here.waves[here.wave_numbers[number]]))


@bp.get("/orders/<number>")
def one_order(number: str) -> Response:
    """An order by its number, with its waves, what was confirmed and billed."""
    here = state()
    return jsonify(order_told(here, here.orders[here.by_number[number]]))


@bp.get("/orders")
def orders_by_ref() -> Response:
    """`?ref=`: every order of this ThirdPartyRefNo."""
    here = state()
    return jsonify([order_told(here, here.orders[id]) for id in here.by_ref.get(request.args["ref"], [])])


@bp.get("/confirmations")
def confirmations() -> Response:
    """What was confirmed, in the order of the sales orders: units by parcel, tracking numbers, whether it was the last one."""
    return jsonify([confirmed(each) for order in state().orders.values() for each in order.confirmations])
