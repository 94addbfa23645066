"""Stock by location through the Inventory API: read by SKU, written as absolute levels, grouped by location.

https://developer.bigcommerce.com/docs/rest-management/inventory/adjustments
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from connectors.bigcommerce.client import Client
from connectors.bigcommerce.values import Body, Row, exact, mapping, objects
from connectors.canonical import Code, CodeKind, StockLevel, StockTarget, StockVerdict
from connectors.errors import ContractError, Rejected
from connectors.reading import text, whole

SKUS_AT_ONCE = 50
MOST = 2000  # items in one call
READ_PAGE = 250
NAMED = re.compile(r"variant_id\D{0,3}(\d+)|sku\W{0,3}([\w.\-/]+)", re.IGNORECASE)
REFUSALS = {
    "unknown_sku": "BigCommerce has no product or variant with this SKU.",
    "duplicate_sku": "More than one variant in BigCommerce has this SKU, so it is not clear whose level this is.",
    "unknown_location": "BigCommerce has no such location. Name one in the warehouse mapping, or a usual one in the connection's options.",
    "not_stocked": "This SKU is not stocked at this location in BigCommerce.",
}


def parse_levels(body: Body) -> tuple[StockLevel, ...]:
    """The levels of one item, one for each location. `available_to_sell` has the safety stock taken off already."""
    identity = mapping(body.get("identity"))
    if not identity:
        raise ContractError("The stock item has no identity.")
    sku = exact(identity.get("sku")).strip()
    return tuple(parse_level(place, sku, identity) for place in objects(body.get("locations")) if place.get("location_id") is not None and sku)


def parse_level(place: Body, sku: str, identity: Body) -> StockLevel:
    location = text(place.get("location_id"))
    on_hand = place.get("total_inventory_onhand")
    available = place.get("available_to_sell", on_hand)
    return StockLevel(
        sku=sku,
        warehouse_code=location,
        available=whole(available, what="available_to_sell"),
        on_hand=None if on_hand is None else whole(on_hand, what="total_inventory_onhand"),
        reference=f"{text(identity.get('variant_id')) or text(identity.get('product_id'))}/{location}",
    )


def list_locations(client: Client) -> tuple[Code, ...]:
    """The locations, as a list of their own."""
    rows = [row for page, _ in client.pages("/v3/inventory/locations", {}, size=READ_PAGE) for row in page]
    label = {text(row.get("id")): text(row.get("label")) or text(row.get("code")) for row in rows}
    active = {text(row.get("id")): row.get("enabled") is not False for row in rows}
    return tuple(Code(CodeKind.WAREHOUSE, value, name or value, active=active[value]) for value, name in label.items() if value)


@dataclass
class Stock:
    """The stock of one store."""

    client: Client
    _places: dict[str, str] = field(default_factory=dict)

    def items(self, skus: Sequence[str]) -> dict[str, list[Row]]:
        """SKU → the items with exactly this SKU."""
        wanted = sorted({sku for sku in skus if sku})
        found: dict[str, list[Row]] = {sku: [] for sku in wanted}
        for begin in range(0, len(wanted), SKUS_AT_ONCE):
            some = wanted[begin : begin + SKUS_AT_ONCE]
            for rows, _ in self.client.pages("/v3/inventory/items", {"sku:in": ",".join(some)}, size=READ_PAGE):
                for row in rows:
                    sku = exact(mapping(row.get("identity")).get("sku")).strip()
                    if sku in found:
                        found[sku].append(row)
        return found

    def read(self, skus: Sequence[str]) -> Iterator[StockLevel]:
        for rows in self.items(skus).values():
            for row in rows:
                yield from parse_levels(row)

    def publish(self, targets: Sequence[StockTarget]) -> Iterator[StockVerdict]:
        """A verdict for each target. BigCommerce takes levels at once and shows them within a minute, so what is taken counts as done."""
        found = self.items([target.sku for target in targets])
        groups: dict[str, list[tuple[StockTarget, Row, int]]] = {}
        for target in targets:
            answer = self._judge(target, found.get(target.sku, []))
            if isinstance(answer, StockVerdict):
                yield answer
            else:
                place, row, quantity = answer
                groups.setdefault(place, []).append((target, row, quantity))
        for place, due in groups.items():  # one after the other: bulk calls may not run side by side
            for begin in range(0, len(due), MOST):
                yield from self._write(place, due[begin : begin + MOST])

    def _judge(self, target: StockTarget, rows: list[Row]) -> StockVerdict | tuple[str, Row, int]:
        if len(rows) != 1:
            return refused(target, "duplicate_sku" if rows else "unknown_sku")
        places = objects(rows[0].get("locations"))
        code = target.warehouse_code or self.client.settings.text("default_location")
        named = [each for each in places if not code or code in place_names(each)]
        if len(named) != 1:
            return refused(target, "unknown_location" if not code or not places or self._unheard_of(code) else "not_stocked")
        place, safety = named[0], mapping(named[0].get("settings")).get("safety_stock")
        # What people may buy is the level less the safety stock; the level itself is what is written.
        quantity = target.quantity + (whole(safety, what="safety_stock") if safety else 0)
        return text(place.get("location_id")), rows[0], quantity

    def _unheard_of(self, code: str) -> bool:
        if not self._places:
            self._places = {text(each.value): each.label for each in list_locations(self.client)}
        return code not in self._places and code not in self._places.values()

    def _write(self, place: str, due: list[tuple[StockTarget, Row, int]]) -> Iterator[StockVerdict]:
        """One call for one location; where it is refused, what it names is left out, and what it does not is tried in halves."""
        items = [item_of(row, place) | {"quantity": quantity} for _, row, quantity in due]
        body: Row = {"reason": "Level published by Lockstep", "items": items}
        try:
            self.client.write("PUT", "/v3/inventory/adjustments/absolute", body, idempotent=True)
        except Rejected as error:
            yield from self._without(place, due, error)
            return
        yield from (shown(target, row, place) for target, row, _ in due)

    def _without(self, place: str, due: list[tuple[StockTarget, Row, int]], error: Rejected) -> Iterator[StockVerdict]:
        if len(due) == 1:
            yield refused(due[0][0], error.code, error.sentence)
            return
        names = {name for found in NAMED.findall(error.detail) for name in found if name}
        guilty = [each for each in due if each[0].sku in names or text(mapping(each[1].get("identity")).get("variant_id")) in names]
        if guilty and len(guilty) < len(due):
            yield from (refused(target, error.code, error.sentence) for target, _, _ in guilty)
            yield from self._write(place, [each for each in due if each not in guilty])
            return
        half = len(due) // 2
        yield from self._write(place, due[:half])
        yield from self._write(place, due[half:])


def place_names(place: Body) -> set[str]:
    return {text(place.get(name)) for name in ("location_id", "location_code", "location_name")} - {""}


def item_of(row: Body, place: str) -> Row:
    """Which item at which place; by SKU, which both products and variants have."""
    return {"location_id": int(place) if place.isdigit() else place, "sku": exact(mapping(row.get("identity")).get("sku"))}


def shown(target: StockTarget, row: Body, place: str) -> StockVerdict:
    identity = mapping(row.get("identity"))
    reference = f"{text(identity.get('variant_id')) or text(identity.get('product_id'))}/{place}"
    return StockVerdict(target.sku, target.warehouse_code, ok=True, quantity=target.quantity, reference=reference)


def refused(target: StockTarget, code: str, sentence: str = "") -> StockVerdict:
    return StockVerdict(
        target.sku, target.warehouse_code, ok=False, code=code, sentence=sentence or REFUSALS.get(code, f"BigCommerce refused it: {code}.")
    )
