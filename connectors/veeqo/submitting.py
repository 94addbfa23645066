"""Creating an order at Veeqo: one call as a rule, and never a second one unless the first was surely refused.

Veeqo has no idempotency keys and does not promise unique numbers: `finding.find_orders` looks before anything is sent again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from connectors.canonical import Done, WarehouseOrder
from connectors.errors import ConnectorError, ContractError, OutcomeUnknown
from connectors.http import Answer
from connectors.ports import Account
from connectors.reading import text
from connectors.veeqo.client import Client, Row, messages, refusal, unwrapped
from connectors.veeqo.codes import delivery_methods
from connectors.veeqo.creation import Item, differences, id_number, merged, order_body
from connectors.veeqo.customers import customer_attributes, email_for, find_customer, placeholder, standing_customer
from connectors.veeqo.dates import stamp
from connectors.veeqo.items import Items
from connectors.veeqo.orders import DEFAULT_APP, newest, order_link

EMAIL_WORDS = ("email", "e-mail", "customer")
TAKEN_WORDS = ("taken", "exist", "unique", "duplicate")
REFUSALS = (400, 409, 422)
MAYBE_DONE = (408,)  # the server gave up waiting, not necessarily working


class Submitter:
    """Turns a warehouse order into Veeqo's, with the customers and items that belong to it."""

    def __init__(self, client: Client, account: Account, items: Items) -> None:
        self.client = client
        self.account = account
        self.items = items
        self._customers: dict[str, int] = {}  # addresses Veeqo refused to take twice -> the customer who has them

    def create(self, order: WarehouseOrder) -> Done:
        items = merged([(self.sellable(line.item_reference, line.sku), line) for line in order.lines])
        order = self.with_method(order)
        answer, notes = self.posted(order, items)
        made = self.created(answer, order)
        warnings = [*notes, *differences(order, items, made=made), *self.left_undone(order), *self.allocated(order, items, made)]
        reference = text(made.get("id"))
        changed_at = newest(made)
        link = order_link(reference, app_url=self.account.option("app_url", DEFAULT_APP))
        return Done(reference, link=link, version=stamp(changed_at) if changed_at else "", warnings=tuple(warnings))

    def with_method(self, order: WarehouseOrder) -> WarehouseOrder:
        """Veeqo wants a delivery method on every order: for one that has none, that of the options, else the first it lists."""
        if order.ship_service_code:
            return order
        chosen = self.account.option("delivery_method") or next((one.value for one in delivery_methods(self.client)), "")
        return replace(order, ship_service_code=chosen)

    def sellable(self, item_reference: str, sku: str) -> int:
        return int(item_reference) if item_reference.strip().isdecimal() else self.items.sellable_id(sku)

    def posted(self, order: WarehouseOrder, items: Sequence[Item]) -> tuple[Answer, list[str]]:
        """The answer to the one POST that was not refused for its customer, and what to tell about it."""
        email = email_for(order, self.account)
        given = order.email.strip() if email == order.email.strip() else ""
        standing = standing_customer(order.store_code, self.account) or self._customers.get(email.lower())
        if standing:
            return self.post(order, items, customer={"customer_id": standing}, email=given), []
        answer = self.post(order, items, customer={"customer_attributes": customer_attributes(order, email=email)}, email=given)
        if not refuses_email(answer):
            return answer, []
        return self.posted_again(order, items, email=email, given=given)

    def posted_again(self, order: WarehouseOrder, items: Sequence[Item], *, email: str, given: str) -> tuple[Answer, list[str]]:
        """Veeqo did not take the address, so nothing was created: use the customer who has it, else a stand-in (R48, R49)."""
        customer = find_customer(self.client, email)
        if customer is not None:
            self._customers[email.lower()] = customer
            return self.post(order, items, customer={"customer_id": customer}, email=given), []
        stand_in = placeholder(order, self.account)
        answer = self.post(order, items, customer={"customer_attributes": customer_attributes(order, email=stand_in)}, email="")
        return answer, [f"Veeqo did not accept the buyer's e-mail address, so the order carries {stand_in}."]

    def post(self, order: WarehouseOrder, items: Sequence[Item], *, customer: Row, email: str) -> Answer:
        return self.client.call("POST", "/orders", json=order_body(order, items, customer=customer, email=email, account=self.account))

    def created(self, answer: Answer, order: WarehouseOrder) -> Row:
        """The order Veeqo made. Rejected when it said no, OutcomeUnknown when its answer cannot be read."""
        if answer.status == 404:
            self.items.forget()
            raise refusal(answer, self.unknown_id(order), code="unknown_reference")
        if 400 <= answer.status < 500 and answer.status not in MAYBE_DONE:
            code = "duplicate_number" if refuses_number(answer) else ""
            raise refusal(answer, f"Veeqo did not take order {order.number}.", code=code)
        try:
            made = unwrapped(answer.json(), root="order") if answer.status in (200, 201) else {}
        except ContractError as error:
            raise self.unknown(answer, order) from error
        if not text(made.get("id")):
            raise self.unknown(answer, order)
        return made

    def unknown_id(self, order: WarehouseOrder) -> str:
        return (
            f"Veeqo does not know something order {order.number} names: store {order.store_code}, delivery method {order.ship_service_code}, "
            f"its customer or one of {', '.join(line.sku for line in order.lines)}."
        )

    def unknown(self, answer: Answer, order: WarehouseOrder) -> OutcomeUnknown:
        return OutcomeUnknown(
            f"Veeqo's answer about order {order.number} cannot be read, so it is not known whether the order was created.",
            detail=answer.text[:2000],
            exchange=answer.exchange,
        )

    def left_undone(self, order: WarehouseOrder) -> list[str]:
        if not order.on_hold:
            return []
        return ["Veeqo cannot be asked to hold an order; it was sent without a payment, so that it waits there until one is added."]

    def allocated(self, order: WarehouseOrder, items: Sequence[Item], made: Row) -> list[str]:
        """Reserve at the chosen warehouse, if the connection wants that. The order exists by now, so a refusal is only told."""
        if not order.warehouse_code or not self.account.flag("allocate"):
            return []
        lines = [{"sellable_id": item.sellable_id, "quantity": item.quantity} for item in items]
        try:
            warehouse_id = id_number(order.warehouse_code, what="warehouse")
            body: dict[str, Any] = {"allocation": {"warehouse_id": warehouse_id, "line_items_attributes": lines}}
            answer = self.client.call("POST", f"/orders/{text(made.get('id'))}/allocations", json=body)
        except ConnectorError as error:
            return [f"The order was created, but reserving it at warehouse {order.warehouse_code} did not work: {error.sentence}"]
        if answer.status in (200, 201):
            return []
        return [f"The order was created, but Veeqo did not reserve it at warehouse {order.warehouse_code}: {'; '.join(messages(answer))}"]


def refuses_email(answer: Answer) -> bool:
    """A plain no that names the e-mail address (the wording is not published)."""
    return answer.status in REFUSALS and any(word in said(answer) for word in EMAIL_WORDS)


def refuses_number(answer: Answer) -> bool:
    """A plain no because another order has the number; whether Veeqo ever says so is not documented."""
    return answer.status in REFUSALS and "number" in said(answer) and any(word in said(answer) for word in TAKEN_WORDS)


def said(answer: Answer) -> str:
    return " ".join(messages(answer)).lower()
