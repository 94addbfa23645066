"""What is kept of Veeqo's very large records: what we read, and neither people's data nor the keys that they carry along.

Orders embed whole stores with their tokens, and staff and customers with e-mail addresses; none of it is stored.
"""

from __future__ import annotations

from typing import Any

Shape = dict[str, Any]

SELLABLE: Shape = dict.fromkeys(("id", "sku_code"))
ALLOCATION: Shape = {
    **dict.fromkeys(("id", "created_at", "updated_at", "total_weight", "weight_unit", "packed_completely", "warehouse_id")),
    "warehouse": {"id": None, "name": None},
    "line_items": {**dict.fromkeys(("id", "quantity", "picked_quantity", "sellable_id", "sku_code")), "sellable": SELLABLE},
    "shipment": {
        **dict.fromkeys(("id", "allocation_id", "created_at", "updated_at", "carrier_id", "service_type", "service_name")),
        **dict.fromkeys(("short_service_name", "service_carrier_name", "delivery_confirmation_number", "tracking_url", "aftership_url")),
        "carrier": dict.fromkeys(("id", "name", "slug")),
        "tracking_number": dict.fromkeys(("id", "tracking_number", "delivery_confirmation_number", "status", "cancelled", "cancelled_at")),
    },
}
RETURN: Shape = {
    **dict.fromkeys(("id", "number", "type", "status", "reason", "created_at", "updated_at", "warehouse_name")),
    "line_items": dict.fromkeys(("id", "sellable_id", "sku_code", "title", "quantity", "received_quantity", "refund_quantity", "refund_amount")),
}
ORDER: Shape = {
    **dict.fromkeys(("id", "number", "status", "created_at", "updated_at", "shipped_at", "cancelled_at", "cancel_reason", "due_date")),
    **dict.fromkeys(("subtotal_price", "total_discounts", "total_tax", "delivery_cost", "total_price", "currency_code", "picked_status")),
    **dict.fromkeys(("allocated_completely", "picked_completely", "can_be_shipped", "merged_order", "merged_to_id", "channel_id")),
    "channel": dict.fromkeys(("id", "type_code", "name", "currency_code")),
    "delivery_method": {"id": None, "name": None},
    "payment": {"id": None, "payment_type": None},
    "line_items": {**dict.fromkeys(("id", "quantity", "price_per_unit", "tax_rate", "title", "sku_code")), "sellable": SELLABLE},
    "allocations": ALLOCATION,
    "returns": RETURN,
}
STOCK_ENTRY: Shape = {
    **dict.fromkeys(("warehouse_id", "infinite", "physical_stock_level", "allocated_stock_level", "available_stock_level")),
    **dict.fromkeys(("incoming_stock_level", "updated_at")),
    "warehouse": {"id": None},
}
STOCK: Shape = {
    **dict.fromkeys(("id", "updated_at", "deleted_at")),
    "sellables": {**dict.fromkeys(("id", "sku_code", "deleted_at")), "stock_entries": STOCK_ENTRY},
}
CATALOGUE: Shape = {
    **dict.fromkeys(("id", "title", "updated_at", "deleted_at")),
    "sellables": {
        **dict.fromkeys(("id", "title", "sellable_title", "product_title", "full_title", "sku_code", "upc_code", "price")),
        **dict.fromkeys(("tax_rate", "weight_grams", "updated_at", "deleted_at")),
    },
}


def keep(value: Any, shape: Shape) -> Any:
    """The record with the keys of the shape only; text where a record was expected (a bare tracking number) stays."""
    if isinstance(value, list):
        return [keep(each, shape) for each in value]
    if not isinstance(value, dict):
        return value
    return {name: keep(value[name], inner) if inner else value[name] for name, inner in shape.items() if name in value}
