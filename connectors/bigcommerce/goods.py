"""Variants of the catalogue, and refunds (https://developer.bigcommerce.com/docs/rest-catalog/product-variants)."""

from __future__ import annotations

from connectors.bigcommerce.client import Client
from connectors.bigcommerce.values import Body, amount, exact, mapping, objects, when
from connectors.canonical import Refund, Variant
from connectors.reading import decimal, need, text, whole

PRODUCT = "PRODUCT"
PAGE = 250


def parse_variant(body: Body) -> Variant:
    """One variant, also one without a SKU: the catalogue check tells people of it."""
    price = body.get("price") if body.get("price") is not None else body.get("calculated_price")
    options = " / ".join(text(each.get("label")) for each in objects(body.get("option_values")) if each.get("label"))
    return Variant(
        reference=text(need(body, "id", what="variant")),
        product_reference=text(body.get("product_id")),
        sku=exact(body.get("sku")).strip(),
        version="",
        title=text(body.get("name")) or options,
        barcode=text(body.get("upc")) or text(body.get("gtin")),
        price=None if price is None or price == "" else decimal(price, what="price of a variant"),
        active=body.get("purchasing_disabled") is not True,
    )


def find_variants(client: Client, sku: str) -> tuple[Variant, ...]:
    """Every variant with exactly this SKU."""
    rows = [row for page, _ in client.pages("/v3/catalog/variants", {"sku": sku}, size=PAGE) for row in page]
    return tuple(variant for variant in map(parse_variant, rows) if variant.sku == sku)


def parse_refund(body: Body) -> Refund:
    """One refund, of one line where it is of one. It names no currency: it is the order's."""
    items = [item for item in objects(body.get("items")) if text(item.get("item_type")) == PRODUCT]
    single = items[0] if len(items) == 1 else {}
    declined = [payment for payment in objects(body.get("payments")) if payment.get("is_declined") is True]
    return Refund(
        reference=text(need(body, "id", what="refund")),
        order_reference=text(need(body, "order_id", what="refund")),
        amount=amount(body.get("total_amount"), what="amount of a refund"),
        currency=text(mapping(body).get("currency_code")),
        at=when(need(body, "created", what="refund"), what="created of a refund"),
        order_line=text(single.get("item_id")),
        quantity=sum(whole(item.get("quantity") or 0, what="quantity of a refund") for item in items),
        reason=text(body.get("reason")) or text(single.get("reason")),
        state="declined" if declined else "",
    )


def find_refunds(client: Client, order_reference: str) -> tuple[Refund, ...]:
    rows = client.rows(f"/v3/orders/{order_reference}/payment_actions/refunds") if order_reference.isdigit() else []
    return tuple(map(parse_refund, rows))
