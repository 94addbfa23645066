"""Returns and refunds: handed in and listed."""

from __future__ import annotations

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from portal.api import shapes
from portal.api.bodies import RefundBody, ReturnBody
from portal.api.described import lists, takes
from portal.api.doors import Door, account_of
from portal.api.handing_in import Resource, hand_in
from portal.api.paging import Keyset, PageQuery, listed
from portal.api.scopes import Scope
from portal.api.views.goods import asked
from portal.ledger.models import Refund, ReturnOrder

RETURNS = Resource("returns", ReturnBody)
REFUNDS = Resource("refunds", RefundBody)
BY_ID = Keyset(("id", int))


class OfOrder(PageQuery):
    order_external_id = serializers.CharField(required=False, max_length=120)


class Returns(Door):
    scopes = {"GET": Scope.RETURNS_READ, "POST": Scope.RETURNS_WRITE}

    @lists(shapes.ReturnShape, query=OfOrder, summary="List returns, the oldest first")
    def get(self, request: Request) -> Response:
        wanted = asked(request, OfOrder)
        rows = ReturnOrder.objects.select_related("connection", "order").prefetch_related("lines")
        if account := account_of(request):
            rows = rows.filter(order__connection=account)
        if reference := wanted.get("order_external_id"):
            rows = rows.filter(order__reference=reference)
        found, cursor = BY_ID.page(rows, cursor=wanted.get("cursor", ""), limit=wanted["limit"])
        return listed(found, cursor, shapes.return_order)

    @takes(ReturnBody, summary="Hand returns in")
    def post(self, request: Request) -> Response:
        return hand_in(request, RETURNS)


class Refunds(Door):
    scopes = {"GET": Scope.RETURNS_READ, "POST": Scope.RETURNS_WRITE}

    @lists(shapes.RefundShape, query=OfOrder, summary="List refunds, the oldest first")
    def get(self, request: Request) -> Response:
        wanted = asked(request, OfOrder)
        rows = Refund.objects.select_related("connection")
        if account := account_of(request):
            rows = rows.filter(connection=account)
        if reference := wanted.get("order_external_id"):
            rows = rows.filter(order_reference=reference)
        found, cursor = BY_ID.page(rows, cursor=wanted.get("cursor", ""), limit=wanted["limit"])
        return listed(found, cursor, shapes.refund)

    @takes(RefundBody, summary="Hand refunds in")
    def post(self, request: Request) -> Response:
        return hand_in(request, REFUNDS)
