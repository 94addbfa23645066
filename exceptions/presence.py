"""Who has a case on the screen now (A17)."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone

from exceptions.models import CasePresence, ExceptionCase
from portal.accounts.models import User

PRESENT = timedelta(seconds=35)  # an open page says so every 10 s


def seen(case: ExceptionCase, by: User, *, at: datetime) -> None:
    """They look at it now."""
    row = CasePresence(case=case, user=by, seen_at=at)
    CasePresence.objects.bulk_create([row], update_conflicts=True, unique_fields=["case", "user"], update_fields=["seen_at"])


def others(case: ExceptionCase, by: User, *, at: datetime | None = None) -> list[User]:
    """Everybody else who looks at it now."""
    since = (at or timezone.now()) - PRESENT
    here = CasePresence.objects.filter(case=case, seen_at__gte=since).exclude(user=by).select_related("user").order_by("user_id")
    return [one.user for one in here]


def forget(*, at: datetime) -> int:
    """Throw away who was there long ago."""
    return CasePresence.objects.filter(seen_at__lt=at - PRESENT * 10).delete()[0]
