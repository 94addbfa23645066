"""An order as the orders endpoint returns it, with everything it embeds and its many nulls."""

from __future__ import annotations

from typing import Any

from connectors.sandbox.veeqo.answers import stamp
from connectors.sandbox.veeqo.catalogue_view import sellable_view
from connectors.sandbox.veeqo.lifecycle import CANCELLED, allocated, needed, totals
from connectors.sandbox.veeqo.models import Allocation, AllocationLine, Json, Line, Order, Shipment
from connectors.sandbox.veeqo.store import State

ALWAYS_NULL: tuple[str, ...] = ("sales_record_number", "send_refund_email", "additional_order_level_taxless_discount_percentage")
ALWAYS_NULL += ("mergeable_id", "mergable_checksum", "buyer_user_id", "till_id", "fulfillment_channel_order")
ALWAYS_FALSE = ("international", "receipt_printed", "restock_shipped_items", "fulfilled_by_amazon", "is_amazon_prime", "with_duties")
ALWAYS_ZERO = ("total_fees", "adjustment_amount", "shipping_discount", "refund_amount")
SHIPMENT_NULLS: tuple[str, ...] = (
    "short_service_name",
    "service_carrier_name",
    "carrier_service_id",
    "carrier_service",
    "sub_carrier_id",
    "carrier_country",
)
SHIPMENT_NULLS += ("carrier_fee", "aftership_url", "label_url", "commercial_invoice_url", "delivery_confirmation_number", "parcel_format")
SHIPMENT_NULLS += ("outbound_shipment_date", "collection_manifest_id", "postal_class", "packaging_type", "drop_off_type")
ALLOCATION_NULLS: tuple[str, ...] = ("due_date", "dispatch_date", "remote_id", "recommended_shipping_options", "preferred_shipment_options")
ALLOCATION_NULLS += ("preferred_shipment_date", "matched_parcel_properties_criteria")


def order_view(state: State, order: Order) -> Json:
    """The whole order; keys as live captures show them."""
    view: Json = {
        "id": order.id,
        "number": order.number,
        "status": order.status,
        "created_at": stamp(order.created_at),
        "updated_at": stamp(order.updated_at),
        "shipped_at": stamp(order.shipped_at),
        "cancelled_at": stamp(order.cancelled_at),
        "cancel_reason": order.cancel_reason,
        "cancelled_by": order.cancelled_by,
        "due_date": stamp(order.due_date),
        "dispatch_date": None,
        "invoice_date": stamp(order.created_at),
    }
    view |= {name: float(amount) for name, amount in totals(order).items()}
    view |= dict.fromkeys(ALWAYS_ZERO, 0.0) | dict.fromkeys(ALWAYS_NULL) | dict.fromkeys(ALWAYS_FALSE, False)
    view |= progress(order) | parties(state, order)
    view["line_items"] = [line_view(state, line) for line in order.lines]
    view["allocations"] = [allocation_view(state, allocation) for allocation in order.allocations]
    view["returns"] = order.returns
    return state.oddities.disfigure(view)


def progress(order: Order) -> Json:
    lines = [line for allocation in order.allocations for line in allocation.lines]
    picked = [line.picked >= line.quantity for line in lines]
    all_picked = bool(picked) and all(picked)
    return {
        "notes": None,
        "send_notification_email": order.send_email,
        "picked_status": "picked" if all_picked else "partially_picked" if any(line.picked for line in lines) else "unpicked",
        "allocated_completely": not needed(order) - allocated(order),
        "picked_completely": all_picked,
        "can_be_shipped": order.status != CANCELLED and any(allocation.shipment is None for allocation in order.allocations),
        "merged_order": order.merged_order,
        "merged_to_id": order.merged_to_id,
    }


def parties(state: State, order: Order) -> Json:
    channel = state.channels.get(order.channel_id)
    customer = state.customers.get(order.customer_id or 0)
    method = state.delivery_methods.get(order.delivery_method_id or 0)
    cost = float(order.given.get("delivery_cost", 0))
    return {
        "currency_code": channel["currency_code"] if channel else None,
        "payment": order.payment,
        "created_by": order.created_by,
        "updated_by": order.updated_by,
        "delivery_method": {"id": method["id"], "cost": cost, "name": method["name"]} if method else None,
        "deliver_to": order.deliver_to,
        "billing_address": customer["billing_address"] if customer else None,
        "channel": channel,
        "customer": customer,
        "customer_note": order.customer_note,
        "employee_notes": order.employee_notes,
        "tags": [state.tags[id] for id in order.tag_ids if id in state.tags],
    }


def line_view(state: State, line: Line) -> Json:
    return {
        "id": line.id,
        "quantity": line.quantity,
        "price_per_unit": float(line.price),
        "tax_rate": float(line.tax_rate),  # a fraction here, a percentage on the variant
        "taxless_discount_per_unit": float(line.discount),
        "additional_options": line.options,
        "remote_id": None,
        "title": state.sellables[line.sellable_id].own["full_title"],
        "created_at": stamp(line.created_at),
        "updated_at": stamp(line.updated_at),
        "sellable": sellable_view(state, state.sellables[line.sellable_id]),
    }


def allocation_view(state: State, allocation: Allocation) -> Json:
    created, updated = stamp(allocation.created_at), stamp(allocation.updated_at)
    package = {"id": allocation.id, "allocation_id": allocation.id, "weight": 0.5, "weight_unit": "g", "width": 1, "height": 1, "depth": 1}
    package |= {"dimensions_unit": "cm", "package_id": None, "package_name": None, "package_provider": None}
    package |= {"package_selection_source": "ONE_OFF", "similarity_key": f"s-{allocation.id}", "created_at": created, "updated_at": updated}
    view: Json = {
        "id": allocation.id,
        "order_id": allocation.order_id,
        "created_at": created,
        "updated_at": updated,
        "allocated_by_id": allocation.allocated_by_id,
        "total_weight": 500,
        "weight_unit": "g",
        "packed_completely": allocation.packed,
        "line_items": [allocation_line_view(state, line) for line in allocation.lines],
        "shipment": shipment_view(state, allocation.shipment) if allocation.shipment else None,
        "warehouse": state.warehouses.get(allocation.warehouse_id),
        "allocation_package": package | allocation.package,
        "from_gb_to_northern_ireland": False,
    }
    return view | dict.fromkeys(ALLOCATION_NULLS)


def allocation_line_view(state: State, line: AllocationLine) -> Json:
    """Refers back by its variant only: there is no order line id and no `sellable_id` here."""
    return {
        "id": line.id,
        "quantity": line.quantity,
        "picked_quantity": line.picked,
        "created_at": stamp(line.created_at),
        "updated_at": stamp(line.updated_at),
        "sellable": sellable_view(state, state.sellables[line.sellable_id]),
        "warehouse_sublocation": None,
    }


def shipment_view(state: State, shipment: Shipment) -> Json:
    """The long form inside an order. For carrier 3, "Other", slug and service are null."""
    carrier = state.carriers[shipment.carrier_id]
    number = shipment.tracking["tracking_number"] if shipment.tracking else None
    view: Json = {
        "id": shipment.id,
        "allocation_id": shipment.allocation_id,
        "order_id": shipment.order_id,
        "created_at": stamp(shipment.created_at),
        "updated_at": stamp(shipment.updated_at),
        "carrier_id": shipment.carrier_id,
        "carrier": carrier,
        "service_type": "TPN" if shipment.service_name and carrier["slug"] else None,
        "service_name": shipment.service_name if carrier["slug"] else None,
        "tracking_number": shipment.tracking,
        "tracking_url": f"https://track.example.com/{carrier['slug']}/{number}" if number and carrier["slug"] else None,
        "notify_customer": shipment.notify_customer,
        "update_remote_order": shipment.update_remote_order,
        "weight": 500.0,
        "insured_value": 0,
        "carrier_fees": [],
        "charges": [],
        "outbound_label_charges": {"unit": "GBP", "value": 3.35},
        "has_return_label": False,
        "shipped_by_id": shipment.shipped_by["id"],
        "shipped_by": shipment.shipped_by,
    }
    return view | dict.fromkeys(SHIPMENT_NULLS)


def short_shipment(state: State, shipment: Shipment) -> Json:
    """The short form that POST /shipments answers with."""
    tracking = shipment.tracking
    carrier = state.carriers[shipment.carrier_id]
    answer: dict[str, Any] = {name: getattr(shipment, name) for name in ("id", "allocation_id", "carrier_id", "order_id")}
    return answer | {
        "created_at": stamp(shipment.created_at),
        "shipped_by_id": shipment.shipped_by["id"],
        "weight": 500.0,
        "notify_customer": shipment.notify_customer,
        "update_remote_order": shipment.update_remote_order,
        "tracking_number": {"id": tracking["id"], "tracking_number": tracking["tracking_number"]} if tracking else None,
        "carrier": {"id": carrier["id"], "name": carrier["name"]},
        "outbound_label_charges": {"unit": "GBP", "value": 3.35},
    }
