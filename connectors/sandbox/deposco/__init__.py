"""A Deposco tenant on loopback: the warehouse, behind both of its APIs, with their limits and their oddities.

REST (`/latest`, `/beta`; https://api.deposco.com) with OAuth2 tokens from `/oauth2/token`, and the older integration API
(`/integration/{code}`, Basic auth), the only one that tells stock. What works from the start is in `credentials`.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask

from connectors.sandbox.deposco import (
    auth,
    bulk,
    control,
    floor_control,
    items,
    legacy_orders,
    legacy_search,
    legacy_stock,
    oauth,
    orders,
    reference,
    shipments,
)
from connectors.sandbox.deposco.answers import empty, too_many
from connectors.sandbox.deposco.credentials import CLIENT_ID, CLIENT_SECRET, COMPANY, ENV, LEGACY_PASSWORD, LEGACY_USER, REFRESH_TOKEN
from connectors.sandbox.deposco.seed import found_tenant
from connectors.sandbox.deposco.settings import Settings
from connectors.sandbox.deposco.store import State
from connectors.sandbox.kit import Bench, create_app

__all__ = ["CLIENT_ID", "CLIENT_SECRET", "COMPANY", "ENV", "LEGACY_PASSWORD", "LEGACY_USER", "REFRESH_TOKEN", "build"]
REST = (orders.bp, shipments.bp, items.bp, reference.bp, bulk.bp)
OTHERS = (oauth.bp, legacy_orders.bp, legacy_search.bp, legacy_stock.bp, control.bp, floor_control.bp)


def build(**settings: Any) -> Flask:
    """A tenant with one company, two facilities and no items. Settings: see `settings.Settings`; they can be changed while it runs."""
    chosen = Settings()
    chosen.change(settings)
    bench = Bench(error_body=lambda status: too_many(retry_after=chosen.retry_after) if status == 429 else empty(status))
    app = create_app("deposco", bench)
    tenant = State(bench=bench, settings=chosen)
    found_tenant(tenant)
    app.extensions |= {"state": tenant, "bench": bench}
    auth.guard(app, tenant)
    for version in ("latest", "beta"):
        whole = Blueprint(version, __name__, url_prefix=f"/{version}")
        for each in REST:
            whole.register_blueprint(each)
        app.register_blueprint(whole)
    for each in OTHERS:
        app.register_blueprint(each)
    return app
