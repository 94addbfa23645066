"""Brings the triangle of every returned line up to date with the ledger, and sets in motion what follows from it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from connectors.ports import Side
from portal.ledger.models import FlowState, Refund, ReturnFlow, ReturnOrder, SalesOrder
from portal.sync.codes import skus_to_hub
from portal.sync.money_watch import is_operators, sums_of
from portal.sync.net_prices import tax
from portal.sync.returns import planning, watching
from portal.sync.returns.sides import CALLED_OFF, RECEIPT, Back, Money, Sides, Sold, sides_of

PAYS_ON = "refund_on"  # option of the integration: "received" (the default) or "assessed"


def follow_order(order: SalesOrder, *, at: datetime) -> list[ReturnFlow]:
    """Work the order's flows out anew from everything the ledger has of it. Must run in a transaction; safe to call again at any time."""
    order = SalesOrder.objects.select_for_update(of=("self",)).select_related("integration", "integration__hub", "connection").get(pk=order.pk)
    returns, refunds = list(order.return_orders.select_related("connection").prefetch_related("lines")), list(order.refunds.all())
    known = {flow.order_line: flow for flow in order.return_flows.all()}
    if not returns and not refunds and not known:
        return []
    found, rest = sides_of(
        sold_lines(order, at=at),
        channel=backs(one for one in returns if one.connection_id == order.connection_id),
        hub=backs(one for one in returns if one.connection_id != order.connection_id),
        money=[Money(one.amount, one.order_line, one.state) for one in refunds if one.currency in ("", order.currency)],
        decisions={name: flow.decisions for name, flow in known.items()},
        pays_on=str((order.integration.options if order.integration else {}).get(PAYS_ON) or RECEIPT),
        taken=captured(order),
    )
    flows = [
        keep(order, sides, known.get(sides.sold.reference), returns, refunds, at=at)
        for sides in found
        if sides.touched or sides.sold.reference in known
    ]
    if rest > 0 and not flows:
        flows = [keep_rest(order, rest, known.get(""), at=at)]
    planning.plan_returns(order, returns, flows, at=at)
    for flow in flows:
        watching.watch(flow, at=at)
    return flows


def sold_lines(order: SalesOrder, *, at: datetime) -> list[Sold]:
    """What was sold, in the names of both sides; what was paid is with its tax."""
    lines = [line for line in order.lines.all() if not line.is_extra and line.quantity > 0]
    names = {line.reference: str(order.corrections.get(f"line.{line.reference}.sku") or line.sku) for line in lines}
    hub = skus_to_hub(names.values(), order.integration, at) if order.integration else {}
    found = []
    for line in lines:
        name = names[line.reference]
        paid = line.total if line.tax_included else line.total + tax(line.total, line.tax_rate, included=False)
        found.append(Sold(line.reference, line.sku, hub[name].value if name in hub else name, line.quantity, paid, order.currency))
    return found


def backs(returns: Iterable[ReturnOrder]) -> list[Back]:
    return [
        Back(line.sku, line.quantity, line.order_line, one.state, line.received, line.sellable, line.damaged, line.missing)
        for one in sorted(returns, key=lambda one: one.pk or 0)
        for line in one.lines.all()
    ]


def captured(order: SalesOrder) -> Decimal | None:
    """What the payments took; None where the channel tells nothing of it, or a marketplace's operator holds the money."""
    sums = sums_of(order)
    return sums.taken if sums.told and not is_operators(order) else None


def keep(order: SalesOrder, sides: Sides, flow: ReturnFlow | None, returns: list[ReturnOrder], refunds: list[Refund], *, at: datetime) -> ReturnFlow:
    """Write one line's flow; its decisions are left as they are."""
    line = sides.sold
    flow = flow or ReturnFlow(key=f"line:{order.pk}:{line.reference}"[:260], order=order, began_at=at)
    mine = [one for one in returns if any(line.reference == each.order_line or each.sku in (line.sku, line.hub_sku) for each in one.lines.all())]
    values: dict[str, Any] = {
        "connection": order.connection,
        "integration": order.integration,
        "order_line": line.reference,
        "number": order.number,
        "sku": line.sku,
        "hub_sku": line.hub_sku[:120],
        "rma": next(
            (one.rma for one in mine if one.rma and one.connection_id == order.connection_id), next((one.rma for one in mine if one.rma), "")
        ),
        "reason": next((each.reason for one in mine for each in one.lines.all() if each.reason), ""),
        "sold": line.units,
        "authorised": sides.authorised,
        "received": sides.received,
        "sellable": sides.sellable,
        "damaged": sides.damaged,
        "missing": sides.missing,
        "unassessed": sides.unassessed,
        "paid": line.paid,
        "owed": sides.owed,
        "refunded": sides.refunded,
        "currency": order.currency,
    }
    return store(flow, values, state_of(sides, flow), refunds, at=at)


def keep_rest(order: SalesOrder, rest: Decimal, flow: ReturnFlow | None, *, at: datetime) -> ReturnFlow:
    """Money that went back on an order whose lines are not known."""
    flow = flow or ReturnFlow(key=f"line:{order.pk}:", order=order, began_at=at)
    values = {"connection": order.connection, "integration": order.integration, "number": order.number, "refunded": rest, "currency": order.currency}
    return store(flow, values, FlowState.DONE if flow.decisions.get("written_off") else FlowState.GOODS_MISSING, list(order.refunds.all()), at=at)


def store(flow: ReturnFlow, values: dict[str, Any], state: FlowState, refunds: list[Refund], *, at: datetime) -> ReturnFlow:
    """Save what changed; the moments of the first goods and the first money stay."""
    before = {name: getattr(flow, name) for name in values} if flow.pk else {}
    for name, value in values.items():
        setattr(flow, name, value)
    if flow.received and flow.received_at is None:
        flow.received_at = at
    if flow.refunded and flow.refunded_at is None:
        flow.refunded_at = min((one.at for one in refunds), default=at)
    changed = flow.pk is None or before != values or flow.state != state
    if changed:
        flow.state, flow.changed_at = state, at
        flow.save()
    planning.republish(flow, before, at=at)
    return flow


def state_of(sides: Sides, flow: ReturnFlow) -> FlowState:
    """The side that is missing; the first that holds."""
    decided = flow.decisions
    gone_back = sides.received + (sides.missing or 0)
    refunded_units = sides.sold.units * sides.refunded / sides.sold.paid if sides.sold.paid else 0
    steps = (
        (FlowState.UNAUTHORISED, sides.extra > 0),
        (FlowState.REFUND_DUE, sides.owed > sides.refunded),
        (FlowState.GOODS_MISSING, sides.refunded > 0 and sides.received < refunded_units and not decided.get("written_off")),
        (FlowState.ARRIVED, sides.unassessed > 0 and not decided.get("disposition")),
        (FlowState.PENDING, sides.authorised > gone_back and not decided.get("written_off")),
        (FlowState.CANCELLED, not sides.received and not sides.refunded and bool(sides.called_off)),
    )
    return next((state for state, holds in steps if holds), FlowState.DONE)


def follow_stray(found: ReturnOrder, *, at: datetime) -> list[ReturnFlow]:
    """A warehouse's return of a sale nobody knows: kept unmatched, so that it is not lost (R86). One of a channel waits for its order."""
    if not found.connection.has_side(Side.HUB) or found.state in CALLED_OFF:
        return []
    flows = []
    for line in found.lines.all():
        flow = ReturnFlow.objects.select_for_update().filter(key=f"return:{found.pk}:{line.reference}"[:260]).first()
        flow = flow or ReturnFlow(key=f"return:{found.pk}:{line.reference}"[:260], began_at=at)
        decided = bool(flow.decisions.get("disposition"))
        values = {
            "connection": found.connection, "number": found.order_number, "sku": line.sku, "hub_sku": line.sku, "rma": found.rma,
            "reason": line.reason, "received": line.received, "sellable": line.sellable, "damaged": line.damaged, "missing": line.missing,
            "unassessed": 0 if decided or line.sellable is not None else line.received,
        }  # fmt: skip
        state = FlowState.DONE if decided else FlowState.UNAUTHORISED if line.received else FlowState.PENDING
        flows.append(store(flow, values, state, [], at=at))
        watching.watch(flows[-1], at=at)
    return flows


def no_longer_stray(found: ReturnOrder, *, at: datetime) -> None:
    """Its sale is known now: the flows of the sale's lines take over."""
    for flow in ReturnFlow.objects.filter(key__startswith=f"return:{found.pk}:", order=None):
        watching.over(flow, {"sale": found.order.number if found.order else "known", "seen": at.isoformat()}, at=at)
        flow.delete()
