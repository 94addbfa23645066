"""Stock by facility, which only the legacy API tells. A measure that is absent is not known, which is not zero; negative ones are legal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import quote

from connectors.canonical import Page, StockLevel
from connectors.deposco.client import Params
from connectors.deposco.dates import filter_text
from connectors.deposco.feeds import take_stock
from connectors.deposco.legacy import Legacy, rows_of
from connectors.deposco.polling import opened
from connectors.deposco.settings import PROMISED, TOTAL, Settings
from connectors.deposco.shapes import Row, exact, part, rows
from connectors.errors import ContractError, Rejected
from connectors.reading import text, whole

FULL = "/inventory/full"
ENTERPRISE = {"total": "totalOnHandQty", PROMISED: "atpQty"}
CHUNK = 50


class Shelves:
    """The stock feeds of one account."""

    def __init__(self, legacy: Legacy) -> None:
        self.legacy = legacy
        self.settings = legacy.settings

    def snapshot(self, cursor: str, *, until: datetime) -> Iterator[Page]:
        """Every item, page by page until an empty one. Mid-run the cursor is the page just read, which is read again."""
        place = opened(cursor, until=until)
        for number, found in self.pages([], start=place.page or 1):
            yield Page(tuple(map(take_stock, found)), replace(place, page=number).dumped() if found else "")

    def changes(self, cursor: str, *, until: datetime) -> Iterator[Page]:
        """Items with activity since."""
        place = opened(cursor, until=until)
        bound = place.bound(self.settings)
        since: Params = [("startActivityTime", filter_text(bound))] if bound is not None else []
        for _, found in self.pages(since, start=1):
            yield Page(tuple(map(take_stock, found)), place.dumped() if found else place.done())

    def pages(self, filters: Params, *, start: int) -> Iterator[tuple[int, list[Row]]]:
        """The last page is empty, so that a short page never ends the list too soon."""
        if not self.settings.has_stock:
            yield start, []
            return
        number, before = start, ""
        while True:
            found = self.page(filters, number)
            if found and names(found) == before:
                found = self.page(filters, number)
            if found and names(found) == before:
                raise ContractError(f"Deposco gave page {number - 1} of the stock again as page {number}, so the rest cannot be read.")
            yield number, found
            if not found:
                return
            number, before = number + 1, names(found)

    def page(self, filters: Params, number: int) -> list[Row]:
        body = self.legacy.read(FULL, [*filters, ("pageNo", str(number))])
        if body is None or not isinstance(body, Mapping | list):
            raise ContractError(f"Deposco answered {FULL} with something that is not stock.", detail=str(body)[:500])
        return [row for row in rows_of(body, "itemInventory") if exact(row.get("itemNumber"))]

    def read(self, skus: Sequence[str]) -> Iterable[StockLevel]:
        """The levels of these SKUs now."""
        measure = self.settings.text("available")
        if measure not in ENTERPRISE:
            raise Rejected("Deposco tells unallocated units in whole readings only, not for single SKUs.", code="measure")
        wanted = list(dict.fromkeys(sku for sku in skus if sku))
        for first in range(0, len(wanted), CHUNK):
            yield from self.some(wanted[first : first + CHUNK], measure)

    def some(self, skus: Sequence[str], measure: str) -> Iterator[StockLevel]:
        path = f"/enterpriseinventory/{quote(self.settings.company, safe='')}/availability"
        asked = [("measures", ",".join(ENTERPRISE.values())), ("itemNumbers", ",".join(skus)), ("pageNumber", "1"), ("pageSize", str(CHUNK))]
        for row in rows_of(self.legacy.read(path, asked), "enterpriseInventory"):
            sku = exact(row.get("itemNumber"))
            places = [place for place in rows(row.get("facilities")) if sku in skus]
            inventory = [
                {"facility": place.get("facility"), "inventory": {name: place.get(told) for name, told in ENTERPRISE.items()}} for place in places
            ]
            yield from levels_of({"itemNumber": sku, "facilityInventory": inventory}, settings=self.settings)


def names(found: list[Row]) -> str:
    return "|".join(exact(row.get("itemNumber")) for row in found)


def parse_stock(row: Mapping[str, Any], *, settings: Settings) -> tuple[StockLevel, ...]:
    """One level for each facility that the connection follows."""
    if not exact(row.get("itemNumber")):
        raise ContractError("The stock of a Deposco item does not say which item.")
    return tuple(levels_of(row, settings=settings))


def levels_of(row: Mapping[str, Any], *, settings: Settings) -> Iterator[StockLevel]:
    sku, ours = exact(row.get("itemNumber")), settings.words("facilities")
    for place in rows(row.get("facilityInventory")):
        facility = text(place.get("facility"))
        told = {name: value for name, value in part(place, "inventory").items() if value is not None}
        if told and (not ours or facility in ours):
            yield parse_level(told, sku=sku, facility=facility, measure=settings.text("available"))


def parse_level(told: Mapping[str, Any], *, sku: str, facility: str, measure: str) -> StockLevel:
    what = f"stock of {sku} at facility {facility or '(none)'}"
    if measure not in told:
        raise ContractError(f"The {what} does not tell {measure}, so it is not known how much may be sold.")
    return StockLevel(
        sku=sku,
        warehouse_code=facility,
        available=whole(told[measure], what=f"{measure} in the {what}"),
        on_hand=level(told, TOTAL, what=what),
        allocated=level(told, "allocated", what=what),
        reference=f"{sku}/{facility}",
    )


def level(told: Mapping[str, Any], name: str, *, what: str) -> int | None:
    return whole(told[name], what=f"{name} in the {what}") if name in told else None
