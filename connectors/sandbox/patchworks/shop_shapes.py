"""The prebuilt Shopify connector's shapes: read orders and refunds, write fulfilments and stock, mapped to what the portal takes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import requests

from connectors.sandbox.patchworks.models import Doc
from connectors.sandbox.patchworks.work import ShapeError, Work

VERSION = "2026-10"
SINCE, OVERLAP = "shop orders since", timedelta(minutes=15)
FINANCIAL = {"PENDING": "pending_payment", "AUTHORIZED": "authorized", "EXPIRED": "cancelled", "VOIDED": "cancelled", "REFUNDED": "refunded"}
RETURNS = {"REQUESTED": "authorised", "OPEN": "in_transit", "CLOSED": "received", "DECLINED": "refused", "CANCELED": "cancelled"}
ADDRESS = {
    "firstName": "firstName", "lastName": "lastName", "company": "company", "address1": "address1", "address2": "address2", "city": "city",
    "provinceCode": "stateOrProvince", "zip": "zipCodeOrPostalCode", "countryCodeV2": "country", "phone": "phone",
}  # fmt: skip
ORDERS = """query($after:String,$q:String){ orders(first:25,after:$after,query:$q,sortKey:UPDATED_AT){ pageInfo{hasNextPage endCursor} nodes{
  legacyResourceId name createdAt updatedAt cancelledAt displayFinancialStatus displayFulfillmentStatus sourceName note tags email currencyCode
  currentTotalPriceSet{shopMoney{amount}} totalShippingPriceSet{shopMoney{amount}} shippingLine{code title} customer{legacyResourceId}
  shippingAddress{firstName lastName company address1 address2 city provinceCode zip countryCodeV2 phone}
  lineItems(first:100){nodes{id sku name quantity currentQuantity originalUnitPriceSet{shopMoney{amount}}}}
  refunds{legacyResourceId createdAt note totalRefundedSet{shopMoney{amount currencyCode}}
    refundLineItems(first:50){nodes{quantity restockType subtotalSet{shopMoney{amount}} lineItem{id}}}}
  returns(first:10){nodes{id name status createdAt returnLineItems(first:50){nodes{id quantity returnReason fulfillmentLineItem{lineItem{id sku}}}}}}
} } }"""
ORDER = """query($id:ID!){ order(id:$id){ fulfillments{status trackingInfo{number}}
  fulfillmentOrders(first:10){nodes{id status lineItems(first:100){nodes{id remainingQuantity sku}}}} } }"""
FULFIL = "mutation($f:FulfillmentInput!){ fulfillmentCreate(fulfillment:$f){ fulfillment{id} userErrors{field message} } }"
LEVELS = """query($q:String!){ productVariants(first:5,query:$q){nodes{sku inventoryItem{id
  inventoryLevels(first:20){nodes{location{id name} quantities(names:["available"]){quantity}}}}}} }"""
SET = """mutation($input:InventorySetQuantitiesInput!,$key:String!){ inventorySetQuantities(input:$input) @idempotent(key:$key)
  { userErrors{field message} } }"""


def ask(work: Work, query: str, **variables: Any) -> Doc:
    """A query to the shop; anything but data is a failing shape."""
    instance = work.here.instances["shopify"]
    url = f"{instance.url.rstrip('/')}/admin/api/{VERSION}/graphql.json"
    headers = {"X-Shopify-Access-Token": instance.token}
    try:
        answer = requests.post(url, json={"query": query, "variables": variables}, headers=headers, timeout=work.here.settings.portal_timeout_s)
        told = answer.json()
    except (requests.RequestException, ValueError) as error:
        raise ShapeError(f"The shop could not be read: {type(error).__name__}") from error
    if not answer.ok or told.get("errors") or not told.get("data"):
        raise ShapeError(f"The shop answered {answer.status_code}: {str(told.get('errors'))[:200]}")
    data: Doc = told["data"]
    return data


def tail(gid: str) -> str:
    return gid.rpartition("/")[2]


def pages(work: Work, query: str | None) -> Iterator[Doc]:
    after = None
    while True:
        found = ask(work, ORDERS, after=after, q=query)["orders"]
        yield from found["nodes"]
        if not found["pageInfo"]["hasNextPage"]:
            return
        after = found["pageInfo"]["endCursor"]


def read_shop_orders(work: Work, args: Doc, payload: Any) -> list[Doc]:
    """Orders that changed since the last good run. With `forgetful`, since the last run, good or not: a failed one loses its orders."""
    since = work.flow.memory.get(SINCE)
    query = f"updated_at:>='{(datetime.fromisoformat(since) - OVERLAP).isoformat()}'" if since else None
    begun = work.here.now().isoformat()
    found = list(pages(work, query))
    if args.get("forgetful"):
        work.flow.memory[SINCE] = begun
    else:
        work.after.append(lambda: work.flow.memory.update({SINCE: begun}))
    work.log("INFO", f"{len(found)} orders read")
    return found


def to_orders(work: Work, args: Doc, payload: Any) -> list[Doc]:
    return [order_of(each, args.get("source", "shopify-us")) for each in payload or []]


def order_of(told: Doc, source: str) -> Doc:
    """One order in the portal's names."""
    status = "cancelled" if told["cancelledAt"] else FINANCIAL.get(told["displayFinancialStatus"], "paid")
    if status == "paid" and told["displayFulfillmentStatus"] == "FULFILLED":
        status = "shipped"
    address = {ours: told["shippingAddress"].get(theirs) or "" for theirs, ours in ADDRESS.items()} if told["shippingAddress"] else None
    body = {
        "externalId": told["legacyResourceId"],
        "name": told["name"],
        "source": source,
        "status": status,
        "createdAt": told["createdAt"],
        "updatedAt": told["updatedAt"],
        "currency": told["currencyCode"],
        "totalPrice": told["currentTotalPriceSet"]["shopMoney"]["amount"],
        "shippingPrice": told["totalShippingPriceSet"]["shopMoney"]["amount"],
        "customer": {"id": told["customer"]["legacyResourceId"], "email": told["email"] or ""},
        "shippingMethod": (told["shippingLine"] or {}).get("title", ""),
        "note": told["note"] or "",
        "tags": told["tags"],
        "lineItems": [line_of(each) for each in told["lineItems"]["nodes"]],
    }
    return body | ({"shippingAddress": address} if address else {})


def line_of(told: Doc) -> Doc:
    price = Decimal(told["originalUnitPriceSet"]["shopMoney"]["amount"])
    gone = told["quantity"] - told["currentQuantity"]
    facts = {"id": tail(told["id"]), "sku": told["sku"] or "", "quantity": told["quantity"], "cancelledQuantity": gone, "name": told["name"]}
    return facts | {"unitPrice": f"{price:.2f}", "totalPrice": f"{price * told['quantity']:.2f}"}


def to_refunds(work: Work, args: Doc, payload: Any) -> list[Doc]:
    """One refund a line, as the portal takes them."""
    found = []
    for order in payload or []:
        for refund in order["refunds"]:
            lines = refund["refundLineItems"]["nodes"]
            for at, line in enumerate(lines):
                amount = line["subtotalSet"]["shopMoney"]["amount"]
                about = {"orderLineId": tail(line["lineItem"]["id"]), "quantity": line["quantity"], "reason": refund["note"] or line["restockType"]}
                name = refund["legacyResourceId"] if len(lines) == 1 else f"{refund['legacyResourceId']}-{at + 1}"
                found.append(refund_of(order, refund, name=name, amount=amount) | about)
    return found


def refund_of(order: Doc, refund: Doc, *, name: str, amount: str) -> Doc:
    currency = refund["totalRefundedSet"]["shopMoney"]["currencyCode"]
    facts = {"externalId": name, "orderExternalId": order["legacyResourceId"], "amount": amount, "currency": currency}
    return facts | {"createdAt": refund["createdAt"]}


def to_returns(work: Work, args: Doc, payload: Any) -> list[Doc]:
    found = []
    for order in payload or []:
        for told in order["returns"]["nodes"]:
            lines = [return_line_of(each) for each in told["returnLineItems"]["nodes"] if each["fulfillmentLineItem"]]
            facts = {"externalId": tail(told["id"]), "orderExternalId": order["legacyResourceId"], "rma": told["name"]}
            if lines:
                found.append(facts | {"status": RETURNS[told["status"]], "updatedAt": order["updatedAt"], "lineItems": lines})
    return found


def return_line_of(told: Doc) -> Doc:
    sold = told["fulfillmentLineItem"]["lineItem"]
    facts = {"id": tail(told["id"]), "orderLineId": tail(sold["id"]), "sku": sold["sku"] or "?", "quantity": told["quantity"]}
    return facts | {"reason": told["returnReason"].lower()}


def write_fulfilments(work: Work, args: Doc, payload: Any) -> list[int]:
    """Each shipment of the portal as fulfilments of the shop, a parcel each; the ids of those the shop shows now."""
    done = []
    for row in payload or []:
        try:
            fulfil(work, args, row)
            done.append(row["id"])
        except LookupError as error:
            work.fail_record(f"[422] shipment {row['external_id']}: {error}", row)
    return done


def fulfil(work: Work, args: Doc, row: Doc) -> None:
    """Looks for the number first: the shop would take it twice."""
    order = ask(work, ORDER, id=f"gid://shopify/Order/{row['order_external_id']}")["order"]
    if order is None:
        raise LookupError("the shop has no such order")
    shown = {one["number"] for each in order["fulfillments"] if each["status"] != "CANCELLED" for one in each["trackingInfo"]}
    parcels = row["parcels"] or [{"tracking_number": "", "tracking_url": "", "lines": row["lines"]}]
    for parcel in parcels:
        if parcel["tracking_number"] and parcel["tracking_number"] in shown:
            continue
        groups = groups_for(order, parcel["lines"] or row["lines"])
        carrier = args.get("carriers", {}).get(row["carrier"], row["carrier"])
        told = {"number": parcel["tracking_number"] or None, "company": carrier, "url": parcel["tracking_url"] or None}
        answer = ask(work, FULFIL, f={"lineItemsByFulfillmentOrder": groups, "trackingInfo": told, "notifyCustomer": False})["fulfillmentCreate"]
        if answer["userErrors"]:
            raise LookupError("; ".join(each["message"] for each in answer["userErrors"]))


def groups_for(order: Doc, lines: list[Doc]) -> list[Doc]:
    """Which lines of which fulfilment order the units are; LookupError when not so many are open."""
    groups: dict[str, list[Doc]] = {}
    for line in lines:
        left = line["quantity"]
        for source in order["fulfillmentOrders"]["nodes"]:
            for each in source["lineItems"]["nodes"]:
                taken = min(left, each["remainingQuantity"]) if each["sku"] == line["sku"] else 0
                if taken and source["status"] in ("OPEN", "IN_PROGRESS"):
                    each["remainingQuantity"], left = each["remainingQuantity"] - taken, left - taken
                    groups.setdefault(source["id"], []).append({"id": each["id"], "quantity": taken})
        if left:
            raise LookupError(f"{left} of {line['sku']} are not open in the shop")
    return [{"fulfillmentOrderId": id, "fulfillmentOrderLineItems": items} for id, items in groups.items()]


def write_stock(work: Work, args: Doc, payload: Any) -> list[Doc]:
    """Each level of the portal at the shop; what the shop shows now, as the portal takes it back."""
    told = []
    for row in payload or []:
        try:
            set_level(work, args, row)
            told.append({"sku": row["sku"], "location": row["location"], "available": row["available"], "asOf": work.here.now().isoformat()})
        except LookupError as error:
            work.fail_record(f"[422] {row['sku']}: {error}", row)
    return told


def set_level(work: Work, args: Doc, row: Doc) -> None:
    found = [each for each in ask(work, LEVELS, q=f"sku:'{row['sku']}'")["productVariants"]["nodes"] if each["sku"] == row["sku"]]
    if len(found) != 1:
        raise LookupError("the shop has no such SKU" if not found else "the shop has that SKU more than once")
    item, name = found[0]["inventoryItem"], args.get("locations", {}).get(row["location"])
    levels = [each for each in item["inventoryLevels"]["nodes"] if name in (None, each["location"]["name"])]
    if not levels:
        raise LookupError(f"the shop does not stock it at {name}")
    if levels[0]["quantities"][0]["quantity"] == row["available"]:
        return
    quantity = {"inventoryItemId": item["id"], "locationId": levels[0]["location"]["id"], "quantity": max(0, row["available"])}
    wanted = {"name": "available", "reason": "correction", "ignoreCompareQuantity": True, "quantities": [quantity]}
    key = f"{work.run.id}-{row['id']}-{row['revision']}"
    errors = ask(work, SET, input=wanted, key=key)["inventorySetQuantities"]["userErrors"]
    if errors:
        raise LookupError("; ".join(each["message"] for each in errors))


SHOP_SHAPES: dict[str, Callable[[Work, Doc, Any], Any]] = {
    "read_shop_orders": read_shop_orders,
    "to_orders": to_orders,
    "to_refunds": to_refunds,
    "to_returns": to_returns,
    "write_fulfilments": write_fulfilments,
    "write_stock": write_stock,
}
