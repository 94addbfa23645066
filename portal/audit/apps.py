"""The trail, and what it listens to."""

from __future__ import annotations

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """Connects the receivers for logins and second approvals."""

    name = "portal.audit"
    label = "audit"
    verbose_name = "Audit trail"

    def ready(self) -> None:
        from portal.audit import receivers  # noqa: F401 - importing connects them
