"""The states of an order: what leads from one to the next, and what happens by itself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from connectors.sandbox.mirakl import payouts
from connectors.sandbox.mirakl.models import (
    AFTER_SHIPPING,
    CANCELED,
    CLOSED,
    DEAD,
    RECEIVED,
    REFUSED,
    SHIPPED,
    SHIPPING,
    WAITING_ACCEPTANCE,
    WAITING_DEBIT,
    WAITING_DEBIT_PAYMENT,
    Line,
    Order,
    Shipment,
)
from connectors.sandbox.mirakl.store import Shop, State

LEAD_TIME = timedelta(days=2)
SHIPMENT_FOLLOWS = (SHIPPED, RECEIVED, CLOSED, CANCELED)
UNPAID = (WAITING_ACCEPTANCE, WAITING_DEBIT, WAITING_DEBIT_PAYMENT)


def register(shop: Shop, order: Order) -> None:
    """Put a new order where the indexes expect it."""
    shop.orders[order.id] = order
    shop.by_creation.add(order.created_at, order.id)
    shop.by_state[order.state].add(order.created_at, order.id)
    shop.by_reference["customer", order.customer_reference or ""].add(order.id)
    shop.by_reference["commercial", order.commercial_id].add(order.id)
    for line in order.lines:
        shop.line_orders[line.id] = order.id
    touch(shop, order, at=order.updated_at)


def touch(shop: Shop, order: Order, *, at: datetime, lines: list[Line] | None = None) -> None:
    """Every change moves `last_updated_date` of the order and of the lines it concerns."""
    order.updated_at = at
    for line in order.lines if lines is None else lines:
        line.updated_at = at
    shop.version += 1
    shop.changed.touch(order.id, at=at)


def move(shop: Shop, order: Order, to: str, *, at: datetime) -> None:
    """Take the order to a state, and its living lines with it; a line with an incident keeps it."""
    shop.by_state[order.state].discard(order.created_at, order.id)
    shop.by_state[to].add(order.created_at, order.id)
    order.state = to
    for line in order.live_lines:
        if line.state == "INCIDENT_OPEN":
            line.before_incident = to
        elif line.state != "REFUNDED":
            line.state = to
    for id in order.shipment_ids:
        carry(shop.shipments[id], to, at=at)
    touch(shop, order, at=at)


def carry(shipment: Shipment, to: str, *, at: datetime) -> None:
    """A parcel goes where its order goes, once the order is on its way or off."""
    if to not in SHIPMENT_FOLLOWS or shipment.status == CANCELED:
        return
    if to == SHIPPED and shipment.shipped_at is None:
        shipment.shipped_at = at
    if to != CANCELED or shipment.shipped_at is None:
        shipment.status, shipment.updated_at = to, at


def stepper(
    state: State, shop: Shop, order: Order, *, expected: str, step: Callable[[State, Shop, Order, datetime], None]
) -> Callable[[datetime], None]:
    """What falls due later is done only if the order still stands where it stood."""

    def act(at: datetime) -> None:
        if order.state == expected and shop.orders.get(order.id) is order:
            step(state, shop, order, at)

    return act


def release(state: State, shop: Shop, order: Order, at: datetime) -> None:
    """The fraud check is over: the shop's window opens, or an operator that accepts by itself does so."""
    move(shop, order, WAITING_ACCEPTANCE, at=at)
    if state.settings.order_acceptance == "AUTOMATIC":
        accepted(state, shop, order, at)
        return
    if order.refuse_at is None:
        window = state.settings.scaled(state.settings.acceptance_window_s)
        order.refuse_at = None if window is None else at + timedelta(seconds=window)
    if order.refuse_at is not None:
        wait = max(0.0, (order.refuse_at - at).total_seconds())
        state.later(wait, stepper(state, shop, order, expected=WAITING_ACCEPTANCE, step=auto_refuse), start=at)


def auto_refuse(state: State, shop: Shop, order: Order, at: datetime) -> None:
    """The window is over: refused with no decision date. Some operators take the offers' stock away, too."""
    refuse_lines(state, shop, order, order.live_lines, at=at)
    move(shop, order, REFUSED, at=at)
    if state.settings.auto_refusal_zeroes_stock:
        for line in order.lines:
            offer = shop.by_sku.get(line.sku)
            if offer is not None:
                offer.quantity, offer.levels, offer.updated_at = 0, {}, at


def refuse_lines(state: State, shop: Shop, order: Order, lines: list[Line], *, at: datetime) -> None:
    for line in lines:
        line.state, line.updated_at = REFUSED, at
        restock(state, shop, line, line.quantity)


def restock(state: State, shop: Shop, line: Line, units: int) -> None:
    offer = shop.by_sku.get(line.sku)
    if offer is not None and state.settings.refusal_restores_stock:
        offer.quantity += units


def decide(state: State, shop: Shop, order: Order, refused: list[Line], *, at: datetime) -> None:
    """The shop's decision on every line (OR21)."""
    order.decided_at = at
    refuse_lines(state, shop, order, refused, at=at)
    if order.live_lines:
        accepted(state, shop, order, at)
    else:
        move(shop, order, REFUSED, at=at)


def accepted(state: State, shop: Shop, order: Order, at: datetime) -> None:
    """Accepted is not paid: with payment on acceptance the order waits for its debit, otherwise it may be shipped."""
    if order.workflow != "PAY_ON_ACCEPTANCE":
        start_shipping(state, shop, order, at)
        return
    move(shop, order, WAITING_DEBIT, at=at)
    delay = state.settings.scaled(state.settings.debit_delay_s)
    half = None if delay is None else delay / 2
    state.later(half, stepper(state, shop, order, expected=WAITING_DEBIT, step=ask_payment), start=at)


def ask_payment(state: State, shop: Shop, order: Order, at: datetime) -> None:
    move(shop, order, WAITING_DEBIT_PAYMENT, at=at)
    delay = state.settings.scaled(state.settings.debit_delay_s)
    half = None if delay is None else delay / 2
    state.later(half, stepper(state, shop, order, expected=WAITING_DEBIT_PAYMENT, step=debited), start=at)


def debited(state: State, shop: Shop, order: Order, at: datetime) -> None:
    """The customer has paid: money lines are written, and the order may go."""
    record_debit(state, shop, order, at=at)
    if order.state in (WAITING_DEBIT, WAITING_DEBIT_PAYMENT):
        start_shipping(state, shop, order, at)


def record_debit(state: State, shop: Shop, order: Order, *, at: datetime) -> None:
    if order.debited_at is None:
        order.debited_at = at
        for line in order.live_lines:
            line.debited_at = at
        payouts.on_debit(state, shop, order, at=at)
        touch(shop, order, at=at)


def start_shipping(state: State, shop: Shop, order: Order, at: datetime) -> None:
    order.shipping_at = at
    move(shop, order, SHIPPING, at=at)


def shipped(state: State, shop: Shop, order: Order, at: datetime) -> None:
    for line in order.live_lines:
        line.shipped_at = line.shipped_at or at
        line.shipped_units = line.shipment_units = line.to_ship
    if order.workflow == "PAY_ON_SHIPMENT":
        record_debit(state, shop, order, at=at)
    move(shop, order, SHIPPED, at=at)
    wait = state.settings.scaled(state.settings.receive_after_s)
    state.later(wait, stepper(state, shop, order, expected=SHIPPED, step=received), start=at)


def received(state: State, shop: Shop, order: Order, at: datetime) -> None:
    """The goods are there: what was pending becomes payable."""
    for line in order.live_lines:
        line.received_at = at
    move(shop, order, RECEIVED, at=at)
    record_debit(state, shop, order, at=at)
    payouts.on_received(shop, order, at=at)
    wait = state.settings.scaled(state.settings.close_after_s)
    state.later(wait, stepper(state, shop, order, expected=RECEIVED, step=closed), start=at)


def closed(state: State, shop: Shop, order: Order, at: datetime) -> None:
    move(shop, order, CLOSED, at=at)


def cancel(state: State, shop: Shop, order: Order, *, at: datetime, reason: tuple[str, str] | None = None) -> None:
    """The whole order is off: by the customer, the operator, a failed debit, or the shop (OR29)."""
    order.reason = reason
    for line in order.live_lines:
        restock(state, shop, line, line.quantity - line.shipped_units)
        line.state, line.reason = CANCELED, reason
    move(shop, order, CANCELED, at=at)


def look_again(state: State, shop: Shop, order: Order, *, at: datetime) -> None:
    """After a shipment, a cancelation or a refund: is everything shipped, or nothing left to ship?"""
    if order.state != SHIPPING:
        return
    for line in order.live_lines:
        if line.state == SHIPPING and 0 < line.to_ship <= line.shipped_units:
            line.state, line.shipped_at, line.updated_at = SHIPPED, at, at
    wanted = [line for line in order.live_lines if line.to_ship > 0]
    if not wanted:
        everything_gone(state, shop, order, at=at)
    elif all(line.shipped_units >= line.to_ship for line in wanted):
        shipped(state, shop, order, at)


def everything_gone(state: State, shop: Shop, order: Order, *, at: datetime) -> None:
    """Nothing will be shipped any more, because all of it was canceled or refunded before shipping."""
    for line in order.live_lines:
        line.state = CANCELED if not line.refunds else "REFUNDED"
    move(shop, order, CANCELED, at=at)


def can_ship(order: Order, shipping_type: dict[str, object]) -> bool:
    return order.state == SHIPPING and order.center == "DEFAULT" and not shipping_type.get("delivery_by_operator")


def can_cancel(order: Order) -> bool:
    """The whole order, by OR29: to be shipped, not debited, and nothing on its way."""
    return order.state == SHIPPING and order.debited_at is None and not any(line.shipment_units for line in order.lines)


def can_refund(order: Order, line: Line) -> bool:
    return line.debited_at is not None and line.state not in DEAD | {"REFUNDED"} and order.state in {SHIPPING} | AFTER_SHIPPING
