"""A marketplace order waits for our yes: every line decided before the operator's clock runs out (R51-R54, D2, D4)."""

from __future__ import annotations

from datetime import datetime, timedelta

from connectors.ports import Ability
from portal.connections.models import Integration
from portal.ledger.expect import Expected, expect
from portal.ledger.models import SalesOrder, Stage
from portal.sync.completeness import missing
from portal.sync.plan import plan
from portal.sync.subjects import order_subject

DEFAULT_WINDOW_H = 24.0
ALARM_SHARE = 0.1  # of the window: an order not accepted by then is a case (E01), whose own clock ends at 25 %
AUTO_ACCEPT = "auto_accept"  # integration option: "false" leaves every decision to a person


def window(order: SalesOrder) -> timedelta:
    """How long the operator waits (a connection option: its API does not tell, D4)."""
    told = order.connection.options.get("acceptance_hours")
    return timedelta(hours=float(told) if told else DEFAULT_WINDOW_H)


def plan_acceptance(order: SalesOrder, integration: Integration, *, at: datetime) -> None:
    """Put the order on its way to acceptance. With the address there and a hub that can hold it, the warehouse is told first (R51)."""
    subject = order_subject(order)
    if order.accept_by is None:
        order.accept_by = order.placed_at + window(order)
        SalesOrder.objects.filter(pk=order.pk).update(accept_by=order.accept_by)
    due_at = max(at + timedelta(seconds=30), order.placed_at + window(order) * ALARM_SHARE)
    expect(Expected.ACCEPTED, subject, due_at=due_at, connection=order.connection, because="The marketplace waits for our acceptance.", at=at)
    if not takes_decisions(integration):
        order.move(Stage.HELD, note="Waits for somebody to accept it.", at=at)
        return
    if can_hold(integration) and not missing(order):
        plan("create_order", integration=integration, subject=subject, version="1", order=order, at=at)
        order.move(Stage.QUEUED, note="Goes to the warehouse on hold, then it is accepted.", at=at)
        return
    accept(order, integration, at=at)


def accept(order: SalesOrder, integration: Integration, *, at: datetime) -> None:
    """Queue the decision about every line, once."""
    plan("decide_order", integration=integration, subject=order_subject(order), version="1", order=order, at=at)
    order.move(Stage.QUEUED, note="Is being accepted.", at=at)


def takes_decisions(integration: Integration) -> bool:
    return str(integration.options.get(AUTO_ACCEPT, "true")).lower() != "false"


def can_hold(integration: Integration) -> bool:
    """Whether the hub can take an order now and ship it only when told (D2)."""
    return Ability.RELEASE_ORDER in integration.hub.vendor.abilities


def consequence(order: SalesOrder) -> str:
    """What happens when the clock runs out, in words (A2)."""
    if order.accept_by is None:
        return ""
    return f"The marketplace refuses it by itself at {order.accept_by:%d %b %H:%M} UTC; {order.total} {order.currency} are lost."
