"""Orders in v2: listed, read with their products and addresses, moved to another status, archived."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from flask import Blueprint, Response, jsonify, request

from connectors.sandbox.bigcommerce.answers import Refused, body_object, moment_asked, money, not_found, rfc, v2_answer, v2_list, whole
from connectors.sandbox.bigcommerce.models import STATUSES, Doc, Order, OrderProduct
from connectors.sandbox.bigcommerce.store import State, state

bp = Blueprint("bigcommerce_orders", __name__, url_prefix="/stores/<store_hash>/v2")
SORTS: dict[str, Callable[[Order], Any]] = {
    "id": lambda order: order.id,
    "date_created": lambda order: (order.created_at, order.id),
    "date_modified": lambda order: (order.modified_at, order.id),
    "status_id": lambda order: (order.status_id, order.id),
    "channel_id": lambda order: (order.channel_id, order.id),
    "customer_id": lambda order: (order.customer_id, order.id),
}
EXACT: dict[str, Callable[[Order], Any]] = {
    "customer_id": lambda order: order.customer_id,
    "status_id": lambda order: order.status_id,
    "channel_id": lambda order: order.channel_id,
    "email": lambda order: order.billing["email"],
    "payment_method": lambda order: order.payment_method,
    "external_order_id": lambda order: order.external_order_id,
}
CHANGEABLE = ("staff_notes", "customer_message", "external_order_id", "external_source")


@bp.url_value_preprocessor
def forget_hash(endpoint: str | None, values: dict[str, Any] | None) -> None:
    """The token has said whose store it is."""
    (values or {}).pop("store_hash", None)


def order_or_404(id: int) -> Order:
    found = state().orders.get(id)
    if found is None:
        raise not_found()
    return found


def candidates(here: State) -> Iterable[Order]:
    """The orders that may match, in the order asked for, from an index where one has it."""
    since = moment_asked("min_date_modified")
    name, _, direction = request.args.get("sort", "id:asc").partition(":")
    if name not in SORTS or direction not in ("", "asc", "desc"):
        raise Refused(400, "The field 'sort' is invalid.")
    down = direction == "desc"
    if name == "date_modified":
        return (here.orders[id] for _, id in here.modified.walk(least=since, reverse=down))
    rows = here.orders.values() if since is None else [here.orders[id] for _, id in here.modified.walk(least=since)]
    if name == "id" and since is None:
        return reversed(rows) if down else rows
    return sorted(rows, key=SORTS[name], reverse=down)


def matching(here: State) -> Iterator[Order]:
    least, most = whole("min_id", 0), whole("max_id", 10**12)
    created = moment_asked("min_date_created"), moment_asked("max_date_created")
    until = moment_asked("max_date_modified")
    exact = [(read, request.args[name]) for name, read in EXACT.items() if request.args.get(name)]
    archived = request.args.get("is_deleted") == "true"

    def keep(order: Order) -> bool:
        return (
            least <= order.id <= most
            and order.is_deleted == archived
            and (created[0] is None or order.created_at >= created[0])
            and (created[1] is None or order.created_at <= created[1])
            and (until is None or order.modified_at <= until)
            and all(str(read(order)) == wanted for read, wanted in exact)
        )

    return filter(keep, candidates(here))


@bp.get("/orders")
def listed() -> Response:
    here = state()
    return v2_list(matching(here), lambda order: order_view(here, order))


@bp.get("/orders/count")
def counted() -> Response:
    here = state()
    counts = Counter(order.status_id for order in here.orders.values() if not order.is_deleted)
    statuses = [{"id": id, "name": name, "count": counts[id]} for id, name in STATUSES.items()]
    return jsonify(count=sum(1 for _ in matching(here)), statuses=statuses)


@bp.get("/order_statuses")
def statuses() -> Response:
    return jsonify([{"id": id, "name": name, "system_label": name, "custom_label": name, "order": id} for id, name in STATUSES.items()])


@bp.get("/orders/<int:id>")
def one(id: int) -> Response:
    return jsonify(order_view(state(), order_or_404(id)))


@bp.put("/orders/<int:id>")
def change(id: int) -> Response:
    here, order, sent = state(), order_or_404(id), body_object()
    if "status_id" in sent:
        status = sent["status_id"]
        if not isinstance(status, int) or status not in STATUSES:
            raise Refused(400, "The field 'status_id' is invalid.", {"invalid_reason": "no such status"})
        set_status(here, order, status)
    for name in CHANGEABLE:
        if name in sent:
            setattr(order, name, str(sent[name]))
    changed(here, order)
    return jsonify(order_view(here, order))


@bp.delete("/orders/<int:id>")
def archive(id: int) -> Response:
    here, order = state(), order_or_404(id)
    order.is_deleted = True
    here.touch(order)
    here.hooks.tell_order("archived", id)
    return Response(status=204)


@bp.get("/orders/<int:id>/products")
def products(id: int) -> Response:
    order = order_or_404(id)
    return v2_list(order.products, lambda each: product_view(order, each))


@bp.get("/orders/<int:id>/products/<int:product_id>")
def product(id: int, product_id: int) -> Response:
    order = order_or_404(id)
    found = order.product(product_id)
    if found is None:
        raise not_found()
    return jsonify(product_view(order, found))


@bp.get("/orders/<int:id>/shippingaddresses")
@bp.get("/orders/<int:id>/shipping_addresses")
def addresses(id: int) -> Response:
    order = order_or_404(id)
    return v2_list(order.addresses, lambda each: address_view(order, each))


@bp.get("/orders/<int:id>/coupons")
def coupons(id: int) -> Response:
    order_or_404(id)
    return v2_answer([])


@bp.get("/store")
def about() -> Response:
    here = state()
    more = {"currency": "USD", "timezone": {"name": "America/Chicago"}, "plan_name": here.settings.plan.title(), "status": "live"}
    return jsonify(
        {"id": here.store_hash, "domain": "demo.mybigcommerce.com", "secure_url": "https://demo.mybigcommerce.com", "name": "Demo", **more}
    )


@bp.get("/time")
def clock() -> Response:
    return jsonify(time=int(state().now().timestamp()))


def set_status(here: State, order: Order, status_id: int) -> None:
    """Move the order; who listens is told from where to where."""
    if order.status_id == status_id:
        return
    before, order.status_id = order.status_id, status_id
    if status_id in (2, 3) and order.shipped_at is None:
        order.shipped_at = here.now()
    here.hooks.tell_order("statusUpdated", order.id, status={"previous_status_id": before, "new_status_id": status_id})


def changed(here: State, order: Order) -> None:
    here.touch(order)
    here.hooks.tell_order("updated", order.id)


def order_view(here: State, order: Order) -> Doc:
    path = f"/orders/{order.id}"
    root = f"https://api.bigcommerce.com/stores/{here.store_hash}/v2"

    def link(name: str) -> Doc:
        return {"url": f"{root}{path}/{name}", "resource": f"{path}/{name}"}

    return {
        "id": order.id,
        "customer_id": order.customer_id,
        "date_created": rfc(order.created_at),
        "date_modified": rfc(order.modified_at),
        "date_shipped": rfc(order.shipped_at),
        "status_id": order.status_id,
        "status": STATUSES[order.status_id],
        "custom_status": STATUSES[order.status_id],
        "payment_status": order.payment_status,
        "payment_method": order.payment_method,
        "currency_code": order.currency,
        "subtotal_ex_tax": money(order.subtotal),
        "subtotal_inc_tax": money(order.subtotal),
        "shipping_cost_ex_tax": money(order.shipping),
        "shipping_cost_inc_tax": money(order.shipping),
        "total_ex_tax": money(order.total),
        "total_inc_tax": money(order.total),
        "total_tax": "0.0000",
        "discount_amount": "0.0000",
        "refunded_amount": money(order.refunded),
        "items_total": sum(each.quantity for each in order.products),
        "items_shipped": sum(each.shipped for each in order.products),
        "channel_id": order.channel_id,
        "order_source": "www",
        "external_source": order.external_source or None,
        "external_order_id": order.external_order_id,
        "external_id": None,
        "staff_notes": order.staff_notes,
        "customer_message": order.customer_message,
        "is_deleted": order.is_deleted,
        "shipping_address_count": len(order.addresses),
        "billing_address": order.billing,
        "products": link("products"),
        "shipping_addresses": link("shippingaddresses"),
        "coupons": link("coupons"),
        "consignments": link("consignments"),
    }


def product_view(order: Order, row: OrderProduct) -> Doc:
    return {
        "id": row.id,
        "order_id": order.id,
        "product_id": row.product_id,
        "variant_id": row.variant_id,
        "order_address_id": row.address_id,
        "name": row.name,
        "sku": row.sku,
        "upc": row.upc,
        "type": row.kind,
        "base_price": money(row.price),
        "price_ex_tax": money(row.price),
        "price_inc_tax": money(row.price),
        "total_ex_tax": money(row.price * row.quantity),
        "total_inc_tax": money(row.price * row.quantity),
        "quantity": row.quantity,
        "quantity_shipped": row.shipped,
        "quantity_refunded": row.refunded,
        "is_refunded": row.refunded >= row.quantity,
        "parent_order_product_id": None,
        "is_bundled_product": False,
        "applied_discounts": [],
        "product_options": row.options,
    }


def address_view(order: Order, address: Doc) -> Doc:
    here = [each for each in order.products if each.address_id == address["id"]]
    sums = {"items_total": sum(each.quantity for each in here), "items_shipped": sum(each.shipped for each in here)}
    return {**address, "order_id": order.id, **sums, "base_cost": money(order.shipping), "cost_ex_tax": money(order.shipping)}
