"""A Veeqo account on loopback: the warehouse hub, with its limits, its silences and its oddities.

Written from the vendor's public documentation and captures of live answers (https://developers.veeqo.com). Keys that work
from the start: `API_KEY` (the portal's user), `OTHER_API_KEY` (a second integration's user) and `BEARER_TOKEN` (OAuth).
"""

from __future__ import annotations

from typing import Any

from flask import Flask

from connectors.sandbox.kit import Bench, create_app
from connectors.sandbox.veeqo import auth, catalogue, control, customers, orders, reference, shipping, warehouse_control
from connectors.sandbox.veeqo.answers import injected
from connectors.sandbox.veeqo.models import Json
from connectors.sandbox.veeqo.settings import Settings
from connectors.sandbox.veeqo.store import State

API_KEY = "vqt-sandbox-portal"
OTHER_API_KEY = "vqt-sandbox-other"
BEARER_TOKEN = "vqt-sandbox-bearer"
PORTAL: Json = {"id": 77, "login": "Ops Portal", "email": "ops@example.com"}
OTHER: Json = {"id": 79, "login": "Other Integration", "email": "other@example.com"}
BLUEPRINTS = (orders.bp, shipping.bp, catalogue.bp, reference.bp, customers.bp, control.bp, warehouse_control.bp)


def build(**settings: Any) -> Flask:
    """An empty account (carriers only). Settings: see `settings.Settings`; they can be changed while it runs."""
    chosen = Settings()
    chosen.change(settings)
    bench = Bench(error_body=injected)
    app = create_app("veeqo", bench)
    app.json.compact = True  # type: ignore[attr-defined]
    account = State(bench=bench, settings=chosen, users={API_KEY: PORTAL, OTHER_API_KEY: OTHER}, tokens={BEARER_TOKEN: PORTAL})
    reference.add_known_carriers(account)
    app.extensions |= {"state": account, "bench": bench}
    auth.guard(app, account)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    return app
