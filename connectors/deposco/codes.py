"""The codes that live in Deposco: companies, facilities, trading partners. Carriers and services are free text: those in use are listed."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from connectors.canonical import Code, CodeKind
from connectors.deposco.client import Rest, is_forbidden
from connectors.deposco.gathering import ORDERS, SHIPMENTS
from connectors.deposco.settings import COMPANY, TRADING_PARTNER
from connectors.deposco.shapes import Row, exact, key, part
from connectors.errors import AccessDenied
from connectors.reading import text

SEEN_ROWS = 100


def stores(rest: Rest) -> tuple[Code, ...]:
    """Companies, or trading partners; an order source is free text without a list."""
    kind = rest.settings.text("store_as")
    if kind == COMPANY:
        return listed(rest, "/companies", CodeKind.STORE, "code")
    return listed(rest, "/tradingPartners", CodeKind.STORE, "code", "number") if kind == TRADING_PARTNER else ()


def warehouses(rest: Rest) -> tuple[Code, ...]:
    return listed(rest, "/facilities", CodeKind.WAREHOUSE, "number")


def listed(rest: Rest, path: str, kind: CodeKind, *names: str) -> tuple[Code, ...]:
    found = []
    for row in rest.whole(path):
        value = next((told for name in names if (told := exact(row.get(name)) or key(part(row, "self"), name))), "")
        if value:
            found.append(Code(kind, value, text(row.get("name")) or value))
    return tuple(found)


def carriers(rest: Rest) -> tuple[Code, ...]:
    chosen = [code.partition("|")[0].strip() for code in rest.settings.words("ship_services") if "|" in code]
    seen = [text(row.get("shipVendor")) for row in lately(rest)]
    return named(CodeKind.CARRIER, [*chosen, *seen])


def ship_services(rest: Rest) -> tuple[Code, ...]:
    """`carrier|service`, as an order is sent with."""
    seen = ["|".join(filter(None, (text(row.get("shipVendor")), text(row.get("shipVia"))))) for row in lately(rest) if text(row.get("shipVia"))]
    return named(CodeKind.SHIP_SERVICE, [*rest.settings.words("ship_services"), *seen])


def named(kind: CodeKind, values: Iterable[str]) -> tuple[Code, ...]:
    return tuple(Code(kind, value, value.replace("|", ": ")) for value in dict.fromkeys(values) if value)


def lately(rest: Rest) -> list[Row]:
    """The newest shipments and orders."""
    found: list[Row] = []
    filters = [("businessUnit", rest.settings.company)] if rest.settings.company else []
    for path in (SHIPMENTS, ORDERS):
        try:
            sheet = next(rest.pages(path, filters, size=SEEN_ROWS), None)
        except AccessDenied as error:
            if not is_forbidden(error):
                raise
            sheet = None
        found += sheet.rows if sheet else []
    return found


LISTS: dict[CodeKind, Callable[[Rest], tuple[Code, ...]]] = {
    CodeKind.STORE: stores,
    CodeKind.WAREHOUSE: warehouses,
    CodeKind.CARRIER: carriers,
    CodeKind.SHIP_SERVICE: ship_services,
}
