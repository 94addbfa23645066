"""Waits for the missing side of each triangle, and raises it when its time is over: E25, E26, E27."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from exceptions.cases import CaseEntry, clear_items, open_case
from portal.ledger.expect import Expected, drop, expect, met
from portal.ledger.models import Expectation, FlowState, ReturnFlow
from portal.sync import complaints
from portal.sync.returns.planning import flow_subject
from portal.sync.subjects import subject_pk

# state → what we wait for, the case when it does not come, the integration's option for how long (minutes), and the default
WAITS: dict[str, tuple[Expected, str, str, int]] = {
    FlowState.UNAUTHORISED.value: (Expected.AUTHORISED_BACK, "E25", "return_match_limit_min", 30),
    FlowState.REFUND_DUE.value: (Expected.REFUNDED, "E26", "return_refund_limit_min", 60 * 4),
    FlowState.GOODS_MISSING.value: (Expected.RECEIVED_BACK, "E27", "return_arrival_limit_min", 60 * 24 * 14),
}
KINDS = {expected: kind for expected, kind, _, _ in WAITS.values()}
ZERO = Decimal(0)


def watch(flow: ReturnFlow, *, at: datetime) -> None:
    """Write down what this flow waits for, and strike out what it waits for no more, with the reading that shows it."""
    subject, now = flow_subject(flow), WAITS.get(flow.state)
    for expected, kind in KINDS.items():
        if (now is None or expected is not now[0]) and met(expected, subject, at=at):
            clear_items(kind, subjects=[subject], proof=proof_of(flow, at=at), at=at)
    if now is None:
        return
    expected, _, option, default = now
    if not is_waiting(expected, subject):
        minutes = float((flow.integration.options if flow.integration else {}).get(option) or default)
        expect(expected, subject, due_at=at + timedelta(minutes=minutes), connection=flow.connection, because=flow.get_state_display(), at=at)
    elif Expectation.objects.filter(kind=expected, subject=subject, raised_at__isnull=False, met_at=None).exists():
        complain(flow, at=at)  # the case shows the sides as they are now


def is_waiting(expected: Expected, subject: str) -> bool:
    return Expectation.objects.filter(kind=expected, subject=subject, met_at=None, dropped_at=None).exists()


def over(flow: ReturnFlow, proof: dict[str, str], *, at: datetime) -> None:
    """Nothing is waited for any more."""
    drop(flow_subject(flow), at=at)
    clear_items(tuple(KINDS.values()), subjects=[flow_subject(flow)], proof=proof, at=at)


def proof_of(flow: ReturnFlow, *, at: datetime) -> dict[str, str]:
    """The three sides, and what a person decided."""
    decided = {name.replace("_", " "): str(each.get("note") or each.get("what") or "yes") for name, each in flow.decisions.items()}
    return {**sides_in_words(flow), **decided, "seen": at.isoformat()}


def sides_in_words(flow: ReturnFlow) -> dict[str, str]:
    """Authorised, goods and money, shown together in every case."""
    looked = f" ({flow.sellable or 0} sellable, {flow.damaged or 0} damaged)" if flow.sellable is not None or flow.damaged is not None else ""
    money = f"{flow.refunded:.2f} of {flow.owed:.2f} {flow.currency} owed" if flow.owed else f"{flow.refunded:.2f} {flow.currency}".strip()
    return {
        "authorised": f"{flow.authorised} of {flow.sold} sold" + (f", {flow.rma}" if flow.rma else ""),
        "goods back": f"{flow.received}{looked}",
        "money back": money,
    }


def entry(flow: ReturnFlow) -> CaseEntry:
    """The flow as an item of a case: found by its order, its RMA and its SKU."""
    value = {FlowState.REFUND_DUE: flow.left_to_refund, FlowState.GOODS_MISSING: flow.refunded}.get(FlowState(flow.state), flow.paid)
    since = {FlowState.GOODS_MISSING: flow.refunded_at}.get(FlowState(flow.state), flow.received_at) or flow.began_at
    return CaseEntry(
        subject=flow_subject(flow),
        label=flow.number or flow.rma or flow.sku,
        at=since,
        value=value if flow.currency else None,
        currency=flow.currency,
        units=flow.received or flow.authorised,
        customer=complaints.customer(flow.order) if flow.order else "",
        channel=flow.connection.name,
        keys=tuple(word for word in (flow.sku, flow.rma) if word),
    )


def raise_flow(row: Expectation, at: datetime) -> None:
    """The clock has run out: the case, if the ledger still says so."""
    flows = ReturnFlow.objects.select_related("order", "order__connection", "integration", "connection")
    flow = flows.filter(pk=subject_pk(row.subject)).first()
    if flow is not None and flow.state in WAITS and WAITS[flow.state][0] == row.kind:
        complain(flow, at=at)


def complain(flow: ReturnFlow, *, at: datetime, why: str = "") -> None:
    """E25, E26 or E27, with the three sides together."""
    if flow.state not in WAITS:
        return
    open_case(
        WAITS[flow.state][1],
        fingerprint=flow_subject(flow),
        cause=f"{CAUSES[flow.state](flow)} {why}".strip(),
        items=[entry(flow)],
        connection=flow.connection,
        integration=flow.integration,
        evidence=sides_in_words(flow),
        waiting_for=flow_subject(flow),
        at=at,
    )


def nobody_authorised(flow: ReturnFlow) -> str:
    if flow.order is None:
        whose = f"that calls itself {flow.number}" if flow.number else "without a known order"
        return f"{flow.received} × {flow.sku} came back in a return {whose}. No sale here fits it."
    extra = flow.received - flow.authorised
    told = f"Order {flow.number}: {extra} × {flow.sku} came back, and {flow.connection} has authorised no return of it."
    return f"{told} No money goes back for it by itself."


def money_due(flow: ReturnFlow) -> str:
    return (
        f"Order {flow.number}: {flow.received} × {flow.sku} came back, and {flow.left_to_refund:.2f} {flow.currency} have not gone back. "
        "The longer it takes, the likelier a chargeback."
    )


def goods_due(flow: ReturnFlow) -> str:
    what = f"{flow.received or 'nothing'} of {flow.sku or 'the goods'}"
    return f"Order {flow.number}: {flow.refunded:.2f} {flow.currency} went back, and {what} came back for it."


CAUSES = {
    FlowState.UNAUTHORISED.value: nobody_authorised,
    FlowState.REFUND_DUE.value: money_due,
    FlowState.GOODS_MISSING.value: goods_due,
}
