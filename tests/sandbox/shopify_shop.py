"""A seeded Shopify simulator, a client that holds its token, and the queries the tests ask."""

from __future__ import annotations

from typing import Any

from flask.testing import FlaskClient

from connectors.sandbox.kit import ADMIN
from connectors.sandbox.shopify import ACCESS_TOKEN, build

ORDERS = """query Orders($first:Int!,$after:String,$q:String){ orders(first:$first,after:$after,query:$q,sortKey:UPDATED_AT){
  pageInfo{hasNextPage endCursor} nodes{ id legacyResourceId name updatedAt cancelledAt displayFinancialStatus displayFulfillmentStatus returnStatus
    currentTotalPriceSet{shopMoney{amount currencyCode}} shippingAddress{firstName countryCodeV2}
    lineItems(first:100){nodes{id sku quantity currentQuantity unfulfilledQuantity variant{id barcode inventoryItem{id}}} pageInfo{hasNextPage}}
    fulfillments{id status trackingInfo{number company url} fulfillmentLineItems(first:100){nodes{quantity lineItem{id}}}} refunds{id createdAt}
    returns(first:5){nodes{id status returnLineItems(first:5){nodes{id quantity}}}}
    fulfillmentOrders(first:5){nodes{id status assignedLocation{location{id}}
      lineItems(first:50){nodes{id remainingQuantity totalQuantity lineItem{id}}}}}
  } } }"""
FULFIL = "mutation($f:FulfillmentInput!){ fulfillmentCreate(fulfillment:$f){ fulfillment{id status} userErrors{field message} } }"
SET = """mutation Set($input:InventorySetQuantitiesInput!,$key:String!){ inventorySetQuantities(input:$input) @idempotent(key:$key)
  { inventoryAdjustmentGroup{id changes{name delta}} userErrors{field message code} } }"""
VARIANT = """query($q:String!){ productVariants(first:5,query:$q){nodes{id sku barcode inventoryItem{id
  inventoryLevels(first:5){nodes{location{id name}
  quantities(names:["available","on_hand","committed"]){name quantity}}}}}} }"""


class Shop:
    """A seeded shop."""

    def __init__(self, **settings: Any) -> None:
        self.app = build(**{"rate_scale": 0, **settings})
        self.client: FlaskClient = self.app.test_client()
        self.made = self.control("seed-demo")

    def ask(self, query: str, *, version: str = "2026-10", token: str = ACCESS_TOKEN, **variables: Any) -> dict[str, Any]:
        answer = self.post({"query": query, "variables": variables}, version=version, token=token)
        assert answer.status_code == 200, answer.text
        return answer.get_json()

    def post(self, body: Any, *, version: str = "2026-10", token: str = ACCESS_TOKEN) -> Any:
        return self.client.post(f"/admin/api/{version}/graphql.json", json=body, headers={"X-Shopify-Access-Token": token})

    def control(self, path: str, **body: Any) -> Any:
        return self.client.post(f"{ADMIN}/{path}", json=body).get_json(silent=True)

    def shown(self, path: str) -> Any:
        return self.client.get(f"{ADMIN}/{path}").get_json()

    def place(self, **wish: Any) -> dict[str, Any]:
        return self.control("orders", **{"lines": [{"sku": "TEE-BLK-S", "quantity": 2}], **wish})[0]

    def orders(self, q: str | None = None, first: int = 50, **variables: Any) -> list[dict[str, Any]]:
        return self.ask(ORDERS, first=first, q=q, **variables)["data"]["orders"]["nodes"]

    def order(self, id: int) -> dict[str, Any]:
        return self.orders(f"id:{id}")[0]

    def fulfil(self, id: int, units: int | None = None, number: str = "1Z1", **more: Any) -> dict[str, Any]:
        """Send units of the first line of the first fulfilment order; all of it unless told."""
        source = self.order(id)["fulfillmentOrders"]["nodes"][0]
        lines = [] if units is None else [{"id": source["lineItems"]["nodes"][0]["id"], "quantity": units}]
        group = {"fulfillmentOrderId": source["id"], **({"fulfillmentOrderLineItems": lines} if lines else {})}
        body = {"lineItemsByFulfillmentOrder": [group], "trackingInfo": {"number": number, "company": "UPS", "url": "https://c.example/1"}, **more}
        return self.ask(FULFIL, f=body)["data"]["fulfillmentCreate"]

    def level(self, sku: str = "TEE-BLK-S", at: int = 0) -> dict[str, Any]:
        """The ids and quantities of a SKU at a place."""
        item = self.ask(VARIANT, q=f"sku:{sku}")["data"]["productVariants"]["nodes"][0]["inventoryItem"]
        level = item["inventoryLevels"]["nodes"][at]
        return {"item": item["id"], "place": level["location"]["id"], **{each["name"]: each["quantity"] for each in level["quantities"]}}

    def set_stock(self, quantity: int, *, key: str = "k1", compare: int | None = None, sku: str = "TEE-BLK-S", **more: Any) -> dict[str, Any]:
        level = self.level(sku)
        row = {"inventoryItemId": level["item"], "locationId": level["place"], "quantity": quantity}
        row |= {} if compare is None else {"compareQuantity": compare}
        wanted = {"name": "available", "reason": "correction", "quantities": [row], **more}
        return self.ask(SET, input=wanted, key=key)["data"]["inventorySetQuantities"]


def code_of(answer: dict[str, Any]) -> str:
    return str(answer["errors"][0].get("extensions", {}).get("code", ""))
