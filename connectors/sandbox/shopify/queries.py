"""The root fields one reads by."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

from connectors.sandbox.shopify.connections import by_id, walked
from connectors.sandbox.shopify.engine import Node, QueryError
from connectors.sandbox.shopify.goods_views import item_view, location_view, product_view, variant_view
from connectors.sandbox.shopify.models import Doc, Order
from connectors.sandbox.shopify.rest import fulfillment_status
from connectors.sandbox.shopify.search import Query, Term, matches, moment_of, parse
from connectors.sandbox.shopify.store import State, gid, number_in, stamp
from connectors.sandbox.shopify.views import fulfilment_order_view, fulfilment_view, order_view, refund_view, return_view

SHIPPED = {"FULFILLED": "shipped", "PARTIALLY_FULFILLED": "partial", "UNFULFILLED": "unfulfilled"}
RETURNED = ("REQUESTED", "OPEN", "CLOSED")


def order_status(order: Order) -> list[str]:
    """What `status:` matches: an order has several of these words."""
    closed = ["closed"] if order.closed_at else ["not_closed"]
    if order.cancelled_at:
        return ["any", "cancelled", *closed]
    return ["any", *closed, *([] if order.closed_at else ["open"])]


def shipped(order: Order) -> list[str]:
    found = SHIPPED[fulfillment_status(order)]
    return [found, *({"unfulfilled": ["unshipped"], "shipped": ["fulfilled"], "partial": ["unfulfilled"]}[found])]


def order_fields(here: State) -> dict[str, Callable[[Any], Any]]:
    return {
        "id": lambda row: row.id,
        "name": lambda row: [row.name, row.name.lstrip("#")],
        "": lambda row: [row.name, row.name.lstrip("#"), str(row.customer.get("email"))],
        "status": order_status,
        "financial_status": lambda row: row.financial,
        "fulfillment_status": shipped,
        "created_at": lambda row: row.created_at,
        "processed_at": lambda row: row.created_at,
        "updated_at": lambda row: row.updated_at,
        "email": lambda row: row.customer.get("email"),
        "tag": lambda row: row.tags,
        "source_name": lambda row: row.source,
        "sku": lambda row: [line.sku for line in row.lines],
        "po_number": lambda row: row.po_number,
        "test": lambda row: "false",
        "return_status": lambda row: [each.status for each in here.of_order(row, "returns")],
    }


def order_of_line(here: State) -> dict[str, Callable[[Any], Any]]:
    """The fields that fulfilment orders are found by."""
    return {
        "id": lambda row: row.id,
        "status": lambda row: row.status,
        "updated_at": lambda row: row.updated_at,
        "order_id": lambda row: row.order_id,
        "assigned_location_id": lambda row: row.location_id,
    }


GOODS_FIELDS: dict[str, Callable[[Any], Any]] = {
    "id": lambda row: row.id,
    "updated_at": lambda row: row.updated_at,
    "created_at": lambda row: row.created_at,
}
VARIANT_FIELDS = GOODS_FIELDS | {
    "sku": lambda row: row.sku or "",
    "barcode": lambda row: row.barcode,
    "product_id": lambda row: row.product_id,
    "title": lambda row: row.title,
    "product_status": lambda row: "active",
    "": lambda row: [row.sku, row.title],
}
ITEM_FIELDS = VARIANT_FIELDS | {"id": lambda row: row.item_id}


def product_fields(here: State) -> dict[str, Callable[[Any], Any]]:
    def skus(row: Any) -> list[Any]:
        return [here.variants[id].sku for id in row.variant_ids]

    return GOODS_FIELDS | {"title": lambda row: row.title, "status": lambda row: row.status, "sku": skus, "": lambda row: [row.title, *skus(row)]}


def found_by(query: Query, name: str, look: Callable[[str], Iterable[Any]]) -> dict[int, Any] | None:
    """Rows an index knows, by id; None when the query does not say exactly which."""
    values = query.equal_to(name)
    return None if not values else {row.id: row for value in values for row in look(value)}


class Searcher:
    """One search: its query, what it warns of, and the rows that match."""

    def __init__(self, here: State, args: Doc, fields: dict[str, Callable[[Any], Any]]) -> None:
        self.here, self.args, self.fields = here, args, fields
        self.query = parse(args.get("query"))
        self.newest = here.now() - timedelta(seconds=here.settings.search_lag_s)

    def keep(self, row: Any) -> bool:
        if self.query.terms and row.updated_at > self.newest and self.here.settings.search_lag_s:
            return False
        return matches(row, self.query, self.fields)

    def page(self, type_name: str, table: dict[int, Any], *, view: Callable[[Any], Node], kind: str, known: dict[int, Any] | None) -> Node:
        sort = self.args.get("sortKey")
        if sort == "UPDATED_AT" and known is None:
            since = [moment_of(term.value) for term in self.query.sole("updated_at") if term.op in (">=", ">")]
            order, least = self.here.changed[kind], max(filter(None, since), default=None)
            return walked(type_name, order, lambda id: table[id], view=view, args=self.args, keep=self.keep, least=least)
        rows = {id: row for id, row in sorted(known.items()) if id in table} if known is not None else table
        return by_id(type_name, rows, view=view, args=self.args, keep=self.keep, moments=sort in ("CREATED_AT", "PROCESSED_AT"))


def orders(here: State, args: Doc) -> Node:
    search = Searcher(here, args, order_fields(here))
    if here.settings.default_status == "open":
        for each in search.query.alternatives:
            if not any(term.field == "status" for term in each):
                each.append(Term("status", "", "open"))
    known = found_by(search.query, "name", lambda name: (here.orders[id] for id in here.by_name.get(name.lstrip("#").lower(), [])))
    if known is None:
        known = found_by(search.query, "id", lambda id: [here.orders[int(id)]] if id.isdecimal() and int(id) in here.orders else [])
    return search.page("Order", here.orders, view=lambda row: order_view(here, row), kind="order", known=known)


def fulfilment_orders(here: State, args: Doc) -> Node:
    search = Searcher(here, args, order_of_line(here))
    table = here.fulfilment_orders
    if not args.get("includeClosed"):
        keep = search.keep
        search.keep = lambda row: row.status not in ("CLOSED", "CANCELLED") and keep(row)  # type: ignore[method-assign]
    return search.page("FulfillmentOrder", table, view=lambda row: fulfilment_order_view(here, row), kind="fulfilment_order", known=None)


def variants(here: State, args: Doc) -> Node:
    search = Searcher(here, args, VARIANT_FIELDS)
    known = found_by(search.query, "sku", here.with_sku)
    return search.page("ProductVariant", here.variants, view=lambda row: variant_view(here, row), kind="variant", known=known)


def items(here: State, args: Doc) -> Node:
    search = Searcher(here, args, ITEM_FIELDS)
    known = found_by(search.query, "sku", here.with_sku)
    return search.page("InventoryItem", here.variants, view=lambda row: item_view(here, row), kind="variant", known=known)


def products(here: State, args: Doc) -> Node:
    search = Searcher(here, args, product_fields(here))
    known = found_by(search.query, "sku", lambda sku: (here.products[each.product_id] for each in here.with_sku(sku)))
    return search.page("Product", here.products, view=lambda row: product_view(here, row), kind="product", known=known)


def locations(here: State, args: Doc) -> Node:
    every = bool(args.get("includeInactive"))
    return by_id("Location", here.locations, view=lambda row: location_view(here, row), args=args, keep=lambda row: every or row.active)


def variant_of(here: State, item: Any) -> Any:
    return here.variants.get(here.variant_of_item.get(item, 0))


# Kind of global id -> how the thing is found and told.
FOUND: dict[str, tuple[Callable[[State], dict[int, Any]], Callable[[State, Any], Node]]] = {
    "Order": (lambda here: here.orders, order_view),
    "FulfillmentOrder": (lambda here: here.fulfilment_orders, fulfilment_order_view),
    "Fulfillment": (lambda here: here.fulfilments, fulfilment_view),
    "Refund": (lambda here: here.refunds, refund_view),
    "Return": (lambda here: here.returns, return_view),
    "Location": (lambda here: here.locations, location_view),
    "Product": (lambda here: here.products, product_view),
    "ProductVariant": (lambda here: here.variants, variant_view),
}


def one(here: State, kind: str, id: Any) -> Node | None:
    """The thing with that global id; an id of another kind is refused, an unknown one is null."""
    number = number_in(kind, id)
    if not number:
        raise QueryError(f"Invalid global id '{id}'", extensions={"code": "INVALID_VARIABLE" if "gid://" not in str(id) else "RESOURCE_NOT_FOUND"})
    if kind == "InventoryItem":
        variant = variant_of(here, number)
        return item_view(here, variant) if variant else None
    table, view = FOUND[kind]
    row = table(here).get(number)
    return view(here, row) if row else None


def any_kind(here: State, id: Any) -> Node | None:
    kind = str(id).removeprefix("gid://shopify/").partition("/")[0]
    return one(here, kind, id) if kind in FOUND or kind == "InventoryItem" else None


def shop(here: State) -> Node:
    plan = {"displayName": here.settings.plan.title(), "publicDisplayName": here.settings.plan.title(), "shopifyPlus": here.settings.plan == "plus"}
    name = here.shop.partition(".")[0]
    facts = {"id": gid("Shop", 1), "name": name.title(), "myshopifyDomain": here.shop, "currencyCode": "USD", "email": f"owner@{name}.example"}
    return Node("Shop", {**facts, "ianaTimezone": "America/New_York", "plan": Node("ShopPlan", plan)})


def installation(scopes: frozenset[str]) -> Node:
    told = [Node("AccessScope", {"handle": scope, "description": scope.replace("_", " ")}) for scope in sorted(scopes)]
    return Node("AppInstallation", {"id": gid("AppInstallation", 1), "accessScopes": told})


def subscriptions(here: State, args: Doc) -> Node:
    topics = args.get("topics")
    view = subscription_view
    table = here.hooks.subscriptions
    return by_id("WebhookSubscription", table, view=view, args=args, keep=lambda row: not topics or topic_word(row.topic) in topics)


def topic_word(topic: str) -> str:
    return topic.replace("/", "_").upper()


def subscription_view(row: Any) -> Node:
    facts = {"id": gid("WebhookSubscription", row.id), "topic": topic_word(row.topic), "uri": row.url, "callbackUrl": row.url, "format": "JSON"}
    return Node("WebhookSubscription", facts | {"createdAt": stamp(row.created_at), "updatedAt": stamp(row.created_at)})


def orders_count(here: State, args: Doc) -> Node:
    query, fields = parse(args.get("query")), order_fields(here)
    count = sum(matches(row, query, fields) for row in here.orders.values()) if query.terms else len(here.orders)
    return Node("Count", {"count": count, "precision": "EXACT"})


LISTS: dict[str, Callable[[State, Doc], Any]] = {
    "orders": orders,
    "ordersCount": orders_count,
    "fulfillmentOrders": fulfilment_orders,
    "productVariants": variants,
    "inventoryItems": items,
    "products": products,
    "locations": locations,
    "webhookSubscriptions": subscriptions,
}
ONES = {
    "order": "Order", "fulfillmentOrder": "FulfillmentOrder", "fulfillment": "Fulfillment", "refund": "Refund", "return": "Return",
    "product": "Product", "productVariant": "ProductVariant", "inventoryItem": "InventoryItem",
}  # fmt: skip
SEARCHED = {"orders": order_fields, "fulfillmentOrders": order_of_line, "products": product_fields}
SEARCHED_GOODS = {"productVariants": VARIANT_FIELDS, "inventoryItems": ITEM_FIELDS}


def read(here: State, name: str, args: Doc, scopes: frozenset[str]) -> Any:
    """Resolve a root field of a query."""
    if name in LISTS:
        return LISTS[name](here, args)
    if name in ONES:
        return one(here, ONES[name], args["id"])
    if name == "location":
        return one(here, "Location", args["id"]) if args.get("id") else location_view(here, next(iter(here.locations.values())))
    if name == "nodes":
        return [any_kind(here, id) for id in args["ids"]]
    return {"shop": lambda: shop(here), "currentAppInstallation": lambda: installation(scopes), "node": lambda: any_kind(here, args.get("id"))}[
        name
    ]()


def warnings_of(here: State, name: str, args: Doc) -> list[Doc]:
    """Search fields that do not exist; the vendor leaves them out and says so beside the answer."""
    if not args.get("query"):
        return []
    fields = SEARCHED[name](here) if name in SEARCHED else SEARCHED_GOODS.get(name)
    unknown = sorted({term.field for term in parse(args["query"]).terms if fields is not None and term.field not in fields})
    return [{"field": field, "message": "Invalid search field for this query.", "code": "INVALID_FIELD"} for field in unknown]
