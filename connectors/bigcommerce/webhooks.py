"""Calls of BigCommerce: thin ones, so all they say is which feed to read (https://developer.bigcommerce.com/docs/integrations/webhooks)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from datetime import UTC, datetime

from connectors.bigcommerce.client import Client
from connectors.bigcommerce.feeds import one_order, received_order
from connectors.bigcommerce.orders import INCOMPLETE
from connectors.bigcommerce.values import Body, mapping
from connectors.canonical import CHANGED, Received
from connectors.errors import AccessDenied, ContractError
from connectors.reading import load, text

WINDOW_S = 300
LOOK = (  # beginning of a scope → the feeds that have the whole story; stock is read whole every few hours, so it asks for nothing
    ("store/order/refund/", ("orders", "refunds")),
    ("store/order/", ("orders",)),
    ("store/shipment/", ("orders",)),
)
HEX = re.compile(r"v1=([0-9a-fA-F]{64})")


def receive(client: Client, headers: Mapping[str, str], body: bytes, *, now: datetime | None = None) -> tuple[Received, ...]:
    """What the port promises. A repeat makes the feed be read once more and leaves nothing behind."""
    told = {name.lower(): value for name, value in headers.items()}
    check_secret(client, told)
    check_signature(client, told, body, now=now or datetime.now(UTC))
    read = load(body, what="webhook")
    scope, producer = text(read.get("scope")), text(read.get("producer"))
    if not scope:
        raise ContractError("The call does not say what it is about.")
    if producer and client.settings.store and producer.removeprefix("stores/") != client.settings.store:
        raise AccessDenied("The call is about another store.")
    data = mapping(read.get("data"))
    if mapping(data.get("status")).get("new_status_id") == INCOMPLETE:
        return ()
    feeds = next((feeds for begin, feeds in LOOK if scope.startswith(begin)), ())
    whole = read_now(client, data) if "orders" in feeds and client.settings.flag("read_at_once") else ()
    return (*whole, *(Received(CHANGED, "", feed, b"") for feed in feeds if feed != "orders" or not whole))


def read_now(client: Client, data: Body) -> tuple[Received, ...]:
    order = one_order(client, text(data.get("orderId")) or text(data.get("id")))
    return (received_order(order),) if order and order.get("status_id") != INCOMPLETE else ()


def check_secret(client: Client, headers: Mapping[str, str]) -> None:
    """The header that was set when the hook was made; nothing else in a call without signature is a secret."""
    secret = client.account.credentials.get("hook_secret", "")
    if not secret:
        raise AccessDenied("The connection has no hook secret, so calls of BigCommerce cannot be told from forged ones.")
    name = client.settings.text("hook_header").lower()
    if not hmac.compare_digest(headers.get(name, "").encode("utf-8", "replace"), secret.encode()):
        raise AccessDenied("The secret header of the call is wrong.")


def check_signature(client: Client, headers: Mapping[str, str], body: bytes, *, now: datetime) -> None:
    """As https://www.standardwebhooks.com has it; the other form was seen in one account, with and without the stamp."""
    form = client.settings.text("signature")
    if form == "off":
        return
    key = client.account.credentials.get("client_secret", "").encode()
    if not key:
        raise AccessDenied("The connection has no client secret to check the signature of calls with.")
    prefix = "webhook" if form == "standard" else "x-bc-webhook"
    identity, stamp, signature = (headers.get(f"{prefix}-{word}", "") for word in ("id", "timestamp", "signature"))
    if form == "standard" or stamp:
        check_age(stamp, now=now)
    texts = [f"{identity}.{stamp}.".encode("utf-8", "replace") + body, *([body] if form == "xbc" else [])]
    right = [hmac.new(key, each, hashlib.sha256).digest() for each in texts]
    given = standard_signatures(signature) if form == "standard" else [bytes.fromhex(each) for each in HEX.findall(signature)]
    matches = [hmac.compare_digest(one, other) for one in right for other in given]
    if not any(matches):
        raise AccessDenied("The signature of the call is wrong.")


def check_age(stamp: str, *, now: datetime) -> None:
    if not stamp.isascii() or not stamp.isdigit() or len(stamp) > 12 or abs(now.timestamp() - int(stamp)) > WINDOW_S:
        raise AccessDenied("The call is too old, or does not say how old it is.")


def standard_signatures(signature: str) -> list[bytes]:
    """Several may be given, separated by spaces, while a secret is being changed."""
    found = []
    for each in signature.split():
        version, _, encoded = each.partition(",")
        if version == "v1":
            try:
                found.append(base64.b64decode(encoded, validate=True))
            except ValueError:
                continue
    return found
