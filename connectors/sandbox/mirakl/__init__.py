"""A Mirakl operator on loopback, as its sellers see it: orders that must be accepted in time, imports, returns, payouts.

Written from the vendor's published seller API (https://developer.mirakl.com). One app is one marketplace operator: build
several, with settings of their own (see `OPERATORS`), to have several. Keys that work from the start: `API_KEY` (or the setting
`api_key`), a user with the administrator and accountancy roles in both shops; `ADMIN_KEY`, without accountancy, in the first
shop; `PARTNER_KEY`, an external partner's user, who may read orders only every 15 minutes.
"""

from __future__ import annotations

from typing import Any

from flask import Flask, Response

from connectors.sandbox.kit import Bench, create_app
from connectors.sandbox.mirakl import (
    billing,
    control,
    custom_fields,
    documents,
    exports,
    happenings,
    imports,
    money_control,
    offers,
    orders,
    reference,
    refunds,
    return_control,
    return_list,
    returns,
    shipment_list,
    shipments,
    shop_account,
    stock_imports,
    transactions,
)
from connectors.sandbox.mirakl.answers import Refused, refusal, too_many
from connectors.sandbox.mirakl.auth import ACCOUNTANCY, ADMIN_ROLE, PARTNER, guard
from connectors.sandbox.mirakl.settings import DEFAULT_SHOP_ID, HOUR_S, Settings
from connectors.sandbox.mirakl.store import State, User

API_KEY = "mkl-sandbox-portal"
ADMIN_KEY = "mkl-sandbox-admin"
PARTNER_KEY = "mkl-sandbox-partner"
SHOP_ID = DEFAULT_SHOP_ID
MODULES = (
    orders,
    custom_fields,
    documents,
    exports,
    refunds,
    shipments,
    shipment_list,
    returns,
    return_list,
    offers,
    imports,
    stock_imports,
    transactions,
    billing,
    reference,
    shop_account,
    control,
    happenings,
    return_control,
    money_control,
)
OPERATORS: dict[str, dict[str, Any]] = {
    "Harbour & Home": {
        "acceptance_window_s": 24 * HOUR_S,
        "multi_shipment": True,
    },
    "Maison Claire": {
        "currency": "EUR",
        "country": "FRA",
        "channel": "FR",
        "acceptance_window_s": 72 * HOUR_S,
        "address_available_at": "shipping",
        "partial_acceptance": False,
        "emails": "customer",
        "carriers": [
            {"code": "COLISSIMO", "label": "Colissimo", "standard_code": None, "tracking_url": "https://suivi.example/{trackingId}"},
            {"code": "CHRONO", "label": "Chronopost", "standard_code": None, "tracking_url": None},
            {"code": "DPDFR", "label": "DPD France", "standard_code": "DPD", "tracking_url": "https://trace.dpd.example/{trackingId}"},
        ],
    },
    "Sportfreunde": {
        "currency": "EUR",
        "country": "DEU",
        "channel": "DE",
        "acceptance_window_s": 48 * HOUR_S,
        "alternative_carriers": False,
        "order_tax_mode": "TAX_EXCLUDED",
        "hidden_address": "missing",
        "carriers": [
            {"code": "dhl_de", "label": "DHL Paket", "standard_code": "DHL", "tracking_url": "https://nolp.dhl.example/{trackingId}"},
            {"code": "dpd_de", "label": "DPD Deutschland", "standard_code": "DPD", "tracking_url": None},
        ],
    },
}


def build(**settings: Any) -> Flask:
    """An operator with empty shops. Settings: see `settings.Settings`; they can be changed while it runs."""
    chosen = Settings()
    chosen.change(settings)
    bench = Bench()
    bench.error_body = lambda status: injected(chosen, status)
    app = create_app("mirakl", bench)
    app.json.compact = True  # type: ignore[attr-defined]
    operator = State(bench=bench, settings=chosen, users=users(chosen))
    app.extensions |= {"state": operator, "bench": bench}
    guard(app, operator)
    for module in MODULES:
        app.register_blueprint(module.bp)
    return app


def users(settings: Settings) -> dict[str, User]:
    first = (next(iter(settings.shops)),)
    return {
        settings.api_key or API_KEY: User("portal", frozenset({ADMIN_ROLE, ACCOUNTANCY})),
        ADMIN_KEY: User("admin", frozenset({ADMIN_ROLE}), first),
        PARTNER_KEY: User("partner", frozenset({PARTNER}), first, external=True),
    }


def injected(settings: Settings, status: int) -> Response | None:
    """The body this vendor gives to a status that the bench injects; what the edge answers has none of its own."""
    if status == 429:
        return too_many(settings.injected_retry_after_s)
    if status == 500:
        body, code = refusal(Refused(500, "Internal Server Error"))
        body.status_code = code
        return body
    return None
