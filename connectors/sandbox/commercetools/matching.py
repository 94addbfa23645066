"""A parsed predicate as a test on one document, and as the narrowest slice of a collection that must be looked at."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from connectors.sandbox.commercetools.collection import VIEWS, Collection, flip
from connectors.sandbox.commercetools.errors import malformed
from connectors.sandbox.commercetools.fields import Tree, is_moment
from connectors.sandbox.commercetools.predicate import Both, Check, Either, Inside, Negated, Node, Value

Matcher = Callable[[Any], bool]
ORDERINGS: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}
EARTH_RADIUS_M = 6_371_000.0


def moment(text: str) -> str:
    """An ISO date-time as the documents write it, so that text order is time order."""
    try:
        read = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except (ValueError, AttributeError) as error:
        raise malformed("where", f"'{text}' is not a date-time.") from error
    aware = read if read.tzinfo else read.replace(tzinfo=UTC)
    return stamp(aware)


def stamp(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"


def literal(name: str, value: Value) -> Value:
    """The value as the field compares it: moments normalised, ids in the server's order."""
    if is_moment(name) and isinstance(value.given, str):
        return Value(moment(value.given))
    if name == "id" and isinstance(value.given, str):
        return Value(flip(value.given))
    return value


def compare(sign: str, name: str, actual: Any, value: Value) -> bool:
    given = typed(value, actual)
    if name == "id" and isinstance(actual, str):
        actual = flip(actual)
    if isinstance(given, bool) != isinstance(actual, bool) or isinstance(given, str) != isinstance(actual, str):
        return sign == "!="
    return ORDERINGS[sign](actual, given)


def typed(value: Value, actual: Any) -> Any:
    """A `var.` value is text; the field it meets says what it means."""
    if not value.from_variable or isinstance(actual, str):
        return value.given
    if isinstance(actual, bool):
        return {"true": True, "false": False}.get(value.given, value.given)
    try:
        return float(value.given)
    except ValueError:
        return value.given


def compile_node(node: Node, tree: Tree) -> Matcher:
    match node:
        case Both(parts):
            tests = [compile_node(part, tree) for part in parts]
            return lambda doc: all(test(doc) for test in tests)
        case Either(parts):
            tests = [compile_node(part, tree) for part in parts]
            return lambda doc: any(test(doc) for test in tests)
        case Negated(part):
            test = compile_node(part, tree)
            return lambda doc: not test(doc)
        case Inside(name, part):
            return inside(name, compile_node(part, below(name, tree)))
        case Check():
            below(node.field, tree)
            return check(node)


def below(name: str, tree: Tree) -> Tree:
    if tree is None:
        return None
    if name not in tree:
        raise malformed("where", f"The field '{name}' does not exist.")
    return tree[name]


def inside(name: str, test: Matcher) -> Matcher:
    def match(doc: Any) -> bool:
        value = doc.get(name) if isinstance(doc, dict) else None
        if isinstance(value, list):
            return any(test(element) for element in value)
        return value is not None and test(value)

    return match


def check(node: Check) -> Matcher:
    name, sign = node.field, node.operator
    values = [literal(name, value) for value in node.values]

    def match(doc: Any) -> bool:
        actual = doc.get(name) if isinstance(doc, dict) else None
        if sign in PRESENCE:
            return PRESENCE[sign](actual)
        if actual is None:
            return False
        if sign in ORDERINGS:
            return compare(sign, name, actual, values[0])
        return MEMBERSHIP[sign](name, actual, values)

    return match


def is_in(name: str, actual: Any, values: list[Value]) -> bool:
    return any(compare("=", name, actual, value) for value in values)


def contains_any(name: str, actual: Any, values: list[Value]) -> bool:
    return isinstance(actual, list) and any(is_in(name, element, values) for element in actual)


def contains_all(name: str, actual: Any, values: list[Value]) -> bool:
    return isinstance(actual, list) and all(any(compare("=", name, element, value) for element in actual) for value in values)


def within_circle(name: str, actual: Any, values: list[Value]) -> bool:
    if not isinstance(actual, dict) or len(values) != 3:
        return False
    longitude, latitude, radius_m = (float(value.given) for value in values)
    there_longitude, there_latitude = actual["coordinates"]
    half = math.sin(math.radians(there_latitude - latitude) / 2) ** 2 + math.cos(math.radians(latitude)) * math.cos(math.radians(there_latitude)) * (
        math.sin(math.radians(there_longitude - longitude) / 2) ** 2
    )
    return 2 * EARTH_RADIUS_M * math.asin(math.sqrt(half)) <= radius_m


PRESENCE: dict[str, Callable[[Any], bool]] = {
    "is defined": lambda actual: actual is not None,
    "is not defined": lambda actual: actual is None,
    "is empty": lambda actual: not actual,
    "is not empty": bool,
}
MEMBERSHIP: dict[str, Callable[[str, Any, list[Value]], bool]] = {
    "in": is_in,
    "not in": lambda name, actual, values: not is_in(name, actual, values),
    "contains any": contains_any,
    "contains all": contains_all,
    "within": within_circle,
}


@dataclass
class Bounds:
    """What a predicate promises about its matches: ids they are among, and ranges of the paged fields."""

    ids: set[str] | None = None
    low: dict[str, str] = field(default_factory=dict)
    high: dict[str, str] = field(default_factory=dict)


def bounds_of(node: Node, collection: Collection, path: tuple[str, ...] = ()) -> Bounds:
    match node:
        case Both(parts):
            return narrowed([bounds_of(part, collection, path) for part in parts])
        case Either(parts):
            return widened([bounds_of(part, collection, path) for part in parts])
        case Inside(name, part):
            return bounds_of(part, collection, (*path, name))
        case Check():
            return bounds_of_check(node, collection, path)
    return Bounds()


def bounds_of_check(node: Check, collection: Collection, path: tuple[str, ...]) -> Bounds:
    name = ".".join((*path, node.field))
    values = [literal(node.field, value).given for value in node.values]
    if node.operator in ("=", "in") and name in collection.indexes:
        looked_up = [flip(value) if node.field == "id" and isinstance(value, str) else value for value in values]
        return Bounds(set().union(*(collection.find_all(name, value) for value in looked_up)))
    if name == "id" and node.operator in ("=", "in"):
        return Bounds({flip(value) for value in values if isinstance(value, str)} & collection.texts.keys())
    if name not in VIEWS or not values or not isinstance(values[0], str):
        return Bounds()
    bounds = Bounds()
    if node.operator in (">", ">=", "="):
        bounds.low[name] = values[0]
    if node.operator in ("<", "<=", "="):
        bounds.high[name] = values[0]
    return bounds


def narrowed(parts: list[Bounds]) -> Bounds:
    known = sorted((part.ids for part in parts if part.ids is not None), key=len)
    result = Bounds(known[0] if known else None)
    for part in parts:
        for name, value in part.low.items():
            result.low[name] = max(value, result.low.get(name, value))
        for name, value in part.high.items():
            result.high[name] = min(value, result.high.get(name, value))
    return result


def widened(parts: list[Bounds]) -> Bounds:
    result = Bounds()
    if all(part.ids is not None for part in parts):
        result.ids = set().union(*(part.ids or set() for part in parts))
    for name in VIEWS:
        if all(name in part.low for part in parts):
            result.low[name] = min(part.low[name] for part in parts)
        if all(name in part.high for part in parts):
            result.high[name] = max(part.high[name] for part in parts)
    return result
