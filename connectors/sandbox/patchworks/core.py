"""The Core API: flows, runs, logs, payloads, pools and retries."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Blueprint, Response, jsonify, request

from connectors.sandbox.patchworks.auth import Refused, invalid
from connectors.sandbox.patchworks.models import LEVELS, Doc, Flow, Log, Payload, Run, Status, Step
from connectors.sandbox.patchworks.running import begin, told
from connectors.sandbox.patchworks.store import State, iso, state

bp = Blueprint("patchworks_core", __name__, url_prefix="/core/api/v1")
USUAL = 50
SORTS = ("started_at", "-started_at", "id", "-id", "finished_at", "-finished_at", "created_at", "-created_at")
ENVIRONMENT = "virtual_environment_id"


def words(name: str) -> list[str]:
    return [word.strip() for word in request.args.get(name, "").split(",") if word.strip()]


def number(name: str, default: int) -> int:
    sent = request.args.get(name, "")
    if sent and not sent.isdecimal():
        raise invalid(name, f"The {name} must be an integer.")
    return max(1, int(sent)) if sent else default


def page_asked(here: State) -> tuple[int, int]:
    size, most = number("per_page", USUAL), here.settings.most_per_page
    if size > most and here.settings.over_per_page == "refuse":
        raise invalid("per_page", f"The per page may not be greater than {most}.")
    return number("page", 1), min(size, most)


def shaped(kind: str, facts: Doc, included: Doc) -> Doc:
    """Flat, or with `attributes`."""
    if state().settings.form == "flat":
        return facts | included
    attributes = {name: value for name, value in facts.items() if name != "id"}
    relations = {name: {"data": {"type": name, "id": str(value.get("id"))}} for name, value in included.items() if isinstance(value, dict)}
    return {"id": facts["id"], "type": kind, "attributes": attributes, "relationships": relations, **included}


def listed(rows: Sequence[Any], view: Callable[[Any], Doc]) -> Response:
    here = state()
    page, size = page_asked(here)
    last = max(1, -(-len(rows) // size))
    base = request.base_url
    links = {"first": f"{base}?page=1", "last": f"{base}?page={last}", "prev": None, "next": f"{base}?page={page + 1}" if page < last else None}
    meta = {"current_page": page, "last_page": last, "per_page": size, "total": len(rows)}
    return jsonify(data=[view(row) for row in rows[(page - 1) * size : page * size]], links=links, meta=meta)


@bp.get("/flows")
def flows() -> Response:
    here = state()
    with here.bench.lock:
        return listed(list(here.flows.values()), flow_view)


def flow_or_404(here: State, id: str) -> Flow:
    found = here.flows.get(int(id)) if id.isdecimal() else None
    if found is None:
        raise Refused(404)
    return found


@bp.get("/flows/<id>")
def flow(id: str) -> Response:
    here = state()
    with here.bench.lock:
        return jsonify(data=flow_view(flow_or_404(here, id)))


def flow_view(row: Flow) -> Doc:
    here = state()
    facts: Doc = {
        "id": row.id,
        "name": row.name,
        "description": row.description,
        "status": row.status,
        "is_enabled": row.enabled,
        "enabled_at": iso(row.deployed_at) if row.enabled else None,
        "deployed_at": iso(row.deployed_at),
        "labels": row.labels,
    }
    version = {"id": row.version_id, "flow_id": row.id, "status": row.status} if row.version_id else None
    included: Doc = {}
    for name in words("include"):
        if name in ("deployedVersion", "latestVersion", "currentVersion"):
            included[snake(name)] = version
        elif name in ("webhooks", "callbacks"):
            made = row.webhook if name == "webhooks" else row.callback
            included[name] = [{"id": made.id, "url": f"/{name}/api/v1/{here.company}/{made.id}"}] if made else []
        elif name == "notificationGroups":
            included["notification_groups"] = []
    return shaped("flows", facts, included)


def snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)


@bp.get("/flow-versions/<int:version_id>/steps")
def steps(version_id: int) -> Response:
    here = state()
    with here.bench.lock:
        found = next((each for each in here.flows.values() if each.version_id == version_id), None)
        if found is None:
            raise Refused(404)
        return listed(found.steps, step_view)


def step_view(row: Step) -> Doc:
    return shaped("flow-steps", {"id": row.id, "name": row.name, "type": row.does}, {})


@bp.get("/scheduled-flows")
def scheduled() -> Response:
    here = state()
    with here.bench.lock:
        rows = [each for each in here.flows.values() if each.every_s]
        return listed(rows, lambda row: shaped("scheduled-flows", {"id": row.id, "flow_id": row.id, "next_run_at": iso(row.next_at)}, {}))


@bp.get("/flow-runs")
def runs() -> Response:
    here = state()
    with here.bench.lock:
        return listed(matching(here), run_view)


def matching(here: State) -> list[Run]:
    sort = request.args.get("sort", "-started_at")
    if sort not in SORTS:
        raise Refused(400, f"Requested sort(s) `{sort.lstrip('-')}` is not allowed.")
    after, before = moment("filter[started_after]", here), moment("filter[started_before]", here)
    checks = filters(here)
    found = []
    for key, at in here.started.walk(least=after, reverse=sort.startswith("-")):
        run = here.runs[here.by_number[at]]
        if (before is None or key <= before) and all(check(run) for check in checks):
            found.append(run)
    if "finished_at" in sort:
        found.sort(key=lambda run: run.finished_at or here.now(), reverse=sort.startswith("-"))
    return found


def filters(here: State) -> list[Callable[[Run], bool]]:
    read: dict[str, Callable[[Run], Any]] = {
        "status": lambda run: int(run.status),
        "flow_id": lambda run: run.flow_id,
        "flow_version_id": lambda run: run.version_id,
        "trigger": lambda run: run.trigger,
        ENVIRONMENT: lambda run: run.environment,
        "has_warnings": lambda run: str(run.has_warnings).lower(),
        "retried": lambda run: str(run.retried_by is not None).lower(),
    }
    checks: list[Callable[[Run], bool]] = []
    for name, value in read.items():
        wanted = words(f"filter[{name}]")
        if wanted:
            checks.append(lambda run, value=value, wanted=wanted: str(value(run)) in wanted)  # type: ignore[misc]
    search = request.args.get("filter[search]", "").lower()
    if search:
        checks.append(lambda run: search in run.id.lower() or search in (run.summary or "").lower() or search in here.flows[run.flow_id].name.lower())
    return checks


def moment(name: str, here: State) -> datetime | None:
    """Epoch milliseconds; other forms only where the settings say so."""
    sent = request.args.get(name, "")
    if not sent:
        return None
    if sent.isdecimal():
        return datetime.fromtimestamp(int(sent) / 1000, UTC)
    if here.settings.date_filter == "any":
        try:
            found = datetime.fromisoformat(sent.replace(" ", "+"))
            return found if found.tzinfo else found.replace(tzinfo=UTC)
        except ValueError:
            pass
    raise invalid(name, "The filter must be a timestamp in milliseconds.")


def run_or_404(here: State, id: str) -> Run:
    found = here.runs.get(id)
    if found is None:
        raise Refused(404)
    return found


@bp.get("/flow-runs/<id>")
def run(id: str) -> Response:
    here = state()
    with here.bench.lock:
        return jsonify(data=run_view(run_or_404(here, id)))


def run_view(row: Run) -> Doc:
    here = state()
    taken = (row.finished_at - row.started_at).total_seconds() if row.finished_at else None
    facts: Doc = {
        "id": row.id if not here.settings.integer_ids else int(row.id),
        "flow_id": row.flow_id,
        "flow_version_id": row.version_id,
        "status": int(row.status),
        "trigger": row.trigger,
        "summary": row.summary,
        "has_warnings": row.has_warnings,
        "started_at": iso(row.started_at),
        "finished_at": iso(row.finished_at),
        "duration": None if taken is None else int(taken * 1000),
        "created_at": iso(row.started_at),
        "updated_at": iso(row.finished_at or row.started_at),
        "retry_flow_run_id": row.retry_of,
        ENVIRONMENT: row.environment,
    }
    return shaped("flow-runs", facts, included_with(here, row))


def flow_told(here: State, row: Run) -> Doc:
    owner = here.flows[row.flow_id]
    facts = {"id": owner.id, "name": owner.name, "status": owner.status, "is_enabled": owner.enabled}
    only = words("fields[flow]")
    return {key: value for key, value in facts.items() if not only or key in only}


# What `include=` may name, the key it is told under, and the thing itself.
INCLUDED: dict[str, tuple[str, Callable[[State, Run], Any]]] = {
    "flow": ("flow", flow_told),
    "flowVersion": ("flow_version", lambda here, row: {"id": row.version_id, "flow_id": row.flow_id}),
    "payloadSize": ("payload_size", lambda here, row: sum(len(here.payloads[id].body) for id in row.payload_ids if id in here.payloads)),
    "retriedFlowRun": ("retried_flow_run", lambda here, row: {"id": row.retry_of} if row.retry_of else None),
}


def included_with(here: State, row: Run) -> Doc:
    return {INCLUDED[name][0]: INCLUDED[name][1](here, row) for name in words("include") if name in INCLUDED}


@bp.get("/flow-runs/<id>/flow-run-logs")
def logs(id: str) -> Response:
    """Kept for a week."""
    here = state()
    with here.bench.lock:
        owner = run_or_404(here, id)
        oldest = here.now() - timedelta(seconds=here.settings.log_life_s)
        rows = [each for each in owner.logs if each.at >= oldest]
        if request.args.get("sort", "id").startswith("-"):
            rows.reverse()
        names = {step.id: step.name for step in here.flows[owner.flow_id].steps}
        return listed(rows, lambda row: log_view(here, row, names))


def log_view(here: State, row: Log, names: dict[int, str]) -> Doc:
    levels: dict[str, Any] = {"upper": row.level, "lower": row.level.lower(), "number": LEVELS[row.level]}
    facts = {"id": row.id, "log_level": levels[here.settings.log_levels], "log_message": row.message, "flow_step_id": row.step_id}
    facts |= {"created_at": iso(row.at)}
    if request.args.get("load_payload_ids") in ("true", "1"):
        facts |= {"payload_metadata_id": row.payload_id}
    step = {"flow_step": {"id": row.step_id, "name": names.get(row.step_id, "")}} if "flowStep" in request.query_string.decode() else {}
    return shaped("flow-run-logs", facts, step)


@bp.get("/payload-metadata")
def payloads() -> Response:
    here = state()
    with here.bench.lock:
        runs_asked, steps_asked = words("filter[flow_run_id]"), words("filter[flow_step_id]")
        ids = [id for each in runs_asked for id in here.runs[each].payload_ids if each in here.runs] if runs_asked else list(here.payloads)
        rows = [found for found in map(here.payload, ids) if found and (not steps_asked or str(found.step_id) in steps_asked)]
        return listed(rows, payload_view)


def payload_view(row: Payload) -> Doc:
    facts = {"id": row.id, "flow_run_id": row.run_id, "flow_step_id": row.step_id, "size": len(row.body), "created_at": iso(row.at)}
    return shaped("payload-metadata", facts, {})


@bp.get("/payload-metadata/<int:id>/download")
def download(id: int) -> Response:
    """The raw bytes, for 72 hours."""
    here = state()
    with here.bench.lock:
        found = here.payload(id)
    if found is None:
        raise Refused(404)
    kind = "application/json" if found.body[:1] in (b"{", b"[") else "text/plain"
    return Response(found.body, mimetype=kind)


@bp.post("/flow-runs/<id>/retry")
def retry(id: str) -> Response:
    """The same stored payload again, whatever became of it the first time."""
    here = state()
    if here.settings.retry_status:
        raise Refused(here.settings.retry_status)
    with here.bench.lock:
        first = run_or_404(here, id)
        owner = here.flows[first.flow_id]
        if first.status is Status.STARTED:
            raise invalid("flow_run", "The flow run has not finished.")
        if first.started_at < here.now() - timedelta(seconds=here.settings.payload_life_s):
            raise invalid("flow_run", "The payload of this flow run is no longer available.")
        made = begin(here, owner, trigger="Retry", given=first.given, retry_of=first.id, environment=first.environment)
        first.retried_by = made.id
    return jsonify(told("Flow run retried.", made, here.settings.run_id_key))


@bp.get("/data-pool")
def pools() -> Response:
    here = state()
    with here.bench.lock:
        return listed(list(here.pools.values()), lambda row: shaped("data-pools", {"id": row.id, "name": row.name}, {}))


@bp.get("/data-pool/<int:id>")
def pool(id: int) -> Response:
    here = state()
    with here.bench.lock:
        if id not in here.pools:
            raise Refused(404)
        return jsonify(data=shaped("data-pools", {"id": id, "name": here.pools[id].name}, {}))


@bp.get("/data-pool/<int:id>/deduped-data")
def tracked(id: int) -> Response:
    here = state()
    with here.bench.lock:
        if id not in here.pools:
            raise Refused(404)
        rows = [
            {"id": at, "key": key, "flow_run_id": run, "created_at": iso(when)}
            for at, (key, (when, run)) in enumerate(here.pools[id].tracked.items(), 1)
        ]
        return listed(rows, lambda row: shaped("deduped-data", row, {}))
