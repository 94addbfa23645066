"""How orders and what belongs to them are told in GraphQL."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from connectors.sandbox.shopify.connections import small
from connectors.sandbox.shopify.engine import Node
from connectors.sandbox.shopify.goods_views import location_view, product_view, variant_view
from connectors.sandbox.shopify.models import Doc, Fulfilment, FulfilmentLine, FulfilmentOrder, Line, Order, Refund, RefundLine, Return
from connectors.sandbox.shopify.rest import fulfillment_status, money
from connectors.sandbox.shopify.store import State, gid, stamp

OPEN_STATES = ("OPEN", "IN_PROGRESS", "ON_HOLD", "SCHEDULED")
ACTIONS = {"OPEN": ("CREATE_FULFILLMENT", "HOLD", "MOVE"), "IN_PROGRESS": ("CREATE_FULFILLMENT", "HOLD"), "ON_HOLD": ("RELEASE_HOLD", "MOVE")}
RETURN_STATES = {"REQUESTED": "RETURN_REQUESTED", "OPEN": "IN_PROGRESS", "CLOSED": "RETURNED", "DECLINED": "RETURN_FAILED"}
RETURN_ORDER = ("OPEN", "REQUESTED", "CLOSED", "DECLINED")


def bag(value: Decimal, currency: str) -> Node:
    both = Node("MoneyV2", {"amount": money(value), "currencyCode": currency})
    return Node("MoneyBag", {"shopMoney": both, "presentmentMoney": both})


def attribute_list(pairs: Doc) -> list[Node]:
    return [Node("Attribute", {"key": key, "value": value}) for key, value in pairs.items()]


def address_view(address: Doc | None, id: int) -> Node | None:
    if address is None:
        return None
    names = [address.get(part) for part in ("firstName", "lastName")]
    more = {"id": gid("MailingAddress", id), "name": " ".join(filter(None, names)), "countryCode": address.get("countryCodeV2")}
    return Node("MailingAddress", address | more)


def display_status(here: State, order: Order) -> str:
    held = [each.status for each in here.of_order(order, "fulfilment_orders") if each.status in OPEN_STATES]
    found = fulfillment_status(order)
    return "ON_HOLD" if found == "UNFULFILLED" and held and set(held) == {"ON_HOLD"} else found


def return_status(here: State, order: Order) -> str:
    found = {each.status for each in here.of_order(order, "returns")}
    return next((RETURN_STATES[status] for status in RETURN_ORDER if status in found), "NO_RETURN")


def order_view(here: State, order: Order) -> Node:
    return Node("Order", {**order_facts(here, order), **order_sums(here, order), **order_parts(here, order)})


def order_facts(here: State, order: Order) -> Doc:
    return {
        "id": gid("Order", order.id),
        "legacyResourceId": str(order.id),
        "name": order.name,
        "createdAt": stamp(order.created_at),
        "updatedAt": stamp(order.updated_at),
        "processedAt": stamp(order.created_at),
        "cancelledAt": stamp(order.cancelled_at),
        "cancelReason": order.cancel_reason,
        "closedAt": stamp(order.closed_at),
        "closed": order.closed_at is not None,
        "test": False,
        "confirmed": True,
        "edited": any(line.current != line.quantity for line in order.lines),
        "unpaid": order.financial in ("PENDING", "AUTHORIZED"),
        "refundable": order.financial in ("PAID", "PARTIALLY_REFUNDED"),
        "subtotalLineItemsQuantity": sum(line.quantity for line in order.lines),
        "currentSubtotalLineItemsQuantity": sum(line.current for line in order.lines),
        "discountCodes": [],
        "displayFinancialStatus": order.financial,
        "displayFulfillmentStatus": display_status(here, order),
        "returnStatus": return_status(here, order),
        "tags": list(order.tags),
        "sourceName": order.source,
        "note": order.note,
        "email": order.customer.get("email"),
        "phone": order.customer.get("phone"),
        "poNumber": order.po_number,
        "fullyPaid": order.financial == "PAID",
        "taxesIncluded": False,
        "requiresShipping": any(line.requires_shipping for line in order.lines),
        "fulfillable": any(each.status in ("OPEN", "IN_PROGRESS") for each in here.of_order(order, "fulfilment_orders")),
    }


def order_sums(here: State, order: Order) -> Doc:
    refunded = sum((each.amount for each in here.of_order(order, "refunds")), Decimal(0))
    sums = {
        "currentTotalPriceSet": order.current_total,
        "totalPriceSet": order.total,
        "currentSubtotalPriceSet": order.current_total - order.shipping,
        "totalRefundedSet": refunded,
        "totalTaxSet": Decimal(0),
        "currentTotalTaxSet": Decimal(0),
        "totalDiscountsSet": Decimal(0),
        "totalShippingPriceSet": order.shipping,
    }
    names = {"currencyCode": order.currency, "presentmentCurrencyCode": order.currency}
    return names | {name: bag(value, order.currency) for name, value in sums.items()}


def order_parts(here: State, order: Order) -> Doc:
    customer = {"id": gid("Customer", order.customer["id"]), "legacyResourceId": str(order.customer["id"])} | {
        name: order.customer.get(name) for name in ("email", "firstName", "lastName", "displayName", "phone")
    }
    line = {"id": gid("ShippingLine", order.id), "code": order.shipping_title, "title": order.shipping_title, "source": "shopify"}
    shipping = Node("ShippingLine", line | {"originalPriceSet": bag(order.shipping, order.currency)})
    return {
        "shippingAddress": address_view(order.address, order.id),
        "billingAddress": address_view(order.address, order.id),
        "customer": Node("Customer", customer),
        "shippingLine": shipping,
        "shippingLines": lambda args: small("ShippingLine", [shipping], lambda row: row, args),
        "customAttributes": [],
        "lineItems": lambda args: small("LineItem", order.lines, lambda row: line_view(here, order, row), args),
        "fulfillments": lambda args: [fulfilment_view(here, row) for row in here.of_order(order, "fulfilments")][: args.get("first")],
        "refunds": lambda args: [refund_view(here, row) for row in here.of_order(order, "refunds")][: args.get("first")],
        "returns": lambda args: small("Return", here.of_order(order, "returns"), lambda row: return_view(here, row), args),
        "fulfillmentOrders": lambda args: small(
            "FulfillmentOrder", here.of_order(order, "fulfilment_orders"), lambda row: fulfilment_order_view(here, row), args
        ),
    }


def line_view(here: State, order: Order, line: Line) -> Node:
    variant = here.variants.get(line.variant_id or 0)
    product = here.products[variant.product_id] if variant else None
    whole = bag(line.price * line.quantity, order.currency)
    members: Doc = {
        "id": gid("LineItem", line.id),
        "sku": line.sku,
        "name": line.title,
        "title": line.title,
        "variantTitle": variant.title if variant else None,
        "quantity": line.quantity,
        "currentQuantity": line.current,
        "unfulfilledQuantity": line.unfulfilled,
        "fulfillableQuantity": line.unfulfilled,
        "nonFulfillableQuantity": line.quantity - line.unfulfilled,
        "refundableQuantity": line.current,
        "requiresShipping": line.requires_shipping,
        "isGiftCard": False,
        "taxable": True,
        "vendor": None,
        "variant": lambda args: variant_view(here, variant) if variant else None,
        "product": lambda args: product_view(here, product) if product else None,
        "originalUnitPriceSet": bag(line.price, order.currency),
        "discountedUnitPriceSet": bag(line.price, order.currency),
        "originalTotalSet": whole,
        "discountedTotalSet": whole,
        "customAttributes": [],
    }
    return Node("LineItem", members)


def fulfilment_view(here: State, row: Fulfilment) -> Node:
    order = here.orders[row.order_id]
    trackings = [Node("FulfillmentTrackingInfo", vars(each)) for each in row.tracking]

    def part(told: Any) -> Node:
        return part_view(here, order, told)

    members: Doc = {
        "id": gid("Fulfillment", row.id),
        "legacyResourceId": str(row.id),
        "name": f"{order.name}-F{order.fulfilment_ids.index(row.id) + 1}",
        "status": row.status,
        "displayStatus": "CANCELED" if row.status == "CANCELLED" else "FULFILLED",
        "createdAt": stamp(row.created_at),
        "updatedAt": stamp(row.updated_at),
        "deliveredAt": None,
        "totalQuantity": sum(units for _, _, units in row.lines),
        "location": lambda args: location_view(here, here.locations[row.location_id]),
        "order": lambda args: order_view(here, order),
        "trackingInfo": lambda args: trackings[: args.get("first")],
        "fulfillmentLineItems": lambda args: small("FulfillmentLineItem", row.lines, part, args),
        "fulfillmentOrders": lambda args: small(
            "FulfillmentOrder", [here.fulfilment_orders[id] for id in row.fulfilment_order_ids], lambda one: fulfilment_order_view(here, one), args
        ),
    }
    return Node("Fulfillment", members)


def part_view(here: State, order: Order, part: tuple[int, int, int]) -> Node:
    id, line_id, units = part
    members = {"id": gid("FulfillmentLineItem", id), "quantity": units, "lineItem": lambda args: line_view(here, order, order.line(line_id))}
    return Node("FulfillmentLineItem", members)


def fulfilment_order_view(here: State, row: FulfilmentOrder) -> Node:
    order, place = here.orders[row.order_id], here.locations[row.location_id]
    address = order.address or {}
    destination = {
        "id": gid("FulfillmentOrderDestination", row.id),
        "email": order.customer.get("email"),
        "countryCode": address.get("countryCodeV2"),
    }
    holds = [Node("FulfillmentHold", {"id": gid("FulfillmentHold", row.id), "reason": row.hold_reason, "reasonNotes": None})]
    members: Doc = {
        "id": gid("FulfillmentOrder", row.id),
        "status": row.status,
        "requestStatus": "UNSUBMITTED",
        "orderId": gid("Order", row.order_id),
        "orderName": order.name,
        "createdAt": stamp(row.created_at),
        "updatedAt": stamp(row.updated_at),
        "fulfillAt": stamp(row.created_at),
        "fulfillBy": None,
        "order": lambda args: order_view(here, order),
        "supportedActions": [Node("SupportedAction", {"action": action, "externalUrl": None}) for action in ACTIONS.get(row.status, ())],
        "assignedLocation": Node("AssignedLocation", {"name": place.name, "countryCode": "US", "location": lambda args: location_view(here, place)}),
        "fulfillmentHolds": holds if row.status == "ON_HOLD" else [],
        "lineItems": lambda args: small("FulfillmentOrderLineItem", row.lines, lambda line: fulfilment_line_view(here, order, line), args),
        "fulfillments": lambda args: small(
            "Fulfillment",
            [each for each in here.of_order(order, "fulfilments") if row.id in each.fulfilment_order_ids],
            lambda one: fulfilment_view(here, one),
            args,
        ),
        "destination": Node("FulfillmentOrderDestination", address | destination) if address else None,
        "deliveryMethod": Node(
            "DeliveryMethod", {"id": gid("DeliveryMethod", row.id), "methodType": "SHIPPING", "presentedName": order.shipping_title}
        ),
    }
    return Node("FulfillmentOrder", members)


def fulfilment_line_view(here: State, order: Order, row: FulfilmentLine) -> Node:
    line = order.line(row.line_id)
    members: Doc = {
        "id": gid("FulfillmentOrderLineItem", row.id),
        "remainingQuantity": row.remaining,
        "totalQuantity": row.total,
        "sku": line.sku,
        "productTitle": line.title,
        "variantTitle": None,
        "requiresShipping": line.requires_shipping,
        "lineItem": lambda args: line_view(here, order, line),
    }
    return Node("FulfillmentOrderLineItem", members)


def refund_view(here: State, row: Refund) -> Node:
    order = here.orders[row.order_id]
    members: Doc = {
        "id": gid("Refund", row.id),
        "legacyResourceId": str(row.id),
        "createdAt": stamp(row.created_at),
        "updatedAt": stamp(row.created_at),
        "note": row.note,
        "order": lambda args: order_view(here, order),
        "return": lambda args: return_view(here, here.returns[row.return_id]) if row.return_id else None,
        "totalRefundedSet": bag(row.amount, order.currency),
        "refundLineItems": lambda args: small("RefundLineItem", row.lines, lambda line: refund_line_view(here, order, line), args),
    }
    return Node("Refund", members)


def refund_line_view(here: State, order: Order, row: RefundLine) -> Node:
    place = here.locations.get(row.location_id or 0)
    members: Doc = {
        "id": gid("RefundLineItem", row.id),
        "quantity": row.quantity,
        "restockType": row.restock_type,
        "restocked": row.restock_type != "NO_RESTOCK",
        "location": lambda args: location_view(here, place) if place else None,
        "lineItem": lambda args: line_view(here, order, order.line(row.line_id)),
        "priceSet": bag(order.line(row.line_id).price, order.currency),
        "subtotalSet": bag(row.subtotal, order.currency),
    }
    return Node("RefundLineItem", members)


def return_view(here: State, row: Return) -> Node:
    order = here.orders[row.order_id]
    refunds = [each for each in here.of_order(order, "refunds") if each.return_id == row.id]

    def line(told: tuple[int, int, int, str]) -> Node:
        return return_line_view(here, order, told)

    members: Doc = {
        "id": gid("Return", row.id),
        "name": row.name,
        "status": row.status,
        "createdAt": stamp(row.created_at),
        "closedAt": None,
        "totalQuantity": sum(units for _, _, units, _ in row.lines),
        "order": lambda args: order_view(here, order),
        "refunds": lambda args: small("Refund", refunds, lambda one: refund_view(here, one), args),
        "returnLineItems": lambda args: small("ReturnLineItem", row.lines, line, args),
    }
    return Node("Return", members)


def return_line_view(here: State, order: Order, row: tuple[int, int, int, str]) -> Node:
    id, line_id, units, reason = row
    parts = (part for each in here.of_order(order, "fulfilments") for part in each.lines if part[1] == line_id)
    sent = next(parts, None)
    members: Doc = {
        "id": gid("ReturnLineItem", id),
        "quantity": units,
        "refundableQuantity": units,
        "refundedQuantity": 0,
        "processedQuantity": 0,
        "returnReason": reason,
        "returnReasonNote": "",
        "customerNote": None,
        "fulfillmentLineItem": lambda args: part_view(here, order, sent) if sent else None,
    }
    return Node("ReturnLineItem", members)
