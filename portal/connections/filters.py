"""Decides whether an order passes an integration's filter rows: every row must hold (R112, R113)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal, InvalidOperation
from typing import Protocol

from portal.connections.models import FilterRow, Operator


class Filterable(Protocol):
    """What a filter can ask: the values of a field, several where the order has several (tags, SKUs)."""

    def filter_values(self, field: str) -> list[str]: ...


FIELDS = {  # what the form offers; extra.<name> reaches any further attribute the channel sends
    "number": "order number",
    "store": "store",
    "ship_service": "delivery method",
    "carrier": "carrier",
    "currency": "currency",
    "total": "order total",
    "email": "customer e-mail",
    "country": "country",
    "city": "city",
    "postcode": "postcode",
    "tag": "tag",
    "sku": "SKU",
    "note": "note",
    "payment_state": "payment state",
    "payment_method": "payment method",
    "state": "channel's order state",
}


def number(text: str) -> Decimal | None:
    """What a person would call a number; “nan” is a word."""
    try:
        read = Decimal(text.strip())
    except InvalidOperation:
        return None
    return read if read.is_finite() else None


def compare(seen: str, wanted: str) -> int:
    """-1, 0, 1: as numbers where both are numbers, else as text."""
    left, right = number(seen), number(wanted)
    if left is not None and right is not None:
        return (left > right) - (left < right)
    return (seen.casefold() > wanted.casefold()) - (seen.casefold() < wanted.casefold())


def wanted_list(wanted: str) -> list[str]:
    return [part.strip().casefold() for part in wanted.split(",") if part.strip()]


# Text compares without regard to capitals; “does not …” holds when no value does.
TESTS: dict[str, Callable[[list[str], str], bool]] = {
    Operator.EQUALS: lambda seen, wanted: any(value.casefold() == wanted.casefold() for value in seen),
    Operator.NOT_EQUALS: lambda seen, wanted: all(value.casefold() != wanted.casefold() for value in seen),
    Operator.CONTAINS: lambda seen, wanted: any(wanted.casefold() in value.casefold() for value in seen),
    Operator.NOT_CONTAINS: lambda seen, wanted: all(wanted.casefold() not in value.casefold() for value in seen),
    Operator.STARTS: lambda seen, wanted: any(value.casefold().startswith(wanted.casefold()) for value in seen),
    Operator.ENDS: lambda seen, wanted: any(value.casefold().endswith(wanted.casefold()) for value in seen),
    Operator.ONE_OF: lambda seen, wanted: any(value.casefold() in wanted_list(wanted) for value in seen),
    Operator.GREATER: lambda seen, wanted: any(compare(value, wanted) > 0 for value in seen),
    Operator.LESS: lambda seen, wanted: any(compare(value, wanted) < 0 for value in seen),
    Operator.EMPTY: lambda seen, wanted: not any(seen),
    Operator.NOT_EMPTY: lambda seen, wanted: any(seen),
}


def first_refusal(rows: Iterable[FilterRow], order: Filterable) -> FilterRow | None:
    """The first row the order does not meet; None when it takes part."""
    for row in rows:
        if not TESTS[row.operator](order.filter_values(row.field), row.value):
            return row
    return None


def is_known_field(field: str) -> bool:
    return field in FIELDS or (field.startswith("extra.") and len(field) > len("extra."))
