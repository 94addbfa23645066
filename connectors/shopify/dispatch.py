"""Shows dispatches on orders: looks first, fulfils what is missing at each location, fills in late tracking numbers.

https://shopify.dev/docs/api/admin-graphql/latest/mutations/fulfillmentCreate
"""

from __future__ import annotations

from dataclasses import dataclass

from connectors.canonical import DispatchNotice, Done
from connectors.errors import OutcomeUnknown, Rejected
from connectors.reading import text
from connectors.shopify import documents
from connectors.shopify.client import UNDEFINED, Client, said_of, user_errors
from connectors.shopify.dispatch_plan import Plan, numbers_of, plan_dispatch
from connectors.shopify.polling import Orders, page_end
from connectors.shopify.values import Body, Node, mapping, nodes, tail


@dataclass
class Dispatcher:
    """Confirms dispatches of one shop."""

    client: Client

    def confirm(self, notice: DispatchNotice) -> Done:
        """What the port promises. Where Shopify says no, somebody may have been faster with this very dispatch: look once more."""
        order = self.read(notice.order_reference)
        plan = plan_dispatch(order, notice)
        try:
            return self._carry_out(plan, notice)
        except Rejected:
            again = plan_dispatch(self.read(notice.order_reference), notice)
            if not again.found or again.fulfil or again.track:
                raise
            return self._done(again.found, notice, again, found=True)

    def _carry_out(self, plan: Plan, notice: DispatchNotice) -> Done:
        for identity, numbers in plan.track.items():
            asked = {"id": identity, "t": tracking(notice, numbers), "n": False}  # the customer was told when it was fulfilled
            self._checked(self.client.change(documents.UPDATE_TRACKING, asked, root="fulfillmentTrackingInfoUpdate", idempotent=True))
        made = plan.found
        for rows in plan.fulfil:
            wanted: Node = {"lineItemsByFulfillmentOrder": rows, "notifyCustomer": not made and self.client.settings.flag("notify_customer")}
            told = tracking(notice, numbers_of(notice))
            answer = self._checked(
                self.client.change(documents.CREATE, {"f": wanted | ({"trackingInfo": told} if told else {})}, root="fulfillmentCreate")
            )
            made = made or self._identity(answer)
        return self._done(made, notice, plan, found=bool(plan.found))

    def _checked(self, answer: Body) -> Body:
        errors = user_errors(answer)
        if errors:
            said = said_of(errors)
            held = "hold" in said.lower()
            sentence = (
                "This order is on hold in Shopify, so its dispatch cannot be shown." if held else f"Shopify did not take the dispatch: {said[:300]}"
            )
            raise Rejected(sentence, detail=said[:2000], code="on_hold" if held else text(errors[0].get("code")) or "user_error")
        return answer

    def _identity(self, answer: Body) -> str:
        identity = text(mapping(answer.get("fulfillment")).get("id"))
        if not identity:
            raise OutcomeUnknown("Shopify named no fulfillment, so it is not known whether the dispatch is shown.", detail=str(answer)[:2000])
        return identity

    def _done(self, identity: str, notice: DispatchNotice, plan: Plan, *, found: bool) -> Done:
        link = f"{self.client.settings.base_url}/admin/orders/{tail(notice.order_reference)}"
        return Done(tail(identity), link=link, found=found, warnings=plan.warnings)

    def read(self, reference: str) -> Node:
        """The order with its fulfillments and fulfillment orders, every list to its end."""
        orders = Orders(self.client)
        try:
            order = orders.nested(documents.TO_SEND, documents.TO_SEND, reference)
        except Rejected as error:
            if error.code != UNDEFINED:
                raise
            order = orders.nested(documents.LEAN_ONE, documents.LEAN_ONE, reference)
        if not order:
            raise Rejected("Shopify does not know this order any more, so its dispatch cannot be shown.", code="not_found")
        order = orders.whole(order)
        if not isinstance(order.get("fulfillmentOrders"), dict | list):
            order["fulfillmentOrders"] = {"nodes": self._listed_apart(order)}
        ask, where = (documents.MORE_TO_SEND, documents.MORE_TO_SEND), ("fulfillmentOrder", "lineItems")
        for each in nodes(order["fulfillmentOrders"]):
            each["lineItems"] = orders.all_of(each.get("lineItems"), text(each.get("id")), ask, where)
        return order

    def _listed_apart(self, order: Body) -> list[Node]:
        """Where an order does not tell its fulfillment orders, those of all orders, as far as they hold its lines."""
        lines = {tail(line.get("id")) for line in nodes(order.get("lineItems"))}
        found: list[Node] = []
        after = ""
        while True:
            page = mapping(self.client.ask(documents.FULFILLMENT_ORDERS, {"inner": 50, "after": after or None}).get("fulfillmentOrders"))
            for each in nodes(page):
                if lines & {tail(mapping(row.get("lineItem")).get("id")) for row in nodes(each.get("lineItems"))}:
                    found.append(each)
            after = page_end(page, after)
            if not after:
                return found


def tracking(notice: DispatchNotice, numbers: list[str]) -> Node:
    """https://shopify.dev/docs/api/admin-graphql/latest/input-objects/FulfillmentTrackingInput"""
    company = notice.shipment.carrier_code or notice.shipment.carrier_label
    pages = {parcel.tracking_number: parcel.tracking_url for parcel in notice.shipment.parcels if parcel.tracking_number}
    urls = [pages.get(number, "") for number in numbers]
    told: Node = {"company": company} if company else {}
    if len(numbers) == 1:
        return told | {"number": numbers[0]} | ({"url": urls[0]} if urls[0] else {})
    return told | ({"numbers": numbers} if numbers else {}) | ({"urls": urls} if numbers and all(urls) else {})
