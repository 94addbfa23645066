"""Every minute: what is to be told becomes one message for each receiver, in one transaction with the outbox."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from exceptions.models.notices import CaseNotice, OutgoingNotice
from exceptions.notices import words
from exceptions.notices.audience import Audience, Target
from exceptions.notices.words import Line

BATCH = 5000
LOOK_AGAIN = timedelta(minutes=5)  # while a case waits under an incident


def compose(*, at: datetime) -> int:
    """Put into the outbox what is due; how many messages. Two workers at once tell everything once."""
    with transaction.atomic():
        fresh, waiting, silent = openings(at=at)
        ended = endings()
        lines = [(notice, Line(notice.case, "came back" if notice.came_back else "new")) for notice in fresh]
        lines += [(notice, Line(notice.case, "over")) for notice in ended]
        audience = Audience.now()
        mails: dict[Target, list[Line]] = {}
        untold: list[int] = []
        for notice, line in lines:
            targets = audience.instant(line.case)
            for target in targets:
                mails.setdefault(target, []).append(line)
            untold += [notice.pk] if not targets else []
        over = [notice.pk for notice in (*fresh, *ended) if not notice.case.is_open]
        CaseNotice.objects.filter(pk__in=[notice.pk for notice in waiting]).update(not_before=at + LOOK_AGAIN, folded=True)
        CaseNotice.objects.filter(pk__in=[notice.pk for notice in fresh]).update(told_at=at)
        CaseNotice.objects.filter(pk__in=[*over, *untold, *(notice.pk for notice in silent)]).delete()
        return put(mails, at=at)


def openings(*, at: datetime) -> tuple[list[CaseNotice], list[CaseNotice], list[CaseNotice]]:
    """(to be told now, waiting under an incident, need not be told: over with the incident they waited under)."""
    due = CaseNotice.objects.filter(told_at=None, not_before__lte=at).select_related("case", "case__connection").order_by("not_before", "pk")
    notices = list(due.select_for_update(of=("self",), skip_locked=True)[:BATCH])
    waiting = [notice for notice in notices if notice.case.incident_id is not None]
    silent = [notice for notice in notices if notice.folded and not notice.case.is_open]
    aside = {notice.pk for notice in (*waiting, *silent)}
    return [notice for notice in notices if notice.pk not in aside], waiting, silent


def endings() -> list[CaseNotice]:
    """Cases that were told of and are over."""
    over = CaseNotice.objects.filter(told_at__isnull=False, case__is_open=False).select_related("case", "case__connection").order_by("pk")
    return list(over.select_for_update(of=("self",), skip_locked=True)[:BATCH])


def put(mails: dict[Target, list[Line]], *, at: datetime) -> int:
    """One row of the outbox for each receiver."""
    rows = [outgoing(target, words.subject(lines), words.body(lines), at=at) for target, lines in mails.items()]
    return len(OutgoingNotice.objects.bulk_create(rows))


def outgoing(target: Target, subject: str, body: str, *, at: datetime) -> OutgoingNotice:
    address, wish = target
    return OutgoingNotice(address=address, wish_id=wish or None, subject=words.one_line(subject), body=body, created_at=at, not_before=at)
