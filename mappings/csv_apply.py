"""Bringing a file: keep it, show what it would do, and do it: all rows or none, by a second person's word where it touches much."""

from __future__ import annotations

import hashlib
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone
from simple_history.utils import bulk_create_with_history, bulk_update_with_history

from mappings import orders
from mappings.announce import announce, keys_of
from mappings.changes import fields_of
from mappings.csv_file import MAX_BYTES, FileError
from mappings.csv_plan import Fate, Plan, plan
from mappings.kinds import KINDS, Kind
from mappings.models import ImportFile, ImportState
from portal.accounts import approvals
from portal.accounts.models import ApprovalRequest, User
from portal.accounts.permissions import Action, Verdict, allowed, check
from portal.audit.trail import event, record, record_all

LIMIT = 200  # recent orders a file may touch before a second person looks at it
RECENT = timedelta(days=7)


def keep(content: bytes, *, name: str, kind: Kind, by: User) -> ImportFile:
    """Store the file as it came. FileError when it is too large or not text."""
    check(by, Action.IMPORT_MAPPINGS, kind=kind.subject)
    if len(content) > MAX_BYTES:
        raise FileError(f"The file has {len(content) / 1_048_576:.1f} MB. Bring at most {MAX_BYTES // 1_048_576} MB at a time.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FileError("The file is not UTF-8 text. In the spreadsheet, save it as “CSV UTF-8”.") from error
    if "\x00" in text:
        raise FileError("The file contains bytes that are no text. Save it as CSV and bring it again.")
    return ImportFile.objects.create(kind=kind.slug, name=name[:200], content=text, sha256=hashlib.sha256(content).hexdigest(), uploaded_by=by)


def touched(made: Plan) -> int:
    """Recent orders that used a changed row, and orders that wait for a new one."""
    changed = [planned.row.pk for planned in made.of(Fate.CHANGED)]
    used = orders.ask().count_used(made.kind.slug, changed, since=timezone.now() - RECENT) if changed else 0
    new = [planned.row for planned in made.of(Fate.NEW)]
    waiting = orders.ask().waiting(sorted(keys_of(new))) if new else {}
    return used + sum(one.orders for one in waiting.values())


def verdict_on(made: Plan, *, by: User) -> Verdict:
    """May they, alone or with a second person?"""
    return allowed(by, Action.IMPORT_MAPPINGS, kind=made.kind.subject, beyond_limit=touched(made) > LIMIT)


def apply(file: ImportFile, *, by: User, reason: str) -> str:
    """Do what the dry run showed, or ask for the second person it needs; returns the sentence that says which."""
    made = plan(file)
    verdict = verdict_on(made, by=by)
    if verdict.needs_approval:
        return _ask(file, made, verdict=verdict, by=by, reason=reason)
    check(by, Action.IMPORT_MAPPINGS, kind=made.kind.subject)
    return _apply(file, by=by, reason=reason)


@approvals.on_approval(Action.IMPORT_MAPPINGS)
def approved(wish: ApprovalRequest) -> str:
    """Carries an approved file out as the person who brought it."""
    file = ImportFile.objects.get(pk=wish.arguments["file"])
    try:
        return _apply(file, by=wish.requester, reason=wish.reason)
    except FileError as error:
        raise approvals.ApprovalError(str(error)) from error


def _ask(file: ImportFile, made: Plan, *, verdict: Verdict, by: User, reason: str) -> str:
    counts = made.counts
    summary = f"Import {made.kind.name} from {file.name}: {counts['new']} new, {counts['changed']} changed, {touched(made)} recent orders touched"
    with transaction.atomic():
        approvals.ask(Action.IMPORT_MAPPINGS, by=by, verdict=verdict, arguments={"file": file.pk}, summary=summary[:300], reason=reason)
        ImportFile.objects.filter(pk=file.pk).update(state=ImportState.ASKED, reason=reason[:300])
    return "Asked. Nothing has changed yet; it happens when a second person approves."


def _apply(file: ImportFile, *, by: User, reason: str) -> str:
    """Plan again on the rows as they are now, under a lock on the file, and write."""
    try:
        with transaction.atomic():
            locked = ImportFile.objects.select_for_update().get(pk=file.pk)
            if locked.state == ImportState.APPLIED:
                raise FileError("This file has been applied already; nothing was done twice.")
            made = plan(locked)
            if not made.is_clean:
                raise FileError(f"{made.counts['refused']} rows are refused now, so nothing was changed. Look at the dry run again.")
            _write(made, by=by, reason=reason)
            locked.outcome = f"{made.counts['new']} added, {made.counts['changed']} changed, {made.counts['unchanged']} as they were."
            locked.state, locked.applied_at, locked.reason = ImportState.APPLIED, timezone.now(), reason[:300]
            locked.save()
            new = {"rows": made.counts, "sha256": locked.sha256}
            record("mapping.imported", locked, by=by, new=new, reason=reason)
    except IntegrityError as error:
        raise FileError("Somebody changed the same rows at the same moment, so nothing was changed. Look at the dry run again.") from error
    return locked.outcome


def _write(made: Plan, *, by: User, reason: str) -> None:
    table, names = made.kind.table, fields_of(made.kind)
    new, changed = [planned.row for planned in made.of(Fate.NEW)], [planned.row for planned in made.of(Fate.CHANGED)]
    said = {"batch_size": 1000, "default_user": by, "default_change_reason": reason[:100]}
    if changed:
        bulk_update_with_history(changed, table, names, **said)
    created = bulk_create_with_history(new, table, **said) if new else []
    planned = [(row, "mapping.added", None) for row in created]
    planned += [(one.row, "mapping.changed", one) for one in made.of(Fate.CHANGED)]  # type: ignore[misc]
    record_all([
        event(
            action,
            row,
            by=by,
            old=None if one is None else {name: _plain(old) for name, old, _ in one.changes},
            new=None if one is None else {name: _plain(now) for name, _, now in one.changes},
            reason=reason,
        )
        for row, action, one in planned
    ])  # fmt: skip
    announce([*created, *changed], by=by)


def _plain(value: object) -> object:
    return value if isinstance(value, str | bool | int | None) else str(value)


def kinds_importable(by: User) -> list[Kind]:
    """The kinds for which they may bring a file, alone or with a second person."""
    asked = {kind: allowed(by, Action.IMPORT_MAPPINGS, kind=kind.subject) for kind in KINDS.values()}
    return [kind for kind, verdict in asked.items() if verdict.yes or verdict.needs_approval]
