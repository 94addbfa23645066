"""The look of portal and admin."""

from __future__ import annotations

from django.apps import AppConfig
from django.contrib import admin


class UiConfig(AppConfig):
    """Gives the admin the portal's name; our own navigation replaces its side bar."""

    name = "portal.ui"
    label = "ui"
    verbose_name = "Look"

    def ready(self) -> None:
        admin.site.site_header = admin.site.site_title = "Lockstep"
        admin.site.index_title = "Settings"
        admin.site.enable_nav_sidebar = False
