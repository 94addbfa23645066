"""What seldom changes: carriers, shipping types, reasons, channels, currencies, custom fields, taxes, the version."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request

from connectors.sandbox.mirakl.answers import Refused
from connectors.sandbox.mirakl.fields import commas
from connectors.sandbox.mirakl.models import Json
from connectors.sandbox.mirakl.store import state

bp = Blueprint("mirakl_reference", __name__, url_prefix="/api")
REASONS = (  # type, code, label, whether the shop may use it
    ("INCIDENT_OPEN", "1", "Item not received", False),
    ("INCIDENT_OPEN", "2", "Item damaged", False),
    ("INCIDENT_CLOSE", "8", "Issue solved with the customer", True),
    ("REFUND", "15", "Out of stock", True),
    ("REFUND", "19", "Return by the customer", True),
    ("REFUND", "21", "Goodwill of the marketplace", False),
    ("CANCELATION", "31", "Out of stock", True),
    ("CANCELATION", "32", "Customer changed their mind", True),
    ("RETURN", "RETURN_CHANGED_MIND", "Changed mind", True),
    ("RETURN", "RETURN_DEFECTIVE_ITEM", "Defective item", True),
    ("RETURN", "RETURN_DAMAGED_PACKAGING", "Damaged packaging", True),
    ("RETURN", "RETURN_DELIVERED_PRODUCT_DIFFERENT", "Another product was delivered", True),
    ("RETURN", "RETURN_OTHER", "Other", True),
    ("RETURN_REJECTION", "RETURN_REJECTION_NOT_ELIGIBLE", "Not eligible", True),
    ("RETURN_REJECTION", "RETURN_REJECTION_NOT_NEEDED", "Not needed", True),
    ("RETURN_REJECTION", "RETURN_REJECTION_WINDOW_CLOSED", "Window closed", True),
    ("RETURN_NON_COMPLIANT", "RETURN_NON_COMPLIANT_MISSING_ITEM", "Missing item", True),
    ("RETURN_NON_COMPLIANT", "RETURN_NON_COMPLIANT_WRONG_PRODUCT", "Wrong product", True),
    ("RETURN_NON_COMPLIANT", "RETURN_NON_COMPLIANT_DAMAGED_PRODUCT", "Damaged product", True),
    ("RETURN_NON_COMPLIANT", "RETURN_NON_COMPLIANT_WINDOW_CLOSED", "Window closed", True),
    ("RETURN_NON_COMPLIANT", "RETURN_NON_COMPLIANT_OTHER", "Other", True),
    ("ORDER_MESSAGING", "51", "Question about my order", True),
)
FIELDS: tuple[Json, ...] = (
    {"code": "gift-note", "label": "Gift note", "entity": "ORDER", "type": "STRING", "editable": False},
    {"code": "wms-ref", "label": "Warehouse reference", "entity": "ORDER", "type": "STRING", "editable": True},
    {"code": "serials", "label": "Serial numbers", "entity": "ORDER_LINE", "type": "MULTIPLE_VALUES_LIST", "editable": True},
)
DOCUMENT_TYPES = ("SYSTEM_DELIVERY_BILL", "CUSTOMER_INVOICE")
CURRENCIES = {"GBP": "Pound Sterling", "EUR": "Euro", "USD": "US Dollar"}


def usable_reasons(kind: str) -> set[str]:
    """Codes of a type that a shop may use."""
    return {code for type, code, _, ours in REASONS if type == kind and ours}


@bp.get("/version", endpoint="V01")
def version() -> Response:
    return jsonify(version="3.300.0")


@bp.get("/shipping/carriers", endpoint="SH21")
def carriers() -> Response:
    """By label; `code` is this operator's own."""
    return jsonify(carriers=sorted(state().settings.carriers, key=lambda carrier: str(carrier["label"])))


@bp.get("/shipping/types", endpoint="SH12")
def shipping_types() -> Response:
    common: Json = {"description": None, "click_and_collect": False, "ignore_lead_time_to_ship": False}
    return jsonify(shipping_types=[common | each for each in state().settings.shipping_types])


@bp.get("/shipping/zones", endpoint="SH11")
def zones() -> Response:
    channel = state().settings.channel
    return jsonify(shipping_zones=[{"code": f"{channel}1", "label": f"{channel} mainland", "description": None}])


@bp.get("/shipping/logistic_classes", endpoint="SH31")
def logistic_classes() -> Response:
    return jsonify(logistic_classes=[{"code": "S", "label": "Small", "description": None}, {"code": "L", "label": "Large", "description": None}])


@bp.get("/reasons", endpoint="RE01")
def reasons() -> Response:
    return jsonify(reasons=[{"type": type, "code": code, "label": label, "is_shop_right": ours} for type, code, label, ours in REASONS])


@bp.get("/reasons/<kind>", endpoint="RE02")
def reasons_of(kind: str) -> Response:
    """Deprecated: code and label only."""
    found = [{"code": code, "label": label} for type, code, label, _ in REASONS if type == kind]
    if not found:
        raise Refused(404)
    return jsonify(reasons=found)


@bp.get("/additional_fields", endpoint="AF01")
def additional_fields() -> Response:
    wanted = commas(request.args, "entities")
    common: Json = {"description": None, "required": False, "accepted_values": [], "regex": None}
    return jsonify(additional_fields=[common | each for each in FIELDS if not wanted or each["entity"] in wanted])


@bp.get("/documents", endpoint="DO01")
def document_types() -> Response:
    return jsonify(documents=[{"code": code, "label": code.replace("_", " ").title(), "entity": "ORDER"} for code in DOCUMENT_TYPES])


@bp.get("/channels", endpoint="CH11")
def channels() -> Response:
    channel = state().settings.channel
    return jsonify(channels=[{"code": channel, "label": f"{channel} web shop", "description": None}])


@bp.get("/currencies", endpoint="CUR01")
def currencies() -> Response:
    own = state().settings.currency
    return jsonify(currencies=[{"code": code, "label": label, "platform_default": code == own} for code, label in CURRENCIES.items()])


@bp.get("/orders/taxes", endpoint="OR75")
def taxes() -> Response:
    return jsonify(taxes=[{"code": "VAT20", "label": "VAT 20 %", "tax_calculation_rule": "PROPORTIONAL_TO_AMOUNT"}])


@bp.get("/offers/states", endpoint="OF61")
def offer_states() -> Response:
    return jsonify(offer_states=[{"code": "11", "label": "New"}, {"code": "1", "label": "Used, like new"}])
