"""Deposco's shapes: references by id or business key, details that may be wrapped, collections cut at ten rows, nulls as objects."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.errors import ContractError
from connectors.reading import text

Row = dict[str, Any]
NESTED_ROWS = 10  # collections inside a detail end here, and their second page cannot be reached
NIL = "@nil"


def exact(value: Any) -> str:
    """Text as it is, blanks and all: two items may differ by a space only."""
    return "" if value is None or isinstance(value, dict | list) else str(value)


def part(body: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """An embedded record that may be missing or null."""
    value = body.get(name)
    return value if isinstance(value, dict) else {}


def rows(value: Any) -> list[Row]:
    """A list of records that may be missing, null, or its one element."""
    several = value if isinstance(value, list) else [value]
    return [row for row in several if isinstance(row, dict) and row and not is_nil(row)]


def is_nil(value: Any) -> bool:
    """`{"@nil": "true"}`: how the legacy API says null."""
    return isinstance(value, dict) and str(value.get(NIL, "")).lower() == "true"


def without_nils(value: Any) -> Any:
    if is_nil(value):
        return None
    if isinstance(value, dict):
        return {name: without_nils(each) for name, each in value.items()}
    return [without_nils(each) for each in value] if isinstance(value, list) else value


def key(ref: Any, name: str) -> str:
    """One field of a reference's business key. The dots in its names are part of them."""
    return exact(part(ref, "businessKey").get(name)) if isinstance(ref, dict) else ""


def id_of(body: Mapping[str, Any]) -> str:
    return text(part(body, "self").get("id")) or text(body.get("id"))


def sku_of(row: Mapping[str, Any]) -> str:
    return key(row.get("item"), "number") or key(row.get("pack"), "item.number")


def nested(body: Mapping[str, Any], name: str) -> tuple[list[Row], bool]:
    """The rows of a collection inside a detail, and whether they are surely all."""
    value = body.get(name)
    found = rows(value.get("data")) if isinstance(value, dict) else rows(value)
    told = value.get("complete") if isinstance(value, dict) else None
    return found, name in body and told is not False and len(found) < NESTED_ROWS


def unwrapped(body: Any, *, name: str) -> Row:
    """The record, out of the one key it may be wrapped in."""
    if isinstance(body, dict) and "self" not in body and isinstance(body.get(name), dict):
        body = body[name]
    if not isinstance(body, dict):
        raise ContractError(f"Deposco answered with something that is not one {name}.", detail=str(body)[:500])
    return body


def listed(body: Any, *, path: str) -> list[Row]:
    found = body.get("data") if isinstance(body, dict) and "data" in body else body
    if found is None:
        return []
    if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
        raise ContractError(f"Deposco answered {path} with something that is not a list.", detail=str(body)[:500])
    return found


def keep(body: Mapping[str, Any], names: tuple[str, ...]) -> Row:
    """What is kept of a record: what we read, and no people's data."""
    return {name: body[name] for name in names if name in body}


def number_of(value: Any) -> str:
    """An id usable in a path, or ""."""
    word = text(value)
    return word if word.isdecimal() else ""
