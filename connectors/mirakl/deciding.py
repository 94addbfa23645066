"""OR21: every line of an order accepted or refused in one call, while the order waits for it.

The order is not read before or after: OR11 may be asked once a minute, and a thousand orders may wait. The call works in one state
only, so that a second one changes nothing; the next poll shows what became of the order. https://developer.mirakl.com
"""

from __future__ import annotations

from urllib.parse import quote

from connectors.canonical import Done, OrderDecision
from connectors.errors import Rejected
from connectors.mirakl.client import Client, Row, listed
from connectors.mirakl.lines import FEE
from connectors.mirakl.unsure import is_unsure, remembered
from connectors.reading import text

WAITING = "WAITING_ACCEPTANCE"
SENTENCES = {  # OR21's published codes that a person must settle; every other refusal is looked into
    "ORDER_NOT_FOUND": "Mirakl does not know this order, or it belongs to another shop.",
    "ORDER_FULFILLED_UNAUTHORIZED": "This order is handled by the operator's fulfilment service, so it is not ours to accept.",
    "ORDER_LINE_NOT_FOUND": "A decided line is not on the order at Mirakl: read the order again.",
    "ORDER_LINE_ACCEPTANCE_DECISION_MISSING": "Mirakl wants every line of the order decided, and some were not.",
    "ORDER_PARTIAL_ACCEPTANCE_DISABLED": "This operator does not let us refuse single lines: accept or refuse the whole order.",
}


class Decider:
    """Sends decisions, and finds out what became of those whose answer was lost."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def decide(self, decision: OrderDecision) -> Done:
        """Errors: Rejected with the published code, `auto_refused`, or `decided_otherwise`."""
        wanted = {line.order_line: line.accept for line in decision.lines if FEE not in line.order_line}
        self.check(wanted)
        if is_unsure(self.client, "OR21", decision.order_reference):
            order = self.look(decision.order_reference)
            if text(order.get("order_state")) != WAITING:
                return judged(order, wanted)
        try:
            with remembered(self.client, "OR21", decision.order_reference):
                self.send(decision.order_reference, wanted)
        except Rejected as error:
            if error.code in SENTENCES:
                raise Rejected(SENTENCES[error.code], detail=error.detail, exchange=error.exchange, code=error.code, fields=error.fields) from error
            order = self.look(decision.order_reference)
            if text(order.get("order_state")) == WAITING:
                raise
            return judged(order, wanted)
        return Done(decision.order_reference)

    def check(self, wanted: dict[str, bool]) -> None:
        if not wanted:
            raise Rejected("No line of the order was decided, so nothing was sent.", code="ORDER_LINE_ACCEPTANCE_DECISION_MISSING")
        if len(set(wanted.values())) > 1 and not self.client.settings.flag("partial_acceptance"):
            code = "ORDER_PARTIAL_ACCEPTANCE_DISABLED"
            raise Rejected(SENTENCES[code], detail="By the connection's option “Single lines may be refused”.", code=code)

    def send(self, reference: str, wanted: dict[str, bool]) -> None:
        body = {"order_lines": [{"id": line, "accepted": accept} for line, accept in wanted.items()]}
        self.client.write("OR21", "PUT", f"/orders/{quote(reference, safe='')}/accept", body)

    def look(self, reference: str) -> Row:
        order = self.client.order(reference)
        if order is None:
            raise Rejected(SENTENCES["ORDER_NOT_FOUND"], code="ORDER_NOT_FOUND")
        return order


def judged(order: Row, wanted: dict[str, bool]) -> Done:
    """What an order that no longer waits says: our decision stands, or another one does."""
    reference, state = text(order.get("order_id")), text(order.get("order_state"))
    shown = {text(line.get("order_line_id")): text(line.get("order_line_state")) for line in listed(order, "order_lines")}
    if state == "REFUSED" and any(wanted.values()) and not order.get("acceptance_decision_date"):
        sentence = "The marketplace refused this order by itself before our answer came: the acceptance window was over."
        raise Rejected(sentence, detail=f"{reference} is {state}", code="auto_refused")
    differing = sorted(line for line, accept in wanted.items() if accept == (shown.get(line) == "REFUSED"))
    if differing and state != "CANCELED":
        sentence = f"The order was already decided otherwise at Mirakl, where it is now {state}."
        raise Rejected(sentence, detail=f"{reference}: {shown}", code="decided_otherwise", fields=tuple(differing))
    warnings = ("The marketplace has cancelled this order since.",) if state == "CANCELED" else ()
    return Done(reference, version=text(order.get("last_updated_date")), found=True, warnings=warnings)
