"""A BigCommerce store on loopback: v2 orders and shipments, v3 stock, catalogue, refunds and hooks, with thin webhooks.

Written from https://developer.bigcommerce.com. Keys that work from the start: `AUTH_TOKEN` may do everything the portal needs;
`READ_TOKEN` only reads. Webhook signatures, when they are on, are made with `CLIENT_SECRET`. The store is under /stores/abc123.
"""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, request

from connectors.sandbox.bigcommerce import auth, catalogue, control, inventory, orders, shipments
from connectors.sandbox.bigcommerce.answers import problem
from connectors.sandbox.bigcommerce.settings import Settings
from connectors.sandbox.bigcommerce.store import State
from connectors.sandbox.kit import Bench, create_app

STORE_HASH = "abc123"
AUTH_TOKEN, READ_TOKEN = "bc-sandbox-portal", "bc-sandbox-reader"
CLIENT_SECRET = "bc-sandbox-client-secret"
READS = frozenset({"orders_read", "products_read", "inventory_read", "information_read"})
TOKENS = {AUTH_TOKEN: READS | {"orders_modify", "inventory_modify"}, READ_TOKEN: READS}
INJECTED = {429: "You have exceeded your rate limit.", 500: "An internal error has occurred.", 503: "The service is temporarily unavailable."}

__all__ = ["AUTH_TOKEN", "CLIENT_SECRET", "READ_TOKEN", "STORE_HASH", "build"]


def build(*, store_hash: str = STORE_HASH, **settings: Any) -> Flask:
    """An empty store. Settings: see `settings.Settings`; they can be changed while it runs."""
    chosen = Settings()
    chosen.change(settings)
    bench = Bench(error_body=injected)
    app = create_app("bigcommerce", bench)
    app.json.compact = True  # type: ignore[attr-defined]
    here = State(bench=bench, settings=chosen, store_hash=store_hash, secret=CLIENT_SECRET, tokens=TOKENS)
    app.extensions |= {"state": here, "bench": bench}
    auth.guard(app, here)
    for module in (orders, shipments, inventory, catalogue, control):
        app.register_blueprint(module.bp)
    return app


def injected(status: int) -> Response | None:
    """The body this vendor gives to a status that the bench injects."""
    return problem(status, INJECTED[status]) if status in INJECTED and request else None
