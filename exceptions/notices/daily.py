"""The daily summaries: one mail a day for an integration's list, a team or a person, and none where nothing happened (R127, R128)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Q, QuerySet

from exceptions.models import ExceptionCase, TeamCalendar
from exceptions.models.notices import NoticeWish, OutgoingNotice
from exceptions.notices.audience import addresses_of
from exceptions.notices.composing import outgoing
from exceptions.notices.words import FOOT, site
from portal.accounts.roles import Role
from portal.connections.models import Integration
from portal.connections.patterns import is_excluded

SENT_AT = time(7)
MOST = 40
READ = 5000


def send_summaries(*, at: datetime) -> int:
    """Put the summaries that are due into the outbox; how many."""
    number = 0
    for integration in Integration.objects.present().filter(daily_errors=True):
        day = due_day(integration.time_zone, at=at)
        if day is not None and (integration.daily_sent_on is None or integration.daily_sent_on < day):
            number += of_integration(integration, day, at=at)
    for wish in NoticeWish.objects.filter(digest=True).select_related("user").prefetch_related("user__memberships"):
        day = due_day(zone_of(wish), at=at)
        if day is not None and (wish.digest_sent_on is None or wish.digest_sent_on < day):
            number += of_wish(wish, day, at=at)
    return number


def due_day(zone: str, *, at: datetime) -> date | None:
    """Today there, once it is seven o'clock."""
    local = at.astimezone(ZoneInfo(zone))
    return local.date() if local.time() >= SENT_AT else None


def zone_of(wish: NoticeWish) -> str:
    if wish.user is not None:
        return str(wish.user.time_zone)
    return TeamCalendar.objects.filter(role=wish.team).values_list("time_zone", flat=True).first() or "UTC"


def of_integration(integration: Integration, day: date, *, at: datetime) -> int:
    with transaction.atomic():
        before = Q(daily_sent_on=None) | Q(daily_sent_on__lt=day)
        if not Integration.objects.filter(before, pk=integration.pk).update(daily_sent_on=day):
            return 0
        own = Q(integration=integration) | Q(integration=None, connection__in=(integration.channel_id, integration.hub_id))
        since = day_before(day, integration.time_zone)
        cases = [
            case
            for case in recent(ExceptionCase.objects.filter(own), since=since, at=at)
            if not is_excluded(case.cause, integration.exclude_patterns)
        ]
        return put(integration.name, cases, integration.daily_emails, at=at)


def of_wish(wish: NoticeWish, day: date, *, at: datetime) -> int:
    with transaction.atomic():
        before = Q(digest_sent_on=None) | Q(digest_sent_on__lt=day)
        if not NoticeWish.objects.filter(before, pk=wish.pk).update(digest_sent_on=day):
            return 0
        roles = [wish.team] if wish.team else [str(role) for role in (wish.user.roles if wish.user else ())]
        mine = Q(owner__in=roles) | (Q(assignee=wish.user) if wish.user else Q(pk=None))
        cases = list(recent(ExceptionCase.objects.filter(mine, severity__lte=wish.severity), since=day_before(day, zone_of(wish)), at=at))
        name = f"team {Role(wish.team).label}" if wish.team else "your teams"
        return put(name, cases, list(addresses_of(wish)), at=at)


def day_before(day: date, zone: str) -> datetime:
    """Seven o'clock of the day before: a summary that is late leaves nothing out."""
    return datetime.combine(day - timedelta(days=1), SENT_AT, tzinfo=ZoneInfo(zone))


def recent(cases: QuerySet[ExceptionCase], *, since: datetime, at: datetime) -> QuerySet[ExceptionCase]:
    """Opened since then, whatever became of them."""
    return cases.filter(opened_at__gt=since, opened_at__lte=at).order_by("severity", "due_at", "pk")[:READ]


def put(name: str, cases: Sequence[ExceptionCase], addresses: Sequence[str], *, at: datetime) -> int:
    if not cases or not addresses:
        return 0
    waiting = [case for case in cases if case.is_open]
    subject = f"[Lockstep] {name}: {len(cases)} error{'' if len(cases) == 1 else 's'} in a day, {len(waiting)} still open"
    lines = [f"Since yesterday at seven {len(cases)} cases opened in {name}; {len(waiting)} are still open.", ""]
    lines += [line(case) for case in [*waiting, *(case for case in cases if not case.is_open)][:MOST]]
    lines += [f"… and {len(cases) - MOST} more"] if len(cases) > MOST else []
    body = "\n".join([*lines, "", f"{site()}/inbox/", "", FOOT])
    return len(OutgoingNotice.objects.bulk_create([outgoing((address, 0), subject, body, at=at) for address in addresses]))


def line(case: ExceptionCase) -> str:
    state = "open" if case.is_open else f"over: {case.get_resolution_display()}"
    return f"#{case.pk} {case.level.label} {case.rule.name} ({state}): {' '.join(case.cause.split())}"
