"""Looking for orders by number. Veeqo's search is fuzzy, may lag behind a fresh order, and hides cancelled ones by default."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from connectors.canonical import Done
from connectors.errors import ContractError
from connectors.ports import Account
from connectors.reading import moment, text, whole
from connectors.veeqo.client import Client, Params, Row
from connectors.veeqo.dates import DEFAULT_FORM, UNKNOWN_ZONE_H, bound_text, stamp
from connectors.veeqo.feeds import BOTH_PASSES
from connectors.veeqo.orders import DEFAULT_APP, newest, order_link

MAX_SEARCH_PAGES = 10
MAX_SCAN_PAGES = 5
LOOK_BACK_MIN = "120"


def find_orders(client: Client, account: Account, number: str) -> tuple[Done, ...]:
    """Every order with exactly this number: what the search finds, and the newest orders in case the search has not caught up."""
    found: dict[str, Row] = {}
    for extra in BOTH_PASSES:
        for row in searched(client, number, extra=extra):
            if text(row.get("number")) == number:
                found[text(row.get("id"))] = row
        for row in recent(client, account, extra=extra):
            if text(row.get("number")) == number:
                found[text(row.get("id"))] = row
    return tuple(as_found(row, account) for _, row in sorted(found.items(), key=lambda item: (len(item[0]), item[0])))


def searched(client: Client, number: str, *, extra: Params) -> Iterator[Row]:
    for sheet in client.pages("/orders", [("query", number), *extra]):
        yield from sheet.rows
        if not sheet.last and sheet.number >= MAX_SEARCH_PAGES:
            raise ContractError(
                f"Veeqo finds so many orders for “{number}” that it cannot be told whether this order is among them. Nothing was sent.",
                detail=f"{sheet.total} rows",
            )


def recent(client: Client, account: Account, *, extra: Params) -> Iterator[Row]:
    """Orders created lately, newest first; the bound sent lies further back because its time zone is uncertain."""
    oldest = datetime.now(UTC) - timedelta(minutes=whole(account.option("look_back_min", LOOK_BACK_MIN), what="option look_back_min"))
    bound = oldest - timedelta(hours=UNKNOWN_ZONE_H)
    filters = [("created_at_min", bound_text(bound, form=account.option("date_form", DEFAULT_FORM))), *extra]
    for sheet in client.pages("/orders", filters):
        yield from sheet.rows
        if sheet.number >= MAX_SCAN_PAGES or all(created_before(row, oldest) for row in sheet.rows):
            return


def created_before(row: Row, oldest: datetime) -> bool:
    try:
        return moment(row.get("created_at"), what="time of creation") < oldest
    except ContractError:
        return False


def as_found(row: Row, account: Account) -> Done:
    reference, changed_at = text(row.get("id")), newest(row)
    warnings = []
    if text(row.get("status")) == "cancelled" or row.get("cancelled_at"):
        warnings.append("This order is cancelled in Veeqo.")
    if row.get("merged_to_id"):
        warnings.append(f"This order was merged into order {text(row.get('merged_to_id'))} in Veeqo.")
    link = order_link(reference, app_url=account.option("app_url", DEFAULT_APP))
    return Done(reference, link=link, version=stamp(changed_at) if changed_at else "", found=True, warnings=tuple(warnings))
