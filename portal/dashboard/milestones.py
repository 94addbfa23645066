"""What was expected of an order, beside what happened: the steps of its way, in order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from portal.connections.models import PaymentGate
from portal.dashboard.journey import Journey
from portal.ledger.expect import Expected
from portal.ledger.models import Expectation, Shipment, Stage
from portal.sync.subjects import shipment_subject

# How a step stands -> (its mark in the timeline, its word, the badge's tone)
LOOKS = {
    "done": ("done", "done", "good"),
    "late": ("stuck", "overdue", "bad"),
    "due": ("due", "expected", "info"),
    "ahead": ("due", "to come", "quiet"),
    "dropped": ("due", "not needed any more", "quiet"),
}
# Expectations that have no step of their own above
OTHERS = {
    Expected.ACCEPTED: "Accepted at the marketplace",
    Expected.CANCELLED_IN_HUB: "Cancelled in the warehouse",
    Expected.CAPTURED: "Payment captured",
    Expected.FULFILLED: "Shipped, or the money given back",
    Expected.MONEY_BACK: "Money given back after the order ended",
    Expected.REFUNDED: "Money given back",
    Expected.RECEIVED_BACK: "Goods received back",
}
ENDED = {Stage.CANCELLED, Stage.ABANDONED, Stage.IGNORED}


@dataclass(frozen=True)
class Milestone:
    """One step: expected by `due_at`, happened at `at`."""

    label: str
    state: str
    at: datetime | None = None
    due_at: datetime | None = None
    note: str = ""
    url: str = ""

    @property
    def mark(self) -> str:
        return LOOKS[self.state][0]

    @property
    def word(self) -> str:
        return LOOKS[self.state][1]

    @property
    def tone(self) -> str:
        return LOOKS[self.state][2]

    @property
    def was_late(self) -> bool:
        return self.at is not None and self.due_at is not None and self.at > self.due_at


def milestones(journey: Journey) -> list[Milestone]:
    """The steps of the whole way, those to come included, unless the order has ended."""
    return [*_arrival(journey), *_payment(journey), *_transfer(journey), *_shipping(journey), *_others(journey)]


def _arrival(journey: Journey) -> Iterator[Milestone]:
    order = journey.order
    yield Milestone(f"Placed in {journey.channel}", "done", order.placed_at)
    seen = journey.first_seen_at()
    if seen is not None:
        yield Milestone("Arrived here", "done", seen)


def _payment(journey: Journey) -> Iterator[Milestone]:
    """Only where the order waited for its payment, or may still."""
    order = journey.order
    expected = journey.expectation(Expected.PAYMENT)
    if expected is not None:
        yield _step("Payment settled", expected, at=journey.at, note=f"{journey.channel} says “{order.get_payment_state_display()}”.")
    elif order.integration is not None and order.integration.payment_gate != PaymentGate.ANY and order.stage not in ENDED:
        yield Milestone("Payment settled", "done", note=f"{journey.channel} says “{order.get_payment_state_display()}”; it never had to wait.")


def _transfer(journey: Journey) -> Iterator[Milestone]:
    hub = journey.hub
    if hub is None:
        return
    label, expected = f"In the warehouse ({hub})", journey.expectation(Expected.IN_HUB)
    reference = next((one for one in journey.references if one.connection_id == hub.pk), None)
    known = journey.living_hub_orders or journey.hub_orders
    number = known[0].number if known else reference.reference if reference else ""
    note = f"As {number}." if number else ""
    if expected is not None:
        yield _step(label, expected, at=journey.at, note=note, happened_at=reference.created_at if reference and not expected.met_at else None)
    elif reference is not None:
        yield Milestone(label, "done", reference.created_at, note=note)
    elif known:
        yield Milestone(label, "done", known[0].seen_at, note=note)
    elif journey.order.stage not in ENDED:
        yield Milestone(label, "ahead", note="Expected as soon as it may be sent.")
    locked = [one.locked_at for one in known if one.locked_at]
    if locked:
        yield Milestone("Locked: the warehouse works on it", "done", min(locked))


def _shipping(journey: Journey) -> Iterator[Milestone]:
    order = journey.order
    for shipment in journey.shipments:
        yield from _shipment(journey, shipment)
    expected = journey.expectation(Expected.SHIPPED)
    if expected is not None and expected.met_at is None:
        yield _step("The warehouse ships it", expected, at=journey.at)
    elif not journey.living_shipments and order.stage not in ENDED and journey.hub is not None:
        yield Milestone("The warehouse ships it", "late" if order.ship_by and order.ship_by < journey.at else "ahead", due_at=order.ship_by)
    elif order.stage == Stage.PART_SHIPPED:
        yield Milestone("The warehouse ships the rest", "ahead")
    if not journey.living_shipments and order.stage not in ENDED and journey.hub is not None:
        yield Milestone(f"{journey.channel} shows the dispatch with tracking", "ahead")


def _shipment(journey: Journey, shipment: Shipment) -> Iterator[Milestone]:
    units = sum(line.quantity for line in shipment.lines.all())
    by = shipment.carrier_label or shipment.carrier_code
    yield Milestone(
        f"{units} unit{'s' if units != 1 else ''} shipped{f' with {by}' if by else ''}", "done", shipment.shipped_at, note=f"As {shipment.reference}."
    )
    if shipment.cancelled_at is not None:
        yield Milestone(f"The warehouse took {shipment.reference} back", "done", shipment.cancelled_at)
        return
    label, expected = f"{journey.channel} shows the dispatch with tracking", journey.expectation(Expected.SHOWN, shipment_subject(shipment))
    if shipment.shown_at is not None:
        yield Milestone(label, "done", shipment.shown_at, expected.due_at if expected else None)
    elif expected is not None:
        yield _step(label, expected, at=journey.at)
    elif journey.order.integration is not None and journey.order.integration.fetches_fulfilments:
        yield Milestone(label, "ahead")


def _others(journey: Journey) -> Iterator[Milestone]:
    for one in journey.expectations:
        if one.kind in OTHERS:
            yield _step(OTHERS[Expected(one.kind)], one, at=journey.at)


def _step(label: str, expected: Expectation, *, at: datetime, note: str = "", happened_at: datetime | None = None) -> Milestone:
    """A step that was written down when its cause was seen."""
    met_at = expected.met_at or happened_at
    if met_at is not None:
        state = "done"
    elif expected.dropped_at is not None:
        state = "dropped"
    else:
        state = "late" if expected.due_at <= at else "due"
    return Milestone(label, state, met_at, expected.due_at, note if state in ("done", "late") else expected.because)
