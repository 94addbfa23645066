"""Merging cases that are one, splitting off what is another; what happens later, and what happened before, goes along."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from exceptions.acts import open_case_of
from exceptions.closing import Ending, close, lock, refresh_oldest
from exceptions.entries import NewCase
from exceptions.errors import CaseError
from exceptions.items import count_again
from exceptions.models import CaseEvent, CaseItem, CaseKey, ExceptionCase, Regrouping, Resolution
from exceptions.opening import upsert
from portal.accounts.models import User
from portal.accounts.permissions import Action, check
from portal.audit import trail

MOST_RETOLD = 200  # lines of the old case's story that the new one begins with


def merge(case: ExceptionCase, into: ExceptionCase, *, by: User, at: datetime | None = None) -> ExceptionCase:
    """Everything of `case` becomes part of `into`, and so does what happens again under it."""
    moment = at or timezone.now()
    for one in (case, into):
        check(by, Action.TAKE_PART, owner=one.acting_roles)
    if case.pk == into.pk:
        raise CaseError("That is the same case.")
    if case.kind != into.kind:
        raise CaseError(f"Only cases of one kind can be merged: this one is {case.rule.name}, that one {into.rule.name}.")
    with transaction.atomic():
        found = {one.pk: one for one in lock([case.pk, into.pk])}
        if len(found) < 2:
            raise CaseError("One of the two is resolved already. Nothing was merged.")
        _move(case, into)
        _regroup(case, into)
        text = f"Merged from {case}: {case.cause}"
        CaseEvent.objects.create(case=into, at=moment, by=by, verb="merged", text=text)
        trail.record("case.merged", into, by=by, new={"from": case.pk, "fingerprint": case.fingerprint})
        close([found[case.pk]], Ending(Resolution.MERGED, moment, by, f"Into {into}.", merged_into=into))
    into.refresh_from_db()
    return into


def _move(case: ExceptionCase, into: ExceptionCase) -> None:
    """Items, words and history; a thing both hold is kept once, waiting if it waits in either."""
    there = dict(CaseItem.objects.filter(case=into).values_list("subject", "pk"))
    twice = CaseItem.objects.filter(case=case, subject__in=there)
    CaseItem.objects.filter(case=into, subject__in=twice.filter(cleared_at=None).values("subject")).update(cleared_at=None, proof=None)
    twice.delete()
    CaseItem.objects.filter(case=case).update(case=into)
    keys = CaseKey.objects.filter(case=case).values_list("key", "reversed")
    CaseKey.objects.bulk_create([CaseKey(case=into, key=key, reversed=back) for key, back in keys], ignore_conflicts=True)
    CaseEvent.objects.filter(case=case).update(case=into)
    count_again([case.pk, into.pk])
    refresh_oldest([into.pk])


def _regroup(case: ExceptionCase, into: ExceptionCase) -> None:
    """From now on that fingerprint is this one; earlier merges into it follow."""
    home = {"into_kind": into.kind, "into_fingerprint": into.fingerprint}
    Regrouping.objects.filter(into_kind=case.kind, into_fingerprint=case.fingerprint).update(**home)
    Regrouping.objects.update_or_create(kind=case.kind, fingerprint=case.fingerprint, subject="", defaults=home)
    Regrouping.objects.filter(Q(kind=into.kind, fingerprint=into.fingerprint, subject="")).delete()  # it is nobody's guest any more


def split(case: ExceptionCase, subjects: Collection[str], *, by: User, cause: str, at: datetime | None = None) -> ExceptionCase:
    """These things have another cause: a case of their own, for now and for when they come again."""
    check(by, Action.TAKE_PART, owner=case.acting_roles)
    moment = at or timezone.now()
    if not cause.strip():
        raise CaseError("Say what their cause is: it becomes the new case's first line.")
    with transaction.atomic():
        found = open_case_of(case)
        moving = CaseItem.objects.filter(case=found, subject__in=list(subjects))
        waiting, everything = moving.filter(cleared_at=None).count(), found.items_open
        if not waiting:
            raise CaseError("None of these still waits in this case. Choose at least one that does.")
        if waiting == everything:
            raise CaseError("That is all the case holds up; splitting it off would leave nothing. Change its team or comment on it instead.")
        new = _new_case(found, cause.strip(), at=moment)
        names = list(moving.values_list("subject", "label"))
        homes = [_home(found, new, subject) for subject, _ in names]
        Regrouping.objects.bulk_create(
            homes, update_conflicts=True, unique_fields=["kind", "fingerprint", "subject"], update_fields=["into_kind", "into_fingerprint"]
        )
        moving.update(case=new)
        _move_words(found, new)
        count_again([found.pk, new.pk])
        refresh_oldest([found.pk, new.pk])
        _retell(found, new)
        _tell(found, new, [label for _, label in names], by=by, at=moment)
    new.refresh_from_db()
    return new


def _new_case(case: ExceptionCase, cause: str, *, at: datetime) -> ExceptionCase:
    """Same kind, same clocks, the next free fingerprint."""
    taken = ExceptionCase.objects.filter(kind=case.kind, fingerprint__startswith=f"{case.fingerprint[:280]}#").count()
    fingerprint = f"{case.fingerprint[:280]}#{taken + 1}"
    shape = NewCase(case.kind, fingerprint, cause, at, connection=case.connection, integration=case.integration, severity=case.severity)
    pk = upsert([shape])[shape.key].pk
    kept = {"opened_at": case.opened_at, "ack_due_at": case.ack_due_at, "resolve_due_at": case.resolve_due_at, "owner": case.owner}
    more = {"deadline_at": case.deadline_at, "consequence": case.consequence, "waiting_for": case.waiting_for, "evidence": case.evidence}
    ExceptionCase.objects.filter(pk=pk).update(**kept, **more, acknowledged_at=case.acknowledged_at, assignee=case.assignee)
    return ExceptionCase.objects.get(pk=pk)


def _home(case: ExceptionCase, new: ExceptionCase, subject: str) -> Regrouping:
    return Regrouping(kind=case.kind, fingerprint=case.fingerprint, subject=subject, into_kind=new.kind, into_fingerprint=new.fingerprint)


def _move_words(case: ExceptionCase, new: ExceptionCase) -> None:
    """Both are found by the words of what they hold; a word too many in the old one does no harm."""
    keys = CaseKey.objects.filter(case=case).values_list("key", "reversed")
    labels = {label.upper() for label in CaseItem.objects.filter(case=new).values_list("label", flat=True)}
    rows = [CaseKey(case=new, key=key, reversed=back) for key, back in keys if key in labels]
    CaseKey.objects.bulk_create(rows, ignore_conflicts=True)
    CaseKey.objects.filter(case=case, key__in=labels).delete()


def _retell(case: ExceptionCase, new: ExceptionCase) -> None:
    """What happened while they were one is the story of both."""
    before = CaseEvent.objects.filter(case=case).order_by("-at", "-pk")[:MOST_RETOLD]
    same = [CaseEvent(case=new, at=one.at, by_id=one.by_id, verb=one.verb, text=one.text, data=one.data) for one in reversed(before)]
    CaseEvent.objects.bulk_create(same)


def _tell(case: ExceptionCase, new: ExceptionCase, labels: list[str], *, by: User, at: datetime) -> None:
    shown = ", ".join(labels[:5]) + (f" and {len(labels) - 5} more" if len(labels) > 5 else "")
    CaseEvent.objects.create(case=case, at=at, by=by, verb="split", text=f"Split off to {new}: {shown}.")
    CaseEvent.objects.create(case=new, at=at, by=by, verb="split", text=f"Split off from {case}: {shown}. {new.cause}")
    trail.record("case.split", case, by=by, new={"to": new.pk, "items": len(labels)})
