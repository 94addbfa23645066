"""Returns: RT01 open, RT04 amend, RT21 accept, RT25 receive, RT26 compliance, RT27 close, RT29 cancel. No return refunds by itself."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, jsonify

from connectors.sandbox.mirakl.answers import Refused
from connectors.sandbox.mirakl.carriers import NO_CARRIER, read_tracking
from connectors.sandbox.mirakl.fields import boolean, objects, required, sent, text
from connectors.sandbox.mirakl.models import CLOSED, Json, Line, Order
from connectors.sandbox.mirakl.operator_refunds import refund_units
from connectors.sandbox.mirakl.reference import usable_reasons
from connectors.sandbox.mirakl.return_list import METHODS, REASONS, return_view, returnable
from connectors.sandbox.mirakl.store import Shop, State, shop, state

bp = Blueprint("mirakl_returns", __name__, url_prefix="/api/returns")
RMA = re.compile(r"[0-9a-zA-Z_-]{1,100}")
OPEN = ("WAITING_ACCEPTANCE", "IN_PROGRESS")
RETURNABLE_STATES = ("SHIPPED", "TO_COLLECT", "RECEIVED", CLOSED)
DEPOT: Json = {"street1": "1 Depot Road", "street2": None, "zip_code": "LS1 1AA", "city": "Leeds", "state": None, "country_iso_code": "GBR"}
Act = Callable[[State, Shop, Json, Json], None]


@bp.before_request
def switched_on() -> None:
    if not state().settings.returns:
        raise Refused(state().settings.returns_off_status)


@bp.post("", endpoint="RT01")
def create() -> Response:
    """Up to 200; 200 with what could not be opened beside what could."""
    here, mine, at = state(), shop(), state().now()
    made, errors = [], []
    for item in objects(sent(), "returns", most=200):
        commercial_id = text(item, "order_commercial_id", path="returns.", must=True)
        try:
            made.append(return_view(open_return(here, mine, item, at=at)))
        except Refused as refused:
            errors.append({"order_commercial_id": commercial_id, "message": refused.message})
    return jsonify(return_success=made, return_errors=errors)


def open_return(here: State, mine: Shop, item: Json, *, at: datetime) -> Json:
    """The same for a shop and for a customer (see `return_control`)."""
    commercial_id = str(item["order_commercial_id"])
    orders = [mine.orders[id] for id in sorted(mine.by_reference.get(("commercial", commercial_id), ()))]
    if not orders:
        raise Refused(404, "The order does not exist.")
    lines = return_lines(mine, orders, item.get("return_lines"))
    order = next(order for order in orders if any(line.id == lines[0]["order_line_id"] for line in order.lines))
    if order.state not in RETURNABLE_STATES:
        raise Refused(400, "Order is in invalid state")
    if item.get("method_code") not in METHODS:
        raise Refused(400, "The return method is incorrect.")
    if item.get("rma") is not None and not RMA.fullmatch(str(item["rma"])):
        raise Refused(400, "The RMA is incorrect.")
    accepted = boolean(item, "accepted", path="returns.")
    if accepted is None:
        accepted = here.settings.return_auto_accept
    made: Json = {"id": here.uuid(), "state": "IN_PROGRESS" if accepted else "WAITING_ACCEPTANCE", "order_id": order.id}
    made |= {"order_commercial_id": commercial_id, "customer_id": order.customer["customer_id"], "date_created": at, "last_updated": at}
    made |= {"description": item.get("description"), "rma": item.get("rma"), "method_code": item["method_code"]}
    made |= {"reason_code": lines[0]["reason_code"], "rejection_reason_code": None, "label_url": item.get("label_url")}
    made |= {"return_address": dict(DEPOT), "return_lines": lines, "documents": [], "tracking": dict(NO_CARRIER)}
    mine.returns[made["id"]] = made
    mine.order_returns[commercial_id].append(made["id"])
    return made


def return_lines(mine: Shop, orders: list[Order], written: Any) -> list[Json]:
    if not isinstance(written, list) or not written or not all(isinstance(each, dict) for each in written):
        raise required("returns.return_lines")
    known: dict[str, Line] = {line.id: line for order in orders for line in order.lines}
    found: list[Json] = []
    for each in written:
        line, units = known.get(str(each.get("order_line_id"))), each.get("quantity")
        if line is None:
            raise Refused(404, f"The order line {each.get('order_line_id')} does not exist.")
        if not isinstance(units, int) or not 1 <= units <= returnable(mine, line, orders[0].commercial_id):
            raise Refused(400, "The return quantity is invalid.")
        if each.get("reason_code") not in REASONS:
            raise Refused(400, "The return reason is incorrect.")
        found.append({"order_line_id": line.id, "quantity": units, "reason_code": each["reason_code"], "compliance": None})
    return found


def each_return(act: Act, *, whole: bool = False) -> Response:
    """Do one thing to up to 100 returns; what fails is told beside what went well, with a 200."""
    here, mine, at = state(), shop(), state().now()
    done, errors = [], []
    for item in objects(sent(), "returns", most=100):
        id = text(item, "id", path="returns.", must=True)
        try:
            found = mine.returns.get(checked(id))
            if found is None:
                raise Refused(404, "The return does not exist.")
            act(here, mine, found, item)
            found["last_updated"] = at
            done.append(return_view(found) if whole else {"id": id})
        except Refused as refused:
            errors.append({"id": id, "message": refused.message})
    return jsonify(return_success=done, return_errors=errors)


def checked(id: str) -> str:
    try:
        return str(UUID(id))
    except ValueError:
        raise Refused(400, "The return id is incorrect.") from None


def expect(found: Json, *states: str) -> None:
    if found["state"] not in states:
        raise Refused(400, "Return is in invalid state")


def amend(here: State, mine: Shop, found: Json, item: Json) -> None:
    """What is absent stays."""
    expect(found, *OPEN)
    if item.get("rma") is not None and not RMA.fullmatch(str(item["rma"])):
        raise Refused(400, "The RMA is incorrect.")
    if item.get("method_code") is not None and item["method_code"] not in METHODS:
        raise Refused(400, "The return method is incorrect.")
    tracking = item.get("tracking")
    if isinstance(tracking, dict):
        if tracking.get("tracking_url") and not str(tracking["tracking_url"]).startswith("http"):
            raise Refused(400, "Invalid return tracking URL format")
        found["tracking"] = read_tracking(tracking, here.settings, url_field="tracking_url")
    found |= {name: item[name] for name in ("label_url", "rma", "method_code") if name in item}
    if isinstance(item.get("return_address"), dict):
        found["return_address"] |= item["return_address"].get("address") or item["return_address"]


def accept(here: State, mine: Shop, found: Json, item: Json) -> None:
    expect(found, "WAITING_ACCEPTANCE")
    if boolean(item, "accepted", path="returns.", must=True):
        found["state"] = "IN_PROGRESS"
        return
    code = item.get("rejection_reason_code")
    if code not in usable_reasons("RETURN_REJECTION"):
        raise Refused(400, "The rejection reason is incorrect.")
    found |= {"state": "REFUSED", "rejection_reason_code": code}


def receive(here: State, mine: Shop, found: Json, item: Json) -> None:
    expect(found, "IN_PROGRESS")
    found["state"] = "RECEIVED"


def close(here: State, mine: Shop, found: Json, item: Json) -> None:
    expect(found, "RECEIVED")
    found["state"] = "CLOSED"


def cancel(here: State, mine: Shop, found: Json, item: Json) -> None:
    expect(found, *OPEN)
    found["state"] = "CANCELED"


def judge(here: State, mine: Shop, found: Json, item: Json) -> None:
    """Every line compliant or not, and why not."""
    expect(found, "RECEIVED", *(("IN_PROGRESS",) if here.settings.compliance_in_progress else ()))
    said = {each.get("order_line_id"): each for each in item.get("return_lines") or [] if isinstance(each, dict)}
    missing = [line["order_line_id"] for line in found["return_lines"] if line["order_line_id"] not in said]
    if missing:
        raise Refused(400, f"The compliance has not been specified on the following order lines: {', '.join(missing)}")
    for line in found["return_lines"]:
        judged = said[line["order_line_id"]]
        good, code = boolean(judged, "compliant", path="returns.return_lines.", must=True), judged.get("non_compliance_reason_code")
        if not good and code not in usable_reasons("RETURN_NON_COMPLIANT"):
            raise Refused(400, "The non compliance reason is incorrect.")
        info = judged.get("non_compliance_additional_info")
        line["compliance"] = [{"compliant": good, "non_compliance_reason_code": code, "non_compliance_additional_info": info}]
    if here.settings.compliance_refunds:
        refund_good(here, mine, found)
    if here.settings.compliance_closes:
        found["state"] = "CLOSED"


def refund_good(here: State, mine: Shop, found: Json) -> None:
    """Some operators refund a compliant return by themselves."""
    order = mine.orders[found["order_id"]]
    for line in found["return_lines"]:
        if line["compliance"][0]["compliant"]:
            refund_units(here, mine, order, line["order_line_id"], units=Decimal(line["quantity"]), reason_code="19", at=here.now())


@bp.put("", endpoint="RT04")
def amend_many() -> Response:
    return each_return(amend, whole=True)


@bp.put("/accept", endpoint="RT21")
def accept_many() -> Response:
    return each_return(accept)


@bp.put("/receive", endpoint="RT25")
def receive_many() -> Response:
    return each_return(receive)


@bp.put("/compliance", endpoint="RT26")
def judge_many() -> Response:
    return each_return(judge)


@bp.put("/close", endpoint="RT27")
def close_many() -> Response:
    return each_return(close)


@bp.put("/cancel", endpoint="RT29")
def cancel_many() -> Response:
    return each_return(cancel)
