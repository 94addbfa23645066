"""Decides what an order needs next: nothing, patience, a person, or to be sent to the warehouse."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Q

from connectors.canonical import OrderState
from exceptions.cases import clear_items
from exceptions.kinds import KINDS
from portal.connections.filters import first_refusal
from portal.connections.models import Integration
from portal.ledger.expect import Expected, drop, expect, met
from portal.ledger.models import OPEN_STAGES, Expectation, SalesOrder, Stage
from portal.sync import complaints
from portal.sync.codes import integrations_of
from portal.sync.completeness import missing, sentence
from portal.sync.confirm import confirm
from portal.sync.failures import ORDER_KINDS
from portal.sync.models import OutboundMessage, State
from portal.sync.money_watch import watch_money
from portal.sync.payment_gate import is_settled
from portal.sync.plan import plan
from portal.sync.plan_acceptance import can_hold, plan_acceptance, window
from portal.sync.plan_edit import plan_edit
from portal.sync.profiles import follow
from portal.sync.subjects import order_subject

ENDED = {OrderState.CANCELLED, OrderState.REFUSED}
STAYS_AFTER_CANCELLATION = {"E02", "E26", "E27", "E28", "E29", "E30", "E31"}  # lost revenue, and money
BEFORE_HUB = {Stage.RECEIVED, Stage.HELD, Stage.BLOCKED, Stage.QUEUED, Stage.IGNORED}
EDITS = frozenset({"lines", "shipping_address", "ship_service_code"})
NOT_SENT = (State.QUEUED, State.PARKED)
THERE = (State.IN_FLIGHT, State.SENT, State.CONFIRMED)


def plan_order(order: SalesOrder, *, at: datetime, changed: frozenset[str] = frozenset(), by_hand: bool = False) -> None:
    """Put the order where it belongs. Safe to call again at any time; `by_hand` also takes orders before the start date."""
    if order.state not in (OrderState.WAITING_ACCEPTANCE, OrderState.UNKNOWN):
        see_accepted(order, changed, at=at)
    if "lines" in changed:
        try_again(order, at=at)
    place(order, changed, at=at, by_hand=by_hand)
    watch_money(order, at=at)


def place(order: SalesOrder, changed: frozenset[str], *, at: datetime, by_hand: bool) -> None:
    """The one thing the order needs now."""
    if order.state in ENDED:
        return plan_cancellation(order, at=at)
    if order.stage in BEFORE_HUB or was_never_sent(order):
        return plan_first_send(order, at=at, by_hand=by_hand)
    if order.stage == Stage.CANCELLED and "state" in changed:
        return complaints.cancelled_in_hub(order, "the channel had cancelled it, and has opened it again", at=at)
    if order.stage in OPEN_STAGES:
        agrees = not changed & EDITS or plan_edit(order, at=at)
        if agrees and order.stage == Stage.WITH_HUB and "state" in changed and order.state == OrderState.OPEN:
            release_in_hub(order, at=at)
    return None


def see_accepted(order: SalesOrder, changed: frozenset[str], *, at: datetime) -> None:
    """The marketplace waits no more: accepted by us, or over (R54)."""
    subject = order_subject(order)
    waited = met(Expected.ACCEPTED, subject, at=at)
    if order.extra.get("auto_refused") == "true" and (waited or ("order" in changed and was_ours(order))):
        complaints.auto_refused(order, at=at)
    if not waited:
        return
    proof = {"marketplace says": order.vendor_state or order.state, "seen": at.isoformat()}
    clear_items("E01", subjects=[subject], proof=proof, at=at)
    confirm("decide_order", subject, at=at)


def was_ours(order: SalesOrder) -> bool:
    """Placed while we were there to accept it, though we first see it now that it is over."""
    integration = order.integration or integration_for(order)
    return integration is not None and order.placed_at >= integration.created_at - window(order) and not reason_left_out(order, integration)


def try_again(order: SalesOrder, *, at: datetime) -> None:
    """Its lines are other ones now: what they were stopped for may be gone with a refused line (D5)."""
    messages = OutboundMessage.objects.filter(kind="create_order", subject=order_subject(order), state=State.PARKED)
    messages.update(state=State.QUEUED, not_before=at, waiting_for="", note="")


def release_in_hub(order: SalesOrder, *, at: datetime) -> None:
    """Cleared by the marketplace: what the warehouse has on hold may be shipped, unless the order has become another one."""
    if complaints.watch_versions(order, at=at) and order.integration is not None and can_hold(order.integration):
        plan("release_order", integration=order.integration, subject=order_subject(order), version="1", order=order, at=at)


def was_never_sent(order: SalesOrder) -> bool:
    """Cancelled before the warehouse heard of it, and open again in the channel."""
    if order.stage != Stage.CANCELLED or order.hub_orders.exists():
        return False
    return not OutboundMessage.objects.filter(kind="create_order", subject=order_subject(order), state__in=THERE).exists()


def plan_first_send(order: SalesOrder, *, at: datetime, by_hand: bool = False) -> None:
    integration = order.integration or integration_for(order)
    if follow(order, integration, at=at):
        return
    if integration is None:
        order.move(Stage.IGNORED, note="No integration takes orders of this store.", at=at)
        return
    if order.integration_id != integration.pk:
        order.integration = integration
        SalesOrder.objects.filter(pk=order.pk).update(integration=integration)
    refusal = reason_to_ignore(order, integration, by_hand=by_hand)
    if refusal:
        ignore(order, refusal, at=at)
    elif order.state in (OrderState.SHIPPED, OrderState.COMPLETE) and not by_hand:
        ignore(order, "The channel says it has shipped already.", at=at)
    elif order.state == OrderState.WAITING_ACCEPTANCE:
        plan_acceptance(order, integration, at=at)
    elif order.state == OrderState.WAITING_PAYMENT or not is_settled(order, integration.payment_gate):
        hold(order, integration, at=at)
    else:
        release_hold(order, at=at)
        send_if_complete(order, integration, at=at)


def integration_for(order: SalesOrder) -> Integration | None:
    """The running integration of the channel that takes this store's orders."""
    running = integrations_of(order.connection, running=True)
    takes = [
        one
        for one in running
        if one.channel_id == order.connection_id and one.exports_orders and (not one.store_codes or order.store_code in one.store_codes)
    ]
    return max(takes, key=lambda one: (order.store_code in one.store_codes, -one.pk), default=None)


def reason_to_ignore(order: SalesOrder, integration: Integration, *, by_hand: bool) -> str:
    """Why the order takes no part, as a sentence; "" when it does."""
    if not integration.exports_orders:
        return "This integration does not export orders."
    if not by_hand and integration.start_date is not None and order.placed_at.date() < integration.start_date:
        return f"Placed before the integration's start date ({integration.start_date:%d %b %Y})."
    left_out = reason_left_out(order, integration)
    if left_out:
        return left_out
    if not any(line.wanted for line in order.lines.all()):
        return "There is nothing to ship on it."
    return ""


def reason_left_out(order: SalesOrder, integration: Integration) -> str:
    refusal = first_refusal(integration.filters.all(), order)
    return f"Left out by the filter “{refusal}”." if refusal is not None else ""


def withdraw(order: SalesOrder, why: str) -> bool:
    """Take back what was not sent yet; False when the warehouse may have the order, so that it is too late."""
    messages = OutboundMessage.objects.filter(kind="create_order", subject=order_subject(order))
    if messages.filter(Q(state__in=THERE) | Q(state=State.QUEUED, looks_first=True)).exists():
        return False
    messages.filter(state__in=NOT_SENT).update(state=State.SUPERSEDED, note=why, waiting_for="")
    return True


def ignore(order: SalesOrder, why: str, *, at: datetime) -> None:
    """It takes no part (any more): nothing is expected of it, and what stood in its way does not matter."""
    if not withdraw(order, why):
        return
    order.move(Stage.IGNORED, note=why, at=at)
    subject = order_subject(order)
    drop(subject, at=at, kinds=[Expected.IN_HUB, Expected.PAYMENT, Expected.FULFILLED])
    clear_items((*ORDER_KINDS, "E08", "E29"), subjects=[subject], proof={"takes no part": why, "seen": at.isoformat()}, at=at)


def hold(order: SalesOrder, integration: Integration, *, at: datetime) -> None:
    """Wait for the payment; the clock that ends the wait starts when the order was placed."""
    note = f"The channel says the payment is “{order.get_payment_state_display()}”."
    if not withdraw(order, note):
        return
    drop(order_subject(order), at=at, kinds=[Expected.IN_HUB])
    begin_hold(order, integration, at=at)
    order.move(Stage.HELD, note=note, at=at)


def begin_hold(order: SalesOrder, integration: Integration, *, at: datetime) -> None:
    """The wait ends when the limit, as it is set now, has passed since the order was placed; a hold that begins anew has its time again."""
    subject = order_subject(order)
    running = Expectation.objects.filter(kind=Expected.PAYMENT, subject=subject, met_at=None, dropped_at=None).first()
    since = order.placed_at if order.hold_until is None or running is not None else at
    started = running.created_at if running is not None else at
    until = max(since + timedelta(minutes=integration.hold_limit_min), started + timedelta(minutes=1))
    expect(Expected.PAYMENT, subject, due_at=until, connection=order.connection, because="The payment is not settled.", at=at)
    if running is not None and running.raised_at is None and running.due_at != until:
        Expectation.objects.filter(pk=running.pk).update(due_at=until)
    if order.hold_until != until:
        order.hold_until = until
        SalesOrder.objects.filter(pk=order.pk).update(hold_until=until)


def release_hold(order: SalesOrder, *, at: datetime) -> None:
    subject = order_subject(order)
    if met(Expected.PAYMENT, subject, at=at):
        clear_items("E08", subjects=[subject], proof={"payment state": order.get_payment_state_display(), "seen": at.isoformat()}, at=at)


def send_if_complete(order: SalesOrder, integration: Integration, *, at: datetime) -> None:
    subject = order_subject(order)
    due_at = at + timedelta(minutes=integration.transfer_limit_min)
    expect(Expected.IN_HUB, subject, due_at=due_at, connection=integration.hub, because="The order is ready for the warehouse.", at=at)
    found = missing(order)
    if found and withdraw(order, sentence(found)):
        order.move(Stage.BLOCKED, note=sentence(found), at=at)
        complaints.incomplete(order, found, at=at)
        return
    message = plan("create_order", integration=integration, subject=subject, version="1", order=order, at=at)
    if message is not None or send_again(subject, at=at) or order.stage != Stage.BLOCKED:
        order.move(Stage.QUEUED, at=at)


def send_again(subject: str, *, at: datetime) -> bool:
    """Queue what waited for this very order, or was taken back; what waits for a mapping goes on waiting."""
    stopped = Q(state=State.PARKED, waiting_for=subject) | Q(state=State.SUPERSEDED)
    messages = OutboundMessage.objects.filter(stopped, kind="create_order", subject=subject)
    return bool(messages.update(state=State.QUEUED, not_before=at, waiting_for="", note=""))


def plan_cancellation(order: SalesOrder, *, at: datetime) -> None:
    """Cancelled in the channel: what was not sent is dropped, what was sent is cancelled in the warehouse."""
    subject = order_subject(order)
    OutboundMessage.objects.filter(kind="create_order", subject=subject, state__in=NOT_SENT, attempts=0).update(
        state=State.SUPERSEDED, note="The order was cancelled in the channel.", waiting_for=""
    )
    drop(subject, at=at, kinds=[Expected.IN_HUB, Expected.PAYMENT])
    tried = OutboundMessage.objects.filter(kind="create_order", subject=subject).exclude(state=State.SUPERSEDED).exists()
    if order.integration is not None and (tried or order.hub_orders.exists()):
        if order.stage in (Stage.CANCELLED, Stage.DONE, Stage.SHIPPED):
            return
        due_at = at + timedelta(minutes=order.integration.transfer_limit_min)
        expect(Expected.CANCELLED_IN_HUB, subject, due_at=due_at, connection=order.integration.hub, because="The channel cancelled it.", at=at)
        plan("cancel_order", integration=order.integration, subject=subject, version="1", order=order, at=at)
        return
    order.move(Stage.CANCELLED, note="Cancelled in the channel before it was sent to the warehouse.", at=at)
    proof = {"channel state": order.vendor_state or order.state, "seen": at.isoformat()}
    clear_items(KINDS.keys() - STAYS_AFTER_CANCELLATION, subjects=[subject], proof=proof, at=at)
