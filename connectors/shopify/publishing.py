"""Publishes stock levels: absolute, only over what was just read, many in one call.

https://shopify.dev/docs/api/admin-graphql/latest/mutations/inventorySetQuantities
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import uuid4

from connectors.canonical import StockTarget, StockVerdict
from connectors.reading import text, whole
from connectors.shopify import documents
from connectors.shopify.client import Client, user_errors
from connectors.shopify.stock import Levels, amounts_of
from connectors.shopify.values import Node, gid, mapping, nodes, tail

TRIES = 4
MOST = 100
STALE = re.compile(r"stale|compare ?quantity|changed since|does ?n.t match", re.IGNORECASE)
REFUSALS = {  # our code → the sentence, the rest is Shopify's own
    "unknown_sku": "Shopify has no variant with this SKU.",
    "duplicate_sku": "More than one variant in Shopify has this SKU, so it is not clear whose level this is.",
    "untracked": "Shopify does not track the stock of this SKU.",
    "unknown_location": "Shopify has no such location. Name one in the warehouse mapping, or a usual one in the connection's options.",
    "not_stocked": "This SKU is not stocked at this location in Shopify. Stock it there once, then levels follow.",
    "changing": "The level kept changing in Shopify while it was written; it is tried again with the next change.",
}


@dataclass(frozen=True)
class Entry:
    """A target and the level it becomes: item, location, and the quantity that Shopify shows now."""

    target: StockTarget
    item: str
    place: str
    shown: int | None

    @property
    def as_input(self) -> Node:
        return {"inventoryItemId": self.item, "locationId": self.place, "quantity": self.target.quantity}


@dataclass
class Publisher:
    """Writes levels of one shop. Errors that concern every target (access, outage, limits) are raised at once."""

    client: Client
    levels: Levels

    def publish(self, targets: Sequence[StockTarget]) -> Iterator[StockVerdict]:
        for begin in range(0, len(targets), MOST):
            yield from self._publish(list(targets[begin : begin + MOST]))

    def _publish(self, targets: list[StockTarget]) -> Iterator[StockVerdict]:
        """Shopify takes all of a call or nothing: what it refuses is left out, what changed meanwhile is read again, the rest goes."""
        left = targets
        for _ in range(TRIES):
            due: list[Entry] = []
            for answer in self._look(left):
                if isinstance(answer, StockVerdict):
                    yield answer
                else:
                    due.append(answer)
            left = []
            while due:
                errors = self._write(due)
                if not errors:
                    yield from (shown(entry) for entry in due)
                    break
                refusals, stale = sorted_out(errors, due)
                yield from (refused(entry.target, code, sentence) for entry, code, sentence in refusals)
                if stale:
                    gone = {id(entry) for entry, _, _ in refusals}
                    left = [entry.target for entry in due if id(entry) not in gone]
                    break
                out = {id(entry) for entry, _, _ in refusals}
                due = [entry for entry in due if id(entry) not in out]
            if not left:
                return
        yield from (refused(target, "changing") for target in left)

    def _look(self, targets: list[StockTarget]) -> Iterator[Entry | StockVerdict]:
        """Each target with the level it becomes; a verdict where it is there already or cannot be."""
        known = self.levels.of([target.sku for target in targets])
        for target in targets:
            variants = known.get(target.sku, [])
            if len({tail(mapping(each.get("inventoryItem")).get("id")) for each in variants}) != 1:
                yield refused(target, "duplicate_sku" if variants else "unknown_sku")
                continue
            yield self._entry(target, mapping(variants[0].get("inventoryItem")))

    def _entry(self, target: StockTarget, item: object) -> Entry | StockVerdict:
        told = mapping(item)
        place = self.place(target.warehouse_code)
        if not place:
            return refused(target, "unknown_location")
        if told.get("tracked") is False:
            return refused(target, "untracked")
        level = next((each for each in nodes(told.get("inventoryLevels")) if tail(mapping(each.get("location")).get("id")) == tail(place)), None)
        if level is None:
            return refused(target, "not_stocked")
        amount = amounts_of(level).get(self.client.settings.text("stock_name"))
        entry = Entry(target, text(told.get("id")), place, None if amount is None else whole(amount, what="quantity"))
        return shown(entry) if entry.shown == target.quantity else entry

    def place(self, code: str) -> str:
        """The global id of a location by number, global id or name; where none is named, the usual one or the only one."""
        wanted = code or self.client.settings.text("default_location")
        places = self.levels.locations()
        if not wanted:
            active = [text(place["id"]) for place in places if place.get("isActive") is not False]
            return active[0] if len(active) == 1 else ""
        match = (place for place in places if wanted in (text(place["id"]), tail(place["id"]), text(place.get("name"))))
        found = next(match, None)
        return gid("Location", text(found["id"])) if found else ""

    def _write(self, due: list[Entry]) -> list[Node]:
        """One call; the errors it answers. A level may be set twice without harm, so a lost answer is simply sent again."""
        settings = self.client.settings
        compared = settings.flag("compare") and all(entry.shown is not None for entry in due)
        rows = [entry.as_input | ({"compareQuantity": entry.shown} if compared else {}) for entry in due]
        key = str(uuid4())
        wanted: Node = {
            "name": settings.text("stock_name"),
            "reason": "correction",
            "referenceDocumentUri": f"gid://lockstep/Sync/{key}",
            "quantities": rows,
        }
        wanted |= {} if compared else {"ignoreCompareQuantity": True}
        variables = {"input": wanted} | ({"key": key} if settings.directive else {})
        question = documents.set_quantities(directive=settings.directive)
        return user_errors(self.client.change(question, variables, root="inventorySetQuantities", idempotent=True))


def sorted_out(errors: list[Node], due: list[Entry]) -> tuple[list[tuple[Entry, str, str]], bool]:
    """The entries that errors name, each with its code and words, and whether any level had changed meanwhile."""
    refusals: list[tuple[Entry, str, str]] = []
    stale = False
    for error in errors:
        said = f"{text(error.get('code'))} {text(error.get('message'))}"
        if STALE.search(said.replace("_", " ")):
            stale = True
            continue
        place = position(error.get("field"))
        named = due if place is None or place >= len(due) else [due[place]]
        refusals += [(entry, text(error.get("code")) or "user_error", text(error.get("message"))) for entry in named]
    return list({entry.target: (entry, code, sentence) for entry, code, sentence in refusals}.values()), stale


def position(path: object) -> int | None:
    """The place of the quantity that an error's field path names, as ["input", "quantities", "3", "quantity"]."""
    words = [text(word) for word in path] if isinstance(path, list) else []
    return next((int(word) for word in words if word.isdigit()), None)


def shown(entry: Entry) -> StockVerdict:
    reference = f"{tail(entry.item)}/{tail(entry.place)}"
    return StockVerdict(entry.target.sku, entry.target.warehouse_code, ok=True, quantity=entry.target.quantity, reference=reference)


def refused(target: StockTarget, code: str, sentence: str = "") -> StockVerdict:
    return StockVerdict(
        target.sku, target.warehouse_code, ok=False, code=code, sentence=sentence or REFUSALS.get(code, f"Shopify refused it: {code}.")
    )
