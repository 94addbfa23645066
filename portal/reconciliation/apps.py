"""Registers the comparisons."""

from __future__ import annotations

from django.apps import AppConfig


class ReconciliationConfig(AppConfig):
    name = "portal.reconciliation"
    label = "reconciliation"
    verbose_name = "Reconciliation"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from portal.reconciliation.wiring import connect

        connect()
