"""What happened in a company, counted."""

from __future__ import annotations

from collections import Counter, defaultdict

from connectors.sandbox.patchworks.models import Doc, Run
from connectors.sandbox.patchworks.store import State, iso


def summary(here: State) -> Doc:
    by_flow: dict[str, Counter[str]] = defaultdict(Counter)
    for run in here.runs.values():
        by_flow[here.flows[run.flow_id].name][run.status.name] += 1
    return {
        "flows": len(here.flows),
        "disabled": sum(not flow.enabled for flow in here.flows.values()),
        "runs": len(here.runs),
        "by_status": dict(Counter(run.status.name for run in here.runs.values())),
        "by_flow": {name: dict(counts) for name, counts in by_flow.items()},
        "retries": sum(run.retry_of is not None for run in here.runs.values()),
        "live": len(here.live),
        "waiting": len(here.waiting),
        "payloads": len(here.payloads),
        "tracked": {pool.name: len(pool.tracked) for pool in here.pools.values()},
    }


def run_told(run: Run) -> Doc:
    """One run as the dashboard would show it."""
    logs = [{"level": each.level, "message": each.message, "step": each.step_id, "payload": each.payload_id} for each in run.logs]
    facts = {"id": run.id, "flow_id": run.flow_id, "status": int(run.status), "trigger": run.trigger, "summary": run.summary}
    return facts | {"started_at": iso(run.started_at), "finished_at": iso(run.finished_at), "retry_of": run.retry_of, "logs": logs}
