"""The offers of a shop: OF21 list, OF22 one."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from flask import Blueprint, Response, jsonify, request

from connectors.sandbox.mirakl.answers import Refused, number, offset_page, stamp
from connectors.sandbox.mirakl.fields import commas, one_of
from connectors.sandbox.mirakl.models import Json, Offer
from connectors.sandbox.mirakl.settings import Settings
from connectors.sandbox.mirakl.store import Shop, shop, state

bp = Blueprint("mirakl_offers", __name__, url_prefix="/api/offers")
SHIPPING_PRICE = Decimal("3.90")
SORTS = {
    "totalPrice": lambda offer: offer.price,
    "price": lambda offer: offer.price,
    "productTitle": lambda offer: offer.title,
}


@bp.get("", endpoint="OF21")
def list_offers() -> Response:
    """All offers by id, the inactive ones too, or those of one `sku` or `product_id`."""
    args, mine, here = request.args, shop(), state()
    found = list(candidates(mine, args.get("sku"), args.get("product_id")))
    codes = set(commas(args, "offer_state_codes"))
    if codes:
        found = [each for each in found if each.state_code in codes]
    sort = args.get("sort")
    if sort:
        one_of([sort], "sort", allowed=tuple(SORTS))
        found.sort(key=SORTS[sort], reverse=args.get("order") == "desc")
    render = lambda offer: offer_view(offer, mine, here.settings)  # noqa: E731
    return offset_page(found, "offers", render=render, clamp=here.settings.max_over_100 == "clamp")


def candidates(mine: Shop, sku: str | None, product_sku: str | None) -> list[Offer]:
    if sku:
        return [mine.by_sku[sku]] if sku in mine.by_sku else []
    if product_sku:
        return [each for each in mine.offers.values() if each.product_sku == product_sku]
    return list(mine.offers.values())


@bp.get("/<int:offer_id>", endpoint="OF22")
def one_offer(offer_id: int) -> Response:
    offer = shop().offers.get(offer_id)
    if offer is None:
        raise Refused(404, f"Offer with id {offer_id} does not exist")
    return jsonify(offer_view(offer, shop(), state().settings))


def inactivity(offer: Offer, mine: Shop) -> list[str]:
    reasons = ["ZERO_QUANTITY"] if offer.quantity <= 0 else []
    return reasons + ([] if mine.status == "OPEN" else ["SHOP_NOT_OPEN"])


def offer_view(offer: Offer, mine: Shop, settings: Settings) -> Json:
    own, price, reasons = offer.own, number(offer.price), inactivity(offer, mine)
    return {
        "offer_id": offer.id,
        "shop_sku": offer.sku,
        "product_sku": offer.product_sku,
        "product_title": offer.title,
        "product_references": [{"reference_type": "EAN", "reference": offer.ean}] if offer.ean else [],
        "product_brand": None,
        "state_code": offer.state_code,
        "category_code": offer.category[0],
        "category_label": offer.category[1],
        "description": own.get("description"),
        "internal_description": own.get("internal_description"),
        "quantity": offer.quantity,
        "price": price,
        "total_price": number(offer.price + SHIPPING_PRICE),
        "currency_iso_code": settings.currency,
        "price_additional_info": own.get("price_additional_info"),
        "discount": own.get("discount"),
        "all_prices": [price_view(price)],
        "applicable_pricing": price_view(price),
        "active": not reasons,
        "inactivity_reasons": reasons,
        "channels": [settings.channel],
        "logistic_class": {"code": own.get("logistic_class") or "S", "label": own.get("logistic_class") or "Small"},
        "leadtime_to_ship": int(own.get("leadtime_to_ship") or 2),
        "min_quantity_alert": own.get("min_quantity_alert"),
        "min_order_quantity": own.get("min_order_quantity"),
        "max_order_quantity": own.get("max_order_quantity"),
        "package_quantity": own.get("package_quantity"),
        "min_shipping_price": number(SHIPPING_PRICE),
        "min_shipping_price_additional": 0,
        "min_shipping_type": "STD",
        "min_shipping_zone": f"{settings.channel}1",
        "shipping_deadline": stamp(offer.updated_at + timedelta(days=2)),
        "fulfillment": {"center": {"code": "DEFAULT"}},
        "available_start_date": own.get("available_start_date"),
        "available_end_date": own.get("available_end_date"),
        "offer_additional_fields": own.get("offer_additional_fields") or [],
        "warehouses": [{"code": code, "quantity": units} for code, units in offer.levels.items()],
    }


def price_view(price: float) -> Json:
    volume = {"quantity_threshold": 1, "price": price, "unit_origin_price": price, "unit_discount_price": None}
    rest = {"unit_discount_price": None, "discount_start_date": None, "discount_end_date": None}
    return {"channel_code": None, "price": price, "unit_origin_price": price, **rest, "volume_prices": [volume]}
