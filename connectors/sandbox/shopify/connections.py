"""Pages of a connection: rows in their order, cursors that hold a place in it, and no scan where an index knows."""

from __future__ import annotations

import base64
import json
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from connectors.sandbox.ordering import Ordered
from connectors.sandbox.shopify.engine import Node, QueryError
from connectors.sandbox.shopify.models import Doc

Place = tuple[Any, int]  # the key a row is ordered by, and its id


def cursor_of(place: Place) -> str:
    key = place[0].isoformat() if isinstance(place[0], datetime) else place[0]
    return base64.b64encode(json.dumps({"last_id": place[1], "last_value": key}).encode()).decode()


def place_of(cursor: str | None, *, moments: bool) -> Place | None:
    if cursor is None:
        return None
    try:
        kept = json.loads(base64.b64decode(cursor, validate=True))
        value = datetime.fromisoformat(kept["last_value"]) if moments else int(kept["last_value"])
        return value, int(kept["last_id"])
    except (ValueError, TypeError, KeyError) as error:
        raise QueryError("Invalid cursor for current pagination sort.", "BAD_REQUEST") from error


def connection(type_name: str, found: Sequence[tuple[Place, Any]], view: Callable[[Any], Node], *, more: bool, before: bool = False) -> Node:
    """A page that was cut already; `more`: rows remain beyond it."""
    nodes = [view(row) for _, row in found]
    cursors = [cursor_of(place) for place, _ in found]
    edges = [Node(f"{type_name}Edge", {"cursor": cursor, "node": node}) for cursor, node in zip(cursors, nodes, strict=True)]
    info = {
        "hasNextPage": more,
        "hasPreviousPage": before,
        "startCursor": cursors[0] if cursors else None,
        "endCursor": cursors[-1] if cursors else None,
    }
    return Node(f"{type_name}Connection", {"nodes": nodes, "edges": edges, "pageInfo": Node("PageInfo", info)})


def small(type_name: str, rows: Iterable[Any], view: Callable[[Any], Node], args: Doc) -> Node:
    """A connection inside another object: a short list, paged by its position."""
    every = list(enumerate(rows))
    if args.get("reverse"):
        every.reverse()
    if args.get("first") is None:
        return last_of(type_name, every, view, int(args["last"]))
    after = place_of(args.get("after"), moments=False)
    start = next((at + 1 for at, (place, _) in enumerate(every) if after and place == after[1]), 0)
    page = every[start : start + int(args["first"])]
    return connection(type_name, [((at, at), row) for at, row in page], view, more=start + len(page) < len(every), before=start > 0)


def last_of(type_name: str, every: Sequence[tuple[int, Any]], view: Callable[[Any], Node], count: int) -> Node:
    page = every[-count:] if count else []
    return connection(type_name, [((at, at), row) for at, row in page], view, more=False, before=len(page) < len(every))


def walked(
    type_name: str,
    order: Ordered,
    rows: Callable[[int], Any],
    *,
    view: Callable[[Any], Node],
    args: Doc,
    keep: Callable[[Any], bool],
    least: Any = None,
) -> Node:
    """A page of rows in the order of change, from `least` on."""
    wanted, reverse = int(args.get("first") or args.get("last") or 0), bool(args.get("reverse")) or args.get("first") is None
    after = place_of(args.get("after") if args.get("first") is not None else args.get("before"), moments=True)
    found: list[tuple[Place, Any]] = []
    for key, id in order.walk(least=least, after=after, reverse=reverse):
        row = rows(id)
        if keep(row):
            if len(found) == wanted:
                return connection(type_name, found, view, more=True, before=after is not None)
            found.append(((key, id), row))
    return connection(type_name, found, view, more=False, before=after is not None)


def by_id(
    type_name: str, table: Mapping[int, Any], *, view: Callable[[Any], Node], args: Doc, keep: Callable[[Any], bool], moments: bool = False
) -> Node:
    """A page of rows in ascending order of id (for orders that is the order they were placed in), or descending."""
    reverse, wanted = bool(args.get("reverse")), int(args.get("first") or args.get("last") or 0)
    after = place_of(args.get("after"), moments=moments)
    ids = list(table)
    start = bisect_right(ids, after[1]) if after and not reverse else 0
    end = bisect_left(ids, after[1]) if after and reverse else len(ids)
    found: list[tuple[Place, Any]] = []
    for id in reversed(ids[start:end]) if reverse else ids[start:end]:
        row = table[id]
        if keep(row):
            if len(found) == wanted:
                return connection(type_name, found, view, more=True, before=after is not None)
            found.append(((row.created_at if moments else row.id, row.id), row))
    return connection(type_name, found, view, more=False, before=after is not None)
