"""The order endpoints: list, create, show, edit, cancel, note, returns."""

from __future__ import annotations

from flask import Blueprint, Response, g, jsonify

from connectors.sandbox.veeqo import order_write
from connectors.sandbox.veeqo.answers import ALL_HEADERS, asked_page, empty, invalid, listed
from connectors.sandbox.veeqo.fields import sent, text
from connectors.sandbox.veeqo.fulfilment import cancel
from connectors.sandbox.veeqo.order_list import matching_orders
from connectors.sandbox.veeqo.order_view import order_view
from connectors.sandbox.veeqo.store import need, state

bp = Blueprint("veeqo_orders", __name__)


@bp.get("/orders")
def list_orders() -> Response:
    """Documented default page size 12; a live call answered 10."""
    here = state()
    page = asked_page(default=10, most=here.settings.max_page_size)
    if page.number > 1 and here.oddities.take("repeated_page"):
        page = type(page)(page.number - 1, page.size)
    return listed(
        matching_orders(here),
        page=page,
        render=lambda id: order_view(here, here.orders[id]),
        headers=ALL_HEADERS,
        past_the_end=here.settings.past_the_end,
    )


@bp.post("/orders")
def create_order() -> tuple[Response, int, dict[str, str]]:
    here = state()
    made = order_write.create(here, by=g.user)
    return jsonify(order_view(here, made)), 201, {"Location": f"http://core-internal/orders/{made.id}"}


@bp.get("/orders/<int:id>")
def show_order(id: int) -> Response:
    return jsonify(order_view(state(), need(state().orders, id)))


@bp.put("/orders/<int:id>")
def edit_order(id: int) -> Response:
    here = state()
    return jsonify(order_view(here, order_write.edit(here, need(here.orders, id), by=g.user)))


@bp.put("/orders/<int:id>/cancel")
def cancel_order(id: int) -> Response:
    """204 with nothing in it; the reason travels as `cancel_reason`."""
    here = state()
    order = need(here.orders, id)
    cancel(here, order, reason=text(sent().get("cancel_reason")), by=g.user, at=here.now())
    return empty(204)


@bp.post("/orders/<int:id>/notes")
def note_order(id: int) -> tuple[Response, int]:
    here = state()
    order, wanted = need(here.orders, id), sent("note")
    if not wanted.get("text"):
        raise invalid("Text can't be blank")
    made = order_write.add_note(here, order, str(wanted["text"]), by=g.user, at=here.now())
    here.touch_order(order, at=here.now(), change="note")
    return jsonify(made), 201


@bp.get("/orders/<int:id>/returns")
def list_returns(id: int) -> Response:
    return jsonify(need(state().orders, id).returns)
