"""Playbooks that measure themselves (A12): steps ticked off on a case, and how long each usually takes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from exceptions.acts import open_case_of
from exceptions.errors import CaseError
from exceptions.models import CaseEvent, ExceptionCase, StepMark
from exceptions.rules import rule_of
from portal.accounts.models import User
from portal.accounts.permissions import Action, check
from portal.audit import trail

MEASURED_OVER = timedelta(days=90)
MEDIANS = """
SELECT step, percentile_cont(0.5) WITHIN GROUP (ORDER BY took_s), count(*)
FROM exceptions_stepmark WHERE kind = %s AND at >= %s GROUP BY step
"""


@dataclass(frozen=True)
class Step:
    """One step of the playbook on one case. `usual`: the median of the last ninety days, None while nobody did it."""

    number: int
    text: str
    mark: StepMark | None
    usual: timedelta | None
    times: int


def tick(case: ExceptionCase, step: int, *, by: User, at: datetime | None = None) -> StepMark:
    """The step is done; done already is no error."""
    check(by, Action.TAKE_PART, owner=case.acting_roles)
    moment, steps = at or timezone.now(), rule_of(case.kind).words.steps
    if not 1 <= step <= len(steps):
        raise CaseError("This playbook has no such step any more. Open the case again.")
    with transaction.atomic():
        found = open_case_of(case)
        before = found.step_marks.order_by("-at").first()
        since = before.at if before and before.at >= found.opened_at else found.opened_at
        took = max(0, int((moment - since).total_seconds()))
        given: dict[str, Any] = {"kind": found.kind, "text": steps[step - 1], "by": by, "at": moment, "took_s": took}
        mark, is_new = StepMark.objects.get_or_create(case=found, step=step, defaults=given)
        if is_new:
            CaseEvent.objects.create(case=found, at=moment, by=by, verb="step", text=f"Step {step} done: {mark.text}")
            trail.record("case.step_done", found, by=by, new={"step": step, "text": mark.text})
    return mark


def untick(case: ExceptionCase, step: int, *, by: User) -> None:
    """It was not done after all."""
    check(by, Action.TAKE_PART, owner=case.acting_roles)
    with transaction.atomic():
        found = open_case_of(case)
        if StepMark.objects.filter(case=found, step=step).delete()[0]:
            trail.record("case.step_undone", found, by=by, new={"step": step})


def steps_of(case: ExceptionCase, *, at: datetime | None = None) -> list[Step]:
    """The playbook as this case stands."""
    marks = {mark.step: mark for mark in case.step_marks.select_related("by")}
    usual = medians(case.kind, at=at or timezone.now())
    words = rule_of(case.kind).words.steps
    return [Step(number, text, marks.get(number), *usual.get(number, (None, 0))) for number, text in enumerate(words, start=1)]


def medians(kind: str, *, at: datetime) -> dict[int, tuple[timedelta, int]]:
    """step → its median time and how often it was done."""
    with connection.cursor() as cursor:
        cursor.execute(MEDIANS, [kind, at - MEASURED_OVER])
        return {step: (timedelta(seconds=seconds), times) for step, seconds, times in cursor.fetchall()}
