"""Opening cases: the same cause twice is one case, a solved one that comes back is a regression, and a thousand take a few statements."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.serializers.json import DjangoJSONEncoder
from django.db import IntegrityError, connection, transaction
from django.db.models import F

from exceptions import incidents
from exceptions.entries import NewCase
from exceptions.items import add_items
from exceptions.models import CaseEvent, ExceptionCase, Regrouping
from exceptions.notices.noting import note_opened

REGRESSION_WITHIN = timedelta(days=30)

# One statement for a whole batch. The conflict target is the partial unique index, so two callers at once make one case.
UPSERT = """
INSERT INTO exceptions_exceptioncase AS old (
    kind, fingerprint, owner, severity, is_open, connection_id, integration_id, cause, consequence, waiting_for, evidence,
    items_open, items_total, units, value, worth, oldest_at, last_seen_at, regressions, opened_at, ack_due_at, resolve_due_at, deadline_at,
    paused_reason, snooze_if_worse, checked_at, resolution, resolution_note)
SELECT kind, fingerprint, owner, severity, true, connection_id, integration_id, cause, consequence, waiting_for, evidence,
    0, 0, 0, '{}', 0, at, at, 0, at, ack_due_at, resolve_due_at, deadline_at, '', false, at, '', ''
FROM jsonb_to_recordset(%s) AS new (
    kind text, fingerprint text, owner text, severity int, connection_id bigint, integration_id bigint, cause text, consequence text,
    waiting_for text, evidence jsonb, at timestamptz, ack_due_at timestamptz, resolve_due_at timestamptz, deadline_at timestamptz)
ORDER BY kind, fingerprint
ON CONFLICT (kind, fingerprint) WHERE is_open DO UPDATE SET
    last_seen_at = greatest(old.last_seen_at, excluded.last_seen_at), cause = excluded.cause, evidence = excluded.evidence,
    consequence = coalesce(nullif(excluded.consequence, ''), old.consequence),
    waiting_for = coalesce(nullif(excluded.waiting_for, ''), old.waiting_for),
    severity = least(old.severity, excluded.severity),
    deadline_at = least(old.deadline_at, excluded.deadline_at),
    snoozed_until = CASE WHEN old.snoozed_until > excluded.deadline_at OR (old.snooze_if_worse AND excluded.severity < old.severity)
                    THEN NULL ELSE old.snoozed_until END
RETURNING id, kind, fingerprint, (xmax = 0) AS is_new
"""


@dataclass(frozen=True)
class Opened:
    pk: int
    is_new: bool


def open_cases(new: Sequence[NewCase]) -> list[ExceptionCase]:
    """Open or refresh a batch; the cases come back in the order of `new`."""
    if not new:
        return []
    with transaction.atomic():
        filed = regrouped(new)
        merged = joined(filed)
        came_back = reopen(merged)
        opened = upsert(merged)
        add_items({opened[one.key].pk: one for one in merged})
        CaseEvent.objects.bulk_create([_event(opened[one.key], one) for one in merged if opened[one.key].is_new])
        if fresh := [one for one in merged if opened[one.key].is_new or one.key in came_back]:
            note_opened({opened[one.key].pk: (one.at, one.key in came_back) for one in fresh})
            incidents.fold_new({opened[one.key].pk: one for one in fresh})
    cases = ExceptionCase.objects.in_bulk([row.pk for row in opened.values()])
    return [cases[opened[one.key].pk] for one in filed]


def joined(new: Sequence[NewCase]) -> list[NewCase]:
    """One for each key: a statement may not touch a row twice. In the order in which everybody locks them."""
    found: dict[tuple[str, str], NewCase] = {}
    for one in new:
        found[one.key] = found[one.key].joined(one) if one.key in found else one
    return [found[key] for key in sorted(found)]


def regrouped(new: Sequence[NewCase]) -> list[NewCase]:
    """Filed where a person merged them into, or split them off to."""
    rows = Regrouping.objects.filter(fingerprint__in={one.fingerprint for one in new})
    homes = {(row.kind, row.fingerprint, row.subject): (row.into_kind, row.into_fingerprint) for row in rows}
    if not homes:
        return list(new)
    return [_home(one, homes) for one in new]


def _home(one: NewCase, homes: dict[tuple[str, str, str], tuple[str, str]]) -> NewCase:
    """A split concerns one thing; an occurrence of several things stays together unless all of them were split off to the same place."""
    places = {homes.get((*one.key, entry.subject)) for entry in one.items}
    if len(places) == 1 and (place := places.pop()):
        return one.filed_under(*place)
    return one.filed_under(*homes.get((*one.key, ""), one.key))


def reopen(new: Sequence[NewCase]) -> set[tuple[str, str]]:
    """What was resolved not long ago and happens again is the same case, come back (A4); the keys of those."""
    keys = {one.key: one for one in new}
    closed = ExceptionCase.objects.filter(is_open=False, fingerprint__in=[one.fingerprint for one in new], merged_into=None)
    closed = closed.filter(resolved_at__gte=min(one.at for one in new) - REGRESSION_WITHIN)
    newest = {case.rule_key: case for case in closed.order_by("resolved_at")}
    return {key for key in sorted(newest) if key in keys and _reopen(newest[key], keys[key])}


def _reopen(case: ExceptionCase, one: NewCase) -> bool:
    """False when another caller has it open already."""
    try:
        with transaction.atomic():
            mine = ExceptionCase.objects.filter(pk=case.pk, is_open=False).update(regressions=F("regressions") + 1, **again(one))
    except IntegrityError:
        return False
    if mine:
        text = f"Came back: it had been {case.get_resolution_display()} on {case.resolved_at:%d %b at %H:%M} UTC."
        data = {"resolution": case.resolution, "note": case.resolution_note, "proof": case.proof, "resolved_at": case.resolved_at}
        CaseEvent.objects.create(case=case, at=one.at, verb="came_back", text=text, data=data)
    return bool(mine)


def again(one: NewCase) -> dict[str, object]:
    """The columns of a case that starts anew."""
    rule = one.rule
    return {
        "is_open": True, "owner": rule.owner, "severity": one.how_bad, "opened_at": one.at, "last_seen_at": one.at, "oldest_at": one.at,
        "ack_due_at": one.due(rule.ack_min), "resolve_due_at": one.due(rule.resolve_min), "deadline_at": one.deadline_at,
        "acknowledged_at": None, "assignee": None, "snoozed_until": None, "snooze_items": None, "snooze_if_worse": False, "incident": None,
        "paused_at": None, "paused_reason": "", "checked_at": one.at, "resolved_at": None, "resolved_by": None, "resolution": "",
        "resolution_note": "", "proof": None,
    }  # fmt: skip


def upsert(new: Sequence[NewCase]) -> dict[tuple[str, str], Opened]:
    rows = json.dumps([_row(one) for one in new], cls=DjangoJSONEncoder)
    with connection.cursor() as cursor:
        cursor.execute(UPSERT, [rows])
        return {(kind, fingerprint): Opened(pk, is_new) for pk, kind, fingerprint, is_new in cursor.fetchall()}


def _row(one: NewCase) -> dict[str, object]:
    rule = one.rule
    return {
        "kind": one.kind, "fingerprint": one.fingerprint, "owner": rule.owner, "severity": one.how_bad, "cause": clean(one.cause),
        "connection_id": one.connection.pk if one.connection else None, "integration_id": one.integration.pk if one.integration else None,
        "consequence": clean(one.consequence)[:300], "waiting_for": clean(one.waiting_for)[:300], "evidence": cleaned(one.evidence),
        "at": exact(one.at), "ack_due_at": exact(one.due(rule.ack_min)), "resolve_due_at": exact(one.due(rule.resolve_min)),
        "deadline_at": exact(one.deadline_at),
    }  # fmt: skip


def exact(moment: datetime | None) -> str | None:
    """With microseconds; the JSON encoder would cut them to milliseconds."""
    return moment.isoformat() if moment else None


def clean(text: str) -> str:
    """Vendors send NUL now and then; PostgreSQL keeps none."""
    return text.replace("\x00", "")


def cleaned(evidence: object) -> object:
    text = json.dumps(evidence, cls=DjangoJSONEncoder)
    return json.loads(text.replace("\\u0000", ""))


def _event(opened: Opened, one: NewCase) -> CaseEvent:
    return CaseEvent(case_id=opened.pk, at=one.at, verb="opened", text="Opened: " + clean(one.cause))
