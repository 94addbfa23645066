"""Writing products: only the attributes the endpoint is known to accept, because any other one makes Veeqo fail with a 500.

https://developers.veeqo.com
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from connectors.canonical import Done, Variant
from connectors.errors import ContractError, OutcomeUnknown, Rejected
from connectors.http import Answer
from connectors.reading import text
from connectors.veeqo.client import Client, Row, refusal, unwrapped
from connectors.veeqo.creation import money
from connectors.veeqo.items import Items
from connectors.veeqo.stock import parse_variant, parse_variants

NO_PRICE = "No price was given, so Veeqo shows 0.00."


class Products:
    """The catalogue of one account."""

    def __init__(self, client: Client, items: Items) -> None:
        self.client = client
        self.items = items

    def find(self, sku: str) -> tuple[Variant, ...]:
        return tuple(parse_variant(variant, product=product) for product, variant in self.items.search(sku))

    def save(self, variant: Variant) -> Done:
        if not variant.sku.strip():
            raise Rejected("A product without a SKU cannot be kept in Veeqo.", code="no_sku", fields=("sku",))
        if variant.reference:
            return self.update(variant)
        found = self.find(variant.sku)
        if len(found) > 1:
            raise Rejected(f"Veeqo has {len(found)} products with the SKU {variant.sku}; none was changed.", code="ambiguous_sku", fields=("sku",))
        if found:
            return Done(found[0].reference, version=found[0].version, found=True)
        return self.add(variant) if variant.product_reference else self.create(variant)

    def create(self, variant: Variant) -> Done:
        body = {"product": {"title": variant.title or variant.sku, "product_variants_attributes": [new_variant(variant)]}}
        answer = self.client.call("POST", "/products", json=body)
        if 400 <= answer.status < 500:
            raise refusal(answer, f"Veeqo did not create the product {variant.sku}.")
        made = self.made(answer, variant)
        return self.saved(made, variant, warnings=() if variant.price is not None else (NO_PRICE,))

    def add(self, variant: Variant) -> Done:
        """A further variant of a product Veeqo has: sent without an id."""
        return self.put(variant.product_reference, {"product_variants_attributes": [new_variant(variant)]}, variant, idempotent=False)

    def update(self, variant: Variant) -> Done:
        """Title, price, barcode and tax rate. The SKU is never edited, and Veeqo ignores weights here."""
        product = variant.product_reference or self.product_of(variant)
        return self.put(product, {"product_variants_attributes": [changed_variant(variant)]}, variant, idempotent=True)

    def put(self, product: str, attributes: Row, variant: Variant, *, idempotent: bool) -> Done:
        answer = self.client.call("PUT", f"/products/{product}", json={"product": attributes}, idempotent=idempotent)
        if 400 <= answer.status < 500:
            raise refusal(answer, f"Veeqo did not save the product {variant.sku}.")
        made = self.made(answer, variant) if answer.body.strip() else self.client.read_or_none(f"/products/{product}", root="product")
        return self.saved(made or {}, variant)

    def product_of(self, variant: Variant) -> str:
        for found in self.find(variant.sku):
            if found.reference == variant.reference:
                return found.product_reference
        raise Rejected(f"Veeqo has no product with the SKU {variant.sku} under the id {variant.reference}.", code="unknown_sku", fields=("sku",))

    def made(self, answer: Answer, variant: Variant) -> Row:
        try:
            return unwrapped(answer.json(), root="product") if answer.status in (200, 201) else {}
        except ContractError as error:
            raise OutcomeUnknown(
                f"Veeqo's answer about the product {variant.sku} cannot be read, so it is not known whether it was saved.",
                detail=answer.text[:2000],
                exchange=answer.exchange,
            ) from error

    def saved(self, made: Row, variant: Variant, *, warnings: tuple[str, ...] = ()) -> Done:
        mine = next((each for each in parse_variants(made) if variant.sku == each.sku), None) if text(made.get("id")) else None
        if mine is None and not variant.reference:
            raise OutcomeUnknown(f"Veeqo answered without the product {variant.sku}, so it is not known whether it was saved.")
        reference = mine.reference if mine else variant.reference
        return Done(reference, version=mine.version if mine else "", warnings=(*warnings, *(unlike(variant, mine) if mine else ())))


def new_variant(variant: Variant) -> dict[str, Any]:
    """Title, price and SKU are required."""
    weight = {"weight_grams": variant.weight_g} if variant.weight_g else {}
    return {"sku_code": variant.sku, **shared(variant), "title": variant.title or variant.sku, "price": money(variant.price or Decimal(0)), **weight}


def changed_variant(variant: Variant) -> dict[str, Any]:
    return {"id": int(variant.reference), **shared(variant)}


def shared(variant: Variant) -> dict[str, Any]:
    """What is known of it; an unknown value is not sent, so that it does not overwrite one."""
    sent: dict[str, Any] = {}
    if variant.title:
        sent["title"] = variant.title
    if variant.price is not None:
        sent["price"] = money(variant.price)
    if variant.barcode:
        sent["upc_code"] = variant.barcode
    if variant.tax_rate is not None:
        sent["tax_rate"] = float(variant.tax_rate * 100)
    return sent


def unlike(sent: Variant, saved: Variant) -> tuple[str, ...]:
    """What Veeqo stored otherwise than it was asked."""
    found = []
    if sent.price is not None and saved.price is not None and sent.price != saved.price:
        found.append(f"Veeqo's price of {sent.sku} is {saved.price:f}, but {sent.price:f} was sent.")
    if sent.barcode and saved.barcode and sent.barcode != saved.barcode:
        found.append(f"Veeqo's barcode of {sent.sku} is {saved.barcode}, but {sent.barcode} was sent.")
    return tuple(found)
