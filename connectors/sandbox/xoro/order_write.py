"""salesorder/create, and the calls that only exist where their path is set: update, cancel, release."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from flask import Response

from connectors.sandbox.xoro import desk
from connectors.sandbox.xoro.answers import Refused, envelope
from connectors.sandbox.xoro.fields import decimal, flag, objects, part, sent_object, text, units, us_text
from connectors.sandbox.xoro.lifecycle import changed
from connectors.sandbox.xoro.models import Item, Json, Line, Order
from connectors.sandbox.xoro.order_view import CUSTOM_HEADER, CUSTOM_LINE, DATE_FIELDS, FLAG_FIELDS, LINE_TEXTS, TEXT_FIELDS, order_view
from connectors.sandbox.xoro.store import CURRENCIES, State

BY_NUMBER, BY_UPC = 1, 2  # ItemIdentifierCode; 2 has been seen, 1 follows, others are unknown
ALIASES = {"OrderDate": "DateOrder"}
LINE_ALIASES = {"QtyOrdered": "Qty"}


def create(here: State) -> Response:
    body, at = sent_object(), here.now()
    header = read_header(here, part(body, "SoEstimateHeader"))
    check_header(here, header)
    rows = objects(body.get("SoEstimateItemLineArr") or [])
    if not rows:
        raise Refused("Sales order has no lines.", 1005)
    lines = [read_line(here, row) for row in rows]
    store_id = store_of(here, header.pop("StoreName"))
    order = desk.enter(here, store_id=store_id, header=header, lines=lines, at=at, released=header.get("AutoReleaseSalesOrder", False))
    return answered(here, order)


def answered(here: State, order: Order) -> Response:
    return envelope(order_view(here, order) | {"SoEstimateEdiLogArr": [], "ThirdPartyRequestRawData": None})


def read_header(here: State, sent: Json) -> Json:
    """What was sent of the fields that a sales order has; unknown ones are ignored."""
    given = {ALIASES.get(name, name): value for name, value in sent.items()}
    header: Json = {name: text(given[name]) for name in (*TEXT_FIELDS, *CUSTOM_HEADER) if given.get(name) is not None}
    header |= {name: us_text(given[name], zone=here.settings.time_zone) for name in DATE_FIELDS if given.get(name)}
    header |= {name: flag(given[name]) for name in FLAG_FIELDS if name in given}
    if given.get("ShippingCost") is not None:
        header["ShippingCost"] = decimal(given["ShippingCost"])
    return header


def check_header(here: State, header: Json) -> None:
    if header.get("CustomerName", "") not in here.customers:
        raise Refused("Customer not found.", 1001)
    store_of(here, header.get("StoreName", ""))
    if header.get("SaleStoreName") and header["SaleStoreName"] not in here.sale_stores:
        raise Refused(f"Sale store {header['SaleStoreName']} not found.", 1003)
    check_terms(here, header)
    ref = header.get("ThirdPartyRefNo")
    if ref and here.settings.duplicate_refs == "refuse" and here.by_ref.get(ref):
        raise Refused(f"Third party reference {ref} already exists.", 1006)


def check_terms(here: State, header: Json) -> None:
    if header.get("CurrencyCode") and header["CurrencyCode"] not in CURRENCIES:
        raise Refused(f"Currency {header['CurrencyCode']} not found.", 1007)
    if header.get("CarrierName") and header["CarrierName"] not in here.carriers:
        raise Refused(f"Carrier {header['CarrierName']} not found.", 1032)


def store_of(here: State, name: str) -> int:
    found = here.stores.get(name)
    if found is None:
        raise Refused(f"Store {name} not found." if name else "Store is required.", 1002)
    return found


def item_of(here: State, number: str, identifier: int) -> Item:
    """The item that a line names, read as its ItemIdentifierCode says."""
    if identifier == BY_UPC:
        ids = here.by_upc.get(number, [])
        if len(ids) > 1 and here.settings.ambiguous_upc == "refuse":
            raise Refused(f"Item {number} is not unique.", 1008)
    elif identifier == BY_NUMBER:
        ids = [here.by_item[number]] if number in here.by_item else []
    else:
        raise Refused(f"Item identifier code {identifier} is not supported.", 1009)
    if not ids:
        raise Refused(f"Item {number} not found.", 1004)
    return here.items[ids[0]]


def read_line(here: State, row: Json) -> Line:
    given = {LINE_ALIASES.get(name, name): value for name, value in row.items()}
    identifier = units(given.get("ItemIdentifierCode") or BY_NUMBER)
    item = item_of(here, text(given.get("ItemNumber")), identifier)
    qty = units(given.get("Qty", 0))
    if qty <= 0:
        raise Refused(f"Quantity of item {item.number} must be greater than zero.", 1010)
    price = decimal(given["UnitPrice"]) if given.get("UnitPrice") is not None else item.price
    own = {name: text(given[name]) for name in (*LINE_TEXTS, *CUSTOM_LINE) if given.get(name) is not None}
    return Line(here.next_id("line"), item.id, qty, price, text(given.get("ThirdPartyRefNo2")), identifier, own=own)


def named_order(here: State, number: str) -> Order:
    found = here.by_number.get(number)
    if found is None:
        raise Refused(f"Sales order {number} not found.", 1017)
    return here.orders[found]


def update(here: State, given: Json) -> Response:
    """Proposed: the body of create with SoEstimateHeader.OrderNumber. What is not sent stays; a line with Qty 0 is given up."""
    body = sent_object()
    header = part(body, "SoEstimateHeader")
    order = named_order(here, text(header.get("OrderNumber") or given.get("OrderNumber")))
    change(here, order, header=header, rows=objects(body.get("SoEstimateItemLineArr") or []), at=here.now())
    return answered(here, order)


def change(here: State, order: Order, *, header: Json, rows: list[Json], at: datetime) -> None:
    """All of it or nothing: whatever may be refused is looked at first."""
    desk.check_editable(order)
    wanted = read_header(here, header)
    check_terms(here, wanted)
    store_id = store_of(here, wanted.pop("StoreName")) if "StoreName" in wanted else order.store_id
    desk.check_store(order, store_id)
    wanted.pop("ThirdPartyRefNo", None)  # the identity of the order, not one of its terms
    named = [(line_named(here, order, row), row) for row in rows]
    fresh = [read_line(here, row) for line, row in named if line is None]
    edits = [read_edit(here, order, line, row) for line, row in named if line is not None]
    if store_id != order.store_id:
        desk.move_to_store(here, order, store_id)
    for line, qty, price in edits:
        if qty is not None:
            desk.set_quantity(here, order, line, qty)
        line.price = price
    for line in fresh:
        desk.add_line(here, order, line)
    order.header = order.header | wanted
    changed(here, order, at=at)


def read_edit(here: State, order: Order, line: Line, row: Json) -> tuple[Line, int | None, Decimal]:
    """A line, the quantity it shall have (None: as before), and its price."""
    sent = row.get("Qty", row.get("QtyOrdered"))
    qty = None if sent is None else units(sent)
    if qty is not None:
        desk.check_quantity(here, order, line, qty)
    return line, qty, line.price if row.get("UnitPrice") is None else decimal(row["UnitPrice"])


def line_named(here: State, order: Order, row: Json) -> Line | None:
    """The line meant: by Id, by the channel's line id, or by item."""
    if row.get("Id"):
        found = next((line for line in order.lines if line.id == units(row["Id"])), None)
        if found is None:
            raise Refused(f"Line {row['Id']} not found.", 1018)
        return found
    if row.get("ThirdPartyRefNo2"):
        return next((line for line in order.lines if line.ref == text(row["ThirdPartyRefNo2"])), None)
    item = item_of(here, text(row.get("ItemNumber")), units(row.get("ItemIdentifierCode") or BY_NUMBER))
    return next((line for line in order.lines if line.item_id == item.id), None)


def cancel(here: State, given: Json) -> Response:
    """Proposed: `{"OrderNumber": "…"}`."""
    order = named_order(here, text(given.get("OrderNumber")))
    desk.cancel(here, order, at=here.now())
    return answered(here, order)


def release(here: State, given: Json) -> Response:
    """Proposed: `{"OrderNumber": "…"}`."""
    order = named_order(here, text(given.get("OrderNumber")))
    desk.release(here, order, at=here.now())
    return answered(here, order)
