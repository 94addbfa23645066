"""Where the comparisons' pages live, under /reconciliation/."""

from __future__ import annotations

from django.urls import path

from portal.reconciliation.views import audits, finance, finance_acts, lists, reports

app_name = "reconciliation"
urlpatterns = [
    path("", audits.audit_list, name="audits"),
    path("runs/<slug:audit>/", audits.run_list, name="runs"),
    path("ignored/<int:pk>/", audits.raise_again, name="raise-again"),
    path("sku-changes/", lists.sku_changes, name="sku_changes"),
    path("not-acknowledged/", lists.not_acknowledged, name="not_acknowledged"),
    path("products/<int:pk>/", lists.product, name="product"),
    path("finance/", finance.overview, name="finance"),
    path("finance/periods/<int:pk>/", finance.period_page, name="period"),
    path("finance/periods/<int:pk>/entries/", finance.period_entries, name="period_entries"),
    path("finance/periods/<int:pk>/file.<slug:kind>", finance.period_file, name="period_file"),
    path("finance/periods/<int:pk>/do/<slug:name>/", finance_acts.act, name="period_act"),
    path("finance/periods/<int:pk>/reopen/", finance_acts.reopen, name="period_reopen"),
    path("finance/entries/<int:pk>/", finance.entry_page, name="entry"),
    path("finance/differences/", finance_acts.differences, name="differences"),
    path("finance/differences/<int:pk>/write-off/", finance_acts.write_off, name="write_off"),
    path("finance/tolerances/", finance_acts.tolerances, name="tolerances"),
    path("finance/tolerances/<int:pk>/", finance_acts.tolerance, name="tolerance"),
    path("reports/", reports.report_list, name="reports"),
    path("reports/<slug:name>/", reports.report_page, name="report"),
    path("reports/<slug:name>.<slug:kind>", reports.report_file, name="report_file"),
]
