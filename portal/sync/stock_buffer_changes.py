"""The only writers of buffers: who does it and why is in the audit trail, and the published levels follow by themselves (R10, R26)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from portal.accounts.models import User
from portal.accounts.permissions import Action, check
from portal.audit.trail import record
from portal.connections.models import Integration
from portal.ledger.models import Buffer
from portal.sync.stock_buffers import ANY
from portal.sync.stock_replan import schedule

NEVER = "until somebody ends it"


class BufferRefusedError(Exception):
    """Why the buffer cannot be kept, as a sentence for the page."""


@dataclass(frozen=True)
class Wish:
    """What somebody wants kept back, or quickened, and for how long."""

    pattern: str = ANY
    skus: tuple[str, ...] = ()
    units: int | None = None
    interval_s: int | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    reason: str = ""

    def row(self, integration: Integration) -> Buffer:
        """As a buffer that is not saved."""
        return Buffer(integration=integration, **{**vars(self), "skus": list(self.skus)})


def add(wish: Wish, integrations: Sequence[Integration], *, by: User, at: datetime) -> list[Buffer]:
    """One buffer for each integration, all or none. NotAllowedError, BufferRefusedError."""
    check(by, Action.CHANGE_BUFFERS)
    with transaction.atomic():
        rows = [wish.row(one) for one in integrations]
        for row in rows:
            admit(row, at=at)
            row.save()
            schedule(row, at=at, now=holds(row, at))
            record("buffer.added", row, by=by, new=told(row), reason=wish.reason)
    return rows


def change(row: Buffer, wish: Wish, *, by: User, at: datetime) -> Buffer:
    """Units, pace and period; what it is about stays. NotAllowedError, BufferRefusedError."""
    check(by, Action.CHANGE_BUFFERS)
    with transaction.atomic():
        held = Buffer.objects.select_for_update(of=("self",)).select_related("integration").get(pk=row.pk)
        refuse_over(held, at)
        old, held_before = told(held), holds(held, at)
        for name in ("units", "interval_s", "starts_at", "ends_at", "reason"):
            setattr(held, name, getattr(wish, name))
        admit(held, at=at)
        held.save()
        schedule(held, at=at, now=held_before or holds(held, at))
        record("buffer.changed", held, by=by, old=old, new=told(held), reason=wish.reason)
    return held


def end(row: Buffer, *, by: User, reason: str, at: datetime) -> bool:
    """It holds no more from now on. True: it had not begun, so it is gone as if it had never been."""
    check(by, Action.CHANGE_BUFFERS)
    with transaction.atomic():
        held = Buffer.objects.select_for_update(of=("self",)).select_related("integration").get(pk=row.pk)
        refuse_over(held, at)
        old = told(held)
        if held.starts_at is not None and held.starts_at >= at:
            record("buffer.withdrawn", held, by=by, old=old, reason=reason)
            held.delete()
            return True
        held.ends_at = at
        held.save(update_fields=["ends_at"])
        schedule(held, at=at, now=True)
        record("buffer.ended", held, by=by, old=old, new=told(held), reason=reason)
    return False


def holds(row: Buffer, at: datetime) -> bool:
    return (row.starts_at is None or row.starts_at <= at) and (row.ends_at is None or row.ends_at > at)


def refuse_over(row: Buffer, at: datetime) -> None:
    if row.ends_at is not None and row.ends_at <= at:
        raise BufferRefusedError("This buffer is over. Add a new one.")


def admit(row: Buffer, *, at: datetime) -> None:
    """`examine`, two people at once one after the other."""
    Integration.objects.select_for_update().get(pk=row.integration_id)
    examine(row, at=at)


def examine(row: Buffer, *, at: datetime) -> None:
    """BufferRefusedError when it says nothing, ends before it begins, or says something else of the same SKUs at the same time."""
    if row.units is None and row.interval_s is None:
        raise BufferRefusedError("Say how many units to keep back, how often to read and publish, or both.")
    if row.ends_at is not None and row.ends_at <= max(row.starts_at or at, at):
        raise BufferRefusedError("It would end before it begins, or has ended already. Choose a later end.")
    if row.interval_s is not None and row.ends_at is None:
        raise BufferRefusedError("A faster pace needs an end, so that it goes back by itself. Say when it ends.")
    if (other := overlapping(row)) is not None:
        raise BufferRefusedError(overlap_sentence(row, other))
    if row.integration.buffer_at_source and row.units:
        raise BufferRefusedError(
            f"{row.integration.hub} keeps back the buffer of {row.integration} itself, so units said here would not count. "
            "Leave them empty, or switch “hub has subtracted the buffer already” off in its settings."
        )


def overlapping(row: Buffer) -> Buffer | None:
    """Another buffer of the same kind (standing, or for a period) that says something of exactly the same SKUs at the same time."""
    others = Buffer.objects.filter(integration=row.integration, ends_at__isnull=row.ends_at is None).exclude(pk=row.pk)
    if row.starts_at is not None:
        others = others.filter(Q(ends_at=None) | Q(ends_at__gt=row.starts_at))
    if row.ends_at is not None:
        others = others.filter(Q(starts_at=None) | Q(starts_at__lt=row.ends_at), ends_at__gt=timezone.now())
    same = Q(skus=[], pattern=row.pattern)
    if row.skus:
        same = Q(skus__overlap=list(row.skus)) | Q(skus=[], pattern__in=row.skus)
    elif ANY not in row.pattern:
        same |= Q(skus__contains=[row.pattern])
    return others.filter(same).order_by("pk").first()


def overlap_sentence(row: Buffer, other: Buffer) -> str:
    both = sorted(set(row.skus) & set(other.skus or [other.pattern]))
    what = ", ".join(both[:3]) + (" and others" if len(both) > 3 else "") if row.skus else other.scope
    kept = "a faster pace" if other.units is None else f"a buffer of {other.units}"
    return f"On {row.integration}, {what} has {kept} already, {period(other)}. Change or end that one, or choose another time."


def period(row: Buffer) -> str:
    """“from 21 Nov 18:00 until 22 Nov 06:00”, in the reader's zone."""
    begins = f"from {moment(row.starts_at)} " if row.starts_at else ""
    return f"{begins}{f'until {moment(row.ends_at)}' if row.ends_at else NEVER}"


def moment(at: datetime) -> str:
    return f"{timezone.localtime(at):%d %b %H:%M}"


def told(row: Buffer) -> dict[str, Any]:
    """For the audit trail."""
    begins, ends = (value.isoformat() if value else "" for value in (row.starts_at, row.ends_at))
    scope: dict[str, Any] = {"skus": row.skus} if row.skus else {"pattern": row.pattern}
    return {"integration": row.integration.name, **scope, "units": row.units, "interval_s": row.interval_s, "starts_at": begins, "ends_at": ends}
