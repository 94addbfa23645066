"""The writers of connections and integrations: each with its audit record, in one transaction."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from portal.accounts.models import User
from portal.audit.trail import record
from portal.connections.models import Connection, Integration
from portal.connections.tokens import forget_tokens


@transaction.atomic
def remove_connection(connection: Connection, *, by: User, at: datetime, reason: str = "") -> None:
    """Take the account away: its credential is erased, nothing runs, its history and open cases stay (R103)."""
    for integration in Integration.objects.present().filter(channel=connection) | Integration.objects.present().filter(hub=connection):
        remove_integration(integration, by=by, at=at, reason=f"{connection} was removed")
    connection.credentials_sealed, connection.enabled, connection.removed_at = "", False, at
    connection.save()
    forget_tokens(f"connection-{connection.pk}")
    record("connection.removed", connection, by=by, reason=reason)


@transaction.atomic
def remove_integration(integration: Integration, *, by: User, at: datetime, reason: str = "") -> None:
    """End the integration; its orders, messages and cases stay readable."""
    integration.enabled, integration.removed_at = False, at
    integration.save()
    record("integration.removed", integration, by=by, reason=reason)
