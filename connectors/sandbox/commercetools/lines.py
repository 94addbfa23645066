"""Order lines: snapshots of catalogue variants, custom lines, gift lines, and the totals over them."""

from __future__ import annotations

from typing import Any

from connectors.sandbox.commercetools.errors import ApiError, invalid_input
from connectors.sandbox.commercetools.shapes import Doc, cents
from connectors.sandbox.commercetools.store import State, Work

VAT = {"name": "VAT", "amount": 0.2, "includedInPrice": True, "country": "GB", "subRates": []}
VAT_BY_COUNTRY = {"GB": 0.2, "DE": 0.19, "FR": 0.2}


def variants_of(data: Doc) -> list[Doc]:
    return [data["masterVariant"], *data["variants"]]


def find_variant(state: State, sku: str) -> tuple[Doc, Doc] | None:
    """The product and its variant that carries a SKU, the current data before the staged."""
    products = state.collections["products"]
    ident = products.find("sku", sku)
    if ident is None:
        return None
    product = products.peek(ident)
    for side in ("current", "staged"):
        for variant in variants_of(product["masterData"][side]):
            if variant.get("sku") == sku:
                return product, variant
    return None


def is_sold(product: Doc, variant: Doc) -> bool:
    """A storefront sells what is published, under the SKU its current data has."""
    master = product["masterData"]
    return bool(master["published"]) and variant in variants_of(master["current"])


def initial_split(state: State, quantity: int) -> list[Doc]:
    return [{"quantity": quantity, "state": {"typeId": "state", "id": state.initial_state}}]


def tax_rate(country: str) -> Doc:
    return VAT | {"amount": VAT_BY_COUNTRY.get(country, 0.2), "country": country}


def snapshot(product: Doc, variant: Doc) -> Doc:
    """What a line copies from the catalogue at purchase time."""
    data = product["masterData"]["current"]
    taken: Doc = {
        "productId": product["id"],
        "name": data["name"],
        "productType": product["productType"],
        "productSlug": data["slug"],
        "variant": {"prices": [], "images": [], "attributes": [], "assets": []} | {k: v for k, v in variant.items() if k != "availability"},
    }
    return taken | ({"productKey": product["key"]} if "key" in product else {})


def price_of(variant: Doc, currency: str) -> Doc | None:
    return next((price for price in variant.get("prices", []) if price["value"]["currencyCode"] == currency), None)


def line_of(work: Work, *, sku: str, quantity: int, currency: str, country: str) -> Doc:
    """A line as the storefront's cart makes it from the catalogue."""
    found = find_variant(work.state, sku)
    if found is None or not is_sold(*found):
        raise invalid_input(f"No published product with an SKU '{sku}' was found.")
    product, variant = found
    price = price_of(variant, currency)
    if price is None:
        message = f"The variant '{variant['id']}' of product '{product['id']}' does not contain a price for currency '{currency}'."
        extra = {"productId": product["id"], "variantId": variant["id"], "currency": currency}
        raise ApiError(400, "MatchingPriceNotFound", message, **extra)
    line = {"id": work.state.new_id(), **snapshot(product, variant), "price": price, "quantity": quantity}
    return line | rest_of_line(work, line, country=country)


def rest_of_line(work: Work, line: Doc, *, country: str) -> Doc:
    value = line["price"]["value"]
    return {
        "totalPrice": cents(value["centAmount"] * line["quantity"], value["currencyCode"]),
        "discountedPricePerQuantity": [],
        "taxRate": tax_rate(country),
        "state": initial_split(work.state, line["quantity"]),
        "priceMode": "Platform",
        "lineItemMode": "Standard",
        "taxedPricePortions": [],
        "perMethodTaxRate": [],
        "addedAt": work.at,
        "lastModifiedAt": work.at,
    }


def as_gift(line: Doc) -> Doc:
    """A gift line costs nothing and is shipped all the same."""
    return line | {"lineItemMode": "GiftLineItem", "totalPrice": cents(0, line["totalPrice"]["currencyCode"])}


def custom_line(work: Work, *, slug: str, name: str, amount: Doc, quantity: int) -> Doc:
    return {
        "id": work.state.new_id(),
        "name": {"en": name},
        "slug": slug,
        "money": amount,
        "quantity": quantity,
        "totalPrice": cents(amount["centAmount"] * quantity, amount["currencyCode"]),
        "state": initial_split(work.state, quantity),
        "discountedPricePerQuantity": [],
        "taxedPricePortions": [],
        "perMethodTaxRate": [],
        "priceMode": "Standard",
    }


def totals(order: Doc) -> Doc:
    """totalPrice and taxedPrice over lines and shipping; the demo's tax rates are included in its prices."""
    currency = order["currency"] if "currency" in order else order["totalPrice"]["currencyCode"]
    amounts = [line["totalPrice"]["centAmount"] for line in [*order["lineItems"], *order["customLineItems"]]]
    shipping = order.get("shippingInfo", {}).get("price", {}).get("centAmount", 0)
    gross = sum(amounts) + shipping
    rate = next((line["taxRate"]["amount"] for line in order["lineItems"] if "taxRate" in line), None)
    found: dict[str, Any] = {"totalPrice": cents(gross, currency)}
    if rate is not None:
        net = round(gross / (1 + rate))
        portion = {"name": "VAT", "rate": rate, "amount": cents(gross - net, currency)}
        taxed = {"totalNet": cents(net, currency), "totalGross": cents(gross, currency), "taxPortions": [portion]}
        found["taxedPrice"] = taxed | {"totalTax": cents(gross - net, currency)}
    return found
