"""Some kinds get worse while they wait; none closes by it."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from exceptions.kinds import KINDS, Severity
from exceptions.models import CaseEvent, ExceptionCase

BATCH = 1000


def raise_severity(*, at: datetime) -> int:
    """S1 for what waited longer than its kind allows (E26: the longer a refund takes, the likelier a chargeback)."""
    return sum(_raise(code, kind.worse_after_days, at=at) for code, kind in KINDS.items() if kind.worse_after_days)


@transaction.atomic
def _raise(code: str, days: int, *, at: datetime) -> int:
    old = ExceptionCase.objects.filter(is_open=True, kind=code, severity__gt=Severity.S1, oldest_at__lte=at - timedelta(days=days))
    pks = list(old.select_for_update(of=("self",)).order_by("pk").values_list("pk", flat=True)[:BATCH])
    ExceptionCase.objects.filter(pk__in=pks).update(severity=Severity.S1)
    ExceptionCase.objects.filter(pk__in=pks, snooze_if_worse=True).update(snoozed_until=None, snooze_items=None, snooze_if_worse=False)
    text = f"S1 now: it has waited for more than {days} days."
    CaseEvent.objects.bulk_create([CaseEvent(case_id=pk, at=at, verb="worse", text=text) for pk in pks])
    return len(pks)
