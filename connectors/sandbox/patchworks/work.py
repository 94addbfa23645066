"""One run under way, as its shapes see it, and the ways it can end early."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from connectors.sandbox.patchworks.models import Flow, Log, Run, Step
from connectors.sandbox.patchworks.store import State

POLL_S = 0.05
FOR_EVER_S = 3600.0


class ShapeError(Exception):
    """A shape that failed; it is tried again, and then the run fails."""


class StoppedError(Exception):
    """Somebody pressed stop."""


@dataclass
class Work:
    """One run under way, as its shapes see it."""

    here: State
    flow: Flow
    run: Run
    step: Step
    failed: list[str] = field(default_factory=list)  # records that did not pass
    after: list[Any] = field(default_factory=list)  # what to do when all went well: move a cursor on

    def log(self, level: str, message: str, payload: Any = None) -> None:
        here = self.here
        with here.bench.lock:
            kept = None if payload is None else here.keep_payload(self.run, self.step, as_bytes(payload))
            self.run.logs.append(Log(here.next_id("log"), level, message[:2000], self.step.id, kept, here.now()))
            self.run.has_warnings = self.run.has_warnings or level == "WARNING"

    def fail_record(self, message: str, record: Any) -> None:
        """A record that does not pass; the others do."""
        self.failed.append(message)
        self.log("ERROR", message, record)


def as_bytes(payload: Any) -> bytes:
    return payload if isinstance(payload, bytes) else json.dumps(payload, ensure_ascii=False).encode()


def read_payload(given: bytes) -> Any:
    """JSON where it is JSON; text otherwise; None for nothing."""
    if not given:
        return None
    try:
        return json.loads(given)
    except ValueError:
        return given.decode(errors="replace")
