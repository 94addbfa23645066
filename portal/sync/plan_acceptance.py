"""A marketplace order waits for our yes: every line decided before the operator's clock runs out (R51-R54, D2, D4)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from connectors.canonical import OrderState
from connectors.ports import Ability
from portal.connections.models import Integration
from portal.connections.operators import profile_of
from portal.ledger.expect import Expected, expect
from portal.ledger.models import SalesOrder, Stage
from portal.sync import complaints
from portal.sync.completeness import missing
from portal.sync.models import OutboundMessage, State
from portal.sync.plan import plan
from portal.sync.reserve import short_of
from portal.sync.subjects import order_subject

ALARM_SHARE = 0.1  # of the window: an order not accepted by then is a case (E01), whose own clock ends at 25 %
OURS_TO_FIX = ("ship_service:", "store:")  # a mapping of ours that is missing says nothing against the order itself
NOT_THERE = (Stage.RECEIVED, Stage.HELD, Stage.BLOCKED, Stage.QUEUED, Stage.IGNORED)
AUTO_ACCEPT = "auto_accept"  # integration option: "false" leaves every decision to a person


def deadline(order: SalesOrder, *, share: float = 1.0) -> datetime:
    """When the operator's window, or a share of it, is over: by its profile, because its API does not tell (D4)."""
    return profile_of(order.connection).accept_by(order.placed_at, share=share)


def window(order: SalesOrder) -> timedelta:
    """How long the operator waits for this order, nights and weekends included where its clock stands still then."""
    return deadline(order) - order.placed_at


def plan_acceptance(order: SalesOrder, integration: Integration, *, at: datetime) -> None:
    """Put the order on its way to acceptance. With the address there and a hub that can hold it, the warehouse is told first (R51)."""
    subject = order_subject(order)
    until = deadline(order)
    if order.accept_by != until:
        order.accept_by = until
        SalesOrder.objects.filter(pk=order.pk).update(accept_by=order.accept_by)
    due_at = max(at + timedelta(seconds=30), deadline(order, share=ALARM_SHARE))
    expect(Expected.ACCEPTED, subject, due_at=due_at, connection=order.connection, because="The marketplace waits for our acceptance.", at=at)
    if not takes_decisions(integration):
        order.move(Stage.HELD, note="Waits for somebody to accept it.", at=at)
        return
    if can_hold(integration) and not missing(order) and not short_of(order, integration, at=at):
        plan("create_order", integration=integration, subject=subject, version="1", order=order, at=at)
        order.move(Stage.QUEUED, note="Goes to the warehouse on hold, then it is accepted.", at=at)
        return
    accept(order, integration, at=at)


def accept(order: SalesOrder, integration: Integration, *, at: datetime) -> None:
    """Queue the decision about every line, once."""
    plan("decide_order", integration=integration, subject=order_subject(order), version="1", order=order, at=at)
    if order.stage in NOT_THERE:
        order.move(Stage.QUEUED, note="Is being accepted.", at=at)


def warehouse_has(order: SalesOrder, *, on_hold: bool, at: datetime) -> None:
    """The warehouse has it: accept it if the marketplace waits for that (R51), let it go if that was cleared meanwhile (R38).

    The row is locked, so that the state read here and the state that `plan_orders` reads cannot both miss the other's news. What the
    marketplace has made another order of meanwhile (a line refused, D5) stays on hold until both sides have the same lines.
    """
    fresh = SalesOrder.objects.select_for_update(of=("self",)).select_related("connection", "integration").get(pk=order.pk)
    integration = order.integration
    if integration is None:
        return
    if fresh.state == OrderState.WAITING_ACCEPTANCE and takes_decisions(integration):
        accept(order, integration, at=at)
    elif on_hold and fresh.state == OrderState.OPEN and complaints.watch_versions(fresh, at=at):
        plan("release_order", integration=integration, subject=order_subject(order), version="1", order=order, at=at)


def accept_without_hub(order: SalesOrder, *, at: datetime) -> bool:
    """The clock runs and the warehouse cannot be told for a reason that is not the order's: accept it all the same (R52, R54)."""
    if order.integration is None or order.state != OrderState.WAITING_ACCEPTANCE or not takes_decisions(order.integration):
        return False
    creation = OutboundMessage.objects.filter(kind="create_order", subject=order_subject(order)).first()
    stuck = creation is not None and (
        creation.state in (State.QUEUED, State.IN_FLIGHT) or (creation.state == State.PARKED and creation.waiting_for.startswith(OURS_TO_FIX))
    )
    if stuck:
        accept(order, order.integration, at=at)
    return stuck


def takes_decisions(integration: Integration) -> bool:
    return str(integration.options.get(AUTO_ACCEPT, "true")).lower() != "false"


def can_hold(integration: Integration) -> bool:
    """Whether the hub can take an order now and ship it only when told (D2)."""
    return Ability.RELEASE_ORDER in integration.hub.vendor.abilities


def consequence(order: SalesOrder) -> str:
    """What happens when the clock runs out, in words (A2)."""
    if order.accept_by is None:
        return ""
    return f"The marketplace refuses it by itself at {order.accept_by:%d %b %H:%M} UTC; {order.total:.2f} {order.currency} are lost."


def outside_clock(order: SalesOrder | None) -> dict[str, Any]:
    """What a case about the order says of the marketplace's clock (`open_case`); nothing when none runs."""
    if order is None or order.state != OrderState.WAITING_ACCEPTANCE or order.accept_by is None:
        return {}
    return {"deadline_at": order.accept_by, "window_from": order.placed_at, "consequence": consequence(order)[:300]}
