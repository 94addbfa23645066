"""Ways into a flow: the Start API, webhook triggers (fire and forget) and callback triggers (question and answer)."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import time
from typing import Any

from flask import Blueprint, Response, jsonify, request

from connectors.sandbox.patchworks.auth import Refused, invalid
from connectors.sandbox.patchworks.core import flow_or_404
from connectors.sandbox.patchworks.models import Doc, Flow, Run, Status, Webhook
from connectors.sandbox.patchworks.running import begin, told
from connectors.sandbox.patchworks.store import State, state
from connectors.sandbox.patchworks.work import POLL_S

bp = Blueprint("patchworks_starting", __name__)
START = "/start/api/v1/flows/<id>"
TRIGGERS = {"start": "API", "manual": "Manual"}
INITIALISED = "Flow initialised."


@bp.post(f"{START}/<any(start, manual):way>")
@bp.post(f"{START}/<any(start, manual):way>/<int:version_id>")
def start(id: str, way: str, version_id: int | None = None) -> Response:
    """`{"payload": "<JSON as text>"}`, or nothing at all."""
    given = b""
    if request.get_data():
        sent = request.get_json(silent=True)
        payload = sent.get("payload", "") if isinstance(sent, dict) else None
        if not isinstance(payload, str) or (payload and not is_json(payload.encode())):
            raise invalid("payload", "The payload must be valid JSON.")
        given = payload.encode()
    return started(id, TRIGGERS[way], given, version_id)


@bp.post(f"{START}/<any(start, manual):way>/raw")
@bp.post(f"{START}/<any(start, manual):way>/raw/<int:version_id>")
def start_raw(id: str, way: str, version_id: int | None = None) -> Response:
    """The body itself is the payload."""
    given = request.get_data()
    if given and not is_json(given):
        raise invalid("payload", "The payload must be valid JSON.")
    return started(id, TRIGGERS[way], given, version_id)


def is_json(text: bytes) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def started(id: str, trigger: str, given: bytes, version_id: int | None) -> Response:
    here = state()
    variables = variables_asked()
    with here.bench.lock:
        flow = flow_or_404(here, id)
        if flow.version_id is None:
            raise invalid("flow", "The flow has no deployed version.")
        if version_id is not None and version_id != flow.version_id:
            raise Refused(404)
        if not flow.enabled:
            raise Refused(here.settings.disabled_status, "The flow is not enabled.")
        environment = request.args.get("virtual_environment_id")
        run = begin(here, flow, trigger=trigger, given=given, version_id=version_id, variables=variables, environment=environment)
    return jsonify(told(INITIALISED, run, here.settings.run_id_key))


def variables_asked() -> Doc:
    sent = request.args.get("flow_variables")
    if not sent:
        return {}
    if not is_json(sent.encode()) or not isinstance(json.loads(sent), dict):
        raise invalid("flow_variables", "The flow variables must be a JSON object.")
    found: Doc = json.loads(sent)
    return found


def trigger_named(here: State, company: str, kind: str, id: str) -> tuple[Flow, Webhook]:
    """The flow behind a secret address; unknown addresses say nothing of why."""
    for flow in here.flows.values():
        made = flow.webhook if kind == "webhook" else flow.callback
        if company == here.company and made is not None and made.id == id:
            return flow, made
    raise Refused(404)


def check_signature(made: Webhook, sent: str) -> None:
    if not secrets.compare_digest(sent.encode(), made.signature.encode()):
        raise Refused(401, "Invalid signature.")


def check_open(here: State, flow: Flow) -> None:
    if flow.version_id is None or not flow.enabled:
        raise Refused(here.settings.disabled_status, "The flow is not deployed and enabled.")


@bp.route("/webhooks/api/v1/<company>/<id>", methods=["GET", "POST"])
@bp.route("/webhooks/api/v1/<company>/<id>/<environment>", methods=["GET", "POST"])
def webhook(company: str, id: str, environment: str | None = None) -> Response:
    """Answered before anything is done; the answer says nothing of what becomes of it."""
    here, body = state(), request.get_data()
    with here.bench.lock:
        flow, made = trigger_named(here, company, "webhook", id)
        check_signature(made, request.args.get("patchworks_signature", ""))
        if made.hmac_secret:
            right = hmac.new(made.hmac_secret.encode(), body, hashlib.sha256).hexdigest()
            if not secrets.compare_digest(request.headers.get("X-HMAC-HASH", "").encode(), right.encode()):
                raise Refused(401, "Invalid HMAC.")
        check_open(here, flow)
        begin(here, flow, trigger="Webhook", given=body or parameters(), environment=environment)
    return Response(made.answer, mimetype="text/plain") if made.answer else jsonify(message=INITIALISED)


def parameters() -> bytes:
    """Without a body the parameters of the address are the payload."""
    told = {name: value for name, value in request.args.items() if name != "patchworks_signature"}
    return json.dumps(told).encode() if told else b""


@bp.post("/callbacks/api/v1/<company>/<id>")
@bp.post("/callbacks/api/v1/<company>/<id>/<environment>")
def callback(company: str, id: str, environment: str | None = None) -> Response:
    """Waits for the flow's first callback shape, and answers with its payload."""
    here = state()
    with here.bench.lock:
        flow, made = trigger_named(here, company, "callback", id)
        check_signature(made, request.headers.get("patchworks-signature", request.args.get("patchworks_signature", "")))
        check_open(here, flow)
        run = begin(here, flow, trigger="Callback", given=request.get_data(), environment=environment)
    return answer_of(here, run)


def answer_of(here: State, run: Run) -> Response:
    until = time.monotonic() + here.settings.callback_timeout_s
    while not run.answered:
        if time.monotonic() > until:
            raise Refused(504, "The flow did not answer in time.")
        time.sleep(POLL_S)
    if run.answer is None and run.status is not Status.SUCCESS:
        raise Refused(here.settings.callback_failure_status, "The flow failed.")
    given: Any = run.answer
    return Response(given, mimetype="text/plain") if isinstance(given, str) else jsonify(given)
