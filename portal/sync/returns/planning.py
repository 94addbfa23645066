"""Who must be told what about a return: the warehouse of goods to expect, the channel of goods that came, and the money back after them (R83-R85)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from connectors.ports import Ability, Side
from exceptions.cases import clear_case
from exceptions.models import ExceptionCase
from portal.ledger.models import ReturnFlow, ReturnOrder, SalesOrder
from portal.sync.confirm import confirm
from portal.sync.models import OutboundMessage, State
from portal.sync.plan import plan
from portal.sync.returns.sides import CALLED_OFF
from portal.sync.stock import replan_stock

OPERATOR_REFUNDS = "refunds_by_operator"  # option of the channel: it gives the money back by itself once the goods are there
NOT_TO_EXPECT = frozenset({*CALLED_OFF, "unknown", "refunded"})


def flow_subject(flow: ReturnFlow) -> str:
    return f"flow:{flow.pk}"


def return_subject(found: ReturnOrder) -> str:
    return f"return:{found.pk}"


def plan_returns(order: SalesOrder, returns: list[ReturnOrder], flows: list[ReturnFlow], *, at: datetime) -> None:
    """Queue what follows from the triangle as it is now; what was queued before is not queued again."""
    integration = order.integration
    if integration is None or not integration.enabled:
        return
    channel, hub = order.connection.vendor.abilities, integration.hub.vendor.abilities
    for found in [one for one in returns if one.connection_id == order.connection_id]:
        if Ability.ANNOUNCE_RETURN in hub and found.state not in NOT_TO_EXPECT:
            plan("announce_return", integration=integration, subject=return_subject(found), version=content_of(found), order=order, at=at)
        step = step_of(found, flows)
        if Ability.ANNOUNCE_RETURN in channel and step:
            plan("tell_return", integration=integration, subject=return_subject(found), version=step, order=order, at=at)
    if Ability.REFUND in channel and order.connection.options.get(OPERATOR_REFUNDS, "") not in ("1", "true", "yes", "on"):
        for flow in flows:
            plan_refund(flow, at=at)


def content_of(found: ReturnOrder) -> str:
    return ",".join(f"{line.order_line or line.sku}:{line.quantity}" for line in found.lines.all())[:120]


def step_of(found: ReturnOrder, flows: list[ReturnFlow]) -> str:
    """How far the goods of a channel's return have come: "received" when all of them are here, "assessed" when they were looked at too."""
    mine = [flow for flow in flows if any(flow.order_line == line.order_line for line in found.lines.all())]
    if not mine or found.state not in ("authorised", "in_transit", "received"):
        return ""
    if any(flow.received < flow.authorised for flow in mine):
        return ""
    if found.state != "received":
        return "received"
    return "" if any(flow.unassessed for flow in mine) or not one_verdict(mine) else "assessed"


def one_verdict(flows: list[ReturnFlow]) -> bool:
    """A channel is told one verdict for all lines of a return; where they differ a person tells it there."""
    return all(not flow.damaged for flow in flows) or all(flow.damaged and not flow.sellable for flow in flows)


def was_told(message: OutboundMessage, *, at: datetime) -> None:
    """The other side took it: the case that said it did not is over."""
    for case in ExceptionCase.objects.filter(kind="E20", is_open=True, fingerprint=f"{message.kind}:{message.subject}"):
        clear_case(case, {"told": str(message.connection), "at": at.isoformat()}, at=at)


def plan_refund(flow: ReturnFlow, *, at: datetime) -> OutboundMessage | None:
    """The total that must be back on this line by now; a message of the same total is never made twice."""
    if flow.order is None or flow.integration is None:
        return None
    if flow.left_to_refund <= 0:
        if flow.refunded:
            confirm("refund", flow_subject(flow), at=at)
        return None
    version = f"to {flow.owed:.2f} {flow.currency}"
    waiting = OutboundMessage.objects.filter(kind="refund", subject=flow_subject(flow), state__in=(State.QUEUED, State.PARKED))
    waiting.exclude(version=version).update(state=State.SUPERSEDED, note="More of it came back; the whole sum goes at once.", waiting_for="")
    return plan(
        "refund", integration=flow.integration, subject=flow_subject(flow), version=version, order=flow.order, payload={"sku": flow.sku}, at=at
    )


def republish(flow: ReturnFlow, before: dict[str, Any], *, at: datetime) -> None:
    """What was held back until it was looked at is for sale now, or the other way round (R91)."""
    hub = flow.integration.hub if flow.integration is not None else flow.connection
    if flow.hub_sku and hub.has_side(Side.HUB) and flow.unassessed != before.get("unassessed", 0):
        replan_stock(hub, [flow.hub_sku], at=at, moved_at=at)
