"""Calls of Shopify: the signature first, then what the topic means (https://shopify.dev/docs/apps/build/webhooks)."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping

from connectors.canonical import CHANGED, Received
from connectors.errors import AccessDenied, ContractError
from connectors.ports import Account
from connectors.reading import load, need, text
from connectors.shopify.feeds import ORDERS, REFUNDS, received_body
from connectors.shopify.settings import Settings

TELLS_ORDER = frozenset({"orders/create", "orders/updated", "orders/cancelled", "orders/paid", "orders/fulfilled", "orders/partially_fulfilled"})
LOOK = {  # topic → the feed that has the whole story
    "orders/edited": "orders",
    "orders/delete": "orders",
    "fulfillments/create": "orders",
    "fulfillments/update": "orders",
    "inventory_levels/update": "stock",
    "inventory_levels/connect": "stock",
    "inventory_levels/disconnect": "stock",
    "returns/request": "returns",
    "returns/approve": "returns",
    "returns/update": "returns",
    "returns/close": "returns",
    "returns/cancel": "returns",
    "returns/decline": "returns",
    "app/uninstalled": "orders",  # which then says that the token is no longer good
}


def receive(account: Account, headers: Mapping[str, str], body: bytes) -> tuple[Received, ...]:
    """What the port promises. A repeat has the same body, so it is the same event, whatever its unsigned headers say."""
    told = {name.lower(): value for name, value in headers.items()}
    check_signature(account, told.get("x-shopify-hmac-sha256", ""), body)
    check_shop(account, told.get("x-shopify-shop-domain", ""))
    topic = told.get("x-shopify-topic", "").strip().lower()
    if not topic:
        raise ContractError("The call does not say what it is about.")
    read = load(body, what="webhook")
    if topic in TELLS_ORDER:
        subject = text(need(read, "id", what="order"))
        return (received_body(ORDERS, subject, body, text(need(read, "updated_at", what="order"))),)
    if topic == "refunds/create":
        return (received_body(REFUNDS, text(need(read, "id", what="refund")), body, text(need(read, "created_at", what="refund"))),)
    return (Received(CHANGED, "", LOOK[topic], b""),) if topic in LOOK else ()


def check_signature(account: Account, signature: str, body: bytes) -> None:
    """Under the app's secret, or the one before it: for an hour after it was rotated the old one still signs."""
    secrets = [account.credentials.get(name, "") for name in ("client_secret", "previous_secret")]
    known = [secret for secret in secrets if secret]
    if not known:
        raise AccessDenied("The connection has no client secret, so calls of Shopify cannot be told from forged ones.")
    right = [base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()) for secret in known]
    matches = [hmac.compare_digest(each, signature.strip().encode("utf-8", "replace")) for each in right]
    if not any(matches):
        raise AccessDenied("The signature of the call is wrong.")


def check_shop(account: Account, domain: str) -> None:
    """One app signs for all its shops with the same secret."""
    shop = Settings(account).shop.lower()
    if shop.endswith(".myshopify.com") and domain and domain.strip().lower() != shop:
        raise AccessDenied("The call is about another shop.")
