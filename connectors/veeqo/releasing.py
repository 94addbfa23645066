"""Releasing an order that waits for its payment: adding the payment is what lets the warehouse work on it.

https://developers.veeqo.com
"""

from __future__ import annotations

from typing import Any

from connectors.canonical import Done
from connectors.errors import Rejected
from connectors.ports import Account
from connectors.reading import text
from connectors.veeqo.client import Client, refusal
from connectors.veeqo.creation import DEFAULT_PAYMENT
from connectors.veeqo.orders import DEFAULT_APP, parse_order

WAITING = "awaiting_payment"


def release(client: Client, account: Account, reference: str, *, payment_reference: str) -> Done:
    """Add the payment once: an order that does not wait for one is left as it is."""
    body = client.order(reference)
    if body is None:
        raise Rejected(f"Veeqo does not know an order with the id {reference}, so it cannot be released.", code="unknown_order")
    if text(body.get("status")) != WAITING:
        order = parse_order(body, app_url=account.option("app_url", DEFAULT_APP))
        return Done(order.reference, link=order.link, version=order.version, found=True)
    payment: dict[str, Any] = {"payment_type": account.option("payment_type", DEFAULT_PAYMENT), "reference_number": payment_reference}
    answer = client.call("PUT", f"/orders/{reference}", json={"order": {"payment_attributes": payment}})
    if answer.status not in (200, 201, 204):
        raise refusal(answer, "Veeqo did not release the order.")
    return Done(reference)
