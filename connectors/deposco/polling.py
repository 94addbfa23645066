"""Reading what changed: every filter on every page, back over an overlap, the watermark moved only by a whole run."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime

from connectors.canonical import Page, Received
from connectors.deposco import feeds
from connectors.deposco.client import Params, Rest, is_forbidden
from connectors.deposco.dates import changed_at, filter_text, stamp
from connectors.deposco.gathering import ORDERS, Gatherer, is_too_old
from connectors.deposco.returns import FAMILY, gather_return
from connectors.deposco.settings import Settings
from connectors.deposco.shapes import Row, id_of, nested, number_of
from connectors.errors import AccessDenied
from connectors.reading import moment

BATCH = 25
ITEMS = "/items"
ITEM_PAGE = 100


@dataclass(frozen=True)
class Place:
    """Where a run is. `since`: all changes before it were seen; `started`: what it becomes once the run is complete.

    `query` continues the list that is being read (Deposco remembers searches for a while), `page` a numbered one.
    """

    since: str = ""
    started: str = ""
    query: str = ""
    page: int = 0

    def dumped(self) -> str:
        return json.dumps({name: value for name, value in asdict(self).items() if value}, separators=(",", ":"))

    def done(self) -> str:
        return Place(since=self.started).dumped()

    def bound(self, settings: Settings) -> datetime | None:
        """The oldest change to ask for; None for everything."""
        if self.since:
            return moment(self.since, what="cursor of a feed") - settings.overlap
        return settings.start_at


def opened(cursor: str, *, until: datetime) -> Place:
    """The cursor's place; one from another build that we cannot read starts from the beginning."""
    try:
        kept = json.loads(cursor) if cursor else {}
    except ValueError:
        kept = {}
    fields = Place.__dataclass_fields__
    place = Place(**{name: value for name, value in kept.items() if name in fields}) if isinstance(kept, dict) else Place()
    return place if place.started else replace(place, started=max(stamp(until.astimezone(UTC)), place.since))


class Poller:
    """The feeds of the REST API for one account."""

    def __init__(self, rest: Rest, gatherer: Gatherer) -> None:
        self.rest = rest
        self.gatherer = gatherer
        self.settings = rest.settings

    def orders(self, cursor: str, *, until: datetime) -> Iterator[Page]:
        """Changed orders, then those of which only a shipment changed: tracking numbers may come without moving the order's time."""
        place = opened(cursor, until=until)
        bound = place.bound(self.settings)
        waiting = self.changed_by_shipments(bound)
        for found, query in self.changed(ORDERS, place, bound):
            waiting -= {id_of(row) for row in found}
            yield Page(tuple(self.take(row) for row in found), replace(place, query=query).dumped() if query else place.dumped())
        rest = sorted(waiting, key=int)
        for first in range(0, len(rest), BATCH):
            details = (self.rest.read(f"{ORDERS}/{reference}", name="salesOrder") for reference in rest[first : first + BATCH])
            yield Page(tuple(self.take(row) for row in details if row is not None), replace(place, query="").dumped())
        yield Page((), place.done())

    def take(self, row: Row) -> Received:
        return feeds.take_order(self.gatherer.order(row), settings=self.settings)

    def changed_by_shipments(self, bound: datetime | None) -> set[str]:
        """The ids of orders whose shipments changed. Without a bound every order is read anyway."""
        filters = self.filters(bound)
        refs = [ref for row in self.gatherer.changed_shipments(filters, bound=bound) for ref in nested(row, "orderHeaders")[0]]
        return {id_of(ref) for ref in refs if number_of(id_of(ref))} if bound is not None else set()

    def returns(self, cursor: str, *, until: datetime) -> Iterator[Page]:
        """Changed customer returns; nothing where returns were not bought or the app may not see them (verify says so)."""
        place = opened(cursor, until=until)
        try:
            for found, query in self.changed(FAMILY, place, place.bound(self.settings)):
                items = tuple(feeds.take_return(gather_return(row, self.gatherer)) for row in found)
                yield Page(items, replace(place, query=query).dumped() if query else place.done())
        except AccessDenied as error:
            if not is_forbidden(error):
                raise
            yield Page((), cursor)

    def catalogue(self, cursor: str, *, until: datetime) -> Iterator[Page]:
        """Every item; from nothing each time."""
        place = opened(cursor, until=until)
        for sheet in self.rest.pages(ITEMS, self.gatherer.in_company(), query=place.query, size=ITEM_PAGE):
            yield Page(tuple(map(feeds.take_item, sheet.rows)), replace(place, query=sheet.query).dumped() if sheet.query else "")

    def filters(self, bound: datetime | None) -> Params:
        since = [("updatedAfter", filter_text(bound))] if bound is not None else []
        return [*self.gatherer.in_company(), *since]

    def changed(self, path: str, place: Place, bound: datetime | None) -> Iterator[tuple[list[Row], str]]:
        """Rows changed since, and the query that continues after them. Deposco ignores filters it does not know, so each row is looked at."""
        for sheet in self.rest.pages(path, self.filters(bound), query=place.query):
            fresh = [row for row in sheet.rows if bound is None or (changed_at(row) or bound) >= bound.replace(microsecond=0)]
            over = is_too_old(sheet.rows, bound=bound, days=self.settings.number("look_back_days"))
            yield fresh, "" if over else sheet.query
            if over:
                return
