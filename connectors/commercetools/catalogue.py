"""Products as variants, from the flat projections (https://docs.commercetools.com/api/projects/productProjections)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from connectors.canonical import Variant
from connectors.commercetools.client import Client
from connectors.commercetools.custom import field_text
from connectors.commercetools.feeds import Feeds
from connectors.commercetools.settings import Settings
from connectors.commercetools.sweeps import by_id, quoted
from connectors.commercetools.values import Body, amount_or_none, currency, exact, localised, mapping, objects, reference_id
from connectors.errors import ContractError
from connectors.reading import decimal, moment_or_none, need, text

RESTRICTED = ("customerGroup", "channel", "validFrom", "validUntil", "country")


def parse_product(product: Body, settings: Settings) -> tuple[Variant, ...]:
    """The variants with a SKU of a product projection, or the one of a variant projection (Modular catalogues)."""
    if "sku" in product or ("product" in product and "masterVariant" not in product):
        variants, product_id = [product], reference_id(product.get("product"))
    else:
        master = product.get("masterVariant")
        variants = [*([master] if isinstance(master, dict) else []), *objects(product.get("variants"))]
        product_id = text(need(product, "id", what="product"))
    return tuple(parse_variant(variant, product, product_id, settings) for variant in variants if exact(variant.get("sku")))


def parse_variant(variant: Body, product: Body, product_id: str, settings: Settings) -> Variant:
    """One variant. Its id is a number within its product (a projection of its own has an id of its own)."""
    money = price_of(variant)
    own = variant is product
    return Variant(
        reference=text(need(variant, "id", what="variant")) if own else f"{product_id}:{text(variant.get('id')) or '1'}",
        product_reference=product_id,
        sku=exact(variant.get("sku")),
        version=text(product.get("version")),
        title=localised(product.get("name"), settings.words("locales")),
        barcode=attribute(variant, settings.words("barcode_attribute"), settings),
        price=amount_or_none(money, what="price of a variant"),
        currency=currency(money),
        weight_g=weight(variant, settings),
        active=product.get("published") is not False,
        changed_at=moment_or_none(product.get("lastModifiedAt"), what="lastModifiedAt of the product"),
    )


def price_of(variant: Body) -> Any:
    """The price for everybody, where there is one; else the first."""
    prices = objects(variant.get("prices"))
    open_to_all = [price for price in prices if not any(price.get(name) for name in RESTRICTED)]
    return mapping(next(iter(open_to_all or prices), {})).get("value")


def attribute(variant: Body, names: Sequence[str], settings: Settings) -> str:
    """The first of these attributes that has a value."""
    values = {text(entry.get("name")): entry.get("value") for entry in objects(variant.get("attributes"))}
    texts = (field_text(values.get(name), locales=settings.words("locales")) for name in names)
    return next((found for found in texts if found), "")


def weight(variant: Body, settings: Settings) -> int | None:
    written = attribute(variant, settings.words("weight_attribute"), settings)
    try:
        grams = decimal(written, what="weight")
    except ContractError:
        return None  # an attribute is free text; a weight we cannot read is one we do not know
    return int(grams.quantize(Decimal(1)))


def find_variants(client: Client, sku: str) -> Iterator[Variant]:
    """Every variant with exactly this SKU."""
    feeds = Feeds(client)
    by_sku = f"sku = {quoted(sku)}"
    where = by_sku if feeds.is_modular() else f"masterVariant({by_sku}) or variants({by_sku})"
    for items, _ in by_id(client, feeds.products(where=where)):
        for item in items:
            yield from (variant for variant in parse_product(item, client.settings) if variant.sku == sku)
