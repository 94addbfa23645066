"""A Shopify shop on loopback: the GraphQL Admin API by root field, its cost bucket, and signed webhooks.

Written from https://shopify.dev. Keys that work from the start: `ACCESS_TOKEN` may do everything; `READ_TOKEN` only reads orders,
products and stock. Webhooks are signed with `CLIENT_SECRET`. The shop answers at /admin/api/{version}/graphql.json.
"""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, jsonify

from connectors.sandbox.kit import Bench, create_app
from connectors.sandbox.shopify import control, endpoint
from connectors.sandbox.shopify.settings import Settings
from connectors.sandbox.shopify.store import State

SHOP = "demo.myshopify.com"
ACCESS_TOKEN, READ_TOKEN = "shpat_sandbox_portal", "shpat_sandbox_reader"
CLIENT_SECRET = "shpss_sandbox_secret"
READ_SCOPES = frozenset({
    "read_orders", "read_all_orders", "read_products", "read_inventory", "read_locations", "read_fulfillments", "read_returns",
    "read_merchant_managed_fulfillment_orders",
})  # fmt: skip
WRITE_SCOPES = frozenset({"write_orders", "write_inventory", "write_returns", "write_merchant_managed_fulfillment_orders"})
TOKENS = {ACCESS_TOKEN: READ_SCOPES | WRITE_SCOPES, READ_TOKEN: READ_SCOPES}
INJECTED = {429: "Exceeded 2 calls per second for api client. Reduce request rates to resume uninterrupted service.", 500: "Internal Server Error"}

__all__ = ["ACCESS_TOKEN", "CLIENT_SECRET", "READ_TOKEN", "SHOP", "build"]


def build(*, shop: str = SHOP, **settings: Any) -> Flask:
    """An empty shop. Settings: see `settings.Settings`; they can be changed while it runs."""
    chosen = Settings()
    chosen.change(settings)
    bench = Bench(error_body=injected)
    app = create_app("shopify", bench)
    app.json.compact = True  # type: ignore[attr-defined]
    here = State(bench=bench, settings=chosen, shop=shop, secret=CLIENT_SECRET, tokens=TOKENS)
    app.extensions |= {"state": here, "bench": bench}
    endpoint.add_endpoint(app, here)
    app.register_blueprint(control.bp)
    return app


def injected(status: int) -> Response | None:
    """The body this vendor gives to a status that the bench injects."""
    if status not in INJECTED:
        return None
    answer = jsonify(errors=INJECTED[status])
    answer.status_code = status
    if status == 429:
        answer.headers["Retry-After"] = "2.0"
    return answer
