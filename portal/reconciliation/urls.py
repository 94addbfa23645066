"""Where the comparisons' pages live, under /reconciliation/."""

from __future__ import annotations

from django.urls import path

from portal.reconciliation.views import audits, lists

app_name = "reconciliation"
urlpatterns = [
    path("", audits.audit_list, name="audits"),
    path("runs/<slug:audit>/", audits.run_list, name="runs"),
    path("ignored/<int:pk>/", audits.raise_again, name="raise-again"),
    path("sku-changes/", lists.sku_changes, name="sku_changes"),
    path("not-acknowledged/", lists.not_acknowledged, name="not_acknowledged"),
    path("products/<int:pk>/", lists.product, name="product"),
]
