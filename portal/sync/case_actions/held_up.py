"""What a case holds up: its open items as orders, shipments, levels and messages."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from exceptions.models import ExceptionCase
from portal.ledger.models import SalesOrder
from portal.sync.models import OutboundMessage, State

STOPPED = (State.PARKED, State.QUEUED)


def open_subjects(case: ExceptionCase) -> list[str]:
    return list(case.items.filter(cleared_at=None).values_list("subject", flat=True))


def order_ids(case: ExceptionCase) -> list[int]:
    return [int(subject.removeprefix("order:")) for subject in open_subjects(case) if subject.startswith("order:")]


def orders_of(case: ExceptionCase) -> QuerySet[SalesOrder]:
    return SalesOrder.objects.filter(pk__in=order_ids(case)).select_related("integration", "connection")


def messages_of(case: ExceptionCase) -> QuerySet[OutboundMessage]:
    """Messages that are stopped (or put off) and belong to the case: by what they wait for, or by their own subject."""
    about = Q(subject__in=open_subjects(case)) | Q(order__in=order_ids(case))
    if case.waiting_for:
        about |= Q(waiting_for=case.waiting_for)
    return OutboundMessage.objects.filter(about, state__in=STOPPED)


def one_order(case: ExceptionCase) -> SalesOrder | None:
    """The order of a case that concerns exactly one."""
    ids = order_ids(case)
    return orders_of(case).first() if len(ids) == 1 else None


def counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
