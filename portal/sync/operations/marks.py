"""Marking an order (or a shipment) as resolved, with a word about how it ended, and taking that back (R138, R139, R142, D10)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.db import transaction

from exceptions.cases import clear_items, open_case, resolve
from exceptions.models import ExceptionCase, Resolution
from portal.accounts.models import User
from portal.accounts.permissions import Action, check
from portal.audit.trail import record
from portal.connections.models import Integration
from portal.ledger.expect import Expected, drop
from portal.ledger.models import SalesOrder, Shipment, Stage
from portal.sync import complaints
from portal.sync.dispatched import TOLD_KINDS
from portal.sync.failures import ORDER_KINDS
from portal.sync.models import OutboundMessage, State
from portal.sync.operations.selection import PENDING
from portal.sync.operations.starting import TEAMS
from portal.sync.plan_orders import withdraw
from portal.sync.run_models import MarkCode, Process, ResolvedMark
from portal.sync.subjects import order_subject, shipment_subject

Thing = SalesOrder | Shipment
UNSENT = (State.QUEUED, State.PARKED)


class MarkRefusedError(Exception):
    """It cannot be marked so; the text is the sentence for the person."""


def mark(thing: Thing, integration: Integration, code: MarkCode, *, note: str, by: User, at: datetime) -> str:
    """Mark one; what happened, as a sentence. MarkRefusedError or NotAllowedError with the reason when it may not be."""
    if code not in (MarkCode.FIXED, MarkCode.STOPPED) and not note.strip():
        raise MarkRefusedError("Say what was done, and where it can be seen.")
    with transaction.atomic():
        return HOW[code](thing, integration, note.strip(), by, at)


def fixed(thing: Thing, integration: Integration, note: str, by: User, at: datetime) -> str:
    """Only where the other side shows it."""
    check(by, Action.RESOLVE_FIXED, owner=teams(thing))
    if isinstance(thing, Shipment):
        proof = "the channel shows it" if thing.shown_at else ""
    else:
        proof = "the warehouse has it" if thing.hub_orders.exists() else ""
    if not proof:
        raise MarkRefusedError(f"{name_of(thing)}: the other side does not show it yet, so it is not fixed. It stays as it is.")
    return write(thing, integration, MarkCode.FIXED, note=note or proof, by=by, at=at)


def by_hand(thing: Thing, integration: Integration, note: str, by: User, at: datetime) -> str:
    """A person did it elsewhere: Lockstep must not do it a second time."""
    check(by, Action.RESOLVE_BY_HAND, owner=teams(thing))
    let_go(thing, f"Done by hand by {by.called}: {note}", at=at)
    return write(thing, integration, MarkCode.BY_HAND, note=note, by=by, at=at)


def false_alarm(thing: Thing, integration: Integration, note: str, by: User, at: datetime) -> str:
    check(by, Action.RESOLVE_FIXED, owner=teams(thing))
    return write(thing, integration, MarkCode.FALSE_ALARM, note=note, by=by, at=at)


def stop_trying(thing: Thing, integration: Integration, note: str, by: User, at: datetime) -> str:
    """Through a case, so that the money, the second person and the timeline are those of every write-off."""
    if not note:
        raise MarkRefusedError("Say why nobody should try any longer.")
    order = thing.order if isinstance(thing, Shipment) else thing
    assert order is not None
    kind = "E18" if isinstance(thing, Shipment) else "E04"
    entry = complaints.entry(order, subject=subject_of(thing), at=at if isinstance(thing, Shipment) else None)
    case = alone_in(subject_of(thing)) or open_case(
        kind,
        fingerprint=f"stop:{subject_of(thing)}",
        cause=f"{by.called} wants to stop trying on {name_of(thing)}: {note}",
        items=[entry],
        connection=order.connection,
        integration=integration,
        at=at,
    )
    if resolve(case, Resolution.STOPPED, note, by=by, at=at) is not None:
        return f"{name_of(thing)}: a second person was asked; it goes on until they agree."
    return f"{name_of(thing)}: nobody tries any longer."


HOW: dict[MarkCode, Callable[[Thing, Integration, str, User, datetime], str]] = {
    MarkCode.FIXED: fixed,
    MarkCode.BY_HAND: by_hand,
    MarkCode.FALSE_ALARM: false_alarm,
    MarkCode.STOPPED: stop_trying,
}


def write(thing: Thing, integration: Integration, code: MarkCode, *, note: str, by: User, at: datetime) -> str:
    """Keep the mark, close what concerned this thing alone, and tell the trail."""
    put(thing, integration, code, note=note, by=by, at=at)
    kinds = TOLD_KINDS if isinstance(thing, Shipment) else (*ORDER_KINDS, "E08")
    clear_items(kinds, subjects=[subject_of(thing)], proof={"marked": str(code.label), "by": by.called, "note": note}, at=at)
    record("integration.marked_resolved", thing, by=by, new={"code": code.value}, reason=note)
    return f"{name_of(thing)}: marked as resolved ({code.label})."


def put(thing: Thing, integration: Integration, code: MarkCode, *, note: str, by: User | None, at: datetime) -> None:
    which = {"shipment": thing} if isinstance(thing, Shipment) else {"order": thing}
    ResolvedMark.objects.update_or_create(**which, defaults={"integration": integration, "code": code, "note": note, "by": by, "at": at})


def let_go(thing: Thing, why: str, *, at: datetime) -> None:
    """Nothing of it is sent any more. MarkRefusedError where the other side may have it already."""
    if isinstance(thing, Shipment):
        OutboundMessage.objects.filter(kind="confirm_shipment", subject=shipment_subject(thing), state__in=UNSENT).update(
            state=State.ABANDONED, note=why, waiting_for=""
        )
        drop(shipment_subject(thing), at=at)
        return
    if thing.stage not in (*PENDING, Stage.IGNORED) or not withdraw(thing, why):
        raise MarkRefusedError(f"{thing.number} has been sent to the warehouse, or may have been: it cannot be taken out here. Cancel it instead.")
    thing.move(Stage.ABANDONED, note=why, at=at)
    drop(order_subject(thing), at=at, kinds=[Expected.IN_HUB, Expected.PAYMENT])


def unmark(thing: Thing, *, by: User, at: datetime) -> str:
    """Back to pending: the next run takes it up (R139)."""
    check(by, Action.REPLAY_ONE, owner=teams(thing))
    with transaction.atomic():
        gone, _ = ResolvedMark.objects.filter(**({"shipment": thing} if isinstance(thing, Shipment) else {"order": thing})).delete()
        if not gone:
            raise MarkRefusedError(f"{name_of(thing)} is not marked as resolved.")
        if isinstance(thing, Shipment):
            rows = OutboundMessage.objects.filter(kind="confirm_shipment", subject=shipment_subject(thing), state=State.ABANDONED)
            rows.update(state=State.PARKED, note="Marked as unresolved; goes with the next run.", waiting_for=shipment_subject(thing))
        elif thing.stage == Stage.ABANDONED:
            thing.move(Stage.RECEIVED, note="Marked as unresolved; goes with the next run.", at=at)
        record("integration.marked_unresolved", thing, by=by)
    return f"{name_of(thing)}: pending again."


def on_case_resolved(sender: object, *, case: ExceptionCase, by: User | None, at: datetime, **_: object) -> None:
    """“Stop trying” means it: what the case held up is not sent any more, and the orders say so."""
    if case.resolution != Resolution.STOPPED:
        return
    left = list(case.items.filter(cleared_at=None).values_list("subject", flat=True))
    why = f"Stopped trying ({case}): {case.resolution_note}"
    for model, prefix in ((SalesOrder, "order:"), (Shipment, "shipment:")):
        pks = [int(subject.removeprefix(prefix)) for subject in left if subject.startswith(prefix)]
        for thing in model._default_manager.filter(pk__in=pks):
            give_up(thing, why, by=by, at=at)


def give_up(thing: Thing, why: str, *, by: User | None, at: datetime) -> None:
    order = thing.order if isinstance(thing, Shipment) else thing
    try:
        let_go(thing, why, at=at)
    except MarkRefusedError:
        return  # it is with the warehouse; the case alone ends
    if order is not None and order.integration is not None:
        put(thing, order.integration, MarkCode.STOPPED, note=why, by=by, at=at)


def alone_in(subject: str) -> ExceptionCase | None:
    """An open case about this one thing and nothing else."""
    kinds = (*ORDER_KINDS, *TOLD_KINDS)
    return ExceptionCase.objects.filter(items__subject=subject, items__cleared_at=None, is_open=True, items_open=1, kind__in=kinds).first()


def subject_of(thing: Thing) -> str:
    return shipment_subject(thing) if isinstance(thing, Shipment) else order_subject(thing)


def name_of(thing: Thing) -> str:
    return f"{thing.order} ({thing.reference})" if isinstance(thing, Shipment) else thing.number


def teams(thing: Thing) -> frozenset:
    return frozenset(TEAMS[Process.FETCH if isinstance(thing, Shipment) else Process.EXPORT])
