"""Products, variants, refunds and hooks in v3."""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, g, jsonify, request

from connectors.sandbox.bigcommerce.answers import Refused, body_object, iso, moment_asked, not_found, numbers_asked, v3_list, v3_one
from connectors.sandbox.bigcommerce.hooks import SCOPES, WILD, Hook
from connectors.sandbox.bigcommerce.models import Doc, Product, Refund, Variant
from connectors.sandbox.bigcommerce.orders import forget_hash
from connectors.sandbox.bigcommerce.store import State, state

bp = Blueprint("bigcommerce_catalogue", __name__, url_prefix="/stores/<store_hash>/v3")
bp.url_value_preprocessor(forget_hash)
MOST_HOOKS = 10


@bp.get("/catalog/variants")
def variants() -> Response:
    """Filters: sku, sku:in, id, id:in, product_id, product_id:in, upc."""
    here = state()
    rows = found_variants(here)
    upc = request.args.get("upc")
    return v3_list([each for each in rows if upc is None or each.upc == upc], lambda each: variant_view(here, each))


def found_variants(here: State) -> list[Variant]:
    skus = request.args.get("sku:in", request.args.get("sku"))
    if skus is not None:
        return [each for sku in skus.split(",") for each in here.with_sku(sku)]
    ids = numbers_asked("id:in") or numbers_asked("id")
    if ids is not None:
        return [here.variants[id] for id in ids if id in here.variants]
    products = numbers_asked("product_id:in") or numbers_asked("product_id")
    if products is not None:
        return [here.variants[id] for each in products if each in here.products for id in here.products[each].variant_ids]
    return list(here.variants.values())


@bp.get("/catalog/products")
def products() -> Response:
    here, since, ids = state(), moment_asked("date_modified:min"), numbers_asked("id:in")
    rows = [each for each in here.products.values() if (since is None or each.updated_at >= since) and (ids is None or each.id in ids)]
    sku = request.args.get("sku")
    if sku is not None:
        rows = [here.products[each.product_id] for each in here.with_sku(sku)]
    return v3_list(rows, lambda each: product_view(here, each))


def product_or_404(id: int) -> Product:
    found = state().products.get(id)
    if found is None:
        raise not_found()
    return found


@bp.get("/catalog/products/<int:id>")
def product(id: int) -> Response:
    return v3_one(product_view(state(), product_or_404(id)))


@bp.get("/catalog/products/<int:id>/variants")
def variants_of(id: int) -> Response:
    here = state()
    return v3_list([here.variants[each] for each in product_or_404(id).variant_ids], lambda each: variant_view(here, each))


@bp.get("/orders/payment_actions/refunds")
def refunds() -> Response:
    here, orders = state(), numbers_asked("order_id:in")
    least, most = moment_asked("created:min"), moment_asked("created:max")
    rows = (
        [here.refunds[id] for each in orders if each in here.orders for id in here.orders[each].refund_ids] if orders else list(here.refunds.values())
    )
    kept = [each for each in rows if (least is None or each.created_at >= least) and (most is None or each.created_at <= most)]
    return v3_list(kept, refund_view)


@bp.get("/orders/<int:id>/payment_actions/refunds")
def refunds_of(id: int) -> Response:
    here = state()
    if id not in here.orders:
        raise not_found()
    return v3_list([here.refunds[each] for each in here.orders[id].refund_ids], refund_view)


@bp.get("/hooks")
def hooks() -> Response:
    """Only those that the same token's app made."""
    here = state()
    scope, active = request.args.get("scope"), request.args.get("is_active")
    rows = [each for each in here.hooks.hooks.values() if each.client == g.token and (scope is None or each.scope == scope)]
    return v3_list([each for each in rows if active is None or str(each.active).lower() == active], hook_view)


@bp.post("/hooks")
def add_hook() -> tuple[Response, int] | Response:
    here, sent = state(), body_object()
    scope, destination = sent.get("scope"), str(sent.get("destination", ""))
    if scope not in SCOPES + WILD:
        raise Refused(422, "The scope is not valid", {"scope": "unknown"})
    check_destination(here, destination)
    mine = [each for each in here.hooks.hooks.values() if (each.client, each.scope) == (g.token, scope)]
    if any(each.destination == destination for each in mine):
        raise Refused(422, "A webhook with this destination and scope exists already", {"destination": "taken"})
    if len(mine) >= MOST_HOOKS:
        raise Refused(422, f"At most {MOST_HOOKS} webhooks for one scope", {"scope": "too many"})
    ready = time.monotonic() + here.settings.hook_delay_s
    headers = {str(name): str(value) for name, value in (sent.get("headers") or {}).items()}
    made = Hook(
        here.next_id("hook"), str(scope), destination, g.token, headers, bool(sent.get("is_active", True)), int(here.now().timestamp()), ready
    )  # fmt: skip
    here.hooks.hooks[made.id] = made
    return v3_one(hook_view(made))


def check_destination(here: State, destination: str) -> None:
    parts = urlsplit(destination)
    near = here.settings.loopback_hooks and parts.hostname in ("127.0.0.1", "localhost")
    if not near and (parts.scheme != "https" or parts.port not in (None, 443)):
        raise Refused(422, "The destination must use HTTPS on port 443", {"destination": "invalid"})


def hook_or_404(id: int) -> Hook:
    found = state().hooks.hooks.get(id)
    if found is None or found.client != g.token:
        raise not_found()
    return found


@bp.get("/hooks/<int:id>")
def hook(id: int) -> Response:
    return v3_one(hook_view(hook_or_404(id)))


@bp.put("/hooks/<int:id>")
def change_hook(id: int) -> Response:
    here, found, sent = state(), hook_or_404(id), body_object()
    if "destination" in sent:
        check_destination(here, str(sent["destination"]))
        found.destination = str(sent["destination"])
    found.scope = str(sent.get("scope", found.scope))
    found.active = bool(sent.get("is_active", found.active))
    found.headers = {str(name): str(value) for name, value in (sent.get("headers") or found.headers).items()}
    return v3_one(hook_view(found))


@bp.delete("/hooks/<int:id>")
def drop_hook(id: int) -> Response:
    found = hook_or_404(id)
    del state().hooks.hooks[found.id]
    return v3_one(hook_view(found))


@bp.route("/catalog/variants", methods=["PUT"])
@bp.route("/catalog/products/<int:id>/variants/<int:variant_id>", methods=["PUT"])
def no_stock_here(**_: Any) -> Response:
    """The catalogue no longer writes stock, and this simulator changes no products by calls."""
    raise Refused(422, "Inventory levels are written through the Inventory API")


def hook_view(row: Hook) -> Doc:
    told = {"id": row.id, "client_id": row.client[-6:], "store_hash": state().store_hash, "scope": row.scope, "destination": row.destination}
    return told | {"is_active": row.active, "headers": row.headers, "created_at": row.created_at, "updated_at": row.created_at}


def refund_view(row: Refund) -> Doc:
    amount = float(row.amount)
    payment = {"id": row.id, "provider_id": "storecredit", "amount": amount, "offline": False, "is_declined": False, "declined_message": ""}
    told = {"id": row.id, "order_id": row.order_id, "user_id": 0, "created": iso(row.created_at), "reason": row.reason, "total_amount": amount}
    return told | {"total_tax": 0, "items": row.items, "payments": [payment]}


def variant_view(here: State, row: Variant) -> Doc:
    levels = here.levels_of(row.id)
    return {
        "id": row.id,
        "product_id": row.product_id,
        "sku": row.sku,
        "sku_id": row.sku_id,
        "upc": row.upc,
        "price": float(row.price),
        "inventory_level": sum(level.available for level in levels),
        "option_values": [{"option_display_name": each["display_name"], "label": each["display_value"]} for each in row.options],
    }


def product_view(here: State, row: Product) -> Doc:
    told: Doc = {"id": row.id, "name": row.name, "type": "physical", "inventory_tracking": row.tracking, "is_visible": row.visible}
    told |= {"sku": f"P-{row.id}", "date_created": iso(row.created_at), "date_modified": iso(row.updated_at)}
    if "variants" in request.args.get("include", ""):
        told["variants"] = [variant_view(here, here.variants[id]) for id in row.variant_ids]
    return told


@bp.get("/hooks/admin")
def admin() -> Response:
    """Where the vendor writes when a hook is deactivated."""
    return jsonify(data={"emails": ["owner@demo.example"]})
