"""The REST endpoints of sales orders and customer returns: one family of paths, two sets of rules."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, g, jsonify, request

from connectors.sandbox.deposco import automation, fields, lifecycle, order_write
from connectors.sandbox.deposco.answers import Refused, invalid
from connectors.sandbox.deposco.lists import listed, pooled, since, wanted
from connectors.sandbox.deposco.models import RETURN, SALES, Json, Line, Order
from connectors.sandbox.deposco.order_view import line_view, order_view
from connectors.sandbox.deposco.store import State, need, state

bp = Blueprint("deposco_orders", __name__, url_prefix="/orders")
TYPES = {"salesOrders": SALES, "customerReturns": RETURN}
NAMES = {SALES: "salesOrder", RETURN: "customerReturn"}
CANCELLABLE = {SALES: lifecycle.CANCELLABLE, RETURN: ("New", "Receiving")}
FAMILY = '/<any("salesOrders","customerReturns"):family>'


def type_of(here: State, family: str) -> str:
    if family == "customerReturns" and not here.settings.returns_licensed:
        raise Refused(403, "Customer Returns are not part of the subscription")
    return TYPES[family]


def order_of(here: State, family: str, id: int) -> Order:
    order = here.orders.get(id)
    if order is None or order.type != type_of(here, family) or order.company != g.company:
        raise Refused(404, f"{TYPES[family]} with id = [{id}] not found")
    return order


def line_of(order: Order, id: int) -> Line:
    return need({line.id: line for line in order.lines}, id, kind="Order Line")


def detail(here: State, name: str, shown: Json) -> Json:
    """Bare, or wrapped in one key of its own name: both have been seen."""
    how = here.settings.detail
    if here.oddities.take("unknown_keys"):
        shown = shown | {"slottingScore": 0.5, "experiments": {"newPicker": None}}
    return {name: shown} if how == "wrapped" or (how == "mixed" and shown["self"]["id"] % 2 == 0) else shown


def shown(here: State, order: Order) -> Response:
    return jsonify(detail(here, NAMES[order.type], order_view(here, order)))


@bp.get(FAMILY)
def list_orders(family: str) -> Response:
    here = state()
    type = type_of(here, family)
    return listed(here, lambda: find(here, family, type), render=lambda id: order_view(here, here.orders[id]), size=25)


def find(here: State, family: str, type: str) -> list[int]:
    unit = permitted(here, family)
    pools: list[Any] = since(here, family, {"createdAfter": here.orders_created, "updatedAfter": here.orders_changed})
    if number := wanted(here, family, "number"):
        known = here.find_order(unit, type, number)
        pools.append([known.id] if known else [])
    if status := wanted(here, family, "orderStatus"):
        pools.append(here.by_status.get((type, status), {}))
    return pooled(pools, here.orders_of[unit, type], lambda id: (here.orders[id].company, here.orders[id].type) == (unit, type))


def permitted(here: State, resource: str) -> str:
    """The business unit of the query, or the token's own; another one is refused."""
    unit = wanted(here, resource, "businessUnit") or g.company
    if unit != g.company:
        raise Refused(403, f"Business unit {unit} is not permitted")
    return str(unit)


@bp.post(FAMILY)
def put_order(family: str) -> tuple[Response, int]:
    """Create, or change by number."""
    here = state()
    read = order_write.read_order(here, fields.sent(), type=type_of(here, family), permitted=g.company)
    order, created = order_write.upsert(here, read, at=here.now())
    return shown(here, order), here.settings.created_status if created else here.settings.updated_status


@bp.get(f"{FAMILY}/<int:id>")
def one_order(family: str, id: int) -> Response:
    here = state()
    return shown(here, order_of(here, family, id))


@bp.get(f"{FAMILY}/<int:id>/orderLines")
def list_lines(family: str, id: int) -> Response:
    """All lines, unlike the ten that the order itself shows."""
    here = state()
    order = order_of(here, family, id)
    return listed(here, lambda: find_lines(here, order), render=lambda line_id: line_view(here, order, here.lines[line_id]), size=25)


def find_lines(here: State, order: Order) -> list[int]:
    number, status = wanted(here, "orderLines", "lineNumber"), wanted(here, "orderLines", "orderLineStatus")
    written = wanted(here, "orderLines", "updatedAfter")
    bound = fields.moment(written, where="updatedAfter") if written else None
    kept = [line for line in order.lines if number in ("", line.number) and status in ("", lifecycle.line_status(order, line))]
    return [line.id for line in reversed(kept) if bound is None or line.updated_at > bound]


@bp.get(f"{FAMILY}/<int:id>/orderLines/<int:line_id>")
def one_line(family: str, id: int, line_id: int) -> Response:
    here = state()
    order = order_of(here, family, id)
    return jsonify(detail(here, "orderLine", line_view(here, order, line_of(order, line_id))))


@bp.post(f"{FAMILY}/<int:id>/orderLines/<int:line_id>")
def put_line(family: str, id: int, line_id: int) -> Response:
    here = state()
    order = order_of(here, family, id)
    line = line_of(order, line_id)
    order_write.update_line(here, order, line, fields.sent(), at=here.now())
    return jsonify(detail(here, "orderLine", line_view(here, order, line)))


@bp.get(f"{FAMILY}/<int:id>/status")
def read_status(family: str, id: int) -> Response:
    return jsonify(orderStatus=order_of(state(), family, id).status)


@bp.post(f"{FAMILY}/<int:id>/status")
def write_status(family: str, id: int) -> Response:
    here = state()
    order = order_of(here, family, id)
    value = request.args.get("value", "")
    if not value:
        raise invalid("value must not be null")
    here.occupy(order.company, order.type, order.number)
    automation.move_to(here, order, value, at=here.now())
    return jsonify(orderStatus=order.status)


@bp.post(f"{FAMILY}/<int:id>/cancellations")
def cancel(family: str, id: int) -> Response:
    """Everything (no body), or packs of lines; all of it or nothing."""
    here = state()
    order = order_of(here, family, id)
    here.occupy(order.company, order.type, order.number)
    body = fields.sent()
    if order.customer_order:
        raise invalid(f"Order cancellations {lifecycle.NOT_HERE}")
    if body.get("orderLines") is None:
        cancel_whole(here, order)
    else:
        cancel_lines(here, order, order_write.cancellations(body, order))
    return shown(here, order)


def cancel_whole(here: State, order: Order) -> None:
    if order.status not in (*CANCELLABLE[order.type], *(("Draft",) if order.type == SALES else ())):
        raise invalid(lifecycle.not_cancellable(order))
    lifecycle.cancel_all(here, order, at=here.now())


def cancel_lines(here: State, order: Order, packs: dict[int, int]) -> None:
    """A partially released order still gives up what is not released."""
    allowed = (*CANCELLABLE[order.type], *(("Partially Released",) if order.type == SALES else ()))
    if order.status not in allowed:
        raise invalid(lifecycle.not_cancellable(order))
    for line_id, count in packs.items():
        lifecycle.refuse_cancel(order, here.lines[line_id], count)
    for line_id, count in packs.items():
        lifecycle.cancel_line(here, order, here.lines[line_id], count, at=here.now())
    lifecycle.changed(here, order, at=here.now())


@bp.route("/customerOrders", methods=["GET", "POST"])
def customer_orders() -> Response:
    """These exist only with the order management subscription, which this tenant does not have."""
    raise Refused(403, "Customer Orders require the Enterprise Order Management subscription")
