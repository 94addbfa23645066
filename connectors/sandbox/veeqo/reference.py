"""Warehouses, stores, delivery methods, tags, carriers and the company: what an account is set up with."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, g, jsonify, request

from connectors.sandbox.veeqo.answers import NO_HEADERS, TOTAL_HEADERS, Refused, asked_page, empty, invalid, listed, stamp
from connectors.sandbox.veeqo.fields import boolean, reference, sent, text
from connectors.sandbox.veeqo.models import Json
from connectors.sandbox.veeqo.store import CARRIERS, COMPANY_ID, State, need, state

bp = Blueprint("veeqo_reference", __name__)
WAREHOUSE_TEXTS = ("name", "address_line_1", "address_line_2", "city", "region", "country", "post_code", "phone", "external_id")
WAREHOUSE_REST: Json = {"inventory_type_code": "wavg", "default_min_reorder": 0, "click_and_collect_enabled": False, "cut_off_times": None}
WAREHOUSE_REST |= {"cut_off_times_enabled": False, "deleted_at": None} | dict.fromkeys(("trading_name", "tax_id", "eori_id", "ioss_id"))
CHANNEL_TYPES = ("direct", "retail")
CHANNEL_TEXTS = ("name", "short_name", "currency_code", "email", "external_id")
CHANNEL_FLAGS_OFF: tuple[str, ...] = ("remote", "veeqo_dictates_stock_level", "update_remote_order", "always_set_qty", "is_configured?", "trialing?")
CHANNEL_FLAGS_OFF += ("send_notification_emails_to_customers", "default_send_shipment_email", "pull_returns", "needs_reauthentication")
CHANNEL_NULLS: tuple[str, ...] = (
    "mws_auth_token",
    "mws_seller_id",
    "mws_marketplace_id",
    "token",
    "max_qty_to_advert",
    "min_threshold_qty",
    "percent_of_qty",
)
CHANNEL_NULLS += ("logo_url", "last_pulled_at", "pull_orders_from_date", "default_delivery_method_id", "till_id", "deleted_at", "ebay_site_id")
CHANNEL_FLAGS_ON = ("link_with_similar_listings_by_sku", "create_product_if_unmatched", "pull_orders")


def add_warehouse(here: State, wanted: Json) -> Json:
    if not wanted.get("name"):
        raise invalid("Name can't be blank")
    at = stamp(here.now())
    made: Json = {"id": here.next_id("warehouse")} | {name: text(wanted.get(name)) for name in WAREHOUSE_TEXTS} | WAREHOUSE_REST
    made |= {"display_position": len(here.warehouses) + 1, "created_at": at, "updated_at": at}
    here.warehouses[made["id"]] = made
    return made


@bp.get("/warehouses")
def list_warehouses() -> Response:
    here, external_id = state(), request.args.get("external_id", "")
    rows = [each for each in here.warehouses.values() if not external_id or each["external_id"] == external_id]
    return listed(rows, page=asked_page(default=10, most=here.settings.max_page_size), render=dict, headers=TOTAL_HEADERS)


@bp.post("/warehouses")
def create_warehouse() -> tuple[Response, int]:
    return jsonify(add_warehouse(state(), sent("warehouse"))), 201


@bp.get("/warehouses/<int:id>")
def show_warehouse(id: int) -> Response:
    return jsonify(need(state().warehouses, id))


@bp.put("/warehouses/<int:id>")
def edit_warehouse(id: int) -> Response:
    """Documented as 204; stores show the new name through their links at once."""
    warehouse, wanted = need(state().warehouses, id), sent("warehouse")
    warehouse |= {name: text(wanted[name]) for name in WAREHOUSE_TEXTS if name in wanted}
    warehouse["updated_at"] = stamp(state().now())
    return empty(204)


@bp.delete("/warehouses/<int:id>")
def delete_warehouse(id: int) -> Response:
    need(state().warehouses, id)
    del state().warehouses[id]
    return empty(204)


def add_channel(here: State, wanted: Json, *, types: tuple[str, ...] = CHANNEL_TYPES) -> Json:
    """A store; only `direct` and `retail` ones can be made through the API."""
    if not wanted.get("name"):
        raise invalid("Name can't be blank")
    if wanted.get("type_code") not in types:
        raise invalid("Type code is not included in the list")
    default = need(here.warehouses, wanted["default_warehouse_id"]) if wanted.get("default_warehouse_id") else None
    ranked = sorted(here.warehouses.values(), key=lambda each: (each is not default, each["display_position"]))
    at = stamp(here.now())
    made: Json = {"id": here.next_id("channel"), "type_code": wanted["type_code"], "state": "active", "created_at": at, "updated_at": at}
    made |= {name: text(wanted.get(name)) for name in CHANNEL_TEXTS}
    made |= dict.fromkeys(CHANNEL_FLAGS_OFF, False) | dict.fromkeys(CHANNEL_NULLS) | dict.fromkeys(CHANNEL_FLAGS_ON, True)
    made |= {"company_id": COMPANY_ID, "default_warehouse": default, "warehouses": list(ranked)}
    made["veeqo_dictates_stock_level"] = boolean(wanted.get("veeqo_dictates_stock_level"))
    made["warehouse"] = {"id": default["id"], "name": default["name"]} if default else None
    made["channel_warehouses"] = [{"rank": rank, "warehouse": {"id": each["id"], "name": each["name"]}} for rank, each in enumerate(ranked, 1)]
    here.channels[made["id"]] = made
    return made


@bp.get("/channels")
def list_channels() -> Response:
    here, type_code = state(), request.args.get("type_code", "")
    rows = [each for each in here.channels.values() if not type_code or each["type_code"] == type_code]
    return listed(rows, page=asked_page(default=12, most=here.settings.max_page_size), render=dict, headers=NO_HEADERS)


@bp.post("/channels")
def create_channel() -> tuple[Response, int]:
    return jsonify(add_channel(state(), sent("channel"))), 201


@bp.get("/channels/<int:id>")
def show_channel(id: int) -> Response:
    return jsonify(need(state().channels, id))


@bp.put("/channels/<int:id>")
def edit_channel(id: int) -> Response:
    channel, wanted = need(state().channels, id), sent("channel")
    channel |= {name: text(wanted[name]) for name in CHANNEL_TEXTS if name in wanted}
    channel["updated_at"] = stamp(state().now())
    return jsonify(channel)


@bp.delete("/channels/<int:id>")
def delete_channel(id: int) -> Response:
    """The store stays behind on its orders, so it is only taken out of use."""
    channel = need(state().channels, id)
    channel |= {"state": "inactive", "deleted_at": stamp(state().now())}
    return empty(204)


def cost_text(cost: Any) -> str:
    """A delivery method's cost is a string in its own list, a number inside orders."""
    try:
        return str(float(cost or 0))
    except (TypeError, ValueError):
        raise invalid("Cost is not a number") from None


def add_delivery_method(here: State, wanted: Json, *, by: Json) -> Json:
    if not wanted.get("name"):
        raise invalid("Name can't be blank")
    at = stamp(here.now())
    made = {"id": here.next_id("delivery_method"), "cost": cost_text(wanted.get("cost")), "name": str(wanted["name"]), "user_id": by["id"]}
    made |= {"created_at": at, "updated_at": at, "deleted_at": None, "deleted_by_id": None}
    here.delivery_methods[made["id"]] = made
    return made


@bp.get("/delivery_methods")
def list_delivery_methods() -> Response:
    """The documented default page size is 1."""
    here = state()
    page = asked_page(default=1, most=here.settings.max_page_size)
    return listed(list(here.delivery_methods.values()), page=page, render=dict, headers=NO_HEADERS)


@bp.post("/delivery_methods")
def create_delivery_method() -> tuple[Response, int]:
    return jsonify(add_delivery_method(state(), sent("delivery_method"), by=g.user)), 201


@bp.get("/delivery_methods/<int:id>")
def show_delivery_method(id: int) -> Response:
    return jsonify(need(state().delivery_methods, id))


@bp.put("/delivery_methods/<int:id>")
def edit_delivery_method(id: int) -> Response:
    method, wanted = need(state().delivery_methods, id), sent("delivery_method")
    if "cost" in wanted:
        method["cost"] = cost_text(wanted["cost"])
    method["name"] = str(wanted.get("name") or method["name"])
    return jsonify(method)


@bp.delete("/delivery_methods/<int:id>")
def delete_delivery_method(id: int) -> Response:
    return jsonify(need(state().delivery_methods, id) and state().delivery_methods.pop(id))


def add_tag(here: State, wanted: Json) -> Json:
    missing = [name for name in ("name", "colour") if not wanted.get(name)]
    if missing:
        raise invalid(*(f"{name.capitalize()} can't be blank" for name in missing))
    made: Json = {"id": here.next_id("tag"), "name": str(wanted["name"]), "colour": str(wanted["colour"]), "company_id": COMPANY_ID}
    made |= {"taggings_count": 0, "deleted_at": None, "deleted_by_id": None}
    here.tags[made["id"]] = made
    return made


@bp.get("/tags")
def list_tags() -> Response:
    return jsonify(list(state().tags.values()))


@bp.post("/tags")
def create_tag() -> tuple[Response, int]:
    return jsonify(add_tag(state(), sent("tag"))), 201


@bp.get("/tags/<int:id>")
def show_tag(id: int) -> Response:
    return jsonify(need(state().tags, id))


@bp.delete("/tags/<int:id>")
def delete_tag(id: int) -> Response:
    need(state().tags, id)
    del state().tags[id]
    return empty(204)


@bp.route("/bulk_tagging", methods=["POST", "DELETE"])
def bulk_tagging() -> Response:
    """POST adds, DELETE (with the same JSON body) takes away."""
    here, wanted = state(), sent()
    tag_ids = [need(here.tags, id)["id"] for id in listed_ids(wanted, "tag_ids")]
    orders = [need(here.orders, id) for id in listed_ids(wanted, "order_ids")]
    for id in listed_ids(wanted, "product_ids"):
        need(here.products, reference(id))
    for order in orders:
        kept = [id for id in order.tag_ids if id not in tag_ids]
        added = tag_ids if request.method == "POST" else []
        for id in tag_ids:
            here.tags[id]["taggings_count"] += (id in added) - (id in order.tag_ids)
        order.tag_ids = kept + added
        here.touch_order(order, at=here.now(), change="tag")
    return jsonify({})


def listed_ids(wanted: Json, name: str) -> list[Any]:
    value = wanted.get(name) or []
    if not isinstance(value, list):
        raise invalid(f"{name} is invalid")
    return value


def add_carrier(here: State, name: str, *, id: int | None = None) -> Json:
    """A carrier; "Other" (3) has no slug, and so its shipments have neither service nor tracking link."""
    at = stamp(here.now())
    number = id or max(here.carriers, default=0) + 1
    slug = None if name == "Other" else name.lower().replace(" ", "_").replace("(", "").replace(")", "")
    made: Json = {"id": number, "name": name, "slug": slug, "provider_type": None, "created_at": at, "updated_at": at}
    made |= {"is_configured?": True, "is_integrated?": slug is not None, "show_when_shipping?": True, "inbound_supported": False}
    made |= {"requires_reconnect": False, "shipping_service_options": None, "using_dhl_parcel_rest_api": False}
    here.carriers[number] = made
    return made


def add_known_carriers(here: State) -> None:
    for id, name in CARRIERS.items():
        add_carrier(here, name, id=id)


@bp.get("/carriers")
def list_carriers() -> Response:
    return jsonify(list(state().carriers.values()))


@bp.get("/current_user")
def current_user() -> Response:
    return jsonify(g.user)


@bp.get("/current_company")
def current_company() -> Response:
    here = state()
    settings = {"currency_code": "GBP", "timezone": "London", "weight_unit": "g", "dimensions_unit": "cm"}
    toggles = {"auto_allocation_enabled": here.settings.auto_allocate, "stock_change_reason_required": False, "date_format": "dd/mm/yyyy"}
    staff = [dict(user) for user in here.users.values()]
    return jsonify(
        id=COMPANY_ID,
        name="Lockstep Trading Ltd",
        settings=settings | toggles,
        active_features=["async_allocation"],
        plan_features={"purchase_orders": here.settings.paid_plan},
        employees=staff,
        owner=staff[0] if staff else None,
    )


@bp.get("/suppliers")
@bp.get("/purchase_orders")
def paid_plan_only() -> Response:
    if not state().settings.paid_plan:
        raise Refused(403, "Feature not available on your current plan")
    return jsonify([])


@bp.get("/api/v2/channel_sellables")
def channel_sellables() -> Response | tuple[Response, int]:
    """The JSON:API corner: 415 without its own Accept."""
    if "application/vnd.api+json" not in request.headers.get("Accept", ""):
        return jsonify(errors=[{"status": "415", "title": "Unsupported media type"}]), 415
    return jsonify(data=[])
