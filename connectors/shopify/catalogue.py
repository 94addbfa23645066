"""Variants of the shop's products (https://shopify.dev/docs/api/admin-graphql/latest/queries/productVariants)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal

from connectors.canonical import Variant
from connectors.errors import ContractError, Rejected
from connectors.reading import decimal, moment_or_none, need, text
from connectors.shopify import documents
from connectors.shopify.client import TOO_COSTLY, Client
from connectors.shopify.polling import load_cursor, page_end
from connectors.shopify.stock import quoted
from connectors.shopify.values import Body, Node, exact, mapping, nodes, tail

PAGE = 100
GRAMS = {"GRAMS": Decimal(1), "KILOGRAMS": Decimal(1000), "OUNCES": Decimal("28.349523125"), "POUNDS": Decimal("453.59237")}


def parse_variant(body: Body) -> tuple[Variant, ...]:
    """One variant, also one without a SKU: the catalogue check tells people of it."""
    product = mapping(body.get("product"))
    price = body.get("price")
    title = " - ".join(filter(None, (text(product.get("title")), text(body.get("title")).removeprefix("Default Title"))))
    return (
        Variant(
            reference=tail(need(body, "id", what="variant")),
            product_reference=tail(product.get("id")),
            sku=exact(body.get("sku")).strip(),
            version=text(body.get("updatedAt")),
            title=title,
            barcode=text(body.get("barcode")),
            price=None if price is None or price == "" else decimal(price, what="price of a variant"),
            weight_g=grams(mapping(mapping(mapping(body.get("inventoryItem")).get("measurement")).get("weight"))),
            active=text(product.get("status")) in ("", "ACTIVE"),
            changed_at=moment_or_none(body.get("updatedAt"), what="updatedAt of the variant"),
        ),
    )


def grams(weight: Body) -> int | None:
    factor = GRAMS.get(text(weight.get("unit")))
    if factor is None or weight.get("value") is None:
        return None
    return int((decimal(weight["value"], what="weight") * factor).quantize(Decimal(1)))


def variants(client: Client, cursor: str, *, question: str | None = None) -> Iterator[tuple[list[Node], str]]:
    """Every variant, page by page, each with the place to go on from."""
    after, size = text(load_cursor(cursor).get("after")), PAGE
    while True:
        try:
            data = client.ask_either(documents.VARIANTS, documents.LEAN_VARIANTS, {"first": size, "after": after or None, "q": question})
        except Rejected as error:
            if error.code != TOO_COSTLY or size == 1:
                raise
            size = max(1, size // 4)
            continue
        page = data.get("productVariants")
        if not isinstance(page, dict):
            raise ContractError("Shopify answered without variants.")
        end = page_end(page, after)
        yield nodes(page), json.dumps({"after": end or after})
        after = end
        if not after:
            return


def find_variants(client: Client, sku: str) -> Iterator[Variant]:
    """Every variant with exactly this SKU; Shopify's search also finds similar ones."""
    for found, _ in variants(client, "", question=f"sku:{quoted(sku)}"):
        for body in found:
            yield from (variant for variant in parse_variant(body) if variant.sku == sku)
