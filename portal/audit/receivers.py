"""What the floor below cannot record itself: logins, passwords and second approvals."""

from __future__ import annotations

from typing import Any

from axes.signals import user_locked_out
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.db import transaction
from django.dispatch import receiver

from portal.accounts import signals
from portal.accounts.models import ApprovalRequest, ApprovalState, User
from portal.audit.trail import record

DECISIONS = {
    ApprovalState.WAITING: "approval.asked",
    ApprovalState.APPROVED: "approval.approved",
    ApprovalState.REFUSED: "approval.refused",
    ApprovalState.WITHDRAWN: "approval.withdrawn",
}


@receiver(user_logged_in)
def logged_in(user: User, **_kwargs: Any) -> None:
    with transaction.atomic():
        record("person.logged_in", user, by=user)


@receiver(user_logged_out)
def logged_out(user: User | None, **_kwargs: Any) -> None:
    if user is not None:
        with transaction.atomic():
            record("person.logged_out", user, by=user)


@receiver(user_locked_out)
def locked_out(username: str | None = None, **_kwargs: Any) -> None:
    """Only names that exist are kept: people sometimes type their password into the name field."""
    person = User.objects.filter(username=username).first()
    if person is not None:
        with transaction.atomic():
            record("person.locked_out", person, by="login page", reason="Too many wrong passwords.")


@receiver(signals.password_changed)
def changed_password(user: User, **_kwargs: Any) -> None:
    record("person.changed_password", user, by=user)


@receiver(signals.approval_changed)
def approval_changed(request: ApprovalRequest, by: User, **_kwargs: Any) -> None:
    decision = request.note if request.decided_by_id else request.reason
    new = {"state": request.state, "action": request.action, "outcome": request.outcome or None}
    record(DECISIONS[ApprovalState(request.state)], request, by=by, new=new, reason=decision)
