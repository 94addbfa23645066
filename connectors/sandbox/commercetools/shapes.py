"""What a request body may look like: typed members, enums, keys, money and addresses, refused as the vendor refuses them."""

from __future__ import annotations

import re
from typing import Any

from connectors.sandbox.commercetools.errors import duplicate_field, invalid_field, invalid_input, invalid_json

Doc = dict[str, Any]
KEY = re.compile(r"^[A-Za-z0-9_-]{2,256}$")
KINDS = {"string": str, "int": int, "boolean": bool, "array": list, "object": dict}
FRACTION_DIGITS = {"JPY": 0, "KRW": 0, "CLP": 0, "BHD": 3, "KWD": 3, "TND": 3}
ADDRESS_TEXT = """id key country title salutation firstName lastName streetName streetNumber additionalStreetInfo postalCode city region state
company department building apartment pOBox phone mobile email fax additionalAddressInfo externalId"""
ADDRESS_FIELDS = tuple(ADDRESS_TEXT.split())


def fits(value: Any, kind: str) -> bool:
    if kind == "int" and isinstance(value, bool):
        return False
    return isinstance(value, KINDS[kind])


def take(body: Doc, name: str, kind: str, *, required: bool = False, default: Any = None) -> Any:
    """The member `name` of the body if it is of the right JSON kind; a missing or null one is the default."""
    value = body.get(name)
    if value is None:
        if required:
            raise invalid_json(f"{name}: Missing required value")
        return default
    if not fits(value, kind):
        raise invalid_json(f"{name}: unexpected value '{value}', expected {kind}")
    return value


def choose(body: Doc, name: str, allowed: frozenset[str], *, required: bool = False, default: Any = None) -> Any:
    value = take(body, name, "string", required=required, default=default)
    if value is not None and value not in allowed:
        raise invalid_field(name, value, allowed)
    return value


def key_of(body: Doc, name: str = "key", *, required: bool = False) -> str | None:
    value = take(body, name, "string", required=required)
    if value is not None and not KEY.match(value):
        raise invalid_input(f"The value '{value}' of '{name}' may only have A-Z, a-z, 0-9, _ and -, and 2 to 256 of them.")
    return value


def one_of(body: Doc, first: str, second: str) -> tuple[str, str]:
    """Exactly one of two string members, as (name, value)."""
    given = [name for name in (first, second) if body.get(name) is not None]
    if len(given) != 1:
        raise invalid_json(f"exactly one of {first} and {second} is required")
    return given[0], take(body, given[0], "string", required=True)


def objects(body: Doc, name: str, *, required: bool = False) -> list[Doc]:
    values = take(body, name, "array", required=required, default=[])
    if not all(isinstance(value, dict) for value in values):
        raise invalid_json(f"{name}: expected an array of objects")
    return list(values)


def localized(body: Doc, name: str, *, required: bool = False) -> Doc | None:
    value = take(body, name, "object", required=required)
    if value is not None and not all(isinstance(text, str) for text in value.values()):
        raise invalid_json(f"{name}: expected a localized string")
    return value


def cents(amount: int, currency: str) -> Doc:
    return {"type": "centPrecision", "currencyCode": currency, "centAmount": amount, "fractionDigits": FRACTION_DIGITS.get(currency, 2)}


def money(body: Doc, name: str, *, required: bool = False, unit_price: bool = False) -> Doc | None:
    """Money as the API answers it; only a unit price may be of high precision."""
    value = take(body, name, "object", required=required)
    if value is None:
        return None
    currency = take(value, "currencyCode", "string", required=True)
    if not re.fullmatch(r"[A-Z]{3}", currency):
        raise invalid_json(f"{name}.currencyCode: unknown currency '{currency}'")
    if value.get("type") != "highPrecision":
        return cents(take(value, "centAmount", "int", required=True), currency)
    if not unit_price:
        raise invalid_json(f"{name}: only centPrecision is allowed")
    digits, precise = take(value, "fractionDigits", "int", required=True), take(value, "preciseAmount", "int", required=True)
    rounded = round(precise / 10 ** (digits - FRACTION_DIGITS.get(currency, 2)))
    whole = take(value, "centAmount", "int", default=rounded)
    return {"type": "highPrecision", "currencyCode": currency, "preciseAmount": precise, "fractionDigits": digits, "centAmount": whole}


def address(body: Doc, name: str) -> Doc | None:
    value = take(body, name, "object")
    if value is None:
        return None
    country = take(value, "country", "string", required=True)
    if not re.fullmatch(r"[A-Z]{2}", country):
        raise invalid_json(f"{name}.country: '{country}' is not an ISO 3166-1 alpha-2 code")
    kept = {field: take(value, field, "string") for field in ADDRESS_FIELDS}
    return {field: text for field, text in kept.items() if text is not None}


def without_nones(doc: Doc) -> Doc:
    """The API omits what is not set."""
    return {name: value for name, value in doc.items() if value is not None}


def put_or_drop(doc: Doc, name: str, value: Any) -> None:
    if value is None:
        doc.pop(name, None)
    else:
        doc[name] = value


def refuse_taken_keys(keys: list[str | None], field: str) -> None:
    given = [key for key in keys if key is not None]
    for position, key in enumerate(given):
        if key in given[:position]:
            raise duplicate_field(field, key)
