"""What shapes do: pass on, wait, drop duplicates, fail on demand, and call the portal."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import requests

from connectors.sandbox.patchworks.models import Doc, Sabotage, Step
from connectors.sandbox.patchworks.shop_shapes import SHOP_SHAPES, to_refunds, to_returns
from connectors.sandbox.patchworks.work import FOR_EVER_S, POLL_S, ShapeError, StoppedError, Work

MANNERS = ("fail", "fail_once", "done_but_failed", "partial", "slow", "never_finish", "stop")
PORTAL_PATH = "/api/v1"
BATCH = 100
Shape = Callable[[Work, Doc, Any], Any]


def records(payload: Any) -> list[Any]:
    return payload if isinstance(payload, list) else [] if payload is None else [payload]


def echo(work: Work, args: Doc, payload: Any) -> Any:
    return payload


def slow(work: Work, args: Doc, payload: Any) -> Any:
    wait(work, float(args.get("seconds", 1)))
    return payload


def never_finish(work: Work, args: Doc, payload: Any) -> Any:
    wait(work, FOR_EVER_S)
    return payload


def wait(work: Work, seconds: float) -> None:
    """Wait, unless the company is reset meanwhile."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if work.here.runs.get(work.run.id) is not work.run:
            raise StoppedError
        time.sleep(min(POLL_S, seconds))


def fail(work: Work, args: Doc, payload: Any) -> Any:
    raise ShapeError(args.get("message", "Connector returned 500"))


def partial(work: Work, args: Doc, payload: Any) -> Any:
    """The first `keep` records pass, the others do not."""
    rows = records(payload)
    for row in rows[int(args.get("keep", 0)) :]:
        work.fail_record(args.get("message", "[422] record refused"), row)
    return rows[: int(args.get("keep", 0))]


def callback(work: Work, args: Doc, payload: Any) -> Any:
    """What a callback trigger waits for."""
    with work.here.bench.lock:
        work.run.answer, work.run.answered = payload, True
    return payload


def swallow_duplicates(work: Work, args: Doc, payload: Any) -> Any:
    """De-duplicate on a field. A key is tracked before the record is through: lost further on, it is never seen again."""
    here, mode, field = work.here, args.get("mode", "filter_and_track"), args.get("key", "externalId")
    rows, passed = records(payload), []
    for row in rows:
        key = str(row.get(field, "")) if isinstance(row, dict) else str(row)
        with here.bench.lock:
            pool = here.pool_named(args.get("pool", work.flow.name))
            seen = pool.tracked.get(key)
            is_new = seen is None or seen[0] < here.now() - timedelta(seconds=here.settings.tracked_life_s)
            if mode != "filter" and is_new:
                pool.tracked[key] = (here.now(), work.run.id)
        if is_new or mode == "track":
            passed.append(row)
    if len(passed) < len(rows):
        work.log("INFO", f"{len(rows) - len(passed)} duplicate records filtered")
    return passed


def portal_headers(work: Work, args: Doc) -> dict[str, str]:
    """The token, and what the flow's builder set from flow variables."""
    token = args.get("token") or work.here.instances["portal"].token
    headers = {"Accept": "application/json", "Content-Type": "application/json"}
    headers |= {"X-Api-Key": token} if args.get("api_key_header") else {"Authorization": f"Bearer {token}"}
    if args.get("context", True):
        headers |= {"X-PW-Flow-Id": str(work.flow.id), "X-PW-Run-Id": work.run.id, "X-PW-Env": work.run.environment or "live"}
    return headers


def portal_call(work: Work, args: Doc, method: str, path: str, **given: Any) -> requests.Response:
    url = (args.get("url") or work.here.instances["portal"].url).rstrip("/")
    if not url:
        raise ShapeError("The connector has no instance: the portal's address is not set")
    headers = portal_headers(work, args) | given.pop("headers", {})
    try:
        return requests.request(method, f"{url}{PORTAL_PATH}/{path}", headers=headers, timeout=work.here.settings.portal_timeout_s, **given)
    except requests.RequestException as error:
        raise ShapeError(f"Connector could not connect: {type(error).__name__}") from error


def post_to_portal(work: Work, args: Doc, payload: Any) -> Any:
    """Hand records in, in batches. One by one or all in vain is a failing shape; some in vain is a partial success."""
    rows, size = records(payload), int(args.get("batch", BATCH))
    for at in range(0, len(rows), size):
        part = rows[at : at + size]
        body = part[0] if size == 1 else part
        answer = portal_call(
            work, args, "POST", args["resource"], data=json.dumps(body).encode(), headers=idempotency(args, body), params=args.get("query")
        )
        read_answer(work, args, part, answer)
    return payload


def idempotency(args: Doc, body: Any) -> dict[str, str]:
    if not args.get("idempotency_key"):
        return {}
    return {"Idempotency-Key": hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()}


def read_answer(work: Work, args: Doc, part: list[Any], answer: requests.Response) -> None:
    if answer.status_code == 207 and not args.get("fail_on_207"):
        results = answer.json().get("results", [])
        for row, result in zip(part, results, strict=False):
            if result.get("status") == "error":
                work.fail_record(f"[207] {result.get('code', '')} {result.get('field', '')} {result.get('message', '')}".strip(), row)
    elif not answer.ok or answer.status_code == 207:
        work.log("ERROR", f"[{answer.status_code}] {answer.text[:500]}", part)
        raise ShapeError(f"Connector returned {answer.status_code}")


def pull_from_portal(work: Work, args: Doc, payload: Any) -> Any:
    """Page through a list of the portal; with `since`, only what changed, and a minute of overlap."""
    key, query, rows = f"since {args['resource']}", {"limit": 100, **args.get("query", {})}, []
    if args.get("since") and key in work.flow.memory:
        query["since"] = (datetime.fromisoformat(work.flow.memory[key]) - timedelta(minutes=1)).isoformat()
    begun = work.here.now().isoformat()
    while True:
        answer = portal_call(work, args, "GET", args["resource"], params=query)
        if not answer.ok:
            raise ShapeError(f"Connector returned {answer.status_code}: {answer.text[:200]}")
        told = answer.json()
        rows += told["data"]
        if not told.get("next_cursor"):
            break
        query["cursor"] = told["next_cursor"]
    work.after.append(lambda: work.flow.memory.update({key: begun}))
    return rows


def acknowledge(work: Work, args: Doc, payload: Any) -> Any:
    """Tell the portal which of its rows are done."""
    ids = records(payload)
    if ids:
        body = json.dumps({"ids": ids, "run_id": work.run.id}).encode()
        answer = portal_call(work, args, "POST", f"{args['resource']}/ack", data=body)
        if not answer.ok:
            raise ShapeError(f"Connector returned {answer.status_code}: {answer.text[:200]}")
    return payload


def post_money(work: Work, args: Doc, payload: Any) -> Any:
    """Refunds, and then returns, of the orders read."""
    for resource, to_rows in (("refunds", to_refunds), ("returns", to_returns)):
        post_to_portal(work, {**args, "resource": resource}, to_rows(work, args, payload))
    return payload


def report_run(work: Work, args: Doc, payload: Any) -> Any:
    """Tell the portal that the run is over, as its last shape."""
    counts = {"in": len(records(payload)), "failed": len(work.failed)}
    body = {"flow_id": work.flow.id, "run_id": work.run.id, "event": "failed" if work.failed else "finished", "counts": counts}
    answer = portal_call(work, args, "POST", "run-events", data=json.dumps(body).encode())
    if not answer.ok:
        raise ShapeError(f"Connector returned {answer.status_code}")
    return payload


SHAPES: dict[str, Shape] = {
    **SHOP_SHAPES,
    "echo": echo,
    "slow": slow,
    "never_finish": never_finish,
    "fail": fail,
    "partial": partial,
    "callback": callback,
    "swallow_duplicates": swallow_duplicates,
    "post_to_portal": post_to_portal,
    "pull_from_portal": pull_from_portal,
    "acknowledge": acknowledge,
    "post_money": post_money,
    "report_run": report_run,
}


def stopped(work: Work, plan: Sabotage) -> None:
    if plan.manner == "stop":
        work.log("WARNING", "Stopped by a user")
        raise StoppedError
    if plan.manner in ("slow", "never_finish"):
        wait(work, plan.seconds if plan.manner == "slow" else FOR_EVER_S)


def sabotaged(work: Work, step: Step, payload: Any, plan: Sabotage | None) -> Any:
    """The shape's own doing, unless something is to go wrong with it."""
    shape = SHAPES[step.does]
    if plan is None or plan.is_over or plan.manner in ("slow", "never_finish"):
        return shape(work, step.args, payload)
    if plan.manner in ("fail", "fail_once"):
        plan.is_over = plan.manner == "fail_once"
        raise ShapeError(plan.message)
    if plan.manner == "partial":
        rows = partial(work, {"keep": plan.keep, "message": plan.message}, payload)
        return shape(work, step.args, rows)
    shape(work, step.args, payload)  # done_but_failed: the receiver has it, and the flow thinks it has not
    raise ShapeError(plan.message)
