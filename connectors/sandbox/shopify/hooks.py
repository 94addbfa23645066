"""Webhooks: subscriptions, signatures, eight retries over four hours, and then the subscription is gone.

https://shopify.dev/docs/apps/build/webhooks
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import random
import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from connectors.sandbox.posting import Post, Poster
from connectors.sandbox.shopify.models import Doc, Level
from connectors.sandbox.shopify.rest import fulfilment_body, level_body, order_body, product_body, refund_body, return_body

if TYPE_CHECKING:
    from connectors.sandbox.shopify.store import State

RETRY_WAITS_S = (60.0, 300.0, 600.0, 1200.0, 1800.0, 2700.0, 3600.0, 4140.0)  # eight, four hours in all
TOPICS = (
    "orders/create", "orders/updated", "orders/cancelled", "orders/edited", "orders/paid", "fulfillments/create", "fulfillments/update",
    "inventory_levels/update", "refunds/create", "returns/request", "products/update", "app/uninstalled",
)  # fmt: skip
WEBHOOK_VERSION = "2026-10"


@dataclass
class Subscription:
    """One topic and where it goes. Those of the app's own configuration are never deleted; those made by a call may be."""

    id: int
    topic: str
    url: str
    created_at: datetime
    by_call: bool = True


class Hooks:
    """What happened in a request, and who is told of it when the request is over."""

    def __init__(self, here: State) -> None:
        self.here = here
        self.poster = Poster(RETRY_WAITS_S)
        self.random = random.Random(2)
        self.clear()

    def clear(self) -> None:
        self.subscriptions: dict[int, Subscription] = {}
        self.removed: list[str] = []
        self.pending: dict[tuple[str, Any], None] = {}
        self.poster.clear()

    def tell(self, topic: str, id: Any) -> None:
        """Once a request, however often it changed."""
        if self.subscriptions:
            self.pending[topic, id] = None

    def level_changed(self, level: Level) -> None:
        self.tell("inventory_levels/update", (level.item_id, level.location_id))

    def body_of(self, topic: str, id: Any) -> Doc:
        here, kind = self.here, topic.partition("/")[0]
        if topic == "orders/edited":
            return {"order_edit": {"order_id": id, "committed_at": here.orders[id].updated_at.isoformat()}}
        if kind == "inventory_levels":
            return level_body(here, here.levels[id])
        if kind == "app":
            return {"myshopify_domain": here.shop}
        tables: dict[str, Any] = {
            "orders": (here.orders, order_body),
            "fulfillments": (here.fulfilments, fulfilment_body),
            "refunds": (here.refunds, refund_body),
            "returns": (here.returns, return_body),
            "products": (here.products, product_body),
        }
        table, view = tables[kind]
        return view(here, table[id])

    def flush(self) -> None:
        """Send what one request did; one merchant action, so one event id."""
        pending, self.pending = list(self.pending), {}
        event = str(uuid.uuid4())
        for topic, id in pending:
            body: bytes | None = None
            for subscription in list(self.subscriptions.values()):
                if subscription.topic == topic:
                    body = body or json.dumps(self.body_of(topic, id), separators=(",", ":")).encode()
                    self.send(subscription, body, event=event)

    def send(self, subscription: Subscription, body: bytes, *, event: str) -> None:
        fixed = {
            "Content-Type": "application/json",
            "User-Agent": "Shopify-Captain-Hook",
            "X-Shopify-Topic": subscription.topic,
            "X-Shopify-Shop-Domain": self.here.shop,
            "X-Shopify-API-Version": WEBHOOK_VERSION,
            "X-Shopify-Webhook-Id": str(uuid.uuid4()),
            "X-Shopify-Event-Id": event,
            "X-Shopify-Triggered-At": self.here.now().isoformat(),
        }
        self.poster.send(
            Post(
                url=subscription.url,
                body=body,
                headers=lambda: {**fixed, "X-Shopify-Hmac-SHA256": self.signature(body)},
                about=subscription.topic,
                given_up=lambda: self.give_up(subscription.id),
            )
        )

    def signature(self, body: bytes) -> str:
        settings = self.here.settings
        secret = self.here.old_secret if settings.rotated_signing and self.here.old_secret else self.here.secret
        if settings.bad_signatures or self.random.random() < settings.bad_signature_rate:
            secret = "not the secret"
        return base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()

    def give_up(self, id: int) -> None:
        """After the last retry a subscription made by a call is deleted."""
        with self.here.bench.lock:
            found = self.subscriptions.get(id)
            if found is not None and found.by_call:
                del self.subscriptions[id]
                self.removed.append(found.topic)

    def subscribe(self, topic: str, url: str, *, by_call: bool) -> Subscription:
        made = Subscription(self.here.next_id("webhook"), topic, url, self.here.now(), by_call)
        self.subscriptions[made.id] = made
        return made
