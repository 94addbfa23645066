"""Cancelling an order: look, ask, look again. What Veeqo does with a shipped one is not documented, so it is not asked then.

https://developers.veeqo.com
"""

from __future__ import annotations

from typing import Any

from connectors.canonical import Done, HubOrder, HubState
from connectors.errors import ConnectorError, OutcomeUnknown, Rejected
from connectors.ports import Account
from connectors.reading import text
from connectors.veeqo.client import Client, Row, refusal
from connectors.veeqo.orders import DEFAULT_APP, parse_order
from connectors.veeqo.shipments import rows_of

SHIPPED = frozenset({HubState.SHIPPED, HubState.PART_SHIPPED})


class Canceller:
    """Cancels orders of one account."""

    def __init__(self, client: Client, account: Account) -> None:
        self.client = client
        self.account = account

    def cancel(self, reference: str, *, reason: str) -> Done:
        body, order = self.look(reference)
        if order.state is HubState.CANCELLED:
            return self.done(order, found=True)
        if order.state in SHIPPED or order.shipments:
            raise Rejected(f"Order {order.number} has shipped from Veeqo, so it was not cancelled.", code="shipped")
        refused = self.ask(reference, reason=reason)
        body, order = self.look(reference)
        if order.state is HubState.CANCELLED:
            return self.done(order)
        if isinstance(refused, OutcomeUnknown):
            raise refused
        note = self.note(reference, body, reason=reason)
        sentence = f"Veeqo did not cancel order {order.number}.{note}"
        if refused is None:
            raise Rejected(sentence, detail=f"status {order.vendor_state} after the call", code="not_cancelled")
        raise Rejected(f"{refused.sentence}{note}", detail=refused.detail, exchange=refused.exchange, code="cancel_refused")

    def look(self, reference: str) -> tuple[Row, HubOrder]:
        body = self.client.order(reference)
        if body is None:
            raise Rejected(f"Veeqo does not know an order with the id {reference}, so there is nothing to cancel.", code="unknown_order")
        return body, parse_order(body, app_url=self.account.option("app_url", DEFAULT_APP))

    def ask(self, reference: str, *, reason: str) -> ConnectorError | None:
        """Veeqo's refusal or its missing answer; None after its yes (204, an empty body). It sends no mail to the buyer."""
        sent: dict[str, Any] = {"id": int(reference), "send_veeqo_email": False, "cancel_reason": reason}
        try:
            answer = self.client.call("PUT", f"/orders/{reference}/cancel", json=sent)
        except OutcomeUnknown as error:
            return error
        return None if answer.status in (200, 201, 204) else refusal(answer, "Veeqo did not cancel the order.")

    def note(self, reference: str, body: Row, *, reason: str) -> str:
        """Ask the people at Veeqo instead, once. Returns what to tell about it."""
        if not self.account.flag("cancel_note", default=True):
            return ""
        asked = f"Please cancel this order: {reason or 'the sales channel cancelled it'}"
        if not any(text(note.get("text")) == asked for note in rows_of(body, "employee_notes")):
            answer = self.client.call("POST", f"/orders/{reference}/notes", json={"note": {"text": asked}})
            if answer.status not in (200, 201):
                return ""
        return " A note on the order there asks the warehouse to cancel it by hand."

    def done(self, order: HubOrder, *, found: bool = False) -> Done:
        return Done(order.reference, link=order.link, version=order.version, found=found)
