"""The money of an order against its goods: shipped and not taken (E28, R66, R98), taken and never shipped nor given back (E29, R94)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from connectors.canonical import OrderState, PaymentState, round_money
from connectors.ports import Ability
from exceptions.cases import clear_items, open_case
from portal.ledger.expect import Expected, drop, expect, met
from portal.ledger.models import Expectation, SalesOrder, Shipment, Stage
from portal.sync import complaints
from portal.sync.codes import skus_to_hub
from portal.sync.dispatch_lines import spread
from portal.sync.payment_gate import ACCEPTED
from portal.sync.subjects import order_subject

CAPTURE_LIMIT_MIN = 60 * 24  # after a dispatch; the integration's option "capture_limit_min" says otherwise
REFUND_LIMIT_MIN = 60 * 24  # after the order ended; the option "refund_limit_min"
WHOLE = (Stage.SHIPPED, Stage.DONE)
ALIVE = (Stage.RECEIVED, Stage.HELD, Stage.BLOCKED, Stage.QUEUED, Stage.WITH_HUB)
ENDED = (Stage.CANCELLED, Stage.ABANDONED)
ZERO = Decimal(0)


@dataclass(frozen=True)
class Sums:
    """What the channel tells of an order's money, in the order's currency. `told`: it tells anything at all."""

    told: bool
    taken: Decimal
    given_back: Decimal

    @property
    def kept(self) -> Decimal:
        return max(ZERO, self.taken - self.given_back)


def sums_of(order: SalesOrder) -> Sums:
    """Transactions count; where none is booked, the order's label does. A person who vouched for the money counts as having seen it."""
    payments = [payment for payment in order.payments.all() if payment.currency in ("", order.currency)]
    booked = any(payment.authorised or payment.captured or payment.refunded for payment in payments)
    told = bool(payments) or order.payment_state != PaymentState.NOT_TOLD
    taken = sum((payment.captured for payment in payments), ZERO)
    given_back = sum((payment.refunded for payment in payments), ZERO)
    if order.corrections.get(ACCEPTED):
        return Sums(True, max(taken, order.total), given_back)
    if booked or order.payment_state != PaymentState.PAID:
        return Sums(told, taken, given_back)
    return Sums(told, order.total, ZERO)


def watch_money(order: SalesOrder, *, at: datetime) -> None:
    """Write down, or strike out, what must become of the money now. Safe to call again at any time."""
    if order.stage == Stage.IGNORED:
        return
    sums = sums_of(order)
    if not sums.told:
        return
    shipments = shipments_of(order)
    rows = Expectation.objects.filter(subject=order_subject(order), kind__in=(Expected.CAPTURED, Expected.FULFILLED, Expected.MONEY_BACK))
    known = {Expected(row.kind): row for row in rows}
    watch_capture(order, sums, shipments, known.get(Expected.CAPTURED), at=at)
    watch_goods(order, sums, shipments, known, at=at)


def is_running(row: Expectation | None) -> bool:
    return row is not None and row.met_at is None and row.dropped_at is None


def watch_capture(order: SalesOrder, sums: Sums, shipments: list[Shipment], row: Expectation | None, *, at: datetime) -> None:
    """What has shipped must be paid: the clock begins with the first dispatch."""
    subject, open_sum = order_subject(order), uncaptured(order, sums, shipments, at=at)
    if open_sum and not is_running(row):
        first = min((one.shipped_at for one in shipments), default=at)
        due_at = max(first + limit(order, "capture_limit_min", CAPTURE_LIMIT_MIN), at + timedelta(minutes=1))
        expect(Expected.CAPTURED, subject, due_at=due_at, connection=order.connection, because="The order has shipped.", at=at)
    elif open_sum and row is not None and row.raised_at:
        complain_uncaptured(order, open_sum, sums, shipments, at=at)  # a part was taken meanwhile: the case says what is left
    elif not open_sum and is_running(row):
        met(Expected.CAPTURED, subject, at=at)
        clear_items("E28", subjects=[subject], proof=capture_proof(order, sums, shipments, at=at), at=at)


def watch_goods(order: SalesOrder, sums: Sums, shipments: list[Shipment], known: dict[Expected, Expectation], *, at: datetime) -> None:
    """What was paid must ship, or the money goes back; once the order has ended only the latter is left."""
    subject, owed = order_subject(order), unfulfilled(order, sums, shipments, at=at)
    kind, other = (Expected.MONEY_BACK, Expected.FULFILLED) if order.stage in ENDED else (Expected.FULFILLED, Expected.MONEY_BACK)
    running = [one for one in (kind, other) if is_running(known.get(one))]
    if owed:
        drop(subject, at=at, kinds=[one for one in running if one is other])
        because = "The order ended after it was paid." if kind is Expected.MONEY_BACK else "The order is paid."
        if kind not in running:
            expect(kind, subject, due_at=at + patience(order, kind), connection=order.connection, because=because, at=at)
    elif running:
        met(running, subject, at=at)
        proof = {"paid": f"{sums.taken:f}", "given back": f"{sums.given_back:f}", "order is": str(order.get_stage_display()), "seen": at.isoformat()}
        clear_items("E29", subjects=[subject], proof=proof, at=at)


def patience(order: SalesOrder, kind: Expected) -> timedelta:
    if kind is Expected.MONEY_BACK or order.integration is None:
        return limit(order, "refund_limit_min", REFUND_LIMIT_MIN)
    return timedelta(minutes=order.integration.transfer_limit_min + order.integration.ship_limit_min)


def limit(order: SalesOrder, option: str, default_min: int) -> timedelta:
    told = order.integration.options.get(option) if order.integration else None
    return timedelta(minutes=float(told) if told else default_min)


def uncaptured(order: SalesOrder, sums: Sums, shipments: list[Shipment], *, at: datetime) -> Decimal:
    """Of what has shipped, the money that was not taken."""
    return max(ZERO, value_shipped(order, shipments, at=at) - sums.taken)


def unfulfilled(order: SalesOrder, sums: Sums, shipments: list[Shipment], *, at: datetime) -> Decimal:
    """Money we hold for goods that did not leave. The rest of a part shipment has its own case (E19) while the order lives."""
    if order.stage in ALIVE:
        return ZERO if shipments or order.state in (OrderState.SHIPPED, OrderState.COMPLETE) else sums.kept
    if order.stage in ENDED and not is_operators(order):
        return max(ZERO, sums.kept - value_shipped(order, shipments, at=at))
    return ZERO


def is_operators(order: SalesOrder) -> bool:
    """A marketplace's operator holds the money, and gives it back by itself."""
    return Ability.DECIDE_ORDER in order.connection.vendor.abilities


def value_shipped(order: SalesOrder, shipments: list[Shipment], *, at: datetime) -> Decimal:
    """The order's total, or of a part shipment the goods' share of it."""
    if order.stage in WHOLE:
        return order.total
    lines = [line for line in order.lines.all() if not line.is_extra and line.quantity > 0]
    worth = sum((line.total for line in lines), ZERO)
    if not shipments or not worth or order.integration is None:
        return ZERO
    names = {line.reference: str(order.corrections.get(f"line.{line.reference}.sku") or line.sku) for line in lines}
    known = skus_to_hub(names.values(), order.integration, at)
    skus = {reference: known[sku].value for reference, sku in names.items() if sku in known}
    taken: dict[str, int] = {}
    for one in shipments:
        spread([(line.sku, line.quantity) for line in one.lines.all()], lines, taken=taken, sku_of=skus)
    gone = sum((line.total * taken.get(line.reference, 0) / line.quantity for line in lines), ZERO)
    return round_money(order.total * min(Decimal(1), gone / worth), order.currency)


def shipments_of(order: SalesOrder) -> list[Shipment]:
    return list(order.shipments.filter(cancelled_at=None).prefetch_related("lines"))


def capture_proof(order: SalesOrder, sums: Sums, shipments: list[Shipment], *, at: datetime) -> dict[str, str]:
    if not shipments and order.stage not in WHOLE:
        return {"dispatch": "was taken back", "seen": at.isoformat()}
    if vouched := order.corrections.get(ACCEPTED):
        return {"finance vouched": str(vouched), "seen": at.isoformat()}
    return {"captured": f"{sums.taken:f}", "payment": str(order.get_payment_state_display()), "seen": at.isoformat()}


def complain_uncaptured(order: SalesOrder, open_sum: Decimal, sums: Sums, shipments: list[Shipment], *, at: datetime) -> None:
    """E28, with the sum that is missing and the day of the dispatch as its age."""
    since = min((one.shipped_at for one in shipments), default=order.stage_at)
    what = "has shipped" if order.stage in WHOLE else "has shipped in part"
    open_case(
        "E28",
        fingerprint=order_subject(order),
        cause=f"Order {order.number} {what}, but {open_sum:.2f} {order.currency} have not been taken ({sums.taken:.2f} have).",
        items=[replace(complaints.entry(order, at=since), value=open_sum)],
        connection=order.connection,
        integration=order.integration,
        evidence={"captured": f"{sums.taken:f}", "missing": f"{open_sum:f}", "payment state": order.payment_state, "shipped": since.isoformat()},
        at=at,
    )


def complain_unfulfilled(order: SalesOrder, owed: Decimal, sums: Sums, *, at: datetime) -> None:
    """E29, with the sum the customer is owed and the day of the order as its age."""
    why = f"the order is {order.get_stage_display()}" if order.stage in ENDED else "nothing has left the warehouse"
    ends = "Give the money back." if order.stage in ENDED else f"It is {order.get_stage_display()}. {order.stage_note}".strip()
    open_case(
        "E29",
        fingerprint=order_subject(order),
        cause=f"Order {order.number} was paid on {order.placed_at:%d %b}, and {why}; {owed:.2f} {order.currency} are kept. {ends}",
        items=[replace(complaints.entry(order), value=owed)],
        connection=order.connection,
        integration=order.integration,
        evidence={"paid": f"{sums.taken:f}", "given back": f"{sums.given_back:f}", "stage": order.get_stage_display()},
        at=at,
    )


def raise_money(order: SalesOrder, kind: Expected, *, at: datetime) -> None:
    """A clock of the money has run out: the case, if the ledger still says so."""
    sums, shipments = sums_of(order), shipments_of(order)
    if kind is Expected.CAPTURED:
        if open_sum := uncaptured(order, sums, shipments, at=at):
            complain_uncaptured(order, open_sum, sums, shipments, at=at)
    elif owed := unfulfilled(order, sums, shipments, at=at):
        complain_unfulfilled(order, owed, sums, at=at)
