"""Control endpoints for what goes back: customers open returns, parcels never arrive, the operator refunds by itself."""

from __future__ import annotations

from decimal import Decimal

from flask import Blueprint, Response, jsonify

from connectors.sandbox.kit import ADMIN
from connectors.sandbox.mirakl.answers import Refused
from connectors.sandbox.mirakl.control import asked, misused
from connectors.sandbox.mirakl.happenings import chosen
from connectors.sandbox.mirakl.models import Json
from connectors.sandbox.mirakl.operator_refunds import refund_units
from connectors.sandbox.mirakl.return_list import STATES
from connectors.sandbox.mirakl.returns import open_return
from connectors.sandbox.mirakl.store import state

bp = Blueprint("mirakl_return_control", __name__, url_prefix=ADMIN)
for kind in (ValueError, KeyError, Refused):
    bp.register_error_handler(kind, misused)


@bp.post("/returns")
def open_returns() -> tuple[Response, int]:
    """`{"order_ids": […], "quantity", "reason_code", "accepted", "rma", "description"}`: the customer sends every line back."""
    here, wanted = state(), asked()
    made = []
    for mine, order in chosen(here, wanted):
        reason = wanted.get("reason_code", "RETURN_CHANGED_MIND")
        lines = [
            {"order_line_id": line.id, "quantity": min(int(wanted.get("quantity", line.quantity)), line.quantity), "reason_code": reason}
            for line in order.live_lines
        ]
        item: Json = {name: wanted[name] for name in ("accepted", "rma", "description", "label_url") if name in wanted}
        item |= {"order_commercial_id": order.commercial_id, "method_code": "RETURN_METHOD_BY_MAIL", "return_lines": lines}
        made.append(open_return(here, mine, item, at=here.now())["id"])
    return jsonify(return_ids=made), 201


@bp.post("/returns/move")
def move_returns() -> Response:
    """`{"return_ids": […], "to": …}`: the operator or the customer takes returns to a state (IN_PROGRESS, RECEIVED, NO_RECEPTION, …)."""
    here, wanted = state(), asked()
    if wanted["to"] not in STATES:
        raise ValueError(f"no such state: {wanted['to']}")
    for id in wanted["return_ids"]:
        found = next(mine.returns[id] for mine in here.shops.values() if id in mine.returns)
        found |= {"state": wanted["to"], "last_updated": here.now()}
    return Response("", 204)


@bp.post("/refund")
def refund() -> tuple[Response, int]:
    """`{"order_ids": […], "quantity", "reason_code"}`: the operator refunds so many units of each line (all without `quantity`)."""
    here, wanted = state(), asked()
    made = []
    for mine, order in chosen(here, wanted):
        for line in order.live_lines:
            units = Decimal(str(wanted.get("quantity", line.quantity)))
            done = refund_units(here, mine, order, line.id, units=units, reason_code=str(wanted.get("reason_code", "21")), at=here.now())
            made += [done.id] if done else []
    return jsonify(refund_ids=made), 201
