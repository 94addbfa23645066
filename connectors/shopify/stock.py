"""Stock by location: levels read as they change, all of them, or for a few SKUs.

https://shopify.dev/docs/api/admin-graphql/latest/objects/InventoryLevel
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from connectors.canonical import StockLevel
from connectors.errors import ContractError, Rejected
from connectors.reading import moment_or_none, need, text, whole
from connectors.shopify import documents
from connectors.shopify.client import TOO_COSTLY, UNDEFINED, Client
from connectors.shopify.polling import begins, load_cursor, page_end
from connectors.shopify.values import Body, Node, exact, mapping, nodes, objects, stamp, tail

LEVEL_PAGE = 100
SKUS_AT_ONCE = 20


def parse_level(body: Body) -> tuple[StockLevel, ...]:
    """One level; () where its item has no SKU, for then it is nobody's stock."""
    item, place = mapping(body.get("item")), tail(mapping(body.get("location")).get("id"))
    sku = exact(item.get("sku")).strip()
    if not item or not place:
        raise ContractError("The stock level has no item or no location.")
    if not sku:
        return ()
    amounts = amounts_of(body)
    return (
        StockLevel(
            sku=sku,
            warehouse_code=place,
            available=whole(need(amounts, "available", what="stock level"), what="available"),
            on_hand=whole(amounts["on_hand"], what="on_hand") if amounts.get("on_hand") is not None else None,
            allocated=whole(amounts["committed"], what="committed") if amounts.get("committed") is not None else None,
            incoming=whole(amounts["incoming"], what="incoming") if amounts.get("incoming") is not None else None,
            changed_at=moment_or_none(body.get("updatedAt"), what="updatedAt of the stock level"),
            reference=f"{tail(item.get('id'))}/{place}",
        ),
    )


def amounts_of(level: Body) -> Node:
    return {text(each.get("name")): each.get("quantity") for each in objects(level.get("quantities"))}


@dataclass
class Levels:
    """The stock levels of one shop."""

    client: Client
    _places: list[Node] = field(default_factory=list)

    def locations(self) -> list[Node]:
        """Every location, active or not, in a steady order; read once."""
        if not self._places:
            found: list[Node] = []
            after = ""
            while True:
                asked = {"first": 50, "after": after or None}
                page = mapping(self.client.ask_either(documents.LOCATIONS, documents.LEAN_LOCATIONS, asked).get("locations"))
                found += nodes(page)
                after = page_end(page, after)
                if not after:
                    break
            self._places = sorted((place for place in found if place.get("id")), key=lambda place: text(place["id"]))
        return self._places

    def changed(self, cursor: str, *, until: datetime) -> Iterator[tuple[list[Node], str]]:
        """Levels changed since the cursor. Levels are listed by item, so the mark moves only when every location is read."""
        start = begins(self.client, load_cursor(cursor))
        question = f"updated_at:>='{stamp(start)}'" if start else None
        for place in self.locations():
            for levels, _ in self.at(text(place["id"]), question=question):
                if levels:
                    yield levels, cursor
        yield [], json.dumps({"at": until.isoformat()})

    def every(self, cursor: str) -> Iterator[tuple[list[Node], str]]:
        """Every level, location by location, each page with the place to go on from."""
        kept = load_cursor(cursor)
        begun, after = text(kept.get("location")), text(kept.get("after"))
        for place in self.locations():
            identity = text(place["id"])
            if identity < begun:
                continue
            for levels, end in self.at(identity, after=after if identity == begun else ""):
                yield levels, json.dumps({"location": identity, "after": end} if end else {"location": identity + "~"})

    def at(self, place: str, *, question: str | None = None, after: str = "") -> Iterator[tuple[list[Node], str]]:
        """Levels at one location, each told with its location, with the cursor of the next page."""
        size = LEVEL_PAGE
        while True:
            try:
                levels = self._page(place, {"first": size, "after": after or None, "q": question})
            except Rejected as error:
                if error.code != TOO_COSTLY or size == 1:
                    raise
                size = max(1, size // 4)
                continue
            after = page_end(levels, after)
            yield [{**level, "location": {"id": place}} for level in nodes(levels)], after
            if not after:
                return

    def _page(self, place: str, asked: Node) -> Body:
        """Of the location alone; where that question is not understood, of all locations, and the others are left aside."""
        try:
            found = self.client.ask(documents.LEVELS, asked | {"id": place}).get("location")
        except Rejected as error:
            if error.code != UNDEFINED:
                raise
            everywhere = nodes(self.client.ask(documents.LEVELS_EVERYWHERE, asked).get("locations"))
            found = next((each for each in everywhere if each.get("id") == place), None)
        return mapping(mapping(found).get("inventoryLevels"))

    def of(self, skus: Sequence[str]) -> dict[str, list[Node]]:
        """SKU → the variants with exactly this SKU, with their items and levels."""
        wanted = sorted({sku for sku in skus if sku})
        found: dict[str, list[Node]] = {sku: [] for sku in wanted}
        try:
            for begin in range(0, len(wanted), SKUS_AT_ONCE):
                for variant in self._variants(wanted[begin : begin + SKUS_AT_ONCE]):
                    keep(variant, found)
        except Rejected as error:
            if error.code != UNDEFINED:
                raise
            found = {sku: [] for sku in wanted}
            for item in self._items():
                keep(item, found)
        return found

    def _items(self) -> list[Node]:
        """Where variants cannot be asked for: every item with its levels, gathered from all locations."""
        items: dict[str, Node] = {}
        for place in self.locations():
            for levels, _ in self.at(text(place["id"])):
                for level in levels:
                    item = mapping(level.get("item"))
                    identity = text(item.get("id"))
                    known = items.setdefault(identity, {"sku": item.get("sku"), "inventoryItem": {"id": identity, "inventoryLevels": []}})
                    known["inventoryItem"]["inventoryLevels"].append(level)
        return list(items.values())

    def _variants(self, skus: Sequence[str]) -> Iterator[Node]:
        question, after, size = " OR ".join(f"sku:{quoted(sku)}" for sku in skus), "", 2 * SKUS_AT_ONCE
        while True:
            try:
                data = self.client.ask(documents.STOCK_OF, {"first": size, "after": after or None, "q": question})
            except Rejected as error:
                if error.code != TOO_COSTLY or size == 1:
                    raise
                size = max(1, size // 4)
                continue
            page = data.get("productVariants")
            if not isinstance(page, dict):
                raise ContractError("Shopify answered without variants.")
            yield from nodes(page)
            after = page_end(page, after)
            if not after:
                return

    def read(self, skus: Sequence[str]) -> Iterator[StockLevel]:
        for variants in self.of(skus).values():
            for variant in variants:
                yield from (level for body in levels_of(variant) for level in parse_level(body))


def keep(variant: Node, found: dict[str, list[Node]]) -> None:
    """Shopify's search also finds similar SKUs; only exact ones count."""
    sku = exact(variant.get("sku")).strip()
    if sku in found:
        found[sku].append(variant)


def levels_of(variant: Body) -> list[Node]:
    """The levels of a variant's item, laid out like those of the feeds."""
    item = mapping(variant.get("inventoryItem"))
    told = {"id": item.get("id"), "sku": variant.get("sku")}
    return [{**level, "item": told} for level in nodes(item.get("inventoryLevels"))]


def quoted(value: str) -> str:
    """A word of the search language (https://shopify.dev/docs/api/usage/search-syntax)."""
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
