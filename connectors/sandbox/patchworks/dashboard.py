"""Signing in, and two small pages for people: flows and runs with buttons, and one run with its logs."""

from __future__ import annotations

from html import escape

from flask import Blueprint, Response

from connectors.sandbox.kit import ADMIN
from connectors.sandbox.patchworks.auth import log_in
from connectors.sandbox.patchworks.models import Flow, Run
from connectors.sandbox.patchworks.store import State, iso, state

bp = Blueprint("patchworks_dashboard", __name__)
RUNS_SHOWN = 30
HEAD = "<!doctype html><meta charset=utf-8><title>Flows</title><style>body{font:15px sans-serif}td{padding:4px 12px}</style>"
SCRIPT = "<script>function act(path,body){fetch(path,{method:'POST',body:JSON.stringify(body||{})}).then(()=>location.reload())}</script>"
BUTTONS = (("Run", "run", "{}"), ("Fail next", "sabotage", "{}"), ("Switch", "switch", "{}"))


@bp.post("/app/fabric/api/login")
def login() -> Response:
    return log_in(state(), "username")


@bp.post("/svc-fabric/api/v1/login")
def old_login() -> Response:
    return log_in(state(), "email")


@bp.get("/")
def flows() -> Response:
    here = state()
    with here.bench.lock:
        rows = "".join(flow_row(flow) for flow in here.flows.values())
        newest = [here.by_number[number] for _, number in list(here.started.walk(reverse=True))[:RUNS_SHOWN]]
        runs = "".join(run_row(here, here.runs[id]) for id in newest)
    return page(f"{SCRIPT}<h1>Flows</h1><table>{rows}</table><h2>Runs</h2><table>{runs}</table>")


def flow_row(flow: Flow) -> str:
    path = f"{ADMIN}/flows/{flow.id}"
    buttons = "".join(f"<button onclick=\"act('{path}/{verb}',{body})\">{label}</button> " for label, verb, body in BUTTONS)
    state_word = f"{flow.status}, {'on' if flow.enabled else 'off'}"
    return f"<tr><td>{flow.id}<td>{escape(flow.name)}<td>{state_word}<td>{buttons}</tr>"


def run_row(here: State, run: Run) -> str:
    name = escape(here.flows[run.flow_id].name)
    link = f'<a href="/app/flow-run-logs/{run.id}">{run.id}</a>'
    return f"<tr><td>{link}<td>{name}<td>{run.trigger}<td>{run.status.name}<td>{iso(run.started_at)}<td>{escape(run.summary or '')}</tr>"


@bp.get("/app/flow-run-logs/<id>")
def run(id: str) -> Response:
    here = state()
    with here.bench.lock:
        found = here.runs.get(id)
        if found is None:
            return Response(HEAD + "<h1>No such run</h1>", 404, mimetype="text/html")
        lines = "".join(f"<tr><td>{iso(each.at)}<td>{each.level}<td>{escape(each.message)}</tr>" for each in found.logs)
        return page(f"<h1>Run {found.id}</h1><p>{found.status.name}</p><table>{lines}</table>")


def page(body: str) -> Response:
    return Response(HEAD + body, mimetype="text/html")
