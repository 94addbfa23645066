"""Puts an order together: its lines and shipments beyond the ten that a detail shows, and what its references leave out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from connectors.deposco.client import Params, Rest
from connectors.deposco.dates import changed_at, created_at, filter_text
from connectors.deposco.legacy import Legacy
from connectors.deposco.legacy_shapes import packages
from connectors.deposco.shapes import Row, id_of, keep, key, nested, number_of, part, rows, sku_of
from connectors.errors import Rejected, Unavailable
from connectors.reading import text

ORDERS, SHIPMENTS = "/orders/salesOrders", "/shipments/outboundShipments"
SHELF_ROWS = 5000
SEARCH_PAGES = 40
HEADER: tuple[str, ...] = ("self", "id", "businessUnit", "number", "orderStatus", "orderSource", "pickWave", "postReleaseState", "importReference")
HEADER += ("createdDate", "updatedDate", "shipFromFacility")
LINE: tuple[str, ...] = (
    "self",
    "id",
    "lineNumber",
    "customerLineNumber",
    "item",
    "pack",
    "orderPackQuantity",
    "canceledPackQuantity",
    "orderLineStatus",
)
LINE += ("pickedPackQuantity", "shippedPackQuantity", "isBackOrdered", "receivedPackQuantity", "receivedDamagedPackQuantity", "relatedOrderLine")
LINE += ("inventoryCondition", "unitPrice")
SHIPMENT: tuple[str, ...] = (
    "self",
    "id",
    "number",
    "status",
    "orderHeaders",
    "shipVia",
    "shipVendor",
    "trackingNumber",
    "trackingUrl",
    "shipmentDates",
)
SHIPMENT += ("totalWeight", "totalPackages", "shipFromFacility", "shipmentLines", "shippedContainers", "createdDate", "updatedDate")
SENDING = frozenset({"Staged", "Partially Staged", "Loaded", "Partially Loaded", "Partially Shipped", "Ship Complete"})


class Gatherer:
    """Reads the parts of orders. Shipments and items that were read once are remembered for this run."""

    def __init__(self, rest: Rest, legacy: Legacy) -> None:
        self.rest = rest
        self.legacy = legacy
        self.settings = rest.settings
        self.shelf: dict[str, Row] = {}
        self._items: dict[str, Row] = {}

    def order(self, row: Row) -> Row:
        """The whole order, from its row in a list or its detail."""
        row = row if "orderStatus" in row else self.rest.read(f"{ORDERS}/{id_of(row)}", name="salesOrder") or row
        shipments, told = self.shipments(row)
        return {"api": "rest", "order": keep(row, HEADER), "lines": self.lines(row, ORDERS), "shipments": shipments, "told": told}

    def lines(self, row: Row, family: str) -> list[Row]:
        found, all_of_them = nested(row, "orderLines")
        if not all_of_them and number_of(id_of(row)):
            found = self.rest.whole(f"{family}/{id_of(row)}/orderLines")
            found.sort(key=lambda line: (len(id_of(line)), id_of(line)))  # lists come newest first
        return [keep(self.named(line), LINE) for line in found]

    def named(self, line: Row) -> Row:
        """The line with its SKU and pack size, read from the item where its references tell only ids."""
        if sku_of(line) and key(line.get("pack"), "quantity"):
            return line
        item = self.item(number_of(part(line, "item").get("id")))
        if item is None:
            return line
        pack = next((each for each in rows(item.get("packs")) if id_of(each) == text(part(line, "pack").get("id"))), {})
        item_ref = {**part(line, "item"), "businessKey": {"number": sku_of(line) or item.get("number")}}
        return {**line, "item": item_ref, "pack": {**part(line, "pack"), "businessKey": {"quantity": pack.get("quantity")}}}

    def item(self, reference: str) -> Row | None:
        if reference and reference not in self._items:
            self._items[reference] = self.rest.read(f"/items/{reference}", name="item") or {}
        return self._items.get(reference) or None

    def shipments(self, row: Row) -> tuple[list[Row], bool]:
        """Every shipment of an order, and whether they are surely all."""
        refs, all_of_them = nested(row, "shipments")
        if "shipments" not in row and text(row.get("orderStatus")) not in SENDING:
            return [], False
        if not all_of_them:
            return self.searched(row)
        found = [self.shipment(id_of(ref)) for ref in refs]
        there = [shipment for shipment in found if shipment is not None]
        return there, len(there) == len(refs)

    def shipment(self, reference: str) -> Row | None:
        """One shipment by its id. The address in a reference may be a trip's and is not used."""
        if reference in self.shelf:
            return self.shelf[reference]
        if not number_of(reference):
            return None
        row = self.rest.read(f"{SHIPMENTS}/{reference}", name="outboundShipment")
        return self.put(row) if row is not None else None

    def put(self, row: Row) -> Row:
        """A shipment with all its lines and packages, remembered."""
        found = keep(row, SHIPMENT)
        reference = id_of(row)
        if not nested(row, "shipmentLines")[1] and number_of(reference):
            found["shipmentLines"] = {"data": self.rest.whole(f"{SHIPMENTS}/{reference}/shipmentLines"), "complete": True}
        if is_cut(row) and (all_packages := self.legacy_packages(row)):
            found["shippedContainers"] = {"data": all_packages, "complete": True}
        if len(self.shelf) < SHELF_ROWS:
            self.shelf[reference] = found
        return found

    def legacy_packages(self, row: Row) -> list[Row]:
        """All packages of a shipment with more than ten: only the legacy API shows the rest."""
        if not self.legacy.is_there:
            return []
        try:
            shipment = self.legacy.shipment(text(row.get("number")))
        except (Rejected, Unavailable):
            return []
        orders = rows(part(shipment or {}, "orders").get("order"))
        return packages([line for order in orders for line in rows(part(order, "lines").get("line"))])

    def searched(self, row: Row) -> tuple[list[Row], bool]:
        """The shipments of an order with more than ten of them. Deposco may ignore the number, so each one is looked at."""
        filters: Params = [*self.in_company(), ("orderNumber", text(row.get("number")))]
        first = created_at(row)
        if first is not None:
            filters.append(("createdAfter", filter_text(first)))
        found: dict[str, Row] = {}
        for number, sheet in enumerate(self.rest.pages(SHIPMENTS, filters), start=1):
            found |= {id_of(each): self.put(each) for each in sheet.rows if belongs(each, row)}
            oldest = [at for each in sheet.rows if (at := created_at(each)) is not None]
            if first is not None and oldest and max(oldest) < first:
                break
            if sheet.query and number >= SEARCH_PAGES:
                return list(found.values()), False
        return list(found.values()), True

    def changed_shipments(self, filters: Params, *, bound: datetime | None) -> Iterator[Row]:
        """Shipments changed since, each put on the shelf; without a bound as many as the shelf holds."""
        for sheet in self.rest.pages(SHIPMENTS, filters):
            fresh = [each for each in sheet.rows if bound is None or (changed_at(each) or bound) >= bound]
            yield from (self.put(each) for each in fresh)
            if (bound is None and len(self.shelf) >= SHELF_ROWS) or is_too_old(sheet.rows, bound=bound, days=self.settings.number("look_back_days")):
                return

    def in_company(self) -> Params:
        return [("businessUnit", self.settings.company)] if self.settings.company else []


def is_cut(shipment: Mapping[str, object]) -> bool:
    """Whether packages are missing from the detail."""
    found, all_of_them = nested(shipment, "shippedContainers")
    if "shippedContainers" not in shipment:
        return False
    total = text(shipment.get("totalPackages"))
    return not all_of_them and (not total.isdecimal() or int(total) > len(found))


def belongs(shipment: Row, order: Row) -> bool:
    return any(id_of(ref) == id_of(order) for ref in nested(shipment, "orderHeaders")[0])


def is_too_old(listed: list[Row], *, bound: datetime | None, days: int) -> bool:
    """Whether the filter was ignored, and all of a page was created so long before that older rows matter no more."""
    if bound is None or not any((changed_at(row) or bound) < bound for row in listed):
        return False
    made = [at for row in listed if (at := created_at(row)) is not None]
    return bool(made) and max(made) < bound and (bound - max(made)).days >= days
