"""Tells Mirakl how a return goes on: accepted, refused, received, assessed, cancelled; or announces one that it does not know.

All answer 200 with the errors inside. A return does not refund: that is OR28. https://developer.mirakl.com
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from connectors.canonical import Done, ReturnNotice
from connectors.errors import OutcomeUnknown, Rejected
from connectors.mirakl.client import Client, Row, listed
from connectors.mirakl.returns import state_of
from connectors.reading import text

STEPS = {  # ReturnNotice.state → operation, path, the states of the return that show it was done before
    "authorised": ("RT21", "/returns/accept", frozenset({"IN_PROGRESS", "RECEIVED", "CLOSED"})),
    "refused": ("RT21", "/returns/accept", frozenset({"REFUSED"})),
    "received": ("RT25", "/returns/receive", frozenset({"RECEIVED", "CLOSED"})),
    "assessed": ("RT26", "/returns/compliance", frozenset({"CLOSED"})),
    "cancelled": ("RT29", "/returns/cancel", frozenset({"CANCELED"})),
}
SEEK_PAGE = 100


class Returner:
    """Writes returns of one shop."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.settings = client.settings

    def announce(self, notice: ReturnNotice) -> Done:
        """`notice.reference` is Mirakl's id of the return; with another one the return is new to Mirakl and is created."""
        if not is_uuid(notice.reference):
            return self.create(notice)
        step = STEPS.get(notice.state or "authorised")
        if step is None:
            raise Rejected(f"Mirakl cannot be told that a return is “{notice.state}”.", code="unknown_state", fields=("state",))
        operation, path, done_states = step
        done = self.act(operation, path, self.body(notice), reference=notice.reference, done_states=done_states)
        if notice.state == "assessed" and self.settings.flag("close_returns"):
            self.act("RT27", "/returns/close", {"id": notice.reference}, reference=notice.reference, done_states=frozenset({"CLOSED"}))
        return done

    def act(self, operation: str, path: str, item: Row, *, reference: str, done_states: frozenset[str]) -> Done:
        """One return in one call. When it is refused for its state, the return is read: it may have come that far before."""
        answer = self.client.write(operation, "PUT", path, {"returns": [item]}, idempotent=True)
        errors = listed(answer, "return_errors")
        if not errors:
            return Done(reference)
        found = self.find([("return_id", reference)])
        if found and state_of(found[0]) in done_states:
            return Done(reference, found=True)
        said = "; ".join(text(error.get("message")) for error in errors)
        raise Rejected(f"Mirakl did not take this about the return. It says: {said}", detail=str(answer)[:2000], code="return_error")

    def body(self, notice: ReturnNotice) -> Row:
        own: Row = {"id": notice.reference}
        if notice.state in ("", "authorised"):
            return own | {"accepted": True}
        if notice.state == "refused":
            return own | {"accepted": False, "rejection_reason_code": notice.note or self.settings.text("return_rejection")}
        if notice.state == "assessed":
            return own | {"return_lines": [self.compliance(line, notice.note) for line, _, _ in notice.lines]}
        return own

    def compliance(self, order_line: str, note: str) -> Row:
        """Goods that came back right; a note says what is wrong with them."""
        if not note:
            return {"order_line_id": order_line, "compliant": True}
        reason = {"non_compliance_reason_code": self.settings.text("non_compliance"), "non_compliance_additional_info": note}
        return {"order_line_id": order_line, "compliant": False, **reason}

    def create(self, notice: ReturnNotice) -> Done:
        """RT01, accepted at once. Our reference is the RMA, by which it is found again."""
        rma = re.sub(r"[^0-9a-zA-Z_-]", "-", notice.reference)[:100]
        there = self.find([("return_rma", rma)])
        if there:
            return Done(text(there[0].get("id")), found=True)
        order = self.client.order(notice.order_reference)
        if order is None:
            raise Rejected("Mirakl does not know the order of this return, or it belongs to another shop.", code="404")
        answer = self.client.write("RT01", "POST", "/returns", {"returns": [self.draft(notice, order, rma)]})
        errors = listed(answer, "return_errors")
        if errors:
            said = "; ".join(text(error.get("message")) for error in errors)
            raise Rejected(f"Mirakl did not take the return. It says: {said}", detail=str(answer)[:2000], code="return_error")
        made = listed(answer, "return_success")
        if not made:
            raise OutcomeUnknown("Mirakl took the return but did not say which it made, so it is not known whether it was made.")
        return Done(text(made[0].get("id")))

    def draft(self, notice: ReturnNotice, order: Mapping[str, Any], rma: str) -> Row:
        reason = self.settings.text("return_reason")
        return {
            "order_commercial_id": text(order.get("commercial_id")),
            "method_code": self.settings.text("return_method"),
            "rma": rma,
            "accepted": True,
            "return_lines": [{"order_line_id": line, "quantity": units, "reason_code": reason} for line, _, units in notice.lines],
            **({"description": notice.note} if notice.note else {}),
        }

    def find(self, params: list[tuple[str, str]]) -> list[Row]:
        sheets = self.client.seek_sheets("RT11", "/returns", params, limit=SEEK_PAGE)
        return [row for sheet in sheets for row in sheet.rows]


def is_uuid(value: str) -> bool:
    try:
        UUID(value)
    except ValueError:
        return False
    return True
