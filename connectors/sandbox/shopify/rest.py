"""How webhooks tell things: the shapes of the REST Admin API, with numbers for ids and text for money."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from connectors.sandbox.shopify.models import Doc, Fulfilment, Level, Line, Order, Product, Refund, Return, Variant

if TYPE_CHECKING:
    from connectors.sandbox.shopify.store import State

REST_STATUS = {"UNFULFILLED": None, "ON_HOLD": None, "PARTIALLY_FULFILLED": "partial", "FULFILLED": "fulfilled", "RESTOCKED": "restocked"}


def moment(at: datetime | None) -> str | None:
    """Stamps of webhooks carry the shop's offset."""
    return at.strftime("%Y-%m-%dT%H:%M:%S+00:00") if at else None


def money(value: Decimal) -> str:
    return f"{value:.2f}"


def fulfillment_status(order: Order) -> str:
    """displayFulfillmentStatus, but for orders on hold, which only fulfilment orders know."""
    shippable = [line for line in order.lines if line.current]
    if not shippable:
        return "FULFILLED" if any(line.fulfilled for line in order.lines) else "UNFULFILLED"
    if all(line.fulfilled >= line.current for line in shippable):
        return "FULFILLED"
    return "PARTIALLY_FULFILLED" if any(line.fulfilled for line in order.lines) else "UNFULFILLED"


def line_body(here: State, line: Line) -> Doc:
    variant = here.variants.get(line.variant_id or 0)
    status = "fulfilled" if line.fulfilled >= line.current > 0 else "partial" if line.fulfilled else None
    return {
        "id": line.id,
        "admin_graphql_api_id": f"gid://shopify/LineItem/{line.id}",
        "sku": line.sku,
        "title": line.title,
        "name": line.title,
        "variant_title": variant.title if variant else None,
        "variant_id": variant.id if variant else None,
        "product_id": variant.product_id if variant else None,
        "quantity": line.quantity,
        "current_quantity": line.current,
        "fulfillable_quantity": line.unfulfilled,
        "fulfillment_status": status,
        "price": money(line.price),
        "grams": 200,
        "requires_shipping": line.requires_shipping,
        "total_discount": "0.00",
        "tax_lines": [],
        "properties": [],
    }


def address_body(address: Doc | None) -> Doc | None:
    if address is None:
        return None
    names = {
        "first_name": "firstName", "last_name": "lastName", "company": "company", "address1": "address1", "address2": "address2", "city": "city",
        "province": "province", "province_code": "provinceCode", "zip": "zip", "country": "country", "country_code": "countryCodeV2",
        "phone": "phone",
    }  # fmt: skip
    return {theirs: address.get(ours) for theirs, ours in names.items()}


def order_body(here: State, order: Order) -> Doc:
    subtotal = order.total - order.shipping
    return {
        "id": order.id,
        "admin_graphql_api_id": f"gid://shopify/Order/{order.id}",
        "name": order.name,
        "order_number": order.number,
        "email": order.customer.get("email"),
        "created_at": moment(order.created_at),
        "updated_at": moment(order.updated_at),
        "processed_at": moment(order.created_at),
        "cancelled_at": moment(order.cancelled_at),
        "cancel_reason": order.cancel_reason.lower() if order.cancel_reason else None,
        "closed_at": moment(order.closed_at),
        "financial_status": order.financial.lower(),
        "fulfillment_status": REST_STATUS[fulfillment_status(order)],
        "currency": order.currency,
        "total_price": money(order.total),
        "current_total_price": money(order.current_total),
        "subtotal_price": money(subtotal),
        "total_tax": "0.00",
        "total_discounts": "0.00",
        "taxes_included": False,
        "source_name": order.source,
        "note": order.note,
        "note_attributes": [],
        "tags": ", ".join(order.tags),
        "discount_codes": [],
        "tax_lines": [],
        "po_number": order.po_number,
        "shipping_lines": [{"code": order.shipping_title, "title": order.shipping_title, "price": money(order.shipping)}],
        "billing_address": address_body(order.address),
        "shipping_address": address_body(order.address),
        "customer": {"id": order.customer.get("id"), "email": order.customer.get("email")},
        "line_items": [line_body(here, line) for line in order.lines],
        "fulfillments": [fulfilment_body(here, each) for each in here.of_order(order, "fulfilments")],
        "refunds": [refund_body(here, each) for each in here.of_order(order, "refunds")],
    }


def fulfilment_body(here: State, row: Fulfilment) -> Doc:
    order = here.orders[row.order_id]
    first = row.tracking[0] if row.tracking else None
    return {
        "id": row.id,
        "order_id": row.order_id,
        "status": row.status.lower(),
        "service": "manual",
        "location_id": row.location_id,
        "created_at": moment(row.created_at),
        "updated_at": moment(row.updated_at),
        "tracking_company": first.company if first else None,
        "tracking_number": first.number if first else None,
        "tracking_numbers": [each.number for each in row.tracking if each.number],
        "tracking_url": first.url if first else None,
        "tracking_urls": [each.url for each in row.tracking if each.url],
        "line_items": [line_body(here, order.line(line_id)) | {"quantity": units} for _, line_id, units in row.lines],
    }


def refund_body(here: State, row: Refund) -> Doc:
    order = here.orders[row.order_id]
    lines = [
        {"id": each.id, "line_item_id": each.line_id, "quantity": each.quantity, "restock_type": each.restock_type.lower()}
        | {"location_id": each.location_id, "subtotal": money(each.subtotal), "line_item": line_body(here, order.line(each.line_id))}
        for each in row.lines
    ]
    return {
        "id": row.id,
        "order_id": row.order_id,
        "created_at": moment(row.created_at),
        "note": row.note,
        "restock": any(each.restock_type != "NO_RESTOCK" for each in row.lines),
        "user_id": None,
        "refund_line_items": lines,
        "transactions": [{"kind": "refund", "status": "success", "amount": money(row.amount), "currency": order.currency}],
        "order_adjustments": [],
    }


def return_body(here: State, row: Return) -> Doc:
    lines = [{"id": id, "line_item_id": line_id, "quantity": units, "return_reason": reason.lower()} for id, line_id, units, reason in row.lines]
    return {"id": row.id, "name": row.name, "status": row.status.lower(), "order": {"id": row.order_id}, "return_line_items": lines}


def level_body(here: State, level: Level) -> Doc:
    at = moment(level.updated_at)
    return {"inventory_item_id": level.item_id, "location_id": level.location_id, "available": level.units["available"], "updated_at": at}


def variant_body(variant: Variant) -> Doc:
    return {
        "id": variant.id,
        "product_id": variant.product_id,
        "title": variant.title,
        "sku": variant.sku,
        "barcode": variant.barcode,
        "price": money(variant.price),
        "inventory_item_id": variant.item_id,
        "updated_at": moment(variant.updated_at),
    }


def product_body(here: State, product: Product) -> Doc:
    return {
        "id": product.id,
        "title": product.title,
        "status": product.status.lower(),
        "created_at": moment(product.created_at),
        "updated_at": moment(product.updated_at),
        "variants": [variant_body(here.variants[id]) for id in product.variant_ids],
    }
