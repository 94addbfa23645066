"""The shop and the platform: A01, A21, PC01."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify

from connectors.sandbox.mirakl.answers import number, stamp
from connectors.sandbox.mirakl.models import REFUSED, Json
from connectors.sandbox.mirakl.store import Shop, shop, state

bp = Blueprint("mirakl_shop_account", __name__, url_prefix="/api")
RATES: tuple[str, ...] = (
    "approval_rate",
    "auto_refused_rate",
    "cancelation_rate",
    "incident_rate",
    "late_shipment_rate",
    "refund_rate",
    "return_rate",
)
RATES += ("valid_tracking_rate",)


@bp.get("/account", endpoint="A01")
def account() -> Response:
    here, mine = state(), shop()
    shown: Json = {
        "shop_id": mine.id,
        "shop_name": mine.name,
        "shop_state": mine.status,
        "suspension_type": "MANUAL" if mine.status == "SUSPENDED" else None,
        "currency_iso_code": here.settings.currency,
        "channels": [here.settings.channel],
        "model": "MARKETPLACE",
        "is_professional": True,
        "premium": False,
        "offers_count": len(mine.offers),
        "orders_count": len(mine.orders),
        "grade": 4.6,
        "approval_rate": approval_rate(mine),
        "approval_delay": 5400,
        "closed_from": None,
        "closed_to": None,
        "payment_details": balances(mine),
        "kyc": {"status": "APPROVED"},
        "last_updated_date": stamp(here.now()),
    }
    return jsonify(shown | mine.account)


def balances(mine: Shop) -> Json:
    return {f"{name}_balance": number(mine.balances[name.upper()]) for name in ("paid", "payable", "pending")}


def approval_rate(mine: Shop) -> float:
    refused = len(mine.by_state[REFUSED])
    return round(1 - refused / len(mine.orders), 4) if mine.orders else 1.0


@bp.get("/account/statistics", endpoint="A21")
def statistics() -> Response:
    """Rates as a test has set them; otherwise a shop without blame."""
    told = shop().statistics
    good = {"approval_rate": 1, "valid_tracking_rate": 1}
    return jsonify({name: [{"period": "LAST_MONTH", "value": told.get(name, good.get(name, 0))}] for name in RATES})


@bp.get("/platform/configuration", endpoint="PC01")
def configuration() -> Response:
    settings = state().settings
    workflows = {
        "order_acceptance": settings.order_acceptance,
        "pay_on_shipment": settings.payment_workflow == "PAY_ON_SHIPMENT",
        "pay_on_due_date": settings.payment_workflow == "PAY_ON_DUE_DATE",
        "shipping_and_billing_details_before_acceptance": settings.address_available_at == "created",
        "sellers_edit_shipping_origin": False,
    }
    features = {
        "shipment": {"multi_shipment": settings.multi_shipment, "multi_part_item_shipment": False},
        "returns": {"marketplace": settings.returns, "drop_ship": False, "one_creditor": False},
        "disable_seller_alternative_carrier": not settings.alternative_carriers,
        "order_workflows": workflows,
        "order_tax_mode": settings.order_tax_mode,
        "multi_currency": False,
        "operator_csv_delimiter": "SEMICOLON",
        "lead_time_to_ship_by_sellers_enabled": True,
    }
    modules = {"offer_management": True, "order_management": True}
    return jsonify(
        features=features, modules=modules, platform_name=settings.name, tenant_name=settings.name.lower().replace(" ", "-"), timezone="UTC"
    )
