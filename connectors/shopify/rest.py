"""Orders and refunds as webhooks deliver them (the REST shape), laid out like the GraphQL nodes that the rest of the code reads.

https://shopify.dev/docs/api/admin-rest/latest/resources/order
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from connectors.reading import text
from connectors.shopify.values import Body, Node, mapping, objects

FULFILLMENT_WORDS = {"": "UNFULFILLED", "partial": "PARTIALLY_FULFILLED", "fulfilled": "FULFILLED", "restocked": "RESTOCKED"}
RENAMED = {
    "name": "name",
    "created_at": "createdAt",
    "updated_at": "updatedAt",
    "cancelled_at": "cancelledAt",
    "closed_at": "closedAt",
    "source_name": "sourceName",
    "note": "note",
    "email": "email",
    "phone": "phone",
    "po_number": "poNumber",
    "tags": "tags",
    "currency": "currencyCode",
    "taxes_included": "taxesIncluded",
    "payment_gateway_names": "paymentGatewayNames",
}
ADDRESS = {
    "first_name": "firstName",
    "last_name": "lastName",
    "province_code": "provinceCode",
    "country_code": "countryCodeV2",
}


def is_rest(body: Body) -> bool:
    return "line_items" in body or "updated_at" in body


def bag(amount: Any, currency: Any = None) -> Node:
    return {"shopMoney": {"amount": amount, "currencyCode": currency}}


def as_node(body: Body) -> Body:
    """The order as a GraphQL node; one that is a node already stays as it is."""
    if not is_rest(body):
        return body
    code = body.get("currency")
    shipping = next(iter(objects(body.get("shipping_lines"))), {})
    word = text(body.get("fulfillment_status"))
    notes = objects(body.get("note_attributes"))
    return {
        **{ours: body.get(theirs) for theirs, ours in RENAMED.items()},
        "id": body.get("id"),
        "displayFinancialStatus": text(body.get("financial_status")).upper(),
        "displayFulfillmentStatus": FULFILLMENT_WORDS.get(word, word.upper()),
        "cancelReason": text(body.get("cancel_reason")).upper(),
        "currentTotalPriceSet": bag(body.get("current_total_price") or body.get("total_price"), code),
        "currentTotalTaxSet": bag(body.get("current_total_tax") or body.get("total_tax"), code),
        "totalShippingPriceSet": shipping_price(body, code),
        "shippingLine": {"code": shipping.get("code"), "title": shipping.get("title")},
        "shippingAddress": address(body.get("shipping_address")),
        "billingAddress": address(body.get("billing_address")),
        "customAttributes": [{"key": each.get("name"), "value": each.get("value")} for each in notes],
        "lineItems": {"nodes": lines(body)},
        "fulfillments": [fulfillment(each) for each in objects(body.get("fulfillments"))],
    }


def shipping_price(body: Body, code: Any) -> Node:
    told = mapping(mapping(body.get("total_shipping_price_set")).get("shop_money")).get("amount")
    first = next(iter(objects(body.get("shipping_lines"))), {})
    return bag(told if told is not None else first.get("price"), code)


def address(body: Any) -> Node | None:
    told = mapping(body)
    return {ADDRESS.get(name, name): value for name, value in told.items()} if told else None


def lines(body: Body) -> list[Node]:
    gone = taken_off(body)
    return [line_node(line, gone[text(line.get("id"))]) for line in objects(body.get("line_items"))]


def line_node(line: Body, gone: int) -> Node:
    quantity = line.get("quantity")
    current = line.get("current_quantity")
    if current is None and isinstance(quantity, int):
        current = max(0, quantity - gone)
    title = " - ".join(filter(None, (text(line.get("title")), text(line.get("variant_title")))))
    taxes = line.get("tax_lines")
    return {
        "id": line.get("id"),
        "sku": line.get("sku"),
        "name": text(line.get("name")) or title,
        "quantity": quantity,
        "currentQuantity": current,
        "requiresShipping": line.get("requires_shipping"),
        "variant": {"id": line.get("variant_id")},
        "originalUnitPriceSet": bag(line.get("price")),
        "discountAllocations": [{"allocatedAmountSet": bag(each.get("amount"))} for each in objects(line.get("discount_allocations"))],
        **({"taxLines": [{"rate": each.get("rate")} for each in objects(taxes)]} if isinstance(taxes, list) else {}),
    }


def taken_off(body: Body) -> Counter[str]:
    """Units by line that refunds took off the order."""
    gone: Counter[str] = Counter()
    for refund in objects(body.get("refunds")):
        for item in objects(refund.get("refund_line_items")):
            gone[text(item.get("line_item_id"))] += item["quantity"] if isinstance(item.get("quantity"), int) else 0
    return gone


def fulfillment(body: Body) -> Node:
    numbers = body.get("tracking_numbers") if isinstance(body.get("tracking_numbers"), list) else []
    urls = body.get("tracking_urls") if isinstance(body.get("tracking_urls"), list) else []
    numbers, urls = numbers or [body.get("tracking_number")], urls or [body.get("tracking_url")]
    tracking = [
        {"number": number, "company": body.get("tracking_company"), "url": urls[place] if place < len(urls) else ""}
        for place, number in enumerate(numbers)
        if text(number)
    ]
    return {
        "id": body.get("id"),
        "status": text(body.get("status")).upper(),
        "createdAt": body.get("created_at"),
        "location": {"id": body.get("location_id")},
        "trackingInfo": tracking or [{"number": "", "company": body.get("tracking_company"), "url": ""}],
        "fulfillmentLineItems": {
            "nodes": [{"quantity": item.get("quantity"), "lineItem": {"id": item.get("id")}} for item in objects(body.get("line_items"))]
        },
    }
