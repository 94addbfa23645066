"""Reading what a client sent: lists in two notations, strict booleans and dates, JSON bodies with their types."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from flask import request

from connectors.sandbox.mirakl.answers import Args, Refused
from connectors.sandbox.mirakl.models import Json

LIST_LIMIT = 100


def commas(args: Args, name: str, *, most: int = LIST_LIMIT) -> list[str]:
    """An old endpoint's list: one parameter, separated by commas."""
    return limited([value.strip() for value in args.get(name, "").split(",") if value.strip()], name, most=most)


def repeated(args: Args, name: str, *, most: int = LIST_LIMIT) -> list[str]:
    """A newer endpoint's list: the parameter once for each value; a comma is part of the value."""
    return limited([value for value in args.getlist(name) if value], name, most=most)


def limited(values: list[Any], name: str, *, most: int = LIST_LIMIT) -> list[Any]:
    if len(values) > most:
        raise Refused(400, f"The limit of {most} is exceeded for the parameter : {name}")
    return values


def one_of(values: list[str], name: str, *, allowed: Sequence[str]) -> list[str]:
    for value in values:
        if value not in allowed:
            raise Refused(400, f"The parameter {name} has an unknown value: {value}")
    return values


def flag(args: Args, name: str) -> bool | None:
    """`true` or `false` in lower case; Python's True is no boolean here."""
    written = args.get(name)
    if not written:
        return None
    if written not in ("true", "false"):
        raise Refused(400, f"The parameter {name} is not a boolean")
    return written == "true"


def moment(args: Args, name: str) -> datetime | None:
    """A date-time with its offset. A date alone is refused, and so is an offset whose plus was not encoded."""
    written = args.get(name)
    return read_moment(written, name) if written else None


def read_moment(written: Any, name: str) -> datetime:
    try:
        read = datetime.fromisoformat(str(written)) if "T" in str(written) else None
    except ValueError:
        read = None
    if read is None or read.tzinfo is None:
        raise Refused(400, f"The parameter {name} is not a valid date-time")
    return read.astimezone(UTC)


def sent() -> Json:
    """The JSON object of the body, its numbers exact."""
    if request.mimetype != "application/json":
        raise Refused(415)
    try:
        body = json.loads(request.get_data() or b"null", parse_float=Decimal)
    except ValueError:
        raise Refused(400, "Bad Request") from None
    if not isinstance(body, dict):
        raise Refused(400, "Bad Request")
    return body


def wrong(path: str) -> Refused:
    return Refused(400, f"Error with field {path}. Please check the field datatype.")


def required(path: str) -> Refused:
    return Refused(400, f"The field {path} is required.")


def objects(body: Json, name: str, *, most: int, path: str = "") -> list[Json]:
    """A required, not empty list of objects."""
    found = body.get(name)
    if found is None:
        raise required(path + name)
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise wrong(path + name)
    if not found:
        raise required(path + name)
    return limited(found, path + name, most=most)


def text(item: Json, name: str, *, path: str = "", must: bool = False) -> str:
    """A string; an empty one means "not given". A number is taken for its digits, as the server is known to do."""
    found = item.get(name)
    if isinstance(found, bool | list | dict):
        raise wrong(path + name)
    value = "" if found is None else str(found)
    if must and not value:
        raise required(path + name)
    return value


def boolean(item: Json, name: str, *, path: str = "", must: bool = False) -> bool | None:
    found = item.get(name)
    if found is None and not must:
        return None
    if found is None:
        raise required(path + name)
    if not isinstance(found, bool):
        raise wrong(path + name)
    return found


def amount(item: Json, name: str, *, path: str = "", must: bool = False) -> Decimal | None:
    """A number, or its digits in a string ("quantity": "5000")."""
    found = item.get(name)
    if found is None or found == "":
        if must:
            raise required(path + name)
        return None
    if isinstance(found, bool) or not isinstance(found, int | Decimal | str):
        raise wrong(path + name)
    try:
        read = Decimal(str(found))
    except InvalidOperation:
        raise wrong(path + name) from None
    if not read.is_finite():
        raise wrong(path + name)
    return read


def count(item: Json, name: str, *, path: str = "", must: bool = False) -> int | None:
    read = amount(item, name, path=path, must=must)
    if read is None:
        return None
    if read != int(read):
        raise wrong(path + name)
    return int(read)
