"""Orders at their endpoints: the resource row, import, deletion (https://docs.commercetools.com/api/projects/orders)."""

from __future__ import annotations

from flask import Flask, Response

from connectors.sandbox.commercetools.carts import order_from_cart
from connectors.sandbox.commercetools.order_actions import ORDER_ACTIONS
from connectors.sandbox.commercetools.order_imports import import_order
from connectors.sandbox.commercetools.resources import Ask, Resource, add_resource, body_of_request, entered, show
from connectors.sandbox.commercetools.shapes import Doc
from connectors.sandbox.commercetools.store import State, Work


def tell_deleted(work: Work, order: Doc) -> None:
    work.tell("orders", order, "OrderDeleted", {"order": order})


ORDERS = Resource(
    path="orders",
    view=("view_orders",),
    manage=("manage_orders",),
    create=order_from_cart,
    actions=ORDER_ACTIONS,
    named_by="order-number",
    named_field="orderNumber",
    after_delete=tell_deleted,
    in_store=True,
)


def add_orders(app: Flask, state: State) -> None:
    add_resource(app, state, ORDERS)

    def serve(ask: Ask) -> Response:
        return show(ask, import_order(ask.work(), body_of_request()), status=201)

    @app.post("/<project>/orders/import")
    def import_one(project: str) -> Response:
        return entered(state, ORDERS, project=project, store=None, serve=serve)
