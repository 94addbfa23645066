"""Lists of the REST API: newest first, in pages that a `searchId` continues; filters that may be ignored."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Response, jsonify, request

from connectors.sandbox.deposco.answers import invalid, link
from connectors.sandbox.deposco.fields import moment, whole
from connectors.sandbox.deposco.index import Journal
from connectors.sandbox.deposco.store import SEARCHES_KEPT, State


@dataclass(frozen=True)
class Search:
    """The ids that a list's first page found, and the size of its pages."""

    path: str
    ids: list[int]
    size: int


def wanted(here: State, resource: str, name: str) -> str:
    """A filter of the query; one of those that the vendor was seen to ignore reads as not sent."""
    return "" if f"{resource}.{name}" in here.settings.ignored_filters else request.args.get(name, "")


def after(here: State, resource: str, name: str) -> datetime | None:
    written = wanted(here, resource, name)
    return moment(written, where=name) if written else None


def since(here: State, resource: str, journals: dict[str, Journal]) -> list[set[int]]:
    """The ids that changed after each date in the query (`createdAfter`, `updatedAfter`, …)."""
    bounds = {name: after(here, resource, name) for name in journals}
    return [journals[name].after(bound) for name, bound in bounds.items() if bound is not None]


def pooled(pools: list[Iterable[int]], everything: Iterable[int], keep: Callable[[int], bool]) -> list[int]:
    """The ids in all pools, newest first; without pools, everything (which is kept in ascending order)."""
    if not pools:
        return [id for id in reversed(list(everything)) if keep(id)]
    sets = sorted((set(pool) for pool in pools), key=len)
    return sorted((id for id in set.intersection(*sets) if keep(id)), reverse=True)


def listed(here: State, find: Callable[[], list[int]], *, render: Callable[[int], Any], size: int = 50) -> Response:
    """The page that was asked for: the first of a new search, or the next one of a search still remembered."""
    token = request.args.get("searchId", "")
    if token:
        name, search, number = remembered(here, token)
        if number > 1 and here.oddities.take("repeated_page"):
            number -= 1
    else:
        search = Search(request.path, find(), whole("pageSize", size, most=here.settings.max_page_size))
        name, number = remember(here, search), 1
    pages = -(-len(search.ids) // search.size)
    start = (number - 1) * search.size
    shown = [render(id) for id in search.ids[start : start + search.size]]
    complete = number >= pages
    links = [] if complete or here.oddities.take("no_next_link") else [next_link(name, number + 1)]
    return jsonify(data=shown, links=links, complete=complete, pages=pages)


def remember(here: State, search: Search) -> str:
    name = secrets.token_hex(8)
    if len(search.ids) > search.size:
        here.searches[name] = search
        while len(here.searches) > SEARCHES_KEPT:
            here.searches.popitem(last=False)
    return name


def remembered(here: State, token: str) -> tuple[str, Search, int]:
    name, _, number = token.partition("-")
    search = here.searches.get(name)
    if search is None or search.path != request.path or not number.isdigit():
        raise invalid(f"searchId [{token}] is not valid or has expired")
    return name, search, int(number)


def next_link(name: str, number: int) -> dict[str, str]:
    path = request.path.split("/", 2)[2]
    return {"rel": "next", "href": f"{link(path)}?searchId={name}-{number}"}
