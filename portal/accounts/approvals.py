"""Second approval: one person asks, another one decides, and only then it happens."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from portal.accounts.models import ApprovalRequest, ApprovalState, User
from portal.accounts.permissions import Action, NotAllowedError, Verdict
from portal.accounts.signals import approval_changed

Done = Callable[[ApprovalRequest], str]  # carries the request out and says in one sentence what happened

# What runs on approval; the app that owns the action fills it: `@on_approval(Action.WRITE_OFF)`.
ON_APPROVAL: dict[Action, Done] = {}


class ApprovalError(Exception):
    """It cannot be decided (any more); the text is a sentence for the person."""


def on_approval(action: Action) -> Callable[[Done], Done]:
    """Register what carries out an approved request. It runs inside the approving transaction and may raise ApprovalError."""

    def register(run: Done) -> Done:
        if action in ON_APPROVAL and ON_APPROVAL[action] is not run:
            raise ValueError(f"{action} has its function already")
        ON_APPROVAL[action] = run
        return run

    return register


def ask(action: Action, *, by: User, verdict: Verdict, arguments: dict[str, Any], summary: str, reason: str) -> ApprovalRequest:
    """Write down the wish; asked again while it waits, the same request comes back."""
    if not verdict.needs_approval:
        raise NotAllowedError(verdict.why)
    if not reason.strip():
        raise ApprovalError("Say why: the person who decides reads it.")
    with transaction.atomic():
        wish, is_new = ApprovalRequest.objects.get_or_create(
            fingerprint=fingerprint(action, arguments),
            state=ApprovalState.WAITING,
            defaults={
                "action": action,
                "arguments": arguments,
                "summary": summary,
                "reason": reason.strip(),
                "requester": by,
                "approver_roles": sorted(verdict.approvers),
            },
        )
        if is_new:
            approval_changed.send(ApprovalRequest, request=wish, by=by)
    return wish


def approve(pk: int, *, by: User, note: str = "", at: datetime | None = None) -> ApprovalRequest:
    """Agree, and carry it out in the same transaction: if that fails, the request goes on waiting."""
    with transaction.atomic():
        wish = _for_decision(pk, by=by)
        run = ON_APPROVAL.get(Action(wish.action))
        if run is None:
            raise ApprovalError(f"Nothing is registered to {Action(wish.action).label}. The request goes on waiting; tell an admin.")
        wish.state, wish.decided_by, wish.decided_at, wish.note = ApprovalState.APPROVED, by, at or timezone.now(), note.strip()
        wish.outcome = run(wish)[:300]
        wish.save()
        approval_changed.send(ApprovalRequest, request=wish, by=by)
    return wish


def refuse(pk: int, *, by: User, note: str = "", at: datetime | None = None) -> ApprovalRequest:
    """Say no, and why; nothing is carried out."""
    if not note.strip():
        raise ApprovalError("Say why it is refused: the person who asked reads it.")
    with transaction.atomic():
        wish = _for_decision(pk, by=by)
        wish.state, wish.decided_by, wish.decided_at, wish.note = ApprovalState.REFUSED, by, at or timezone.now(), note.strip()
        wish.save()
        approval_changed.send(ApprovalRequest, request=wish, by=by)
    return wish


def withdraw(pk: int, *, by: User, note: str = "", at: datetime | None = None) -> ApprovalRequest:
    """The person who asked takes it back."""
    with transaction.atomic():
        wish = _waiting(pk)
        if wish.requester_id != by.pk:
            raise ApprovalError("Only the person who asked can take it back.")
        wish.state, wish.decided_at, wish.note = ApprovalState.WITHDRAWN, at or timezone.now(), note.strip()
        wish.save()
        approval_changed.send(ApprovalRequest, request=wish, by=by)
    return wish


def waiting_for(user: User) -> QuerySet[ApprovalRequest]:
    """What this person may decide now."""
    waiting = ApprovalRequest.objects.filter(state=ApprovalState.WAITING, approver_roles__overlap=sorted(user.roles))
    return waiting.exclude(requester=user).select_related("requester")


def fingerprint(action: Action, arguments: dict[str, Any]) -> str:
    return hashlib.sha256(f"{action.value}:{json.dumps(arguments, sort_keys=True, default=str)}".encode()).hexdigest()


def _waiting(pk: int) -> ApprovalRequest:
    wish = ApprovalRequest.objects.select_for_update().get(pk=pk)
    if not wish.is_waiting:
        raise ApprovalError(f"This was {ApprovalState(wish.state).label} already; nothing was changed.")
    return wish


def _for_decision(pk: int, *, by: User) -> ApprovalRequest:
    wish = _waiting(pk)
    if wish.requester_id == by.pk:
        raise ApprovalError("You asked for this yourself; a second person has to decide.")
    if not by.roles & wish.approvers:
        raise ApprovalError(f"This is decided by {', '.join(sorted(role.label for role in wish.approvers))}; you hold none of these roles.")
    return wish
