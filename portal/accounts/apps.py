"""The people of the portal."""

from __future__ import annotations

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Users, memberships and second approvals."""

    name = "portal.accounts"
    label = "accounts"
    verbose_name = "People"
