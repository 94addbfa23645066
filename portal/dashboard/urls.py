"""Where the overview's pages live."""

from __future__ import annotations

from django.urls import path

from portal.dashboard.views import buffers, order, orders, ownership, returns, search, sellers, stock, subject, today, withheld

app_name = "dashboard"
urlpatterns = [
    path("", today.today_page, name="today"),
    path("today/live/", today.live, name="today_live"),
    path("orders/", orders.order_list, name="orders"),
    path("orders.csv", orders.order_file, name="orders_csv"),
    path("orders/<int:pk>/", order.journey_page, name="order"),
    path("orders/<int:pk>/show/", order.show_personal, name="show_personal"),
    path("orders/<int:pk>/attempts/<int:attempt>/", order.attempt_page, name="attempt"),
    path("returns/", returns.return_list, name="returns"),
    path("returns.csv", returns.return_file, name="returns_csv"),
    path("returns/report/", returns.report, name="returns_report"),
    path("returns/<int:pk>/", returns.return_page, name="return"),
    path("returns/<int:pk>/assess/", returns.assess, name="return_assess"),
    path("returns/<int:pk>/release/", returns.release, name="return_release"),
    path("search/", search.search_page, name="search"),
    path("subjects/<slug:prefix>/<int:pk>/", subject.subject_page, name="subject"),
    path("systems/", ownership.ownership_page, name="ownership"),
    path("sellers/", sellers.sellers_page, name="sellers"),
    path("stock/", stock.stock_page, name="stock"),
    path("stock/buffers/", buffers.buffer_list, name="buffers"),
    path("stock/buffers/add/", buffers.add, name="buffer_add"),
    path("stock/buffers/<int:pk>/", buffers.one, name="buffer"),
    path("stock/buffers/<int:pk>/change/", buffers.change, name="buffer_change"),
    path("stock/buffers/<int:pk>/end/", buffers.end, name="buffer_end"),
    path("stock/withheld/", withheld.withheld_page, name="withheld"),
    path("stock/withheld.csv", withheld.withheld_csv, name="withheld_csv"),
    path("stock/<path:sku>/", stock.item_page, name="stock_item"),
]
