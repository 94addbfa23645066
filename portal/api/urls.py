"""The API's addresses, and the page where tokens are issued."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path, re_path
from drf_spectacular.views import SpectacularJSONAPIView

from portal.api import pages
from portal.api.doors import Nowhere
from portal.api.views import codes, goods, money, people

app_name = "api"

resources: list[URLPattern | URLResolver] = [
    path("ping", people.Ping.as_view(), name="ping"),
    path("orders", goods.Orders.as_view(), name="orders"),
    path("orders/<int:pk>", goods.Order.as_view(), name="order"),
    path("shipments", goods.Shipments.as_view(), name="shipments"),
    path("shipments/ack", goods.ShipmentAcks.as_view(), name="shipment-acks"),
    path("stock", goods.Stock.as_view(), name="stock"),
    path("returns", money.Returns.as_view(), name="returns"),
    path("refunds", money.Refunds.as_view(), name="refunds"),
    path("mappings/lookup", codes.Lookup.as_view(), name="lookup"),
    path("mappings/<slug:slug>", codes.Mappings.as_view(), name="mappings"),
    path("cases", people.Cases.as_view(), name="cases"),
    path("cases/<int:pk>", people.Case.as_view(), name="case"),
    path("cases/<int:pk>/comments", people.CaseComments.as_view(), name="case-comments"),
    path("runs", people.Runs.as_view(), name="runs"),
    path("run-events", people.RunEvents.as_view(), name="run-events"),
]
urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v1/", include(resources)),
    path("api/v1/schema.json", SpectacularJSONAPIView.as_view(authentication_classes=[], permission_classes=[]), name="schema"),
    re_path("^api/v1/", Nowhere.as_view()),
    path("connections/tokens/", pages.tokens, name="tokens"),
    path("connections/tokens/<int:pk>/revoke/", pages.revoke_token, name="revoke"),
]
