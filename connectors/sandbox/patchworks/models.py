"""What a company has on the platform: flows of steps, runs with logs and payloads, pools of tracked keys."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum
from typing import Any

Doc = dict[str, Any]


class Status(IntEnum):
    STARTED = 1
    SUCCESS = 2
    FAILURE = 3
    STOPPED = 4
    PARTIAL_SUCCESS = 5


LEVELS = {"INFO": 200, "WARNING": 300, "ERROR": 400, "FATAL": 500}


@dataclass
class Step:
    """A shape: what it does, and how it is set up. See steps.SHAPES."""

    id: int
    name: str
    does: str
    args: Doc = field(default_factory=dict)


@dataclass
class Sabotage:
    """What is to go wrong in one run: at a step (the first is 1), in a manner of shapes.MANNERS."""

    step: int = 1
    manner: str = "fail"
    message: str = "Connector returned 500"
    seconds: float = 0.0
    keep: int = 0  # of a partial step: so many records pass
    is_over: bool = False  # a fault of one try only has struck


@dataclass
class Webhook:
    id: str
    signature: str
    hmac_secret: str = ""
    answer: str = ""  # an answer text of one's own


@dataclass
class Flow:
    id: int
    name: str
    steps: list[Step]
    version_id: int | None
    description: str = ""
    enabled: bool = True
    labels: list[str] = field(default_factory=list)
    deployed_at: datetime | None = None
    webhook: Webhook | None = None
    callback: Webhook | None = None
    every_s: float = 0.0  # its schedule; 0: none
    next_at: datetime | None = None
    memory: Doc = field(default_factory=dict)  # what its steps keep between runs: moments, cursors
    sabotage: list[Sabotage] = field(default_factory=list)  # one for each of the next runs

    @property
    def status(self) -> str:
        return "Deployed" if self.version_id else "Draft"


@dataclass
class Log:
    id: int
    level: str
    message: str
    step_id: int
    payload_id: int | None
    at: datetime


@dataclass
class Payload:
    id: int
    run_id: str
    step_id: int
    body: bytes
    at: datetime


@dataclass
class Run:
    """`number` orders runs; `id` is what the world knows."""

    number: int
    id: str
    flow_id: int
    version_id: int
    trigger: str
    started_at: datetime
    given: bytes  # the payload it was started with
    status: Status = Status.STARTED
    finished_at: datetime | None = None
    summary: str | None = None
    has_warnings: bool = False
    retry_of: str | None = None
    retried_by: str | None = None
    variables: Doc = field(default_factory=dict)
    environment: str | None = None
    logs: list[Log] = field(default_factory=list)
    payload_ids: list[int] = field(default_factory=list)
    answer: Any = None  # what its callback shape gave
    answered: bool = False
    sabotage: Sabotage | None = None


@dataclass
class Pool:
    """The keys a de-duplicate shape has seen."""

    id: int
    name: str
    tracked: dict[str, tuple[datetime, str]] = field(default_factory=dict)  # key -> (when, run)
