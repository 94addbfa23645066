"""Returns as RT11 tells them. They name order lines, not SKUs, and street1 where orders say street_1. https://developer.mirakl.com"""

from __future__ import annotations

from typing import Any

from connectors.canonical import ReturnLine, ReturnOrder, ReturnState
from connectors.mirakl.client import Row, listed, part
from connectors.mirakl.orders import version_of
from connectors.reading import moment, need, text, whole

STATES = {  # WAITING_ACCEPTANCE has no word of ours: nobody has authorised it yet, and somebody must decide
    "IN_PROGRESS": ReturnState.IN_TRANSIT,
    "REFUSED": ReturnState.REFUSED,
    "RECEIVED": ReturnState.RECEIVED,
    "NO_RECEPTION": ReturnState.CANCELLED,
    "CLOSED": ReturnState.ASSESSED,
    "CANCELED": ReturnState.CANCELLED,
}
ARRIVED = frozenset({"RECEIVED", "CLOSED"})
MISSING_ITEM = "RETURN_NON_COMPLIANT_MISSING_ITEM"


def state_of(body: Row) -> str:
    """`state`; one example of the vendor says `status`."""
    return text(body.get("state")) or text(body.get("status"))


def parse_return(body: Row) -> ReturnOrder:
    reference = text(need(body, "id", what="return"))
    word = state_of(body)
    lines = tuple(parse_line(line, body, reference=reference) for line in listed(body, "return_lines"))
    state = STATES.get(word, ReturnState.UNKNOWN)
    if state is ReturnState.RECEIVED and lines and all(line.sellable is not None for line in lines):
        state = ReturnState.ASSESSED
    changed_at = moment(body.get("last_updated") or need(body, "date_created", what=f"return {reference}"), what="time of the return")
    tracking_number = text(part(body, "tracking").get("tracking_number"))
    return ReturnOrder(
        reference=reference,
        order_reference=text(body.get("order_id")),
        order_number=text(body.get("order_id")) or text(body.get("order_commercial_id")),
        version=version_of(changed_at),
        state=state,
        lines=lines,
        changed_at=changed_at,
        tracking_numbers=(tracking_number,) if tracking_number else (),
        rma=text(body.get("rma")),
        vendor_state=word,
    )


def parse_line(line: Row, body: Row, *, reference: str) -> ReturnLine:
    order_line = text(need(line, "order_line_id", what=f"line of return {reference}"))
    quantity = whole(line.get("quantity") or 0, what=f"quantity of a line of return {reference}")
    sellable, damaged, missing = assessment(line.get("compliance"), quantity)
    return ReturnLine(
        reference=f"{reference}/{order_line}",
        sku=text(line.get("offer_sku")),
        quantity=quantity,
        order_line=order_line,
        received=quantity - (missing or 0) if state_of(body) in ARRIVED else 0,
        sellable=sellable,
        damaged=damaged,
        missing=missing,
        reason=text(line.get("reason_code")) or text(body.get("reason_code")),
    )


def assessment(compliance: Any, quantity: int) -> tuple[int | None, int | None, int | None]:
    """Sellable, damaged, missing. One entry speaks for the whole line, as many as units for one unit each; null: not looked at yet."""
    found = [each for each in compliance if isinstance(each, dict)] if isinstance(compliance, list) else [compliance] if compliance else []
    told = [each for each in found if isinstance(each, dict) and isinstance(each.get("compliant"), bool)]
    if not told:
        return None, None, None
    words = told if len(told) == quantity else [next((each for each in told if not each["compliant"]), told[0])] * quantity
    sellable = sum(1 for each in words if each["compliant"])
    missing = sum(1 for each in words if not each["compliant"] and text(each.get("non_compliance_reason_code")) == MISSING_ITEM)
    return sellable, quantity - sellable - missing, missing
