"""`record`: the one way into the trail, called in the same transaction as the change it tells of."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import structlog
from django.contrib.auth.models import AnonymousUser
from django.db import models, transaction

from portal.accounts.models import User
from portal.audit.models import AuditEvent

SECRET_NAMES = re.compile(r"password|passwd|secret|token$|api[-_]?key|private[-_]?key|authorization|credential|cookie", re.IGNORECASE)
HARMLESS = frozenset({None, True, False, "", "[hidden]", "[changed]", "[set]", "[removed]"})


class SecretRefusedError(ValueError):
    """A secret was about to be written into a record that everybody keeps for ever."""


class NotInTransactionError(RuntimeError):
    """The change and its record must stand or fall together."""


def record(
    action: str,
    subject: models.Model | tuple[str, object, str],
    *,
    by: User | AnonymousUser | str,
    old: Mapping[str, Any] | None = None,
    new: Mapping[str, Any] | None = None,
    reason: str = "",
) -> AuditEvent:
    """Write one event. `subject` is the row, or (type, id, label) where there is none; `by` is the person, or the name of a job."""
    return record_all([event(action, subject, by=by, old=old, new=new, reason=reason)])[0]


def record_all(events: Sequence[AuditEvent]) -> list[AuditEvent]:
    """Write many events made by `event` in one statement."""
    if not transaction.get_connection().in_atomic_block:
        raise NotInTransactionError("an event is recorded outside the transaction of its change")
    return AuditEvent.objects.bulk_create(events, batch_size=1000)


def record_same(one: AuditEvent, subjects: Sequence[tuple[object, str]]) -> int:
    """Write the event made by `event` once for each (id, label), in one statement: the same act on thousands of things."""
    sql, params = same_sql(one, "unnest(%s::text[], %s::text[]) AS s (id, label)")
    with transaction.get_connection().cursor() as cursor:
        cursor.execute(sql, [*params, [str(pk) for pk, _ in subjects], [label[:200] for _, label in subjects]])
        return int(cursor.rowcount)


def same_sql(one: AuditEvent, source: str) -> tuple[str, list[Any]]:
    """An INSERT of the event made by `event`, once for each row (id, label) of `source`, which is called `s`: part of a larger statement, too."""
    if not transaction.get_connection().in_atomic_block:
        raise NotInTransactionError("an event is recorded outside the transaction of its change")
    own = {"subject_id": "s.id", "subject_label": "s.label"}
    fields = {str(field.column): field for field in AuditEvent._meta.concrete_fields if not field.primary_key}
    names, values = ", ".join(fields), ", ".join(own.get(name, "%s") for name in fields)
    given = [field.get_db_prep_save(getattr(one, field.attname), transaction.get_connection()) for name, field in fields.items() if name not in own]
    table = transaction.get_connection().ops.quote_name(AuditEvent._meta.db_table)
    return f"INSERT INTO {table} ({names}) SELECT {values} FROM {source}", given  # noqa: S608 - names of ours


def event(
    action: str,
    subject: models.Model | tuple[str, object, str],
    *,
    by: User | AnonymousUser | str,
    old: Mapping[str, Any] | None = None,
    new: Mapping[str, Any] | None = None,
    reason: str = "",
) -> AuditEvent:
    """One event, not written yet; secrets are refused here."""
    subject_type, subject_id, label = subject if isinstance(subject, tuple) else described(subject)
    refuse_secrets(old)
    refuse_secrets(new)
    return AuditEvent(
        actor=by if isinstance(by, User) else None,
        actor_label=name_of(by)[:150],
        action=action,
        subject_type=subject_type,
        subject_id=str(subject_id),
        subject_label=str(label)[:200],
        old=dict(old) if old is not None else None,
        new=dict(new) if new is not None else None,
        reason=reason,
        request_id=str(structlog.contextvars.get_contextvars().get("request_id", ""))[:64],
    )


def described(subject: models.Model) -> tuple[str, object, str]:
    return subject._meta.label_lower, subject.pk, str(subject)


def name_of(by: User | AnonymousUser | str) -> str:
    if isinstance(by, User):
        return by.called
    return by if isinstance(by, str) else "somebody not logged in"


def refuse_secrets(value: Any, name: str = "") -> None:
    """Raise where a name promises a secret and the value is more than “changed”."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            refuse_secrets(inner, str(key))
    elif SECRET_NAMES.search(name) and not (isinstance(value, str | bool | None) and value in HARMLESS):
        raise SecretRefusedError(f"“{name}” looks like a secret; record that it changed, not what it is")
    elif isinstance(value, list | tuple):
        for inner in value:
            refuse_secrets(inner)
