"""SKU → Veeqo's sellable. The search is fuzzy, so only an exact, case-sensitive match counts; two matches are refused.

https://developers.veeqo.com
"""

from __future__ import annotations

import time
from typing import Any

from connectors.errors import ContractError, Rejected
from connectors.reading import text
from connectors.veeqo.client import Client, Row
from connectors.veeqo.shipments import rows_of

REMEMBERED_S = 600
MAX_SEARCH_PAGES = 10


class Items:
    """Finds sellables by SKU and remembers the unique ones for a while."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self._known: dict[str, tuple[int, float]] = {}

    def sellable_id(self, sku: str) -> int:
        """The one sellable with this SKU. Rejected `unknown_sku` or `ambiguous_sku`."""
        known, good_until = self._known.get(sku, (0, 0.0))
        if known and time.monotonic() < good_until:
            return known
        found = sorted({int(variant["id"]) for _, variant in self.search(sku)})
        if not found:
            raise Rejected(f"Veeqo has no product with the SKU {sku}, so the order was not sent.", code="unknown_sku", fields=(sku,))
        if len(found) > 1:
            raise Rejected(
                f"Veeqo has {len(found)} products with the SKU {sku}, so it is not clear which one to ship. The order was not sent.",
                detail=f"sellables {', '.join(map(str, found))}",
                code="ambiguous_sku",
                fields=(sku,),
            )
        self._known[sku] = (found[0], time.monotonic() + REMEMBERED_S)
        return found[0]

    def forget(self) -> None:
        self._known.clear()

    def search(self, sku: str) -> list[tuple[Row, Row]]:
        """(product, sellable) of every living sellable with exactly this SKU."""
        found: dict[Any, tuple[Row, Row]] = {}
        for product in self.search_products(sku):
            for variant in rows_of(product, "sellables"):
                alive = not product.get("deleted_at") and not variant.get("deleted_at")
                if alive and text(variant.get("sku_code")) == sku and text(variant.get("id")).isdecimal():
                    found[variant["id"]] = (product, dict(variant))
        return list(found.values())

    def search_products(self, sku: str) -> list[Row]:
        if not sku:
            return []
        rows: list[Row] = []
        for sheet in self.client.pages("/products", [("query", sku)]):
            rows += sheet.rows
            if not sheet.last and sheet.number >= MAX_SEARCH_PAGES:
                raise ContractError(f"Veeqo finds more than {len(rows)} products for the SKU {sku}, so the exact one could not be told.")
        return rows
