"""The only writers of mappings: every change has a person and a reason, and is in history and audit trail before it holds."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from connectors.canonical import CodeKind
from mappings.kinds import OF_CODE, PERIOD, Kind, kind_of
from mappings.models import Mapping, MissingRule, OnMissing
from mappings.models.base import SAME_TIME
from mappings.models.rules import PASSABLE
from portal.accounts.models import User
from portal.accounts.permissions import check
from portal.audit.trail import record
from portal.connections.models import Integration


def save(row: Mapping, *, by: User, reason: str) -> Mapping:
    """Add or change a row. NotAllowedError, or ValidationError with sentences; what waited for it goes in the same transaction."""
    kind = kind_of(row)
    check(by, kind.action, kind=kind.subject)
    _need(reason)
    old = _stored(row, kind)
    try:
        with transaction.atomic():
            row.full_clean()
            return _write(row, kind, old=old, by=by, reason=reason)
    except IntegrityError as error:  # somebody saved the same at the same moment
        raise ValidationError(SAME_TIME) from error


def end(row: Mapping, *, by: User, reason: str, at: datetime | None = None) -> Mapping:
    """The row holds no more from now on; it stays to be read. A row that would only start later is ended before it starts."""
    moment = at or timezone.now()
    if row.effective_to is not None and row.effective_to <= moment:
        raise ValidationError("This row has ended already.")
    if row.effective_from is not None and row.effective_from >= moment:
        raise ValidationError("This row has not started. Change its dates instead.")
    row.effective_to = moment
    return save(row, by=by, reason=reason)


def revert(row: Mapping, version: int, *, by: User, reason: str) -> Mapping:
    """Say again what an earlier version said. The key is the same in all versions, so only the answer and the dates go back."""
    before = row.history.get(history_id=version)  # type: ignore[attr-defined]
    for name in fields_of(kind_of(row)):
        setattr(row, name, getattr(before, name))
    return save(row, by=by, reason=reason)


def set_on_missing(integration: Integration, code_kind: CodeKind, on_missing: OnMissing, *, by: User, reason: str) -> MissingRule:
    """What messages of this integration do when a code of this kind has no mapping."""
    kind = OF_CODE[code_kind]
    check(by, kind.action, kind=kind.subject)
    _need(reason)
    if on_missing == OnMissing.PASS and code_kind not in PASSABLE:
        raise ValidationError(f"Nothing can go on without its {kind.noun}: choose hold or fail.")
    with transaction.atomic():
        rule, _ = MissingRule.objects.select_for_update().get_or_create(integration=integration, kind=code_kind.value)
        old, rule.on_missing = rule.on_missing, on_missing
        stamp(rule, by=by, reason=reason)
        rule.save()
        record("mapping.on_missing", rule, by=by, old={"on_missing": old}, new={"on_missing": str(on_missing)}, reason=reason)
    return rule


def fields_of(kind: Kind) -> list[str]:
    """Everything a person can say in a row, but not where it belongs."""
    return [*kind.fields, *(label for _, label in kind.labels), *PERIOD]


def values_of(row: Mapping, kind: Kind) -> dict[str, Any]:
    """The row as the audit trail shows it."""
    values = {name: getattr(row, name) for name in fields_of(kind)}
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in values.items()}


def stamp(row: Any, *, by: User | None, reason: str) -> None:
    """Who and why, for the history row that the next save writes."""
    row._history_user, row._change_reason = by, reason[:100]


def _write(row: Mapping, kind: Kind, *, old: dict[str, Any] | None, by: User, reason: str) -> Mapping:
    stamp(row, by=by, reason=reason)
    row.save()
    new = values_of(row, kind)
    changed = {name for name, value in new.items() if old is None or old[name] != value}
    action = f"mapping.{'added' if old is None else 'changed'}"
    record(action, row, by=by, old=old and {name: old[name] for name in changed}, new={name: new[name] for name in changed}, reason=reason)
    return row


def _stored(row: Mapping, kind: Kind) -> dict[str, Any] | None:
    before = type(row)._default_manager.filter(pk=row.pk).first() if row.pk else None
    return values_of(before, kind) if before else None


def _need(reason: str) -> None:
    if not reason.strip():
        raise ValidationError("Say why: the next person who reads this row will ask.")
