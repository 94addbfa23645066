"""Custom fields and other values an order filter may ask about, flattened to text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from connectors.commercetools.values import Body, amount_or_none, currency, localised, mapping, objects, reference_code, reference_key
from connectors.reading import text

PLAIN = {  # order field → name in `extra`
    "country": "country",
    "locale": "locale",
    "origin": "origin",
    "orderState": "order_state",
    "paymentState": "payment_state",
    "inventoryMode": "inventory_mode",
    "shippingMode": "shipping_mode",
    "taxMode": "tax_mode",
    "purchaseOrderNumber": "purchase_order_number",
    "anonymousId": "anonymous_id",
}
REFERENCES = {"customerGroup": "customer_group", "state": "workflow_state", "businessUnit": "business_unit", "cart": "cart"}


def extra_fields(order: Body, *, locales: Sequence[str]) -> dict[str, str]:
    """What a filter may ask about beyond the common fields; custom fields as "custom.<name>"; nothing that is empty."""
    found = {ours: text(order.get(theirs)) for theirs, ours in PLAIN.items()}
    found |= {ours: reference_code(order.get(theirs)) for theirs, ours in REFERENCES.items()}
    found["discount_codes"] = ", ".join(
        text(mapping(mapping(entry.get("discountCode")).get("obj")).get("code")) or reference_code(entry.get("discountCode"))
        for entry in objects(order.get("discountCodes"))
    )
    found |= custom_fields(order, locales=locales)
    return {name: value for name, value in found.items() if value}


def custom_fields(holder: Body, *, locales: Sequence[str]) -> dict[str, str]:
    fields = mapping(mapping(holder.get("custom")).get("fields"))
    return {f"custom.{name}": field_text(value, locales=locales) for name, value in fields.items()}


def field_text(value: Any, *, locales: Sequence[str]) -> str:
    """A custom field's value as text: yes/no as true/false, money with its currency, references by key or id, sets joined."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ", ".join(field_text(item, locales=locales) for item in value)
    if not isinstance(value, dict):
        return text(value)
    if value.get("typeId"):
        return reference_code(value)
    if currency(value):
        return f"{amount_or_none(value, what='custom field')} {currency(value)}"
    return reference_key(value) or localised(value, locales)
