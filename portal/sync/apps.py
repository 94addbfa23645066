"""Registers the corridor and ties it to the apps it serves."""

from __future__ import annotations

from django.apps import AppConfig


class SyncConfig(AppConfig):
    name = "portal.sync"
    label = "sync"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from portal.sync.wiring import connect_signals

        connect_signals()
