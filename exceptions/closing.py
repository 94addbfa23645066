"""Closing: what is seen to be solved is cleared with the reading that shows it, and a case without anything left closes itself. Never by age."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, transaction

from exceptions import incidents
from exceptions.items import take_off
from exceptions.kinds import KINDS
from exceptions.models import CaseItem, ExceptionCase, Resolution
from exceptions.signals import case_resolved
from portal.accounts.models import User
from portal.audit import trail

STAYS_OPEN = tuple(code for code, kind in KINDS.items() if not kind.closes_itself)
SAME_EVENT = """
INSERT INTO exceptions_caseevent (case_id, at, by_id, verb, text, data)
SELECT id, %s, %s, %s, %s, %s::jsonb FROM unnest(%s::bigint[]) AS id
"""
OLDEST = """
UPDATE exceptions_exceptioncase AS c SET oldest_at = coalesce(
    (SELECT min(i.at) FROM exceptions_caseitem AS i WHERE i.case_id = c.id AND i.cleared_at IS NULL), c.oldest_at)
WHERE c.id = ANY(%s)
"""


@dataclass(frozen=True)
class Ending:
    """How cases end. `by` empty: the portal saw it; `proof`: what it saw."""

    resolution: Resolution
    at: datetime
    by: User | None = None
    note: str = ""
    proof: Mapping[str, Any] | None = None
    evidence: Mapping[str, Any] = field(default_factory=dict)
    merged_into: ExceptionCase | None = None

    @property
    def sentence(self) -> str:
        if self.by is None:
            return f"Closed by itself: {said(self.proof or {})}"
        return f"Resolved as {self.resolution.label}." + (f" {self.note}" if self.note else "")


def said(proof: Mapping[str, Any]) -> str:
    """A reading as a person says it: “warehouse order: 55, seen: 09:12”."""
    return ", ".join(f"{name}: {value}" for name, value in proof.items()) + "."


def clear_items(kind: str | Iterable[str] | None = None, *, subjects: Collection[str], proof: Mapping[str, Any], at: datetime) -> int:
    """Mark these things as solved wherever they are part of an open case; how many cases closed with it.

    `kind` empty: every kind that closes by itself.
    """
    kinds = (kind,) if isinstance(kind, str) else tuple(kind or KINDS.keys() - set(STAYS_OPEN))
    waiting = CaseItem.objects.filter(subject__in=[subject[:160] for subject in subjects], cleared_at=None)
    if not (touched := set(waiting.values_list("case_id", flat=True))):
        return 0
    with transaction.atomic():
        cases = {case.pk: case for case in lock(touched).filter(kind__in=kinds)}
        items = list(waiting.filter(case_id__in=cases))
        CaseItem.objects.filter(pk__in=[item.pk for item in items]).update(cleared_at=at, proof=dict(proof))
        left = take_off(items) if items else {}
        refresh_oldest([pk for pk, number in left.items() if number])
        over = [cases[pk] for pk, number in left.items() if not number and cases[pk].kind not in STAYS_OPEN]
        close(over, Ending(Resolution.FIXED, at=at, proof=proof))
    return len(over)


def with_open_cases(subjects: Iterable[str]) -> set[str]:
    """Those of the subjects that a case still waits for."""
    return set(CaseItem.objects.filter(subject__in=list(subjects), cleared_at=None).values_list("subject", flat=True))


def clear_case(case: ExceptionCase, proof: Mapping[str, Any], *, at: datetime) -> bool:
    """The case as a whole is seen to be solved; False when it was closed already."""
    with transaction.atomic():
        found = lock([case.pk]).first()
        if found is None:
            return False
        items = list(found.items.filter(cleared_at=None))
        CaseItem.objects.filter(pk__in=[item.pk for item in items]).update(cleared_at=at, proof=dict(proof))
        if items:
            take_off(items)
        close([found], Ending(Resolution.FIXED, at=at, proof=proof))
    return True


def lock(pks: Iterable[int]) -> Any:
    """The open ones of these cases, locked in the order in which everybody locks them."""
    return ExceptionCase.objects.filter(pk__in=list(pks), is_open=True).select_for_update(of=("self",)).order_by("pk")


def close(cases: Sequence[ExceptionCase], ending: Ending) -> None:
    """Close locked cases in few statements, with a line in each timeline and, when a person did it, in the audit trail."""
    if not cases:
        return
    pks = [case.pk for case in cases]
    columns: dict[str, Any] = {
        "is_open": False, "resolved_at": ending.at, "resolved_by": ending.by, "resolution": ending.resolution, "resolution_note": ending.note,
        "proof": dict(ending.proof) if ending.proof is not None else None, "snoozed_until": None, "incident": None, "paused_at": None,
        "paused_reason": "", "busy_until": None, "merged_into": ending.merged_into,
    }  # fmt: skip
    ExceptionCase.objects.filter(pk__in=pks).update(**columns)
    with connection.cursor() as cursor:
        data = json.dumps(_data(ending), cls=DjangoJSONEncoder)
        cursor.execute(SAME_EVENT, [ending.at, ending.by.pk if ending.by else None, "resolved", ending.sentence, data, pks])
    if ending.by is not None:
        trail.record_same(_audit(cases[0], ending, ending.by), [(case.pk, str(case)) for case in cases])
    incidents.unfold([case.pk for case in cases if case.is_incident], at=ending.at)
    for case in cases:
        vars(case).update(is_open=False, resolved_at=ending.at, resolution=ending.resolution, resolution_note=ending.note)
        case_resolved.send(ExceptionCase, case=case, by=ending.by, at=ending.at)


# The cases, their lines in the timeline and in the audit trail, in one statement: `close` for thousands with one note.
CLOSE_MANY = """
WITH gone AS (
    UPDATE exceptions_exceptioncase SET is_open = false, resolved_at = %s, resolved_by_id = %s, resolution = %s, resolution_note = %s, proof = NULL,
        snoozed_until = NULL, incident_id = NULL, paused_at = NULL, paused_reason = '', busy_until = NULL
     WHERE id = ANY(%s::bigint[]) AND is_open
    RETURNING id, kind),
told AS (
    INSERT INTO exceptions_caseevent (case_id, at, by_id, verb, text, data) SELECT id, %s, %s, 'resolved', %s, %s::jsonb FROM gone)
"""
NAMED = "(SELECT id::text, kind || ' #' || id FROM gone) AS s (id, label)"
TOLD_EACH = ("E12",)  # kinds whose closing sets something free: `case_resolved` tells of every one of them


def close_many(kinds: Mapping[int, str], ending: Ending) -> None:
    """`close` for locked cases (id → kind) that a person closes by hand, however many there are."""
    if not kinds or ending.by is None:
        return
    by, pks = ending.by, as_array(kinds)
    one = _audit(ExceptionCase(pk=0, kind=next(iter(kinds.values()))), ending, by)
    audit, audited = trail.same_sql(one, NAMED)
    data = json.dumps(_data(ending), cls=DjangoJSONEncoder)
    changed: list[Any] = [ending.at, by.pk, ending.resolution, ending.note, pks]
    told: list[Any] = [ending.at, by.pk, ending.sentence, data]
    with connection.cursor() as cursor:
        cursor.execute(CLOSE_MANY + audit, [*changed, *told, *audited])
    incidents.unfold([pk for pk, kind in kinds.items() if kind == "E32"], at=ending.at)
    for case in ExceptionCase.objects.filter(pk__in=[pk for pk, kind in kinds.items() if kind in TOLD_EACH]):
        case_resolved.send(ExceptionCase, case=case, by=by, at=ending.at)


def as_array(pks: Iterable[int]) -> str:
    """As PostgreSQL writes an array; a list is turned into one number by number."""
    return "{" + ",".join(map(str, pks)) + "}"


def refresh_oldest(pks: Collection[int]) -> None:
    if pks:
        with connection.cursor() as cursor:
            cursor.execute(OLDEST, [list(pks)])


def _data(ending: Ending) -> dict[str, Any]:
    return {"resolution": ending.resolution, **({"proof": dict(ending.proof)} if ending.proof else {}), **ending.evidence}


def _audit(case: ExceptionCase, ending: Ending, by: User) -> Any:
    new = {"is_open": False, "resolution": ending.resolution, **ending.evidence}
    return trail.event("case.resolved", case, by=by, old={"is_open": True}, new=new, reason=ending.note)
