"""Registers the overview: today, orders, stock, systems of record."""

from __future__ import annotations

from django.apps import AppConfig


class DashboardConfig(AppConfig):
    name = "portal.dashboard"
    label = "dashboard"
    verbose_name = "Overview"

    def ready(self) -> None:
        from portal.dashboard import bundled, subjects

        subjects.register()
        bundled.register()
