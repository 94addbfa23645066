"""A XoroERP tenant on loopback: sales orders, waves, items and stock behind one envelope, with its silences and its traps.

Written from what public integrations and the product's own pages tell (https://docs.xorosoft.com); there is no open API
reference. What nobody outside has seen (order update, cancel and release, voiding a wave, ship confirmation, stock adjustment)
is invented here, and exists only at the paths that `build(write_paths=…)` names: see `PROPOSED_PATHS`.

Private apps that work from the start, each a pair of API key and secret with its own scope: `API_KEY` may call everything;
`ORDERS_KEY` orders, waves, stock and items; `SALES_KEY` invoices and credit memos; `BILLS_KEY` bills and the ledger;
`INBOUND_KEY` purchase orders and notices. A call outside the scope is a 500.
"""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, g

from connectors.sandbox.kit import Bench, create_app
from connectors.sandbox.xoro import auth, control, floor_control
from connectors.sandbox.xoro.answers import injected, login_page
from connectors.sandbox.xoro.routes import dispatch
from connectors.sandbox.xoro.settings import PROPOSED_PATHS, Settings
from connectors.sandbox.xoro.store import App, State, state

API_KEY, API_SECRET = "xo-sandbox-portal", "xs-sandbox-portal"
ORDERS_KEY, ORDERS_SECRET = "xo-sandbox-orders", "xs-sandbox-orders"
SALES_KEY, SALES_SECRET = "xo-sandbox-sales", "xs-sandbox-sales"
BILLS_KEY, BILLS_SECRET = "xo-sandbox-bills", "xs-sandbox-bills"
INBOUND_KEY, INBOUND_SECRET = "xo-sandbox-inbound", "xs-sandbox-inbound"
APPS = {
    API_KEY: App("Portal", API_SECRET),
    ORDERS_KEY: App("Inventory and Sales Orders", ORDERS_SECRET, frozenset({"salesorder", "wave", "inventory", "product"})),
    SALES_KEY: App("Sales History", SALES_SECRET, frozenset({"invoice", "creditmemo", "refund", "currency"})),
    BILLS_KEY: App("Bill & Item Receipt Management", BILLS_SECRET, frozenset({"bill", "accounting"})),
    INBOUND_KEY: App("PO to ASN workflow", INBOUND_SECRET, frozenset({"purchaseorder", "asn"})),
}
VERBS = ["GET", "POST", "PUT", "PATCH", "DELETE"]

__all__ = ["API_KEY", "API_SECRET", "APPS", "PROPOSED_PATHS", "build"]


def build(**settings: Any) -> Flask:
    """An empty tenant (carriers only). Settings: see `settings.Settings`; they can be changed while it runs."""
    chosen = Settings()
    chosen.change(settings)
    bench = Bench(error_body=injected)
    app = create_app("xoro", bench)
    app.json.compact = True  # type: ignore[attr-defined]
    tenant = State(bench=bench, settings=chosen, apps=APPS)
    app.extensions |= {"state": tenant, "bench": bench}
    auth.guard(app, tenant)
    app.register_blueprint(control.bp)
    app.register_blueprint(floor_control.bp)
    app.add_url_rule(auth.LOGIN, "login", login_page)
    app.add_url_rule("/<path:path>", "call", call, methods=VERBS)
    return app


def call(path: str) -> Response:
    """Everything the vendor has, found by its path."""
    return dispatch(state(), path, g.app)
