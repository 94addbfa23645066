"""Reads what a poll kept of a run, a flow or a remembered key, and what a flow reports of itself."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from connectors.canonical import Deduped, Flow, FlowFault, FlowRun, RunState
from connectors.errors import ContractError
from connectors.patchworks.redacting import clean
from connectors.patchworks.settings import Settings
from connectors.reading import load, moment, moment_or_none, need, text

Row = Mapping[str, Any]
RUNS, FLOWS, DEDUPED, EVENTS = "runs", "flows", "deduped", "run_events"
STATES = {  # their number (or word) -> ours
    "1": RunState.STARTED,
    "2": RunState.SUCCEEDED,
    "3": RunState.FAILED,
    "4": RunState.STOPPED,
    "5": RunState.PARTIAL,
    "STARTED": RunState.STARTED,
    "SUCCESS": RunState.SUCCEEDED,
    "FAILURE": RunState.FAILED,
    "STOPPED": RunState.STOPPED,
    "PARTIAL_SUCCESS": RunState.PARTIAL,
}
TROUBLE = (RunState.FAILED, RunState.PARTIAL)
LEVELS = {"WARN": "WARNING", "300": "WARNING", "400": "ERROR", "500": "FATAL", "3": "ERROR", "4": "FATAL", "CRITICAL": "FATAL"}
BAD = ("ERROR", "FATAL")
KEYS = ("externalId", "external_id", "orderExternalId", "order_external_id", "order_id", "orderId", "id", "number", "name", "sku")
IN_WORDS = re.compile(r"\b(?:order|sku|shipment|record|external_?id|id)\b[\s:#='\"]*([A-Za-z0-9][\w#./-]{1,60})", re.IGNORECASE)
MOST_RECORDS = 500


def state_of(run: Row) -> RunState:
    return STATES.get(text(run.get("status")).upper(), RunState.UNKNOWN)


def flow_id(run: Row) -> str:
    inside = run.get("flow")
    return text(run.get("flow_id")) or (text(inside.get("id")) if isinstance(inside, Mapping) else "")


def name_of(run: Row) -> str:
    inside = run.get("flow")
    if not isinstance(inside, Mapping):
        return ""
    attributes = inside.get("attributes")
    return text(inside.get("name")) or (text(attributes.get("name")) if isinstance(attributes, Mapping) else "")


def level_of(log: Row) -> str:
    word = text(log.get("log_level")).upper()
    return LEVELS.get(word, word)


def parse_run(body: bytes, settings: Settings) -> FlowRun:
    kept = load(body, what="run of a flow")
    run = kept.get("run")
    if not isinstance(run, dict):
        raise ContractError("The run of a flow is not one object.")
    reference = text(need(run, "id", what="run of a flow"))
    began = run.get("started_at") or run.get("created_at")
    started_at = moment(began, what=f"start of run {reference}")
    payloads = {text(one.get("id")): text(one.get("body")) for one in kept.get("payloads") or () if isinstance(one, dict)}
    state = state_of(run)
    return FlowRun(
        reference=reference,
        flow=settings.flow(flow_id(run), name_of(run)),
        state=state,
        started_at=started_at,
        ended_at=moment_or_none(run.get("finished_at"), what=f"end of run {reference}"),
        trigger=text(run.get("trigger")),
        summary=clean(text(run.get("summary"))),
        has_warnings=bool(run.get("has_warnings")),
        alerts=settings.alerts,
        retries=text(run.get("retry_flow_run_id")),
        faults=faults_of(kept.get("logs") or (), payloads, text(run.get("summary"))) if state in TROUBLE or run.get("has_warnings") else (),
        records=tuple(sorted({key for one in payloads.values() for key in keys_in(one)}))[:MOST_RECORDS],
        link=settings.run_link(reference),
    )


def faults_of(logs: Iterable[Row], payloads: dict[str, str], summary: str) -> tuple[FlowFault, ...]:
    """A fault for each distinct thing that an error says; the summary where the logs say nothing."""
    found: dict[tuple[str, str, str], FlowFault] = {}
    told = [log for log in logs if isinstance(log, Mapping)]
    last = next(reversed(payloads.values()), "")
    for log in [log for log in told if level_of(log) in BAD] or [log for log in told if level_of(log) == "WARNING"]:
        message = clean(text(log.get("log_message")))[:1000]
        named = text(log.get("payload_metadata_id"))
        payload = payloads.get(named, "") if named else last  # a failing step may have kept nothing: what came last was what it was given
        step = step_of(log)
        for record in records_of(message, payload):
            found.setdefault((step, normalised(message, record), record), FlowFault(message, step, record, level_of(log), payload))
    if found:
        return tuple(found.values())
    only = next(iter(payloads.values()), "") if len(payloads) == 1 else ""
    return tuple(FlowFault(clean(summary), record=record, payload=only) for record in records_of(summary, only))


def step_of(log: Row) -> str:
    inside = log.get("flow_step") or log.get("flowStep")
    name = text(inside.get("name")) if isinstance(inside, Mapping) else ""
    return name or text(log.get("flow_step_id"))


def records_of(message: str, payload: str) -> tuple[str, ...]:
    """The records a message is about: those of its payload that it names, the payload's only one, else what it names itself."""
    keys = keys_in(payload)
    named = tuple(key for key in keys if is_named(key, message))
    if named or len(keys) == 1:
        return named or keys
    found = IN_WORDS.search(message)
    if found and any(letter.isdigit() for letter in found[1]):
        return (found[1].rstrip("./-"),)
    return ("",)


def is_named(key: str, message: str) -> bool:
    return re.search(rf"(?<![\w-]){re.escape(key)}(?![\w-])", message) is not None


def keys_in(payload: str) -> tuple[str, ...]:
    """What the records of a payload are known by, in the payload's order."""
    try:
        told = json.loads(payload) if payload else None
    except (ValueError, RecursionError):
        return ()
    rows = told if isinstance(told, list) else [told]
    if isinstance(told, dict):
        lists = [value for name, value in told.items() if isinstance(value, list) and name in ("data", "orders", "items", "results", "records")]
        rows = lists[0] if lists else rows
    return tuple(dict.fromkeys(key for row in rows if isinstance(row, dict) and (key := key_of(row))))


def key_of(row: Row) -> str:
    ours = row.get("_portal")
    if isinstance(ours, Mapping) and text(ours.get("correlation_id")):
        return text(ours.get("correlation_id"))
    return next((text(row.get(name)) for name in KEYS if text(row.get(name))), "")


def normalised(message: str, record: str = "") -> str:
    """The same complaint about another record reads the same."""
    plain = message.replace(record, "…") if len(record) > 1 else message
    plain = re.sub(r"\b[0-9A-HJKMNP-TV-Z]{26}\b|\b[0-9a-f]{8,}(?:-[0-9a-f]{4,})*\b", "…", plain)
    plain = re.sub(r"(?<!\[)\b\d{4,}\b", "…", plain)
    return re.sub(r"\s+", " ", plain).strip().lower()[:160]


def parse_event(body: bytes, settings: Settings) -> FlowRun:
    """The optional last step of a flow: it says how its run went."""
    kept = load(body, what="report of a run")
    item = kept.get("item") if isinstance(kept.get("item"), dict) else kept
    assert isinstance(item, dict)
    at = moment(need(kept, "received_at", what="report of a run"), what="moment of the report")
    reference = text(need(item, "run_id", what="report of a run"))
    raw = item.get("counts")
    counts = {str(name): int(value) for name, value in raw.items() if isinstance(value, int)} if isinstance(raw, dict) else {}
    message = clean(text(item.get("message")))
    lost = counts.get("in", 0) - counts["ok"] - counts.get("failed", 0) if "ok" in counts else 0
    state = RunState.FAILED if item.get("event") == "failed" else RunState.PARTIAL if counts.get("failed") or lost > 0 else RunState.SUCCEEDED
    if lost > 0:
        message = f"{message} {lost} of {counts['in']} records are not accounted for.".strip()
    said = message or "The flow reported a failure."
    faults = tuple(FlowFault(said, record=record) for record in records_of(message, "")) if state in TROUBLE else ()
    flow = settings.flow(text(item.get("flow_id")), "")
    return FlowRun(
        reference, flow, state, at, at, summary=message, faults=faults, counts=counts, told_by_flow=True, link=settings.run_link(reference)
    )  # fmt: skip


def parse_flow(body: bytes, settings: Settings) -> Flow:
    flow = load(body, what="flow")
    reference = text(need(flow, "id", what="flow"))
    state = text(flow.get("status"))
    live = flow.get("deployed_version") or flow.get("deployedVersion")
    deployed = state.lower() == "deployed" if state else bool(live)
    return settings.flow(reference, text(flow.get("name")), enabled=flow.get("is_enabled") is not False, deployed=deployed, state=state)


def parse_deduped(body: bytes) -> Deduped:
    kept = load(body, what="remembered key")
    return Deduped(text(kept.get("pool")), text(need(kept, "key", what="remembered key")), text(kept.get("resource")), when(kept.get("at")))


def when(value: Any) -> datetime | None:
    return moment_or_none(value, what="moment of a remembered key")
