"""The writers of connections and integrations: each with its audit record, in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q

from portal.accounts.models import User
from portal.audit.trail import record
from portal.connections.models import Connection, FilterRow, Integration, Mode
from portal.connections.signals import integration_changed
from portal.connections.tokens import forget_tokens

Rows = Sequence[tuple[str, str, str]]  # field, operator, value
TIMETABLE = ("enabled", "time_zone", "hour", "minute", "offset_min")
WATCHED = (
    "name", "channel_id", "hub_id", *TIMETABLE, "mode", "start_date", "store_codes", "warehouse_codes", "number_prefix", "item_identifier",
    "disable_multishipment", "default_sku", "payment_gate", "hold_limit_min", "transfer_limit_min", "dispatch_window_min", "ship_limit_min",
    "pending_limit_min", "price_tolerance", "stock_window_min", "stock_tolerance", "buffer", "buffer_at_source", "product_master",
    "required_fields", "options", "instant_errors", "instant_emails", "daily_errors", "daily_emails", "exclude_patterns",
)  # fmt: skip


@transaction.atomic
def remove_connection(connection: Connection, *, by: User, at: datetime, reason: str = "") -> None:
    """Take the account away: its credential is erased, nothing runs, its history and open cases stay (R103)."""
    for integration in Integration.objects.present().filter(Q(channel=connection) | Q(hub=connection)):
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
    integration_changed.send(Integration, integration=integration, by=by, at=at)


@transaction.atomic
def switch_connection(connection: Connection, *, on: bool, by: User) -> None:
    """Let jobs use it, or not. ValidationError while its credential is not verified (R100)."""
    connection.enabled = on
    connection.clean()
    connection.save(update_fields=["enabled"])
    record("connection.switched_on" if on else "connection.switched_off", connection, by=by)


@transaction.atomic
def save_integration(integration: Integration, *, by: User, at: datetime, filters: Rows | None = None) -> None:
    """Write the settings; they hold from the next run on (R130). ValidationError with a sentence for each wrong one.

    A changed timetable counts from now: a time of day that has passed already is run tomorrow, not at once.
    """
    before = Integration.objects.select_for_update(of=("self",)).filter(pk=integration.pk).first()
    integration.full_clean(exclude=["default_sku"])
    if before is None or any(getattr(before, name) != getattr(integration, name) for name in TIMETABLE):
        integration.ran_through = at
    integration.save()
    old, new = ({name: said(getattr(row, name)) for name in WATCHED} if row else {} for row in (before, integration))
    changed = [name for name in WATCHED if old.get(name) != new[name]]
    told: dict[str, Any] = {"old": {name: old[name] for name in changed}, "new": {name: new[name] for name in changed}} if before else {"new": new}
    if filters is not None and (rows := list(integration.filters.values_list("field", "operator", "value"))) != list(filters):
        integration.filters.all().delete()
        FilterRow.objects.bulk_create(FilterRow(integration=integration, field=field, operator=op, value=value) for field, op, value in filters)
        told.setdefault("old", {})["filters"] = [list(row) for row in rows]
        told["new"]["filters"] = [list(row) for row in filters]
    if told["new"]:
        record("integration.changed" if before else "integration.added", integration, by=by, **told)
        integration_changed.send(Integration, integration=integration, by=by, at=at)


@transaction.atomic
def set_default_sku(integration: Integration, sku: str, *, by: User, at: datetime, reason: str = "") -> None:
    """What a second person agreed to, or the end of it. ValidationError where order fulfilments are not fetched (D1)."""
    row = Integration.objects.select_for_update(of=("self",)).get(pk=integration.pk)
    old, row.default_sku = row.default_sku, sku.strip()
    row.clean()
    row.save(update_fields=["default_sku"])
    record("integration.default_sku", row, by=by, old={"default_sku": old}, new={"default_sku": row.default_sku}, reason=reason)
    integration_changed.send(Integration, integration=row, by=by, at=at)


def opposite_profiles(integration: Integration) -> list[Integration]:
    """Profiles that run the other way on the same hub account: not forbidden, but worth a warning (D12)."""
    other = {Mode.EXPORT: Mode.FETCH, Mode.FETCH: Mode.EXPORT}.get(Mode(integration.mode))
    if other is None or integration.hub_id is None:
        return []
    return list(Integration.objects.present().filter(hub_id=integration.hub_id, mode=other).exclude(pk=integration.pk))


def opposite_warning(integration: Integration) -> str:
    """The warning as a sentence; "" where there is nothing to warn of."""
    others = opposite_profiles(integration)
    if not others:
        return ""
    names = ", ".join(f"“{one.name}” ({one.get_mode_display()})" for one in others)
    return (
        f"{integration.hub.name} is also used the other way round by {names}. That works as long as both never touch the same orders; "
        "keep their stores apart."
    )


def said(value: Any) -> Any:
    """As the audit trail keeps it."""
    return value.isoformat() if isinstance(value, date) else value


def why_not(error: ValidationError) -> str:
    return " ".join(error.messages)
