"""Reading lists to the end: by id (whole collections) and by change (what is new since a cursor).

Both continue after the last item of a page, as the server sorted it, and never use `offset` or trust `total`
(https://docs.commercetools.com/api/general-concepts#iterating-over-all-elements).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from connectors.commercetools.client import Client, Params, results_of
from connectors.commercetools.settings import stamp
from connectors.errors import ContractError, Rejected
from connectors.http import Answer
from connectors.reading import moment, text

Item = dict[str, Any]
TOO_LARGE = frozenset({"ContentTooLarge", "HTTP 414"})


@dataclass(frozen=True)
class Listing:
    """A list to read: its path, page size, the field that times its changes, and what every page asks for."""

    path: str
    size: int
    where: str = ""
    params: tuple[tuple[str, str], ...] = ()
    time_field: str = "lastModifiedAt"


@dataclass(frozen=True, order=True)
class Mark:
    """A place in a list sorted by (time, id). An empty id stands before every item of that time."""

    at: str = ""
    id: str = ""

    @staticmethod
    def load(cursor: str) -> Mark:
        """A kept cursor; ContractError when it is not one of ours."""
        if not cursor:
            return Mark()
        try:
            kept = json.loads(cursor)
            return Mark(str(kept.get("at", "")), str(kept.get("id", "")))
        except (ValueError, AttributeError) as error:
            raise ContractError("The place to continue reading from is damaged.", detail=cursor[:200]) from error

    def dump(self) -> str:
        return json.dumps({"at": self.at, "id": self.id})

    def where(self, time_field: str) -> str:
        """The condition for what comes after; "" for everything."""
        if not self.at:
            return ""
        at = quoted(self.at)
        if not self.id:
            return f"{time_field} >= {at}"
        return f"{time_field} > {at} or ({time_field} = {at} and id > {quoted(self.id)})"


def quoted(value: str) -> str:
    """A string of the predicate language."""
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def all_of(*conditions: str) -> str:
    """All conditions together, each in brackets where there are several."""
    told = [condition for condition in conditions if condition]
    return " and ".join(f"({condition})" for condition in told) if len(told) > 1 else "".join(told)


def page_params(listing: Listing, *, where: tuple[str, ...], sort: tuple[str, ...], size: int) -> Params:
    condition = all_of(*where, listing.where)
    asked = [("where", condition)] if condition else []
    return [*asked, *(("sort", path) for path in sort), ("limit", str(size)), ("withTotal", "false"), *listing.params]


def read_page(client: Client, listing: Listing, *, where: tuple[str, ...], sort: tuple[str, ...]) -> tuple[list[Item], bool, Answer]:
    """One page, whether it is the last, and the answer; asks for smaller pages while the server finds them too large."""
    size = listing.size
    while True:
        try:
            answer = client.list(listing.path, page_params(listing, where=where, sort=sort, size=size))
        except Rejected as error:
            if error.code not in TOO_LARGE or size == 1:
                raise
            size = max(1, size // 4)
            continue
        items, applied = results_of(answer)
        return items, len(items) < min(size, applied or size), answer


def by_id(client: Client, listing: Listing, *, after: str = "") -> Iterator[tuple[list[Item], str]]:
    """Every item, page by page, each with the id to continue after."""
    while True:
        where = (f"id > {quoted(after)}",) if after else ()
        items, last, _ = read_page(client, listing, where=where, sort=("id asc",))
        if not items:
            return
        after = advanced(text(items[-1].get("id")), after)
        yield items, after
        if last:
            return


def advanced(place: str, before: str) -> str:
    """The new place; ContractError when the list would go round in circles."""
    if not place or place == before:
        raise ContractError("commercetools returned the same page again, so reading was stopped.", detail=f"after {before}")
    return place


def changes(client: Client, listing: Listing, *, cursor: str, until: datetime, overlap_s: int, start_at: str) -> Iterator[tuple[list[Item], str]]:
    """Pages of what changed after the cursor, up to `until`, each with a cursor that is safe to keep.

    A document may become visible after newer ones were read, so no cursor goes further than `overlap_s` before the end of the
    sweep, on the server's clock or ours, whichever is behind; the next sweep sees the last minute again.
    """
    start = Mark.load(cursor) if cursor else Mark(start_at)
    mark, horizon = start, Mark()
    while True:
        bound = f"{listing.time_field} <= {quoted(stamp(until.isoformat()))}"
        sort = (f"{listing.time_field} asc", "id asc")
        items, last, answer = read_page(client, listing, where=(mark.where(listing.time_field), bound), sort=sort)
        horizon = horizon if horizon.at else horizon_of(answer, until=until, overlap_s=overlap_s)
        if not items:
            return
        mark = next_mark(items[-1], listing, mark)
        yield items, max(start, min(mark, horizon, key=sort_key), key=sort_key).dump()
        if last:
            return


def next_mark(item: Item, listing: Listing, before: Mark) -> Mark:
    at = text(item.get(listing.time_field))
    if not at:
        raise ContractError(f"commercetools returned an item without {listing.time_field}.", detail=text(item.get("id")))
    mark = Mark(at, text(item.get("id")))
    if mark == before:
        raise ContractError("commercetools returned the same page again, so reading was stopped.", detail=mark.dump())
    return mark


def sort_key(mark: Mark) -> tuple[datetime, str]:
    """Times compare as times. Ids are only told apart from none: the server's order of ids is its own."""
    return (moment(mark.at, what="time of a change") if mark.at else datetime.min.replace(tzinfo=UTC), "1" if mark.id else "")


def horizon_of(answer: Answer, *, until: datetime, overlap_s: int) -> Mark:
    """How far a cursor may go: the overlap before now, by the slower of the two clocks."""
    return Mark(stamp((min(until, server_time(answer) or until) - timedelta(seconds=overlap_s)).isoformat()))


def server_time(answer: Answer) -> datetime | None:
    try:
        read = parsedate_to_datetime(answer.header("Date"))
    except (ValueError, TypeError):
        return None
    return read.astimezone(UTC) if read.tzinfo else None
