"""What a flow's runs, and its silence, are as cases: whose they are, what they concern, and what shows that they are over (R29, R41, R64).

The same complaint of the same step is one case, with an item for each record it concerns.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Q

from connectors import canonical
from connectors.canonical import FlowRole, RunState
from exceptions.cases import CaseEntry, clear_items, open_case
from exceptions.kinds import Severity
from portal.ledger.expect import Expected, met
from portal.ledger.models import Expectation, SalesOrder, Shipment, StockPublication
from portal.sync.flow_models import Flow, FlowRun
from portal.sync.flow_words import normalised
from portal.sync.subjects import order_subject, shipment_subject, stock_subject, subject_pk

KINDS = {
    FlowRole.ORDERS_IN: "E04",
    FlowRole.DESPATCH_OUT: "E18",
    FlowRole.STOCK_OUT: "E21",
    FlowRole.RETURNS_IN: "E25",
    FlowRole.OTHER: "E32",
}
EVERY_KIND = tuple(dict.fromkeys(KINDS.values()))
FOLLOWS = {
    FlowRole.ORDERS_IN: "What it carried may not have reached us.",
    FlowRole.DESPATCH_OUT: "The shop may not show the dispatch, and the customer has not been told.",
    FlowRole.STOCK_OUT: "The shop may show old stock.",
    FlowRole.RETURNS_IN: "A return may not have reached the warehouse.",
    FlowRole.OTHER: "",
}
RUN, OFF, RECORD = "flowrun:", "flowoff:", "record:"
FLOW_SUBJECTS = (RUN, OFF, RECORD)
PAYLOAD_SHOWN = 8000


def raise_faults(run: FlowRun, seen: canonical.FlowRun, *, at: datetime) -> None:
    """A case for each distinct complaint; the records it concerns are its items."""
    groups: dict[tuple[str, str], list[canonical.FlowFault]] = {}
    for fault in seen.faults or (canonical.FlowFault(seen.summary or "It gave no reason."),):
        groups.setdefault((fault.step, normalised(fault.message, fault.record)), []).append(fault)
    for (step, words), faults in groups.items():
        raise_group(run, faults, step=step, words=words, at=at)


def raise_group(run: FlowRun, faults: Sequence[canonical.FlowFault], *, step: str, words: str, at: datetime) -> None:
    flow, first = run.flow, faults[0]
    role = FlowRole(flow.role)
    partly = "was done only in part" if run.state == RunState.PARTIAL else "failed" if run.state == RunState.FAILED else "gave a warning"
    digest = hashlib.sha256(f"{step}|{words}".encode()).hexdigest()[:24]
    open_case(
        KINDS[role],
        fingerprint=f"flow:{flow.pk}:{digest}",
        cause=f"The flow “{flow}” {partly}: {first.message or 'it gave no reason.'}",
        consequence=FOLLOWS[role],
        items=[CaseEntry(subject_of(run, fault.record), label_of(run, fault.record), run.started_at) for fault in faults],
        connection=run.connection,
        evidence=evidence_of(run, faults),
        severity=None if run.state in (RunState.FAILED, RunState.PARTIAL) else Severity.S3,
        at=at,
    )


def evidence_of(run: FlowRun, faults: Sequence[canonical.FlowFault]) -> dict[str, Any]:
    """What the platform forgets within days: the message, the step and the payload without people."""
    first = faults[0]
    return {
        "flow": run.flow.name,
        "run": run.reference,
        "run_row": run.pk,
        "trigger": run.trigger,
        "state": run.state,
        "step": first.step,
        "message": first.message,
        "records": [fault.record for fault in faults if fault.record][:50],
        "payload": first.payload[:PAYLOAD_SHOWN],
        "page": run.link,
    }


def label_of(run: FlowRun, record: str) -> str:
    return record or f"run {run.reference}"


def subject_of(run: FlowRun, record: str) -> str:
    """The thing of ours that the record is; else the record by its own key; else the run as a whole."""
    found = ours(run, record)
    if found:
        return found
    return record_subject(run, record) if record else f"{RUN}{run.pk}"


def record_subject(run: FlowRun, record: str) -> str:
    return f"{RECORD}{run.connection_id}:{run.flow.role}:{record}"[:120]


def ours(run: FlowRun, record: str) -> str:
    if run.flow.role == FlowRole.DESPATCH_OUT:
        return dispatched_as(run, record)
    if run.flow.role == FlowRole.STOCK_OUT and record:
        rows = list(StockPublication.objects.filter(connection=run.connection_id, sku=record)[:2])
        return stock_subject(rows[0]) if len(rows) == 1 else ""
    if run.flow.role == FlowRole.ORDERS_IN and record:
        order = orders_named(run.connection_id, [record]).first()
        return order_subject(order) if order is not None else ""
    return ""


def dispatched_as(run: FlowRun, record: str) -> str:
    """The shipment: the one this run was started for, else the only one that goes by this key."""
    shipments = Shipment.objects.filter(order__connection=run.connection_id, cancelled_at=None)
    found = list(shipments.filter(channel_reference=run.reference)[:2])
    if len(found) != 1 and record:
        by_key = Q(reference=record) | Q(order__reference=record) | Q(order__number=record)
        by_key |= Q(pk=int(record)) if record.isdecimal() and len(record) < 12 else Q()
        tail = record.split("-", 2)
        if len(tail) == 3 and tail[1].isdecimal():  # our own handle: system, account, reference
            by_key |= Q(connection=int(tail[1]), reference=tail[2])
        found = list(shipments.filter(by_key)[:2])
    return shipment_subject(found[0]) if len(found) == 1 else ""


def orders_named(connection_id: int, names: Iterable[str]) -> Any:
    wanted = list(names)
    return SalesOrder.objects.filter(Q(reference__in=wanted) | Q(number__in=wanted), connection=connection_id)


def arrived(order: SalesOrder, *, at: datetime) -> None:
    """The order was handed in: whatever a flow failed to do with it before has been made good."""
    subjects = [f"{RECORD}{order.connection_id}:{FlowRole.ORDERS_IN}:{name}"[:120] for name in {order.reference, order.number}]
    for subject in subjects:
        met(Expected.HANDED_IN, subject, at=at)
    clear_items(EVERY_KIND, subjects=subjects, proof={"handed in": order.number, "received": at.isoformat()}, at=at)


def handled(run: FlowRun, seen: canonical.FlowRun, *, at: datetime) -> None:
    """What this run shows to be over: the run it repeats, and earlier complaints about records it has handled."""
    failed = {fault.record for fault in seen.faults}
    subjects = {record_subject(run, one) for one in seen.records if one not in failed}
    if run.state == RunState.SUCCEEDED and run.retries:
        first = FlowRun.objects.filter(connection=run.connection_id, reference=run.retries).first()
        subjects |= subjects_of_run(first) if first is not None else set()
    if run.state == RunState.SUCCEEDED and run.trigger.lower() == "schedule":  # it takes up what the last one left
        earlier = run.flow.runs.filter(trigger__iexact="schedule", started_at__lt=run.started_at).exclude(state=RunState.SUCCEEDED)
        subjects |= {f"{RUN}{pk}" for pk in earlier.order_by("-started_at").values_list("pk", flat=True)[:200]}
    if subjects:
        proof = {"flow": run.flow.name, "run that handled it": run.reference, "ended": at.isoformat()}
        clear_items(EVERY_KIND, subjects=subjects, proof=proof, at=at)


def subjects_of_run(run: FlowRun) -> set[str]:
    """The run itself, and the records its cases were about that are nothing of ours (what is ours is proven by the ledger)."""
    from exceptions.models import CaseItem

    items = CaseItem.objects.filter(cleared_at=None, case__is_open=True, case__evidence__run=run.reference, case__connection=run.connection_id)
    return {f"{RUN}{run.pk}", *items.filter(subject__startswith=RECORD).values_list("subject", flat=True)}


def stopped(run: FlowRun, *, at: datetime) -> None:
    """Somebody stopped it: good to know, and a run that ends well is enough to close it."""
    evidence = {"flow": run.flow.name, "run": run.reference, "run_row": run.pk, "state": run.state, "page": run.link}
    open_case(
        "E32",
        fingerprint=f"flow-stopped:{run.flow_id}",
        cause=f"Somebody stopped a run of the flow “{run.flow}” in {run.connection}.",
        items=[CaseEntry(f"{RUN}{run.pk}", str(run), run.started_at)],
        connection=run.connection,
        evidence=evidence,
        severity=Severity.S4,
        at=at,
    )


def switched(flow: Flow, *, at: datetime) -> None:
    """A flow that the settings name is off, or on again."""
    subject = f"{OFF}{flow.pk}"
    if not flow.is_off:
        clear_items("E32", subjects=[subject], proof={"flow": flow.name, "seen enabled and deployed": at.isoformat()}, at=at)
        return
    if not flow.named:
        return
    why = "is not enabled" if not flow.enabled else f"is not deployed ({flow.vendor_state or 'no version'})"
    open_case(
        "E32",
        fingerprint=f"flow-off:{flow.pk}",
        cause=f"The flow “{flow}” in {flow.connection} {why}, so it does not run. {FOLLOWS[FlowRole(flow.role)]}".strip(),
        items=[CaseEntry(subject, flow.name, at)],
        connection=flow.connection,
        evidence={"flow": flow.name, "state": flow.vendor_state, "enabled": flow.enabled, "page": flow.link},
        at=at,
    )


def stuck(row: Expectation, at: datetime) -> None:
    """E32: a run that should have ended long ago."""
    run = FlowRun.objects.select_related("flow", "connection").filter(pk=subject_pk(row.subject)).first()
    if run is None or run.has_ended:
        return
    minutes = round((at - run.started_at).total_seconds() / 60)
    open_case(
        "E32",
        fingerprint=f"flow-stuck:{run.flow_id}",
        cause=f"A run of the flow “{run.flow}” in {run.connection} has gone on for {minutes} minutes. {FOLLOWS[FlowRole(run.flow.role)]}".strip(),
        items=[CaseEntry(row.subject, str(run), run.started_at)],
        connection=run.connection,
        evidence={"flow": run.flow.name, "run": run.reference, "run_row": run.pk, "state": run.state, "page": run.link},
        at=at,
    )


def swallowed(row: Expectation, at: datetime) -> None:
    """E04: de-duplication counts the record as handled, and it never reached us; it will not come again by itself."""
    key, connection = row.subject.split(":", 3)[3], row.connection
    if connection is None or orders_named(connection.pk, [key]).exists():
        return
    open_case(
        "E04",
        fingerprint=f"swallowed:{connection.pk}",
        cause=f"A flow in {connection} counts records as handled that never reached us, so it will skip them from now on.",
        consequence="Hand them in again, or take their keys out of the data pool.",
        items=[CaseEntry(row.subject, key, row.created_at)],
        connection=connection,
        evidence={"key": key, "seen in the data pool": row.created_at.isoformat()},
        at=at,
    )
