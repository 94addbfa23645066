"""The list conventions: where, sort, limit, offset, withTotal (https://docs.commercetools.com/api/general-concepts)."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

from werkzeug.datastructures import MultiDict

from connectors.sandbox.commercetools.collection import VIEWS, Collection, flip, values_at
from connectors.sandbox.commercetools.errors import ApiError, malformed
from connectors.sandbox.commercetools.fields import TREES, is_moment
from connectors.sandbox.commercetools.matching import Bounds, Matcher, bounds_of, compile_node
from connectors.sandbox.commercetools.predicate import Both, Node, parse

MAX_OFFSET, TOTAL_CAP, FEW, MAX_WHERE = 10_000, 10_000, 2_000, 16_000
AFTER_ALL = "\U0010ffff"
WORDS = {"true": True, "false": False}


@dataclass(frozen=True)
class Order:
    """One `sort` parameter."""

    path: tuple[str, ...]
    descending: bool


@dataclass(frozen=True)
class Query:
    """One list request, read and checked."""

    where: Node | None
    orders: tuple[Order, ...]
    limit: int
    offset: int
    with_total: bool
    expand: tuple[str, ...]


def whole_number(args: MultiDict[str, str], name: str, *, default: int, top: int) -> int:
    raw = args.get(name)
    if raw is None:
        return default
    if not raw.lstrip("-").isdigit():
        raise malformed(name, f"The {name} parameter must be a number.")
    if not 0 <= int(raw) <= top:
        raise malformed(name, f"The {name} parameter must be in the range of [0..{top}]")
    return int(raw)


def word(args: MultiDict[str, str], name: str, *, default: bool) -> bool:
    raw = args.get(name)
    if raw is None:
        return default
    if raw not in WORDS:
        raise malformed(name, f"'{raw}' is not true or false.")
    return WORDS[raw]


def read_where(args: MultiDict[str, str]) -> Node | None:
    texts = args.getlist("where")
    if sum(map(len, texts)) > MAX_WHERE:
        raise ApiError(413, "ContentTooLarge", "The predicate is too large.")
    variables = {name[4:]: args.getlist(name) for name in args if name.startswith("var.")}
    nodes = [parse(text, variables) for text in texts]
    return Both(tuple(nodes)) if len(nodes) > 1 else (nodes[0] if nodes else None)


def read_sort(text: str, resource: str) -> Order:
    words = text.split()
    if len(words) not in (1, 2) or (len(words) == 2 and words[1] not in ("asc", "desc")):
        raise malformed("sort", f"Syntax error while parsing 'sort'. '{text}' is not '<path> asc' or '<path> desc'.")
    path = tuple(words[0].split("."))
    if path[0] not in TREES[resource]:
        raise malformed("sort", f"The field '{path[0]}' does not exist.")
    return Order(path, words[1:] == ["desc"])


def read_query(args: MultiDict[str, str], resource: str, *, max_limit: int = 500) -> Query:
    return Query(
        where=read_where(args),
        orders=tuple(read_sort(text, resource) for text in args.getlist("sort")),
        limit=whole_number(args, "limit", default=20, top=max_limit),
        offset=whole_number(args, "offset", default=0, top=MAX_OFFSET),
        with_total=word(args, "withTotal", default=True),
        expand=tuple(args.getlist("expand")),
    )


@dataclass(frozen=True)
class Found:
    """The ids of one page, and the estimate of all."""

    ids: list[str]
    total: int


def run(query: Query, collection: Collection, resource: str, *, only: Node | None, random: Random) -> Found:
    """The page a query asks for; `only` is what the endpoint itself adds (its store)."""
    nodes = tuple(node for node in (query.where, only) if node is not None)
    node = Both(nodes) if nodes else None
    test = compile_node(node, TREES[resource]) if node else None
    bounds = bounds_of(node, collection) if node else Bounds()
    end = query.offset + query.limit
    view = view_of(query)
    if view is None or (bounds.ids is not None and len(bounds.ids) <= FEW):
        return gathered(query, collection, matching(candidates(collection, bounds), collection, test), random)
    stream = matching(in_view_order(collection, bounds, view), collection, test)
    if test is None:
        ids = take_page(stream, query.offset, end)
        return Found(ids, len(collection))
    wanted = max(end, TOTAL_CAP) if query.with_total else end
    ids = take_page(stream, 0, wanted)
    return Found(ids[query.offset : end], min(len(ids), TOTAL_CAP))


def take_page(stream: Iterator[str], start: int, end: int) -> list[str]:
    taken: list[str] = []
    for position, ident in enumerate(stream):
        if position >= end:
            break
        if position >= start:
            taken.append(ident)
    return taken


def view_of(query: Query) -> tuple[str, bool] | None:
    """The maintained order that serves this sort, if one does."""
    if not query.orders or query.orders[0].path[0] not in VIEWS:
        return None
    first, *rest = query.orders
    if first.path == ("id",) or not rest or rest == [Order(("id",), first.descending)]:
        return first.path[0], first.descending
    return None


def span(collection: Collection, name: str, bounds: Bounds) -> tuple[int, int]:
    view = collection.views[name]
    low = bisect_left(view, (bounds.low[name], "")) if name in bounds.low else 0
    high = bisect_right(view, (bounds.high[name], AFTER_ALL)) if name in bounds.high else len(view)
    return low, max(low, high)


def in_view_order(collection: Collection, bounds: Bounds, view: tuple[str, bool]) -> Iterator[str]:
    name, descending = view
    low, high = span(collection, name, bounds)
    entries = collection.views[name]
    for position in range(high - 1, low - 1, -1) if descending else range(low, high):
        ident = flip(entries[position][1])
        if bounds.ids is None or ident in bounds.ids:
            yield ident


def candidates(collection: Collection, bounds: Bounds) -> Iterator[str]:
    if bounds.ids is not None:
        return iter(bounds.ids)
    bounded = [name for name in VIEWS if name in bounds.low or name in bounds.high]
    if not bounded:
        return iter(collection.texts)
    spans = {name: span(collection, name, bounds) for name in bounded}
    best = min(spans, key=lambda name: spans[name][1] - spans[name][0])
    low, high = spans[best]
    return (flip(ident) for _, ident in collection.views[best][low:high])


def matching(idents: Iterator[str], collection: Collection, test: Matcher | None) -> Iterator[str]:
    return (ident for ident in idents if test is None or test(collection.peek(ident)))


def gathered(query: Query, collection: Collection, matches: Iterator[str], random: Random) -> Found:
    """All matches in the asked order; without `sort` in no order at all, as the vendor warns."""
    ids = list(matches)
    total = len(ids) if query.where is None else min(len(ids), TOTAL_CAP)
    if query.orders:
        docs = {ident: collection.peek(ident) for ident in ids}
        for order in reversed(query.orders):
            ids.sort(key=lambda ident: sort_key(docs[ident], order.path), reverse=order.descending)
    else:
        ids.sort()
        random.shuffle(ids)
    return Found(ids[query.offset : query.offset + query.limit], total)


def sort_key(doc: Any, path: tuple[str, ...]) -> tuple[int, Any]:
    value = next(values_at(doc, path), None)
    if value is None:
        return (0, "")
    if isinstance(value, str):
        return (2, flip(value) if path[-1] == "id" and not is_moment(path[-1]) else value)
    return (1, value) if isinstance(value, (int, float)) else (3, str(value))
