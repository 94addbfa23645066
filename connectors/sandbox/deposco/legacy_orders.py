"""Orders through the legacy API: an import that answers 207 for success and duplicate alike, upserts, replaces."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from flask import Blueprint, Response, g, request

from connectors.sandbox.deposco import automation
from connectors.sandbox.deposco.answers import Refused, invalid
from connectors.sandbox.deposco.fields import sent
from connectors.sandbox.deposco.legacy_answers import answer, entry, many, refusal
from connectors.sandbox.deposco.legacy_view import ADDRESS, HEADER, PRICES, order_view
from connectors.sandbox.deposco.models import RETURN, SALES, Json, Order
from connectors.sandbox.deposco.order_write import FIRST_STATUSES, SentLine, SentOrder, create, replace_lines, update, upsert
from connectors.sandbox.deposco.store import State, state

bp = Blueprint("deposco_legacy_orders", __name__, url_prefix="/integration/<code>/orders")
bp.register_error_handler(Refused, refusal)
AMOUNTS = ("orderPriority", "orderTaxTotal", "orderTotal", "orderSubTotal", "orderShipTotal")
MEANT = {"Suspended": "Hold"}  # legacy word -> REST status, where they differ


@bp.url_value_preprocessor
def forget_code(endpoint: str | None, values: dict[str, Any] | None) -> None:
    (values or {}).pop("code", None)  # the guard has read it: it is g.company


def amount(value: Any, *, name: str) -> int | float:
    """Flat strings are as good as numbers here."""
    try:
        read = Decimal(str(value))
    except InvalidOperation:
        raise invalid(f"{name} is not a number: [{value}]") from None
    return int(read) if read == read.to_integral_value() else float(read)


def read(here: State, row: Json) -> SentOrder:
    company, type, number = str(row.get("businessUnit") or g.company), str(row.get("type") or ""), str(row.get("number") or "")
    if company != g.company:
        raise Refused(403, f"Business unit {company} is not permitted")
    if type not in (SALES, RETURN):
        raise invalid(f"Order type [{type}] is not supported")
    if not number:
        raise invalid("Order number is required")
    facility = row.get("facility") or None
    if facility is not None and facility not in here.facilities:
        raise invalid(f"Facility [{facility}] not found")
    rows = many((row.get("orderLines") or {}).get("orderLine"))
    refuse_missing(here, rows, company=company)
    lines = tuple(read_line(here, each, company=company) for each in rows)
    status = str(row.get("status") or "New")
    return SentOrder(company, type, number, header(row), lines, status=MEANT.get(status, status), facility=facility)


def header(row: Json) -> Json:
    given: Json = {}
    for legacy, rest in HEADER.items():
        if row.get(legacy) is not None:
            given[rest] = amount(row[legacy], name=legacy) if legacy in AMOUNTS else str(row[legacy])
    for kind in ("shipTo", "billTo"):
        place = row.get(f"{kind}Address")
        if isinstance(place, dict):
            first, _, last = str(place.get("name") or place.get("contactName") or "").partition(" ")
            contact = {"firstName": first, "lastName": last, "email": place.get("email"), "phone": place.get("phone")}
            given[f"{kind}Contact"] = {name: value for name, value in contact.items() if value}
            given[f"{kind}Address"] = {rest: str(place[legacy]) for legacy, rest in ADDRESS.items() if place.get(legacy)}
    if isinstance(row.get("notes"), dict):
        given["notes"] = many(row["notes"].get("note"))
    return given


def refuse_missing(here: State, rows: list[Json], *, company: str) -> None:
    """All unknown SKUs at once, or else all unknown packs."""
    items = {str(row.get("itemNumber")): here.find_item(company, str(row.get("itemNumber"))) for row in rows}
    unknown = [number for number, item in items.items() if item is None]
    if unknown:
        raise Refused(400, ", ".join(unknown), missing="item")
    wrong = [str(row["itemNumber"]) for row in rows if not known_pack(items[str(row["itemNumber"])], row)]
    if wrong:
        raise Refused(400, ", ".join(wrong), missing="pack")


def known_pack(item: Any, row: Json) -> Any:
    return item.pack(amount((row.get("pack") or {}).get("quantity", 1), name="pack.quantity"))


def read_line(here: State, row: Json, *, company: str) -> SentLine:
    item = here.find_item(company, str(row["itemNumber"]))
    packs = amount(row.get("orderPackQuantity"), name="orderPackQuantity")
    if not row.get("lineNumber") or item is None or not isinstance(packs, int) or packs <= 0:
        raise invalid("An order line needs a lineNumber and a whole orderPackQuantity greater than 0")
    given: Json = {name: amount(row[name], name=name) for name in PRICES if row.get(name) is not None}
    if row.get("customerLineNumber") is not None:
        given["customerLineNumber"] = str(row["customerLineNumber"])
    return SentLine(str(row["lineNumber"]), item, known_pack(item, row), packs, given)


def each_order(act: Any) -> Response:
    """207 whatever happened; each entry tells its own story, and one that fails does not stop the others."""
    here = state()
    rows = many(sent().get("order"))
    if not rows:
        raise invalid("The request has no order")
    return answer({"response": [told(here, row, act) for row in rows]}, "responses", status=207)


def told(here: State, row: Json, act: Any) -> Json:
    type, number = str(row.get("type")), str(row.get("number"))
    try:
        return entry(here, type=type, number=number, status=act(here, read(here, row)))
    except Duplicate as error:
        return entry(here, type=type, number=number, status=409, description=error.message)
    except Refused as error:
        if error.missing:
            return entry(here, type=type, number=number, status=400, **{f"missing{error.missing.title()}s": error.message.split(", ")})
        return entry(here, type=type, number=number, status=error.status, errors=[error.message])


class Duplicate(Refused):
    """The database's own words reach the caller."""

    def __init__(self, here: State, order: Order) -> None:
        key = f"{here.companies[order.company]['id']}-{order.type}-{order.number}"
        super().__init__(409, f"Duplicate entry '{key}' for key 'ORDER_HEADER.ux_oh_bu_type_number'")


@bp.post("")
def import_orders() -> Response:
    return each_order(import_one)


def import_one(here: State, wanted: SentOrder) -> int:
    known = here.find_order(wanted.company, wanted.type, wanted.number)
    if known is not None:
        here.refused_duplicates[wanted.number] += 1
        raise Duplicate(here, known)
    create(here, wanted, at=here.now())
    return 201


@bp.post("/updates")
def update_orders() -> Response:
    return each_order(lambda here, wanted: 201 if upsert(here, wanted, at=here.now())[1] else 200)


@bp.post("/statusUpdates")
def update_statuses() -> Response:
    """A form: one status, and as many types and numbers as orders."""
    here = state()
    status = request.form.get("status", "")
    pairs = list(zip(request.form.getlist("type[]"), request.form.getlist("number[]"), strict=False))
    if not status or not pairs:
        raise invalid("status, type[] and number[] are required")
    return answer({"response": [moved(here, type, number, status) for type, number in pairs]}, "responses", status=207)


def moved(here: State, type: str, number: str, status: str) -> Json:
    try:
        automation.move_to(here, order_named(here, type, number), MEANT.get(status, status), at=here.now())
    except Refused as error:
        return entry(here, type=type, number=number, status=error.status, errors=[error.message])
    return entry(here, type=type, number=number, status=200)


def order_named(here: State, type: str, number: str) -> Order:
    found = here.find_order(g.company, type, number)
    if found is None:
        raise Refused(404, f"{type} [{number}] not found")
    return found


@bp.get("/<type>/<path:number>")
def one_order(type: str, number: str) -> Response:
    here = state()
    return answer({"order": [order_view(here, order_named(here, type, number))]}, "orders")


@bp.put("/<type>/<path:number>")
def replace_order(type: str, number: str) -> Response:
    """Full replace: 201 and a Location, or 200."""
    here = state()
    rows = many(sent().get("order")) or [sent()]
    wanted = read(here, {**rows[0], "type": type, "number": number})
    known = here.find_order(g.company, type, number)
    if known is not None:
        replace_lines(here, known, wanted, at=here.now())
        return answer({"order": [order_view(here, known)]}, "orders")
    if wanted.status not in FIRST_STATUSES:
        raise invalid(f"Status [{wanted.status}] is not valid for a new order")
    made = create(here, wanted, at=here.now())
    found = answer({"order": [order_view(here, made)]}, "orders", status=201)
    found.headers["Location"] = f"/orders/{type}/{number}"
    return found


@bp.post("/<type>/<path:number>")
def change_order(type: str, number: str) -> Response:
    """Some header fields, form-encoded."""
    here = state()
    order = order_named(here, type, number)
    update(here, order, SentOrder(order.company, type, number, header(request.form.to_dict()), ()), at=here.now())
    return answer({"order": [order_view(here, order)]}, "orders")
