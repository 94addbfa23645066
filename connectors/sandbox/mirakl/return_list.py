"""Reading returns (RT11), and what may still be returned (RT12)."""

from __future__ import annotations

from flask import Blueprint, Response

from connectors.sandbox.mirakl.answers import Refused, stamp
from connectors.sandbox.mirakl.fields import moment, one_of, repeated
from connectors.sandbox.mirakl.models import AFTER_SHIPPING, Json, Line
from connectors.sandbox.mirakl.seek import asked, direction, place_of, seek_page
from connectors.sandbox.mirakl.store import Shop, shop, state

bp = Blueprint("mirakl_return_list", __name__, url_prefix="/api/returns")
STATES = ("WAITING_ACCEPTANCE", "IN_PROGRESS", "REFUSED", "RECEIVED", "NO_RECEPTION", "CLOSED", "CANCELED")
METHODS = tuple(f"RETURN_METHOD_{each}" for each in ("BY_MAIL", "DROP_OFF_POINT", "HOME_PICKUP", "IN_STORE", "RETURNLESS", "DROP_OFF"))
WHY = "BROKEN_ITEM CHANGED_MIND COUNTERFEIT_ITEM DAMAGED_PACKAGING DEFECTIVE_ITEM DELIVERED_PRODUCT_DIFFERENT MISSING_ITEM OTHER"
WHY += " CM_DONT_WANT CM_DONT_LIKE CM_QUALITY DPD_WRONG_SIZE DPD_WRONG_COLOR DEFECTIVE_ON_ARRIVAL PRODUCT_DOES_NOT_FIT"
WHY += " PDNT_TOO_BIG PDNT_TOO_SMALL INACCURATE_ITEM_DESCRIPTION WARRANTY"
REASONS = tuple(f"RETURN_{each}" for each in WHY.split())
FILTERS = {  # parameter: the field of a return
    "return_id": "id",
    "return_state": "state",
    "order_commercial_id": "order_commercial_id",
    "return_rma": "rma",
    "customer_id": "customer_id",
}
WORDS = {"creation_date": "date_created", "last_updated": "last_updated"}
GONE = ("REFUSED", "CANCELED", "NO_RECEPTION")
WINDOW_DAYS = 30


@bp.before_request
def switched_on() -> None:
    if not state().settings.returns:
        raise Refused(state().settings.returns_off_status)


def return_view(found: Json) -> Json:
    return found | {"date_created": stamp(found["date_created"]), "last_updated": stamp(found["last_updated"])}


def returnable(mine: Shop, line: Line, commercial_id: str) -> int:
    """Units of a line that no return has asked for yet."""
    back = 0
    for id in mine.order_returns.get(commercial_id, ()):
        found = mine.returns[id]
        if found["state"] not in GONE:
            back += sum(each["quantity"] for each in found["return_lines"] if each["order_line_id"] == line.id)
    return (line.quantity if line.live else 0) - back


@bp.get("", endpoint="RT11")
def list_returns() -> Response:
    args, mine = asked(), shop()
    one_of(repeated(args, "return_state"), "return_state", allowed=STATES)
    wanted = {field: set(repeated(args, name)) for name, field in FILTERS.items() if args.get(name)}
    line_ids = set(repeated(args, "order_line_id"))
    bounds = [(name, moment(args, f"return_{word}_from"), moment(args, f"return_{word}_to")) for word, name in WORDS.items()]
    _, descending = direction(args, allowed=("date_created",), default="date_created,ASC")
    found = [
        each
        for each in mine.returns.values()
        if all(each[field] in values for field, values in wanted.items())
        and (not line_ids or any(line["order_line_id"] in line_ids for line in each["return_lines"]))
        and all((start is None or each[name] >= start) and (end is None or each[name] <= end) for name, start, end in bounds)
    ]
    place = lambda each: place_of(each["date_created"], each["id"])  # noqa: E731
    return seek_page(found, args, place=place, render=return_view, descending=descending)


@bp.get("/items_to_return", endpoint="RT12")
def items_to_return() -> Response:
    args, mine = asked(), shop()
    commercial_ids, line_ids = repeated(args, "order_commercial_id"), set(repeated(args, "order_line_id"))
    order_ids = {id for each in commercial_ids for id in mine.by_reference.get(("commercial", each), ())}
    order_ids |= {mine.line_orders[id] for id in line_ids if id in mine.line_orders}
    orders = [mine.orders[id] for id in order_ids] if commercial_ids or line_ids else list(mine.orders.values())
    found = [
        (order, line, units)
        for order in orders
        if order.state in AFTER_SHIPPING | {"CLOSED"}
        for line in order.live_lines
        if (not line_ids or line.id in line_ids) and (units := returnable(mine, line, order.commercial_id)) > 0
    ]
    place = lambda row: place_of(row[0].created_at, row[1].id)  # noqa: E731
    return seek_page(found, args, place=place, render=lambda row: item_view(row[0].commercial_id, row[1].id, row[2]), descending=False)


def item_view(commercial_id: str, line_id: str, units: int) -> Json:
    return {
        "order_commercial_id": commercial_id,
        "order_line_id": line_id,
        "returnable_quantity": units,
        "return_window": WINDOW_DAYS,
        "available_return_methods": list(METHODS[:5]),
        "available_return_reasons": list(REASONS),
    }
