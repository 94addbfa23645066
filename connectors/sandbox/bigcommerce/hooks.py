"""Webhooks: thin bodies with a hash, the headers set on the hook, an optional signature, and eleven retries over two days.

https://developer.bigcommerce.com/docs/integrations/webhooks
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
import uuid
from collections import defaultdict, deque
from dataclasses import dataclass, field
from datetime import timedelta
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from connectors.sandbox.bigcommerce.models import Doc
from connectors.sandbox.posting import Post, Poster

if TYPE_CHECKING:
    from connectors.sandbox.bigcommerce.store import State

RETRY_WAITS_S = (60.0, 180.0, 300.0, 600.0, 900.0, 1800.0, 3600.0, 7200.0, 21600.0, 50400.0, 86400.0)
BLOCK_WINDOW_S, BLOCK_AFTER, BLOCK_BELOW, BLOCKED_S = 120.0, 100, 0.9, 180.0
STORE_ID = "1025646"
SCOPES = (
    "store/order/created", "store/order/updated", "store/order/archived", "store/order/statusUpdated", "store/order/refund/created",
    "store/shipment/created", "store/shipment/updated", "store/shipment/deleted", "store/product/inventory/updated",
    "store/product/inventory/order/updated", "store/product/updated", "store/sku/inventory/updated", "store/sku/inventory/order/updated",
    "store/sku/updated", "store/channel/*/inventory/product/stock_changed",
)  # fmt: skip
WILD = ("store/order/*", "store/shipment/*", "store/product/*", "store/sku/*")


@dataclass
class Hook:
    id: int
    scope: str
    destination: str
    client: str
    headers: dict[str, str]
    active: bool
    created_at: int
    ready_at: float

    def wants(self, scope: str) -> bool:
        return fnmatchcase(scope, self.scope)


@dataclass
class Domain:
    """How calls to one host went lately, and until when it gets none."""

    calls: deque[tuple[float, bool]] = field(default_factory=lambda: deque(maxlen=1000))
    blocked_until: float = 0.0


class Hooks:
    """Who is told what."""

    def __init__(self, here: State) -> None:
        self.here = here
        self.poster = Poster(RETRY_WAITS_S)
        self.clear()

    def clear(self) -> None:
        self.hooks: dict[int, Hook] = {}
        self.domains: dict[str, Domain] = defaultdict(Domain)
        self.mails: list[str] = []  # what the vendor would write to the owner
        self.pending: list[tuple[str, Doc]] = []
        self.poster.clear()

    def tell(self, scope: str, data: Doc) -> None:
        if self.hooks and (scope, data) not in self.pending:
            self.pending.append((scope, data))

    def tell_order(self, kind: str, order_id: int, **more: Doc) -> None:
        self.tell(f"store/order/{kind}", {"type": "order", "id": order_id, **more})

    def tell_shipment(self, kind: str, id: int, order_id: int) -> None:
        self.tell(f"store/shipment/{kind}", {"type": "shipment", "id": id, "orderId": order_id})

    def tell_stock(self, variant_id: int, product_id: int, units: int, *, sold: bool) -> None:
        told = {"product_id": product_id, "method": "relative" if sold else "absolute", "value": units}
        middle = "inventory/order" if sold else "inventory"
        self.tell(f"store/product/{middle}/updated", {"type": "product", "id": product_id, "inventory": told})
        self.tell(f"store/sku/{middle}/updated", {"type": "sku", "id": variant_id, "inventory": told | {"variant_id": variant_id}})

    def flush(self) -> None:
        pending, self.pending = self.pending, []
        for scope, data in pending:
            body = json.dumps(self.payload(scope, data), separators=(",", ":")).encode()
            for hook in list(self.hooks.values()):
                if hook.active and hook.ready_at <= time.monotonic() and hook.wants(scope):
                    self.send(hook, scope, body)

    def payload(self, scope: str, data: Doc) -> Doc:
        """The hash is of the payload: a repeat has the same."""
        told = {"scope": scope, "store_id": STORE_ID, "data": data, "created_at": int(self.here.now().timestamp())}
        told["producer"] = f"stores/{self.here.store_hash}"
        return {**told, "hash": hashlib.sha1(json.dumps(told, sort_keys=True).encode(), usedforsecurity=False).hexdigest()}

    def send(self, hook: Hook, scope: str, body: bytes) -> None:
        domain, webhook_id = self.domains[urlsplit(hook.destination).netloc], str(uuid.uuid4())
        wait_s = max(0.0, domain.blocked_until - time.monotonic())
        post = Post(
            url=hook.destination,
            body=body,
            headers=lambda: {
                "Content-Type": "application/json",
                "User-Agent": "BigCommerce Webhooks",
                **hook.headers,
                **self.signed(webhook_id, body),
            },
            about=scope,
            answered=lambda status: self.count(domain, ok=200 <= status < 300),
            given_up=lambda: self.give_up(hook.id),
        )
        self.poster.send(post, wait_s=wait_s)

    def signed(self, webhook_id: str, body: bytes) -> dict[str, str]:
        settings = self.here.settings
        if settings.signature == "off":
            return {}
        key = b"not the secret" if settings.bad_signatures else self.here.secret.encode()
        if settings.signature == "xbc":
            return {"X-BC-Webhook-Id": webhook_id, "X-BC-Webhook-Signature": f"v1={hmac.new(key, body, hashlib.sha256).hexdigest()}"}
        stamp = str(int((self.here.now() - timedelta(seconds=settings.stamp_age_s)).timestamp()))
        text = f"{webhook_id}.{stamp}.".encode() + body
        digest = base64.b64encode(hmac.new(key, text, hashlib.sha256).digest()).decode()
        return {"webhook-id": webhook_id, "webhook-timestamp": stamp, "webhook-signature": f"v1,{digest}"}

    def count(self, domain: Domain, *, ok: bool) -> None:
        """Below 90 % of the last two minutes, after 100 calls, the host gets nothing for three minutes."""
        now = time.monotonic()
        domain.calls.append((now, ok))
        recent = [each for at, each in domain.calls if at > now - BLOCK_WINDOW_S]
        if len(recent) >= BLOCK_AFTER and sum(recent) < BLOCK_BELOW * len(recent):
            domain.blocked_until = now + BLOCKED_S * self.poster.settings.retry_scale
            domain.calls.clear()

    def give_up(self, id: int) -> None:
        with self.here.bench.lock:
            if id in self.hooks:
                self.hooks[id].active = False
                self.mails.append(f"The webhook {id} was deactivated.")
