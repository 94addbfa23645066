"""Where the pages of accounts and integrations live; the roof adds the operations pages to the same namespace."""

from __future__ import annotations

from django.urls import path

from portal.connections.views import accounts, integrations, overview

urlpatterns = [
    path("", overview.overview, name="list"),
    path("accounts/add/", accounts.add, name="add-account"),
    path("accounts/<int:pk>/", accounts.account, name="account"),
    path("accounts/<int:pk>/verify/", accounts.try_credential, name="verify"),
    path("accounts/<int:pk>/switch/", accounts.switch, name="switch"),
    path("accounts/<int:pk>/remove/", accounts.remove, name="remove-account"),
    path("add/", integrations.add, name="add-integration"),
    path("<int:pk>/settings/", integrations.integration, name="integration"),
    path("<int:pk>/default-sku/", integrations.ask_default_sku, name="default-sku"),
    path("<int:pk>/remove/", integrations.remove, name="remove-integration"),
]
