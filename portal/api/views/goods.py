"""Orders, shipments and stock: handed in, listed, acknowledged."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from portal.api import shapes
from portal.api.bodies import LevelBody, OrderBody, ShipmentBody
from portal.api.described import KEY, REFUSALS, extend_schema, lists, reads, refusals, takes
from portal.api.doors import Door, account_of, sees_people, writer_of
from portal.api.handing_in import Resource, hand_in
from portal.api.paging import Keyset, PageQuery, listed
from portal.api.scopes import Scope
from portal.api.showing import shown
from portal.ledger.models import SalesOrder, Shipment, Stage, StockPublication

ORDERS = Resource("orders", OrderBody)
SHIPMENTS = Resource("shipments", ShipmentBody)
LEVELS = Resource("stock", LevelBody, key=("sku", "location"))

NEWEST_ORDERS = Keyset(("placed_at", shapes.datetime), ("id", int), descending=True)
BY_ID = Keyset(("id", int))
BY_CHANGE = Keyset(("truth_changed_at", shapes.datetime), ("id", int))


class OrderQuery(PageQuery):
    number = serializers.CharField(required=False, max_length=120, help_text="Exactly this order number.")
    external_id = serializers.CharField(required=False, max_length=120, help_text="The channel's own id.")
    stage = serializers.ChoiceField(required=False, choices=Stage.values)
    placed_since = serializers.DateTimeField(required=False)


class ShipmentQuery(PageQuery):
    order_external_id = serializers.CharField(required=False, max_length=120)
    pending = serializers.BooleanField(required=False, default=False, help_text="Only those that the channel was not seen to show.")


class StockQuery(PageQuery):
    sku = serializers.CharField(required=False, max_length=120)
    since = serializers.DateTimeField(
        required=False, help_text="Only what changed at or after this moment. Ask again from a minute before the last call."
    )


class Acknowledged(serializers.Serializer):
    ids = serializers.ListField(child=serializers.IntegerField(min_value=1, max_value=2**63 - 1), allow_empty=False, max_length=500)
    run_id = serializers.CharField(required=False, allow_blank=True, max_length=120)


class AckAnswer(serializers.Serializer):
    acknowledged = serializers.IntegerField()
    unknown = serializers.ListField(child=serializers.IntegerField())


def asked(request: Request, query: type[serializers.Serializer]) -> dict[str, Any]:
    """The query parameters, checked; 422 with the parameter's name where one is wrong."""
    form = query(data=request.query_params.dict())
    form.is_valid(raise_exception=True)
    return dict(form.validated_data)


class Orders(Door):
    """Orders of the account the token speaks for; of all accounts for a token without one."""

    scopes = {"GET": Scope.ORDERS_READ, "POST": Scope.ORDERS_WRITE}

    @lists(shapes.OrderShape, query=OrderQuery, summary="List orders, the newest first")
    def get(self, request: Request) -> Response:
        wanted = asked(request, OrderQuery)
        rows = orders_of(request)
        if number := wanted.get("number"):
            rows = rows.filter(number_key=number.upper(), number=number)
        if reference := wanted.get("external_id"):
            rows = rows.filter(reference=reference)
        if stage := wanted.get("stage"):
            rows = rows.filter(stage=stage)
        if since := wanted.get("placed_since"):
            rows = rows.filter(placed_at__gte=since)
        found, cursor = NEWEST_ORDERS.page(rows, cursor=wanted.get("cursor", ""), limit=wanted["limit"])
        people = sees_people(request)
        return listed(found, cursor, lambda row: shapes.order(row, people=people))

    @takes(OrderBody, summary="Hand orders in")
    def post(self, request: Request) -> Response:
        return hand_in(request, ORDERS)


class Order(Door):
    scopes = {"GET": Scope.ORDERS_READ}

    @reads(shapes.OrderShape, summary="One order and where it stands")
    def get(self, request: Request, pk: int) -> Response:
        row = orders_of(request).filter(pk=pk).first()
        if row is None:
            raise Http404
        return Response(shapes.order(row, people=sees_people(request)))


class Shipments(Door):
    """What the warehouse sent. A flow that brings it to the shop asks for `pending` and acknowledges."""

    scopes = {"GET": Scope.SHIPMENTS_READ, "POST": Scope.SHIPMENTS_WRITE}

    @lists(shapes.ShipmentShape, query=ShipmentQuery, summary="List shipments, the oldest first")
    def get(self, request: Request) -> Response:
        wanted = asked(request, ShipmentQuery)
        if wanted["pending"]:
            writer_of(request, "owns_dispatch")
        rows = shipments_of(request)
        if reference := wanted.get("order_external_id"):
            rows = rows.filter(order__reference=reference)
        if wanted["pending"]:
            rows = rows.filter(shown_at=None, cancelled_at=None, order__isnull=False)
        found, cursor = BY_ID.page(rows, cursor=wanted.get("cursor", ""), limit=wanted["limit"])
        return listed(found, cursor, shapes.shipment)

    @takes(ShipmentBody, summary="Hand shipments in")
    def post(self, request: Request) -> Response:
        return hand_in(request, SHIPMENTS)


class ShipmentAcks(Door):
    scopes = {"POST": Scope.SHIPMENTS_WRITE}

    @extend_schema(
        summary="Say that the shop shows these shipments",
        request=Acknowledged,
        parameters=[KEY],
        responses={200: AckAnswer, **refusals(*REFUSALS)},
    )
    def post(self, request: Request) -> Response:
        writer_of(request, "owns_dispatch")
        form = Acknowledged(data=request.data)
        form.is_valid(raise_exception=True)
        rows = shipments_of(request).filter(pk__in=form.validated_data["ids"])
        done = shown(list(rows), token=request.auth, run_id=form.validated_data.get("run_id", ""), at=timezone.now())
        return Response({"acknowledged": len(done), "unknown": sorted(set(form.validated_data["ids"]) - done)})


class Stock(Door):
    """The levels a channel must show. They are absolute: the same level twice does no harm."""

    scopes = {"GET": Scope.STOCK_READ, "POST": Scope.STOCK_WRITE}

    @lists(shapes.StockShape, query=StockQuery, summary="Stock changes, the oldest first")
    def get(self, request: Request) -> Response:
        wanted = asked(request, StockQuery)
        writer_of(request, "owns_stock")
        rows = StockPublication.objects.select_related("connection").filter(integration__removed_at=None)
        if account := account_of(request):
            rows = rows.filter(connection=account)
        if sku := wanted.get("sku"):
            rows = rows.filter(sku=sku)
        if since := wanted.get("since"):
            rows = rows.filter(truth_changed_at__gte=since)
        found, cursor = BY_CHANGE.page(rows, cursor=wanted.get("cursor", ""), limit=wanted["limit"])
        return listed(found, cursor, shapes.stock)

    @takes(LevelBody, summary="Say which levels a place shows now")
    def post(self, request: Request) -> Response:
        writer_of(request, "owns_stock")
        return hand_in(request, LEVELS)


def orders_of(request: Request) -> Any:
    rows = SalesOrder.objects.select_related("connection").prefetch_related("lines")
    account = account_of(request)
    return rows.filter(connection=account) if account else rows


def shipments_of(request: Request) -> Any:
    """Those of the account's orders, and those it handed in itself."""
    rows = Shipment.objects.select_related("order").prefetch_related("lines", "parcels")
    account = account_of(request)
    return rows.filter(order__connection=account) if account else rows
