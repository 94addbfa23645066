"""The simulator's own endpoints: flows made and sabotaged, run and switched off, the systems they reach, seed, summary, reset."""

from __future__ import annotations

import json
import time
from dataclasses import fields
from datetime import timedelta

from flask import Blueprint, Response, jsonify, request

from connectors.sandbox.kit import ADMIN
from connectors.sandbox.patchworks.models import Doc, Flow, Sabotage, Status
from connectors.sandbox.patchworks.running import begin
from connectors.sandbox.patchworks.seed import add_flow, seed_demo
from connectors.sandbox.patchworks.shapes import MANNERS
from connectors.sandbox.patchworks.store import Instance, State, any_of, state
from connectors.sandbox.patchworks.summary import run_told, summary
from connectors.sandbox.patchworks.work import POLL_S

bp = Blueprint("patchworks_control", __name__, url_prefix=ADMIN)
LONGEST_S = 120.0


@bp.errorhandler(ValueError)
@bp.errorhandler(KeyError)
@bp.errorhandler(TypeError)
def misused(error: Exception) -> tuple[Response, int]:
    return jsonify(error=f"{type(error).__name__}: {error}"), 400


def asked() -> Doc:
    body = request.get_json(force=True) if request.get_data() else {}
    if not isinstance(body, dict):
        raise ValueError("the body is not an object")
    return body


def flow_named(here: State, reference: str) -> Flow:
    """A flow by its number or its name."""
    if reference.isdecimal():
        return here.flows[int(reference)]
    found: Flow = any_of(here.flows, reference)
    return found


def shown(here: State, flow: Flow) -> Doc:
    """A flow with the secret addresses of its triggers."""
    facts: Doc = {"id": flow.id, "name": flow.name, "status": flow.status, "enabled": flow.enabled, "version_id": flow.version_id}
    for kind, made in (("webhook", flow.webhook), ("callback", flow.callback)):
        if made is not None:
            facts[kind] = f"/{kind}s/api/v1/{here.company}/{made.id}?patchworks_signature={made.signature}"
    return facts


@bp.post("/reset")
def reset() -> Response:
    """An empty company; settings, the systems it reaches, clock and faults stay."""
    here = state()
    with here.bench.lock:
        here.clear()
    return Response("", 204)


@bp.post("/seed-demo")
def demo() -> tuple[Response, int]:
    """Reset and seed. Body, all optional: `every_s` (the schedule of the shop's flows), `portal`, `shopify` ({url, token})."""
    here, wanted = state(), asked()
    with here.bench.lock:
        here.clear()
        set_instances(here, {name: wanted[name] for name in here.instances if name in wanted})
        return jsonify(seed_demo(here, every_s=float(wanted.get("every_s", 0)))), 201


@bp.get("/summary")
def counts() -> Response:
    here = state()
    with here.bench.lock:
        return jsonify(summary(here))


@bp.post("/settings")
def change_settings() -> Response:
    here = state()
    here.settings.change(asked())
    return jsonify(vars(here.settings))


@bp.post("/instances")
def instances() -> Response:
    """`{"portal": {"url", "token"}, "shopify": {"url", "token"}}`: where the connectors' instances point."""
    here = state()
    with here.bench.lock:
        set_instances(here, asked())
    return jsonify({name: each.url for name, each in here.instances.items()})


def set_instances(here: State, wanted: Doc) -> None:
    for name, told in wanted.items():
        if name not in here.instances:
            raise ValueError(f"no such system: {name}")
        here.instances[name] = Instance(**{**vars(here.instances[name]), **told})


@bp.post("/access")
def change_access() -> Response:
    """`revoke` an API key or a login token, or `add` a key."""
    here, wanted = state(), asked()
    with here.bench.lock:
        here.keys.pop(wanted.get("revoke", ""), None)
        here.tokens.pop(wanted.get("revoke", ""), None)
        if "add" in wanted:
            here.keys[wanted["add"]] = "added"
    return Response("", 204)


@bp.post("/flows")
def new_flow() -> tuple[Response, int]:
    """`{"name", "steps": [{"name", "does", "args"}], "webhook" | "callback", "hmac_secret", "draft", "every_s", "enabled", …}`."""
    here, wanted = state(), asked()
    shapes = [(each.get("name", each["does"]), each["does"], each.get("args", {})) for each in wanted.pop("steps")]
    with here.bench.lock:
        return jsonify(shown(here, add_flow(here, wanted.pop("name"), shapes, **wanted))), 201


@bp.get("/flows")
def flows() -> Response:
    here = state()
    with here.bench.lock:
        return jsonify([shown(here, flow) for flow in here.flows.values()])


@bp.post("/flows/<reference>/run")
def run(reference: str) -> Response:
    """Run it now with `payload`; `wait_s`: answer when it is over, or then."""
    here, wanted = state(), asked()
    given = json.dumps(wanted["payload"]).encode() if "payload" in wanted else b""
    with here.bench.lock:
        made = begin(here, flow_named(here, reference), trigger=wanted.get("trigger", "Manual"), given=given)
    until = time.monotonic() + min(LONGEST_S, float(wanted.get("wait_s", 0)))
    while made.status is Status.STARTED and time.monotonic() < until:
        time.sleep(POLL_S)
    with here.bench.lock:
        return jsonify(run_told(made))


@bp.get("/runs/<id>")
def one_run(id: str) -> Response:
    here = state()
    with here.bench.lock:
        return jsonify(run_told(here.runs[id]))


@bp.post("/flows/<reference>/sabotage")
def sabotage(reference: str) -> Response:
    """What goes wrong in the next `times` runs: `step`, `manner` (shapes.MANNERS), `message`, `seconds`, `keep`."""
    here, wanted = state(), asked()
    times = int(wanted.pop("times", 1))
    unknown = set(wanted) - {each.name for each in fields(Sabotage)}
    if unknown or wanted.get("manner", "fail") not in MANNERS:
        raise ValueError(f"no such word; manners are {', '.join(MANNERS)}")
    with here.bench.lock:
        flow = flow_named(here, reference)
        flow.sabotage += [Sabotage(**wanted) for _ in range(times)]
        return jsonify(next_runs=len(flow.sabotage))


@bp.post("/flows/<reference>/switch")
def switch(reference: str) -> Response:
    """`enabled`, `deployed`, `every_s`; without a word it is switched to the other side."""
    here, wanted = state(), asked()
    with here.bench.lock:
        flow = flow_named(here, reference)
        flow.enabled = bool(wanted.get("enabled", flow.enabled if wanted else not flow.enabled))
        flow.every_s = float(wanted.get("every_s", flow.every_s))
        if "deployed" in wanted:
            flow.version_id = (flow.version_id or here.next_id("version")) if wanted["deployed"] else None
        return jsonify(shown(here, flow))


@bp.post("/flows/<reference>/steps/<int:number>")
def change_step(reference: str, number: int) -> Response:
    """Set arguments of a step, the first is 1: `{"key": value}`; null takes one away."""
    here, wanted = state(), asked()
    with here.bench.lock:
        step = flow_named(here, reference).steps[number - 1]
        step.args = {name: value for name, value in {**step.args, **wanted}.items() if value is not None}
        return jsonify(step.args)


@bp.post("/flows/<reference>/history")
def history(reference: str) -> tuple[Response, int]:
    """`count` runs that happened in the last `spread_s` seconds, of `status`; for lists that are long."""
    here, wanted = state(), asked()
    count, spread_s = int(wanted.get("count", 1)), float(wanted.get("spread_s", 3600))
    with here.bench.lock:
        flow = flow_named(here, reference)
        for at in range(count):
            made = here.add_run(flow, trigger="Schedule", given=b"[]")
            made.started_at = here.now() - timedelta(seconds=spread_s * (count - at) / count)
            made.status, made.finished_at = Status(int(wanted.get("status", 2))), made.started_at + timedelta(seconds=2)
            made.summary = wanted.get("summary")
            here.started.put(made.number, made.started_at)
    return jsonify(runs=count), 201
