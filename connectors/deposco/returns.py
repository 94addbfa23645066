"""Customer returns: what came back of an order, received and damaged. The lines tell it; the receipts log may stay empty."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.canonical import Done, ReturnLine, ReturnNotice, ReturnOrder, ReturnState
from connectors.deposco.client import Rest
from connectors.deposco.dates import changed_at, stamp
from connectors.deposco.gathering import Gatherer
from connectors.deposco.orders import count, pack_size
from connectors.deposco.shapes import Row, id_of, keep, key, number_of, part, rows, sku_of
from connectors.errors import ContractError, OutcomeUnknown, Rejected
from connectors.reading import text

FAMILY = "/orders/customerReturns"
STATES = {
    "New": ReturnState.AUTHORISED,
    "Hold": ReturnState.AUTHORISED,
    "Receiving": ReturnState.IN_TRANSIT,
    "Partial Receipt": ReturnState.RECEIVED,
    "Received": ReturnState.RECEIVED,
    "Canceled": ReturnState.CANCELLED,
}
HEADER = ("self", "id", "number", "orderStatus", "customerOrderNumber", "parentOrder", "createdDate", "updatedDate", "shipToFacility")
COMPLETE = "Received"


def gather_return(row: Row, gatherer: Gatherer) -> Row:
    return {"order": keep(row, HEADER), "lines": gatherer.lines(row, FAMILY)}


def parse_return(body: Mapping[str, Any]) -> ReturnOrder:
    """Read what `gather_return` put together. All received with damages told is as far as Deposco assesses."""
    order = part(body, "order")
    reference, number, status = id_of(order), text(order.get("number")), text(order.get("orderStatus"))
    what = f"Deposco return {number or reference}"
    changed = changed_at(order)
    if not reference or changed is None:
        raise ContractError(f"The {what} has no id or does not say when it changed.")
    told = rows(body.get("lines"))
    lines = tuple(parse_line(row, what=what, complete=status == COMPLETE) for row in told)
    assessed = status == COMPLETE and lines and all(line.damaged is not None for line in lines)
    parent = part(order, "parentOrder")
    return ReturnOrder(
        reference=reference,
        order_reference=text(parent.get("id")),
        order_number=key(parent, "number") or text(order.get("customerOrderNumber")),
        version=f"{stamp(changed)}~{status}/{sum(line.received for line in lines)}"[:80],
        state=ReturnState.ASSESSED if assessed else STATES.get(status, ReturnState.UNKNOWN),
        lines=lines,
        changed_at=changed,
        rma=number,
        vendor_state=status,
    )


def parse_line(row: Row, *, what: str, complete: bool) -> ReturnLine:
    """In units. What is damaged is part of what was received; what a finished return lacks is missing."""
    size = pack_size(row, what=what)
    quantity = max(0, count(row, "orderPackQuantity", what=what) - count(row, "canceledPackQuantity", what=what)) * size
    received = count(row, "receivedPackQuantity", what=what) * size
    told = row.get("receivedDamagedPackQuantity") is not None and (received or complete)
    damaged = count(row, "receivedDamagedPackQuantity", what=what) * size if told else None
    return ReturnLine(
        reference=id_of(row) or text(row.get("lineNumber")),
        sku=sku_of(row),
        quantity=quantity,
        order_line=key(row.get("relatedOrderLine"), "lineNumber"),
        received=received,
        sellable=max(0, received - damaged) if damaged is not None else None,
        damaged=damaged,
        missing=max(0, quantity - received) if complete else None,
        reason=text(row.get("inventoryCondition")),
    )


def announce(rest: Rest, notice: ReturnNotice) -> Done:
    """Book the return under its number: an upsert, so that twice is once. `notice.reference` is its RMA number."""
    facility = rest.settings.text("returns_facility")
    if not facility:
        raise Rejected("Deposco wants to know to which facility a return goes. Choose one in the connection's options.", code="no_facility")
    made = rest.write(FAMILY, return_body(rest, notice, facility), sentence=f"Deposco did not take return {notice.reference}.", name="customerReturn")
    if not id_of(made):
        raise OutcomeUnknown(f"Deposco's answer about return {notice.reference} does not say whether it was booked.")
    changed = changed_at(made)
    return Done(id_of(made), version=stamp(changed) if changed else "")


def return_body(rest: Rest, notice: ReturnNotice, facility: str) -> Row:
    """The order as parent by its id where we know it: the form of its business key is not documented."""
    company = rest.settings.company
    body: Row = {
        "businessUnit": {"businessKey": {"code": company}},
        "number": notice.reference,
        "orderStatus": "New",
        "customerOrderNumber": notice.order_number,
        "shipToFacility": {"businessKey": {"number": facility}},
        "orderLines": {"data": [line_body(place, row, company) for place, row in enumerate(notice.lines, start=1)]},
    }
    if number_of(notice.order_reference):
        body["parentOrder"] = {"id": int(notice.order_reference)}
    if notice.note:
        body["notes"] = [{"title": "Return", "body": notice.note}]
    return body


def line_body(place: int, row: tuple[str, str, int], company: str) -> Row:
    _, sku, quantity = row
    return {
        "lineNumber": str(place),
        "item": {"businessKey": {"number": sku, "businessUnit.code": company}},
        "pack": {"businessKey": {"item.number": sku, "quantity": 1, "item.businessUnit.code": company}},
        "orderPackQuantity": quantity,
    }
