"""What people decide about a return: assess, match, record a disposition, write off, release the money early."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from connectors.canonical import round_money
from exceptions.errors import CaseError
from portal.accounts import approvals
from portal.accounts.approvals import ApprovalError, on_approval
from portal.accounts.models import ApprovalRequest, User
from portal.accounts.permissions import Action, Verdict, check
from portal.accounts.roles import Role
from portal.audit.trail import record
from portal.ledger.models import FlowState, ReturnFlow, ReturnOrder, SalesOrder
from portal.sync.claim import lock_orders
from portal.sync.models import OutboundMessage, State
from portal.sync.plan import plan
from portal.sync.release import release_rows
from portal.sync.returns.follow import follow_order, follow_stray, no_longer_stray
from portal.sync.returns.planning import flow_subject

ASSESSORS = frozenset({Role.OPS, Role.CX})
DISPOSITIONS = {
    "exchange": "exchanged for other goods",
    "sent_back": "sent back to the customer",
    "kept": "kept, no money goes back",
    "destroyed": "destroyed",
    "not_ours": "not ours; handed to whom it belongs",
}


def locked(pk: int) -> ReturnFlow:
    """The flow, with its order locked first."""
    order_id = ReturnFlow.objects.filter(pk=pk).values_list("order_id", flat=True).first()
    lock_orders([order_id])
    found = ReturnFlow.objects.select_for_update(of=("self",)).select_related("order", "integration", "connection").filter(pk=pk).first()
    if found is None:
        raise CaseError("This return is not there any more: it was joined to its order. Find it through the order.")
    return found


@transaction.atomic
def decide(flow: ReturnFlow, name: str, what: Mapping[str, Any], *, by: User, at: datetime) -> ReturnFlow:
    """Keep the decision with its author, and let the triangle follow from it."""
    flow = locked(flow.pk)
    before = flow.decisions.get(name)
    flow.decisions = {**flow.decisions, name: {**what, "by": by.called, "at": at.isoformat()}}
    ReturnFlow.objects.filter(pk=flow.pk).update(decisions=flow.decisions)
    record(f"return.{name}", flow, by=by, old={name: before} if before else {}, new={name: dict(what)}, reason=str(what.get("note") or ""))
    again(flow, at=at)
    return flow


def again(flow: ReturnFlow, *, at: datetime) -> None:
    """The triangle once more, from the ledger."""
    if flow.order is not None:
        follow_order(flow.order, at=at)
    elif (found := return_of(flow)) is not None:
        follow_stray(found, at=at)


def return_of(flow: ReturnFlow) -> ReturnOrder | None:
    """The warehouse's return of a flow whose sale nobody knows."""
    kind, pk, *_ = (*flow.key.split(":", 2), "")
    found = ReturnOrder.objects.select_related("connection").prefetch_related("lines")
    return found.filter(pk=int(pk)).first() if kind == "return" and pk.isdigit() else None


def assess(flow: ReturnFlow, *, sellable: int, damaged: int, missing: int, by: User) -> str:
    """What was found when the goods were looked at; only then are the sellable ones for sale (R91)."""
    check(by, Action.RESOLVE_BY_HAND, owner=ASSESSORS)
    if sellable + damaged > flow.received:
        raise CaseError(f"Only {flow.received} came back, so {sellable} sellable and {damaged} damaged cannot be right. Nothing was saved.")
    if sellable + damaged < flow.received:
        raise CaseError(f"{flow.received} came back: say of each whether it is sellable or damaged. Nothing was saved.")
    decide(flow, "assessment", {"sellable": sellable, "damaged": damaged, "missing": missing}, by=by, at=timezone.now())
    return f"Saved. {sellable} are counted sellable, and the channels show it within a minute."


def match(flow: ReturnFlow, *, number: str, by: User, note: str) -> str:
    """The goods belong to this sale, and their return is accepted: E25 ends, and the money follows."""
    at = timezone.now()
    if flow.order is None:
        order = only_order(number)
        with transaction.atomic():
            lock_orders([order.pk])
            found = return_of(flow)
            if found is None:
                raise CaseError("The warehouse's return is not known any more. Nothing was matched.")
            ReturnOrder.objects.filter(pk=found.pk).update(order=order)
            found.order = order
            no_longer_stray(found, at=at)
            flows = follow_order(order, at=at)
            mine = [one for one in flows if one.received and one.state == FlowState.UNAUTHORISED]
            for one in mine:
                decide(one, "matched", {"note": note, "what": order.number}, by=by, at=at)
        if not flows:
            raise CaseError(f"Order {order.number} has no line with {flow.sku}. Nothing was matched.")
        return f"Matched to order {order.number}. The money follows by itself where the channel can be told."
    decide(flow, "matched", {"note": note, "what": flow.rma or flow.number}, by=by, at=at)
    return "Accepted as an authorised return. The money follows by itself where the channel can be told."


def only_order(number: str) -> SalesOrder:
    found = list(SalesOrder.objects.filter(number_key=number.strip().upper())[:2])
    if len(found) != 1:
        raise CaseError(
            f"No order has the number “{number}”." if not found else f"Several channels have an order “{number}”; match it on its channel."
        )
    return found[0]


def dispose(flow: ReturnFlow, *, what: str, by: User, note: str) -> str:
    decide(flow, "disposition", {"what": DISPOSITIONS[what], "note": note}, by=by, at=timezone.now())
    return f"Recorded: {DISPOSITIONS[what]}. No money goes back for it by itself."


def write_off(flow: ReturnFlow, *, by: User, note: str) -> str:
    """The goods will not come: the money is lost, and E27 ends with that."""
    decide(flow, "written_off", {"note": note, "amount": str(flow.refunded)}, by=by, at=timezone.now())
    return f"Written off: {flow.refunded:.2f} {flow.currency}."


def pay_now(flow: ReturnFlow, *, by: User) -> str:
    """Try the refund of goods that are here once more, now; the channel's own total is looked at first."""
    at = timezone.now()
    with transaction.atomic():
        flow = locked(flow.pk)
        if flow.left_to_refund <= 0 or flow.integration is None or flow.order is None:
            raise CaseError("Nothing is owed on this return. Nothing was sent.")
        stopped = OutboundMessage.objects.filter(kind="refund", subject=flow_subject(flow), state__in=(State.PARKED, State.QUEUED))
        if not release_rows(stopped, at=at):
            plan("refund", integration=flow.integration, subject=flow_subject(flow), version=f"by hand {at.isoformat()}", order=flow.order, at=at)
        record("return.refund_asked", flow, by=by, new={"amount": f"{flow.left_to_refund:.2f} {flow.currency}"})
    return f"{flow.left_to_refund:.2f} {flow.currency} go back now; the channel's own total is looked at first. The case closes when it shows them."


def release_early(flow: ReturnFlow, *, amount: Decimal, by: User, reason: str) -> str:
    """Ask for money to go back before the goods are here (R85): a reason and a second person, always."""
    verdict: Verdict = check(by, Action.RELEASE_REFUND)
    check_amount(flow, amount)
    arguments = {"flow": flow.pk, "amount": str(round_money(amount, flow.currency))}
    summary = f"Give back {amount:.2f} {flow.currency} on order {flow.number}, {flow.sku}, before the goods are here."
    approvals.ask(Action.RELEASE_REFUND, by=by, verdict=verdict, arguments=arguments, summary=summary, reason=reason)
    return f"Asked. Nothing has happened yet: {verdict.why}"


def check_amount(flow: ReturnFlow, amount: Decimal) -> None:
    """CaseError when it cannot be given back on this line; the sentence says why."""
    left = max(Decimal(0), flow.paid - flow.refunded)
    if flow.order is None:
        raise CaseError("The sale of this return is not known, so nothing can be given back on it.")
    if amount <= 0:
        raise CaseError("Say how much is to go back.")
    if amount > left:
        raise CaseError(
            f"{amount:.2f} {flow.currency} is more than the line: {flow.paid:.2f} were paid for it and {flow.refunded:.2f} are back, "
            f"so {left:.2f} are left. Nothing was sent."
        )


def carry_out(request: ApprovalRequest) -> str:
    """A second person agreed: it is owed from now on, whatever has arrived."""
    flow = ReturnFlow.objects.filter(pk=request.arguments["flow"]).first()
    if flow is None:
        raise ApprovalError("This return is not there any more.")
    amount = Decimal(request.arguments["amount"])
    approver = request.decided_by.called if request.decided_by else ""
    try:
        check_amount(flow, amount)
        what = {"amount": str(flow.refunded + amount), "note": request.reason, "approved by": approver}
        decide(flow, "released", what, by=request.requester, at=timezone.now())
    except CaseError as error:
        raise ApprovalError(str(error)) from error
    return f"{amount:.2f} {flow.currency} go back on order {flow.number}."


def connect() -> None:
    on_approval(Action.RELEASE_REFUND)(carry_out)
