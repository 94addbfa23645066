"""Small values as commercetools writes them: money, localised names, references, exact text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from connectors import canonical
from connectors.errors import ContractError
from connectors.reading import decimal, text, whole

Body = Mapping[str, Any]


def mapping(value: Any) -> Body:
    """The value where it is an object; an empty one where it is missing or something else."""
    return value if isinstance(value, Mapping) else {}


def objects(value: Any) -> list[Body]:
    """The objects of a list; [] where it is missing or something else."""
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []


def exact(value: Any) -> str:
    """Text as it is, spaces and capitals included (a SKU); "" for null and for what is not a plain value."""
    return "" if value is None or isinstance(value, dict | list | bool) else str(value)


def amount(money: Any, *, what: str) -> Decimal:
    """A centPrecision or highPrecision amount in major units; exact (https://docs.commercetools.com/api/types#typedmoney)."""
    body = mapping(money)
    high = body.get("type") == "highPrecision" and body.get("preciseAmount") is not None
    number = body.get("preciseAmount") if high else body.get("centAmount")
    if number is None:
        raise ContractError(f"The {what} has no centAmount.")
    digits = body.get("fractionDigits")
    places = whole(digits, what=f"fractionDigits of the {what}") if digits is not None else canonical.exponent(currency(body))
    return decimal(number, what=what).scaleb(-places)


def amount_or_none(money: Any, *, what: str) -> Decimal | None:
    """The amount; None where there is no money object with an amount."""
    body = mapping(money)
    return amount(body, what=what) if body.get("centAmount") is not None or body.get("preciseAmount") is not None else None


def currency(money: Any) -> str:
    return text(mapping(money).get("currencyCode"))


def localised(value: Any, locales: Sequence[str]) -> str:
    """The name in the first preferred language that has one ("en-GB", then "en"), else in any."""
    if not isinstance(value, Mapping):
        return text(value)
    names = {str(locale).lower(): text(name) for locale, name in value.items() if text(name)}
    for locale in locales:
        wanted = locale.lower()
        if found := names.get(wanted) or names.get(wanted.partition("-")[0]):
            return found
    return next(iter(names.values()), "")


def reference_id(reference: Any) -> str:
    return text(mapping(reference).get("id"))


def reference_key(reference: Any) -> str:
    """The key of a key reference or of an expanded reference; "" where it is not told."""
    body = mapping(reference)
    return text(mapping(body.get("obj")).get("key")) or text(body.get("key"))


def reference_code(reference: Any) -> str:
    """The key when it is told, else the id."""
    return reference_key(reference) or reference_id(reference)
