"""Where each page lives: one line an app, and the app's own urls.py says the rest."""

from __future__ import annotations

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from portal.connections import urls as connections
from portal.health import health
from portal.sync.hooks import hook
from portal.sync.operations import urls as operations

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("portal.accounts.urls")),
    path("", include("portal.audit.urls")),
    path("", include("portal.ui.urls")),
    path("", include("portal.dashboard.urls")),
    path("", include("mappings.urls")),
    path("", include("exceptions.urls")),
    path("", include("portal.api.urls")),
    path("connections/", include(([*connections.urlpatterns, *operations.urlpatterns], "connections"))),
    path("reconciliation/", include("portal.reconciliation.urls")),
    path("admin/", admin.site.urls),
    path("hooks/<str:key>/", hook, name="hook"),
    path("health/", health, name="health"),
]
