"""Small values as Shopify writes them: global ids, money bags, lists of nodes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from connectors.reading import decimal, moment, text

Body = Mapping[str, Any]
Node = dict[str, Any]


def mapping(value: Any) -> Body:
    """The value where it is an object; an empty one where it is missing or something else."""
    return value if isinstance(value, Mapping) else {}


def objects(value: Any) -> list[Node]:
    """The objects of a list; [] where it is missing or something else."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def nodes(connection: Any) -> list[Node]:
    """The nodes of a connection, told as `nodes` or as `edges`; a plain list is taken as it is."""
    if isinstance(connection, list):
        return objects(connection)
    body = mapping(connection)
    if "nodes" in body:
        return objects(body["nodes"])
    return [edge["node"] for edge in objects(body.get("edges")) if isinstance(edge.get("node"), dict)]


def tail(identity: Any) -> str:
    """The number at the end of a global id ("gid://shopify/Order/55" → "55"), which is also the id of webhooks."""
    return text(identity).partition("?")[0].rpartition("/")[2]


def gid(kind: str, reference: str) -> str:
    """The global id of a thing; one that is global already stays."""
    return reference if reference.startswith("gid://") else f"gid://shopify/{kind}/{reference}"


def money(bag: Any) -> Decimal | None:
    """The shop's own money of a bag; None where there is none."""
    amount = mapping(mapping(bag).get("shopMoney")).get("amount")
    return None if amount is None or amount == "" else decimal(amount, what="amount")


def currency(bag: Any) -> str:
    return text(mapping(mapping(bag).get("shopMoney")).get("currencyCode"))


def stamp(at: datetime) -> str:
    """A time as Shopify's search takes it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def utc_text(value: Any, *, what: str) -> str:
    """A time as text that sorts: UTC and of one form, whatever zone it came in."""
    return moment(value, what=what).isoformat(timespec="microseconds")


def exact(value: Any) -> str:
    """Text as it is, spaces and capitals included (a SKU); "" for null and for what is not a plain value."""
    return "" if value is None or isinstance(value, dict | list | bool) else str(value)


def host(url: str) -> str:
    return urlsplit(url).netloc
