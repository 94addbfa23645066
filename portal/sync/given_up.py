"""“Stop trying” said of a case: what it held up in the queue is never sent. Opening the case again sends nothing either; a person does that."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q

from exceptions.models import ExceptionCase, Resolution
from portal.accounts.models import User
from portal.ledger.expect import Expected, drop
from portal.ledger.models import SalesOrder, Stage
from portal.sync.models import OutboundMessage, State
from portal.sync.money_watch import watch_money
from portal.sync.operations.marks import put
from portal.sync.operations.selection import PENDING
from portal.sync.run_models import MarkCode
from portal.sync.subjects import order_subject

UNSENT = (State.QUEUED, State.PARKED)
EITHER_WAY = frozenset({"create_order", "confirm_shipment"})
# case kind → the messages that giving up on it concerns; giving up on money (E26 to E31) concerns none
GIVES_UP: dict[str, frozenset[str]] = {
    "E01": frozenset({"decide_order"}),
    "E03": frozenset({"create_order"}),
    "E04": frozenset({"create_order", "release_order", "cancel_order"}),
    "E05": frozenset({"create_order"}),
    "E08": frozenset({"create_order"}),
    "E09": frozenset({"lower_order"}),
    "E10": frozenset({"create_order"}),
    "E11": EITHER_WAY,
    "E12": frozenset({"create_order", "save_variant"}),
    "E13": frozenset({"save_variant"}),
    "E16": EITHER_WAY,
    "E17": frozenset({"confirm_shipment"}),
    "E18": frozenset({"confirm_shipment"}),
    "E21": frozenset({"publish_stock"}),
    "E24": EITHER_WAY,
}


def on_case_resolved(sender: object, *, case: ExceptionCase, by: User | None, at: datetime, **_: object) -> None:
    if case.resolution == Resolution.STOPPED and case.kind in GIVES_UP:
        give_up(case, by=by, at=at)


def give_up(case: ExceptionCase, *, by: User | None, at: datetime) -> int:
    """Abandon the messages that still wait, and say so on their orders; how many messages."""
    left = list(case.items.filter(cleared_at=None).values_list("subject", flat=True))
    orders = [int(subject.removeprefix("order:")) for subject in left if subject.startswith("order:")]
    waiting = OutboundMessage.objects.filter(Q(subject__in=left) | Q(order__in=orders), kind__in=GIVES_UP[case.kind], state__in=UNSENT)
    found = list(waiting.select_for_update(of=("self",)).order_by("pk"))
    why = f"Stopped trying ({case}): {case.resolution_note}"
    OutboundMessage.objects.filter(pk__in=[one.pk for one in found]).update(state=State.ABANDONED, note=why, waiting_for="")
    for message in found:
        if message.kind == "confirm_shipment":
            drop(message.subject, at=at, kinds=[Expected.SHOWN])
    created = [one.order_id for one in found if one.kind == "create_order" and one.order_id]
    for order in SalesOrder.objects.filter(pk__in=created, stage__in=PENDING).select_related("integration", "connection"):
        stop(order, why, by=by, at=at)
    return len(found)


def stop(order: SalesOrder, why: str, *, by: User | None, at: datetime) -> None:
    """An earlier try may have reached the warehouse without an answer; the order's own page shows it if so."""
    order.move(Stage.ABANDONED, note=why, at=at)
    drop(order_subject(order), at=at, kinds=[Expected.IN_HUB, Expected.PAYMENT])
    watch_money(order, at=at)
    if order.integration is not None:
        put(order, order.integration, MarkCode.STOPPED, note=why, by=by, at=at)
