"""Reading through the legacy API: searches, the status digest, shipments, receipt advices, items."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Blueprint, Response, g, request

from connectors.sandbox.deposco.answers import Refused, invalid
from connectors.sandbox.deposco.fields import moment
from connectors.sandbox.deposco.index import Journal
from connectors.sandbox.deposco.legacy_answers import answer, refusal, stamp, unit
from connectors.sandbox.deposco.legacy_orders import forget_code
from connectors.sandbox.deposco.legacy_view import digest_view, item_view, order_view, shipment_view, word
from connectors.sandbox.deposco.models import RETURN, SALES, Json, Order, Receipt, Shipment
from connectors.sandbox.deposco.store import State, state

bp = Blueprint("deposco_legacy_search", __name__, url_prefix="/integration/<code>")
bp.register_error_handler(Refused, refusal)
bp.url_value_preprocessor(forget_code)
ORDER_FIELDS: dict[str, Callable[[Order], Any]] = {
    "type": lambda order: order.type,
    "number": lambda order: order.number,
    "status": lambda order: word(order.status),
    "businessUnit": lambda order: order.company,
    "customerOrderNumber": lambda order: order.fields.get("customerOrderNumber"),
    "orderSource": lambda order: order.fields.get("orderSource"),
    "createdDateTime": lambda order: order.created_at,
    "updatedDateTime": lambda order: order.updated_at,
}
PAGING = ("pageNo", "pageSize")


def conditions(entity: str, known: Iterable[str]) -> dict[str, str | tuple[datetime, datetime]]:
    """`field=value`, or `field=a,b&fieldOps=BETWEEN` for moments; a field that is not configured is refused."""
    found: dict[str, str | tuple[datetime, datetime]] = {}
    for name, value in request.args.items():
        if name.endswith("Ops") or name in PAGING:
            continue
        if name not in known:
            raise invalid(f"Field [{name}] not found or configured for entity [{entity}]")
        found[name] = between(name, value) if request.args.get(f"{name}Ops") == "BETWEEN" else value
    return found


def between(name: str, value: str) -> tuple[datetime, datetime]:
    first, _, last = value.partition(",")
    return moment(first, where=name), moment(last, where=name)


def fits(value: Any, wanted: str | tuple[datetime, datetime]) -> bool:
    if isinstance(wanted, tuple):
        return isinstance(value, datetime) and wanted[0] <= value <= wanted[1]
    return str(value) == wanted


@bp.get("/search/<entity>")
def search(entity: str) -> Response:
    find = {"Order": search_orders, "shipment": search_shipments, "Shipment": search_shipments}.get(entity)
    if find is None:
        raise invalid(f"{', '.join(request.args) or 'Fields'} not found or configured for entity [{entity}]")
    return find(state())


def search_orders(here: State) -> Response:
    wanted = conditions("Order", ORDER_FIELDS)
    kept = [order for order in candidates(here, wanted) if all(fits(ORDER_FIELDS[name](order), value) for name, value in wanted.items())]
    return answer({"order": [order_view(here, order) for order in kept]}, "orders")


def candidates(here: State, wanted: dict[str, Any]) -> list[Order]:
    """The narrowest index that helps."""
    types = [wanted["type"]] if "type" in wanted else [SALES, RETURN]
    if "number" in wanted:
        return [order for type in types if (order := here.find_order(g.company, type, wanted["number"]))]
    if "customerOrderNumber" in wanted:
        return [here.orders[id] for id in here.by_customer_number.get((g.company, wanted["customerOrderNumber"]), {})]
    if isinstance(wanted.get("updatedDateTime"), tuple):
        return recent(here, here.orders_changed, wanted["updatedDateTime"][0])
    if isinstance(wanted.get("createdDateTime"), tuple):
        return recent(here, here.orders_created, wanted["createdDateTime"][0])
    return [here.orders[id] for type in types for id in here.orders_of.get((g.company, type), [])]


def recent(here: State, journal: Journal, first: datetime) -> list[Order]:
    ids = sorted(journal.after(first - timedelta(microseconds=1)))
    return [here.orders[id] for id in ids if here.orders[id].company == g.company]


SHIPMENT_FIELDS: dict[str, Callable[[State, Shipment], Any]] = {
    "shipmentNumber": lambda here, shipment: shipment.number,
    "shipmentStatus": lambda here, shipment: shipment.status,
    "actualShipDate": lambda here, shipment: shipment.shipped_at,
    "orderHeaders.number": lambda here, shipment: here.orders[shipment.order_id].number,
    "orderHeaders.customerOrderNumber": lambda here, shipment: here.orders[shipment.order_id].fields.get("customerOrderNumber"),
}


def search_shipments(here: State) -> Response:
    wanted = conditions("shipment", SHIPMENT_FIELDS)
    found = []
    for shipment in shipments_for(here, wanted):
        if all(fits(SHIPMENT_FIELDS[name](here, shipment), value) for name, value in wanted.items()):
            found.append(shipment_view(here, shipment))
    return answer({"shipment": found}, "shipments")


def shipments_for(here: State, wanted: dict[str, Any]) -> list[Shipment]:
    ids: Iterable[int] = here.shipments_of.get(g.company, [])
    if isinstance(wanted.get("actualShipDate"), tuple):
        ids = sorted(here.shipments_sent.after(wanted["actualShipDate"][0] - timedelta(microseconds=1)))
    elif "orderHeaders.customerOrderNumber" in wanted:
        orders = here.by_customer_number.get((g.company, wanted["orderHeaders.customerOrderNumber"]), {})
        ids = [shipment_id for id in orders for shipment_id in here.orders[id].shipment_ids]
    return [here.shipments[id] for id in ids if here.shipments[id].company == g.company]


@bp.get("/shipments/<bu>")
def list_shipments(bu: str) -> Response:
    here = state()
    return answer({"shipment": [shipment_view(here, here.shipments[id]) for id in here.shipments_of.get(unit(bu), [])]}, "shipments")


@bp.get("/shipments/<bu>/<number>")
def one_shipment(bu: str, number: str) -> Response:
    here, id = state(), number.removeprefix("SHP-")
    found = here.shipments.get(int(id)) if id.isdigit() else None
    if found is None or found.company != unit(bu):
        raise Refused(404, f"Shipment [{number}] not found")
    return answer({"shipment": [shipment_view(here, found)]}, "shipments")


@bp.get("/status/order/search")
def digest_of_type() -> Response:
    """By type only: the number that callers send is not looked at."""
    here = state()
    ids = here.orders_of.get((g.company, request.args.get("type", SALES)), [])
    return digest(here, [here.orders[id] for id in ids])


@bp.get("/status/order/<first>,<last>")
def digest_of_days(first: str, last: str) -> Response:
    here = state()
    start, end = day(first), day(last) + timedelta(days=1)
    return digest(here, [order for order in recent(here, here.orders_changed, start) if order.updated_at < end])


def day(written: str) -> datetime:
    try:
        return datetime.strptime(written, "%Y%m%d").replace(tzinfo=UTC)
    except ValueError:
        raise invalid(f"[{written}] is not a date of the form YYYYMMDD") from None


def digest(here: State, orders: list[Order]) -> Response:
    return answer({"orders": {"orderStatus": [digest_view(here, order) for order in orders]}}, "status")


@bp.get("/receiptadvices")
@bp.get("/receiptadvices/<bu>")
def receipt_advices(bu: str = "") -> Response:
    here = state()
    rows: dict[tuple[int, datetime], list[Receipt]] = {}
    for id in here.receipts_at.get(unit(bu or g.company), []):
        receipt = here.receipts[id]
        rows.setdefault((receipt.order_id, receipt.at), []).append(receipt)
    return answer({"receivingAdvice": {"receiptAdvice": [advice(here, each) for each in rows.values()]}}, "receipts")


def advice(here: State, receipts: list[Receipt]) -> Json:
    """What arrived together for one return."""
    order = here.orders[receipts[0].order_id]
    return {
        "businessUnit": order.company,
        "receiptAdviceNumber": f"RCT-{receipts[0].id}",
        "status": word(order.status),
        "orderNumber": order.number,
        "receivingFacility": order.facility,
        "receivedDate": stamp(here, receipts[0].at),
        "customerOrderNumber": order.fields.get("customerOrderNumber"),
        "asnNumber": None,
        "receiptItems": {"receiptItem": [receipt_line(here, order, each) for each in receipts]},
    }


def receipt_line(here: State, order: Order, receipt: Receipt) -> Json:
    line = here.lines[receipt.line_id]
    item = here.items[line.item_id]
    pack = next(each for each in item.packs if each.id == line.pack_id)
    return {
        "lineNumber": line.number,
        "status": "Received",
        "receivedPackQuantity": receipt.packs,
        "receivedDamagedPackQuantity": receipt.damaged,
        "confirmedPackQuantity": receipt.packs,
        "itemNumber": item.number,
        "pack": {"type": pack.type, "quantity": pack.quantity},
        "relatedOrderLineNumber": line.number if order.parent_id else None,
    }


@bp.get("/receiptlines/<bu>/<number>")
def receipt_lines(bu: str, number: str) -> Response:
    here, id = state(), number.removeprefix("RCT-")
    first = here.receipts.get(int(id)) if id.isdigit() else None
    if first is None or here.orders[first.order_id].company != unit(bu):
        raise Refused(404, f"Receipt [{number}] not found")
    order = here.orders[first.order_id]
    together = [each for line in order.lines for each in map(here.receipts.__getitem__, here.receipts_of[line.id]) if each.at == first.at]
    return answer({"receiptLine": [receipt_line(here, order, each) for each in together]}, "receiptLines")


@bp.get("/items/<bu>/<path:number>")
def one_item(bu: str, number: str) -> Response:
    found = state().find_item(unit(bu), number)
    if found is None:
        raise Refused(404, f"Item [{number}] not found")
    return answer({"item": [item_view(found)]}, "items")
