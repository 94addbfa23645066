"""Sends what is in the outbox: claimed, sent outside any transaction, recorded; while a mail server is away it waits and loses nothing."""

from __future__ import annotations

from datetime import datetime, timedelta
from smtplib import SMTPException, SMTPRecipientsRefused

from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from exceptions.models.notices import OutgoingNotice
from portal.connections.chat import ChatError, post
from portal.connections.sealing import SealBroken, unseal

LEASE = timedelta(minutes=5)
BATCH = 50
FIRST_WAIT_S, LONGEST_WAIT_S = 60, 3600
GIVE_UP_AFTER = timedelta(days=5)  # of refusals; told on the page “Notifications”


def send_due(*, at: datetime) -> int:
    """Send what is due; how many went."""
    sent = 0
    while batch := claim(at=at):
        connection = get_connection()
        away = opened(connection) if any(row.address for row in batch) else None
        for row in batch:
            if away is not None and row.address:
                put_off(row, away, at=at)
            else:
                sent += deliver(row, connection, at=at)
        connection.close()
    return sent


def opened(connection: BaseEmailBackend) -> Exception | None:
    """What keeps the mail server from talking to us; asked once for a batch, because each try may take half a minute."""
    try:
        connection.open()
    except (SMTPException, OSError) as error:
        return error
    return None


def claim(*, at: datetime) -> list[OutgoingNotice]:
    free = Q(claimed_until=None) | Q(claimed_until__lt=at)
    with transaction.atomic():
        due = (
            OutgoingNotice.objects.filter(free, sent_at=None, given_up_at=None, not_before__lte=at)
            .select_related("wish")
            .order_by("not_before", "pk")
        )
        rows = list(due.select_for_update(of=("self",), skip_locked=True)[:BATCH])
        OutgoingNotice.objects.filter(pk__in=[row.pk for row in rows]).update(claimed_until=at + LEASE, attempts=F("attempts") + 1)
    return rows


def deliver(row: OutgoingNotice, connection: BaseEmailBackend, *, at: datetime) -> bool:
    """One message; True when it is gone. Errors are kept in the row with the time of the next try."""
    try:
        if row.wish is not None:
            post(unseal(row.wish.webhook_sealed).get("url", ""), f"{row.subject}\n{row.body}")
        else:
            mail(row, connection).send()
    except (SMTPException, OSError, ChatError, SealBroken) as error:
        put_off(row, error, at=at)
        return False
    OutgoingNotice.objects.filter(pk=row.pk).update(sent_at=timezone.now(), claimed_until=None, last_error="")
    return True


def mail(row: OutgoingNotice, connection: BaseEmailBackend) -> EmailMessage:
    headers = {"Message-ID": f"<{row.key}@lockstep>", "Auto-Submitted": "auto-generated"}
    return EmailMessage(row.subject, row.body, to=[row.address], headers=headers, connection=connection)


def put_off(row: OutgoingNotice, error: Exception, *, at: datetime) -> None:
    wait_s = min(FIRST_WAIT_S * 2 ** min(row.attempts, 10), LONGEST_WAIT_S)
    changes = {"claimed_until": None, "not_before": at + timedelta(seconds=wait_s), "last_error": said(error)[:300]}
    if isinstance(error, SMTPRecipientsRefused | ChatError) and at - row.created_at > GIVE_UP_AFTER:
        changes["given_up_at"] = at
    OutgoingNotice.objects.filter(pk=row.pk).update(**changes)


def said(error: Exception) -> str:
    if isinstance(error, SMTPRecipientsRefused):
        return f"The mail server refuses this address: {error.recipients}"
    return str(error) or type(error).__name__
