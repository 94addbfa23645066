"""Runs flows: each in a thread of its own, its shapes one after the other, a failing shape tried three more times."""

from __future__ import annotations

import threading
import time
from datetime import timedelta
from typing import Any

from connectors.sandbox.patchworks.models import Doc, Flow, Run, Status
from connectors.sandbox.patchworks.shapes import sabotaged, stopped
from connectors.sandbox.patchworks.store import State
from connectors.sandbox.patchworks.work import POLL_S, ShapeError, StoppedError, Work, read_payload


def begin(here: State, flow: Flow, *, trigger: str, given: bytes = b"", **more: Any) -> Run:
    """Start a run. Called with the lock held; the run itself goes on without it."""
    run = here.add_run(flow, trigger=trigger, given=given, version_id=more.pop("version_id", None))
    for name, value in more.items():
        setattr(run, name, value)
    if len(here.live) >= here.settings.concurrent:
        here.waiting.append(run.id)
    else:
        launch(here, run)
    return run


def launch(here: State, run: Run) -> None:
    here.live.add(run.id)
    threading.Thread(target=carry_out, args=(here, run), name=f"flow-run-{run.number}", daemon=True).start()


def carry_out(here: State, run: Run) -> None:
    flow = here.flows[run.flow_id]
    work = Work(here, flow, run, flow.steps[0])
    try:
        message = walk(work)
        status, summary = (Status.PARTIAL_SUCCESS, f"{len(work.failed)} records failed") if work.failed else (Status.SUCCESS, message)
    except ShapeError as error:
        status, summary = Status.FAILURE, str(error)[:250]
    except StoppedError:
        status, summary = Status.STOPPED, "Stopped by a user"
    end(work, status, summary)


def end(work: Work, status: Status, summary: str | None) -> None:
    here, run = work.here, work.run
    with here.bench.lock:
        if status is Status.SUCCESS or (status is Status.PARTIAL_SUCCESS and not run.sabotage):
            for act in work.after:
                act()
        if here.runs.get(run.id) is run:
            run.status, run.summary, run.finished_at, run.answered = status, summary, here.now(), True
        here.live.discard(run.id)
        while here.waiting and len(here.live) < here.settings.concurrent:
            launch(here, here.runs[here.waiting.pop(0)])


def walk(work: Work) -> str | None:
    payload = read_payload(work.run.given)
    work.log("INFO", f"Flow initialised by {work.run.trigger}", work.run.given or None)
    for at, step in enumerate(work.flow.steps, start=1):
        work.step = step
        plan = work.run.sabotage if work.run.sabotage and work.run.sabotage.step == at else None
        if plan is not None:
            stopped(work, plan)
        payload = attempt(work, lambda given=payload, plan=plan, step=step: sabotaged(work, step, given, plan))
        work.log("INFO", f"{step.name} finished", payload if payload is not None else None)
    return None


def attempt(work: Work, act: Any) -> Any:
    """A shape, and up to three more tries of it."""
    tries = work.here.settings.shape_retries + 1
    for turn in range(1, tries + 1):
        try:
            return act()
        except ShapeError as error:
            last = turn == tries
            work.log("FATAL" if last else "WARNING", f"{error}" if last else f"{work.step.name} failed, try {turn} of {tries}: {error}")
            if last:
                raise
            time.sleep(work.here.settings.shape_retry_s)
    return None


class Schedule:
    """Starts flows when their time has come; asked now and then by a thread that begins with the first scheduled flow."""

    def __init__(self, here: State) -> None:
        self.here = here
        self.thread: threading.Thread | None = None

    def ensure(self) -> None:
        if self.thread is None and any(flow.every_s for flow in self.here.flows.values()):
            self.thread = threading.Thread(target=self.tick_for_ever, name="patchworks-schedule", daemon=True)
            self.thread.start()

    def tick_for_ever(self) -> None:
        while True:
            self.tick()
            time.sleep(POLL_S * 4)

    def tick(self) -> None:
        here = self.here
        with here.bench.lock:
            for flow in here.flows.values():
                if flow.every_s and flow.enabled and flow.version_id and (flow.next_at is None or flow.next_at <= here.now()):
                    flow.next_at = here.now() + timedelta(seconds=flow.every_s)
                    if not any(here.runs[id].flow_id == flow.id for id in here.live):
                        begin(here, flow, trigger="Schedule")


def told(message: str, run: Run, key: str) -> Doc:
    """The answer to a start: nobody outside is sure where the run's id is in it."""
    answer: Doc = {"message": message}
    if key.startswith("data."):
        return answer | {"data": {key.removeprefix("data."): run.id}}
    return answer if key == "none" else answer | {key: run.id}
