"""Proving both credentials, and telling the administrator what of this tenant would surprise us."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from connectors.deposco.client import Params, Rest, is_forbidden
from connectors.deposco.dates import filter_text
from connectors.deposco.gathering import ORDERS, SHIPMENTS
from connectors.deposco.legacy import Legacy, rows_of
from connectors.deposco.returns import FAMILY
from connectors.deposco.settings import LEGACY, TRADING_PARTNER, Settings
from connectors.deposco.shapes import exact, key, part
from connectors.deposco.stock import FULL
from connectors.errors import AccessDenied, Rejected
from connectors.ports import Verification


def verify(rest: Rest, legacy: Legacy) -> Verification:
    """Cheap reads of both APIs. A wrong credential of either stops the connection; what is merely not open is a warning."""
    settings = rest.settings
    facts, warnings = {"company": settings.company}, option_warnings(settings)
    if not settings.company:
        raise AccessDenied("This Deposco connection has no company code. It is the code of the business unit, for example ACME.")
    if not settings.is_legacy:
        warnings += rest_warnings(rest)
        found, more = facilities(rest)
        facts |= {"facilities": ", ".join(found)} if found else {}
        warnings += more
    if settings.has_stock:
        warnings += legacy_warnings(legacy)
    which = {LEGACY: "its legacy API", "rest": "its REST API"}.get(settings.text("api"), "both of its APIs")
    return Verification(f"Connected to Deposco by {which}, company {settings.company}.", facts=facts, warnings=tuple(warnings))


def tomorrow() -> str:
    """Nothing can have changed after the day after tomorrow."""
    return filter_text(datetime.now(UTC) + timedelta(days=3))


def option_warnings(settings: Settings) -> list[str]:
    found = []
    if not settings.has_stock:
        found.append("Without the legacy API there is no stock: Deposco's REST API does not tell any.")
    if settings.text("store_as") == TRADING_PARTNER and not settings.is_legacy:
        found.append("Orders of the REST API have no trading partner. Choose another meaning of a store in the options.")
    return found


def rest_warnings(rest: Rest) -> list[str]:
    """Orders must be readable. Shipments should be, and returns may be; date filters should be obeyed."""
    found = []
    company: Params = [("businessUnit", rest.settings.company)]
    if first(rest, ORDERS, [*company, ("updatedAfter", tomorrow())]):
        found.append("Deposco ignored a date filter on orders in a trial: every poll reads orders of the last weeks again.")
    if first(rest, SHIPMENTS, [*company, ("updatedAfter", tomorrow())]):
        found.append("Deposco ignored a date filter on shipments in a trial: every poll reads shipments of the last weeks again.")
    try:
        first(rest, FAMILY, company)
    except (AccessDenied, Rejected) as error:
        if isinstance(error, AccessDenied) and not is_forbidden(error):
            raise
        found.append("Customer returns are not open to this app, so none are read. They may not be part of the subscription.")
    return found


def first(rest: Rest, path: str, filters: Params) -> bool:
    """Whether a list has anything at all."""
    sheet = next(rest.pages(path, filters, size=1), None)
    return bool(sheet and sheet.rows)


def facilities(rest: Rest) -> tuple[list[str], list[str]]:
    """The facilities there, and what is wrong with those of the options."""
    try:
        rows = rest.whole("/facilities")
    except (AccessDenied, Rejected) as error:
        if isinstance(error, AccessDenied) and not is_forbidden(error):
            raise
        return [], ["The app may not list facilities (scope facilities/read), so they have to be mapped by hand."]
    found = [exact(row.get("number")) or key(part(row, "self"), "number") for row in rows]
    settings = rest.settings
    chosen = [*settings.words("facilities"), settings.text("ship_from"), settings.text("returns_facility")]
    missing = sorted({name for name in chosen if name} - set(found))
    return sorted(found), [f"Deposco has no facility {name}. It is named in the options." for name in missing]


def legacy_warnings(legacy: Legacy) -> list[str]:
    """The stock of nothing: it proves the login, and that the time is looked at."""
    body = legacy.read(FULL, [("startActivityTime", tomorrow()), ("pageNo", "1")])
    if rows_of(body, "itemInventory"):
        return ["Deposco ignored the time of a stock reading in a trial: every poll of changes reads all stock."]
    return []
