"""“False alarm” said of what a comparison found: the same finding is not raised again, until a date or until somebody takes that back."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from django.db.models import Q, QuerySet

from exceptions.details import prefix_of
from exceptions.entries import NewCase
from exceptions.errors import CaseError
from exceptions.kinds import KINDS
from exceptions.models import CaseItem, ExceptionCase, IgnoredFinding
from portal.accounts.models import User
from portal.accounts.permissions import Action, allowed, check
from portal.audit import trail

WHOLE = frozenset({"E12"})  # kinds where the case is the finding; elsewhere each thing in it is one
# The things in a case that a comparison finds; a refused message is no finding, and comes back when it is refused again.
FOUND = {"E06": ("hub_order", "order"), "E13": ("listing", "pair"), "E14": ("stranded",)}
KIND_CODES = frozenset({*WHOLE, *FOUND})
TOLD = ("pair",)  # things of which one may say different faults: only the fault that was seen is ignored
MOST = 5000  # findings kept of one case
SHOWN = 5


def is_ignorable(case: ExceptionCase) -> bool:
    return case.kind in KIND_CODES


def remember(cases: Sequence[ExceptionCase], *, reason: str, by: User, at: datetime, until: datetime | None = None) -> int:
    """Keep what these cases had found as ignored; how many findings. Call it before they are closed."""
    rows = rows_of([case for case in cases if is_ignorable(case)])
    for row in rows:
        row.reason, row.by, row.at, row.until = reason, by, at, until
    IgnoredFinding.objects.filter(pk__in=replaced(rows)).update(revoked_at=at, revoked_by=by)
    IgnoredFinding.objects.bulk_create(rows, ignore_conflicts=True, batch_size=500)
    return len(rows)


def replaced(rows: Sequence[IgnoredFinding]) -> list[int]:
    """Older words about the same findings."""
    wanted = {(row.kind, row.key) for row in rows}
    known = IgnoredFinding.objects.filter(revoked_at=None, key__in=[key for _, key in wanted]).values_list("pk", "kind", "key")
    return [pk for pk, kind, key in known if (kind, key) in wanted]


def rows_of(cases: Sequence[ExceptionCase]) -> list[IgnoredFinding]:
    """One query for the things of all of them."""
    things: dict[int, list[CaseItem]] = {case.pk: [] for case in cases}
    for item in CaseItem.objects.filter(case__in=things, cleared_at=None).order_by("pk").iterator(chunk_size=1000):
        things[item.case_id].append(item)
    return [row for case in cases for row in findings(case, things[case.pk])]


def findings(case: ExceptionCase, items: Sequence[CaseItem]) -> list[IgnoredFinding]:
    if case.kind in WHOLE:
        label = ", ".join(item.label for item in items[:SHOWN]) or str(case)
        return [IgnoredFinding(kind=case.kind, key=case.fingerprint, said=case.cause, label=label[:160], case=case)]
    said = case.cause if len(items) == 1 else ""
    mine = [item for item in items if prefix_of(item.subject) in FOUND[case.kind]][:MOST]
    return [
        IgnoredFinding(kind=case.kind, key=one.subject, said=said if prefix_of(one.subject) in TOLD else "", label=one.label, case=case)
        for one in mine
    ]


def raised(cases: Sequence[NewCase]) -> list[NewCase]:
    """Those that nobody called a false alarm. One item each, as comparisons make them."""
    wanted = [one for one in cases if one.kind in KIND_CODES]
    if not wanted:
        return list(cases)
    at = max(one.at for one in wanted)
    rows = in_force(at).filter(key__in=[key_of(one) for one in wanted])
    known = {(row.kind, row.key): row.said for row in rows}
    if not known:
        return list(cases)
    return [one for one in cases if (said := known.get((one.kind, key_of(one)))) is None or said not in ("", one.cause)]


def in_force(at: datetime) -> QuerySet[IgnoredFinding]:
    return IgnoredFinding.objects.filter(Q(until=None) | Q(until__gt=at), revoked_at=None)


def key_of(one: NewCase) -> str:
    return one.fingerprint if one.kind in WHOLE or len(one.items) != 1 else one.items[0].subject[:160]


def listed(at: datetime, *, most: int = 200) -> list[IgnoredFinding]:
    """For the page: the newest first."""
    return list(in_force(at).select_related("by", "case").order_by("-at", "-pk")[:most])


def revoke(row: IgnoredFinding, *, by: User, reason: str, at: datetime) -> None:
    """The next comparison raises it again, if it is still there."""
    check(by, Action.RESOLVE_FIXED, owner=KINDS[row.kind].may_act)
    if not reason.strip():
        raise CaseError("Say why it shall be raised again.")
    if not IgnoredFinding.objects.filter(pk=row.pk, revoked_at=None).update(revoked_at=at, revoked_by=by):
        raise CaseError("Somebody took it back already. Nothing was changed.")
    trail.record("finding.revoked", row, by=by, old={"ignored": True}, new={"ignored": False}, reason=reason.strip())


def may_revoke(by: User, kinds: Collection[str]) -> set[str]:
    """Those of the kinds that this person may take back."""
    return {kind for kind in kinds if allowed(by, Action.RESOLVE_FIXED, owner=KINDS[kind].may_act).yes}
