"""Looking for orders by number. Deposco may ignore the number and list everything, newest first, so each row is looked at."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from connectors.canonical import Done
from connectors.deposco.client import Params, Rest
from connectors.deposco.dates import changed_at, created_at, stamp
from connectors.deposco.gathering import ORDERS
from connectors.deposco.shapes import Row, exact, id_of, number_of
from connectors.errors import ContractError
from connectors.reading import text

MAX_PAGES = 40
PARTS = re.compile(r"in parts: (\d+) lines")


def find_orders(rest: Rest, number: str) -> tuple[Done, ...]:
    """Every order with exactly this number; not one of which only a part was sent, because it has to be sent again."""
    return tuple(as_found(row) for row in matching(rest, number) if not is_unfinished(rest, row))


def matching(rest: Rest, number: str) -> list[Row]:
    company = rest.settings.company
    filters: Params = [*([("businessUnit", company)] if company else []), ("number", number)]
    oldest = datetime.now(UTC) - timedelta(minutes=rest.settings.number("look_back_min"))
    found: list[Row] = []
    for place, sheet in enumerate(rest.pages(ORDERS, filters), start=1):
        found += [row for row in sheet.rows if exact(row.get("number")) == number and id_of(row)]
        ignored = any(exact(row.get("number")) != number for row in sheet.rows)
        if ignored and all((created_at(row) or oldest) < oldest for row in sheet.rows):
            return found
        if sheet.query and place >= MAX_PAGES:
            raise ContractError(f"Deposco lists so many orders that it cannot be told whether {number} is among them. Nothing was sent.")
    return found


def is_unfinished(rest: Rest, row: Row) -> bool:
    """A long order is sent in parts and held until the last one: it says of itself how many lines it should have."""
    promised = PARTS.fullmatch(text(row.get("importReference")))
    if promised is None or text(row.get("orderStatus")) != "Hold" or not number_of(id_of(row)):
        return False
    return len(rest.whole(f"{ORDERS}/{id_of(row)}/orderLines")) < int(promised[1])


def as_found(row: Row, *, warnings: tuple[str, ...] = ()) -> Done:
    changed = changed_at(row)
    cancelled = ("This order is cancelled in Deposco.",) if text(row.get("orderStatus")) == "Canceled" else ()
    return Done(id_of(row), version=stamp(changed) if changed else "", found=True, warnings=(*warnings, *cancelled))
