"""What runs in an integration platform beside us: its flows, their runs, and what went wrong in them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class FlowRole(StrEnum):
    """What a flow is there for; it says whose case a failure of it is."""

    ORDERS_IN = "orders_in"
    DESPATCH_OUT = "despatch_out"
    STOCK_OUT = "stock_out"
    RETURNS_IN = "returns_in"
    OTHER = "other"


class RunState(StrEnum):
    """How far a run has come."""

    STARTED = "started"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    STOPPED = "stopped"
    PARTIAL = "partial"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Flow:
    """One flow. `expect_every_min`, `max_duration_min`: what the account's settings say of it; 0: nothing."""

    reference: str
    name: str
    enabled: bool
    deployed: bool
    vendor_state: str = ""
    role: FlowRole = FlowRole.OTHER
    expect_every_min: int = 0
    max_duration_min: int = 0
    named: bool = False  # the account's settings name it
    link: str = ""


@dataclass(frozen=True)
class FlowFault:
    """One thing that went wrong in a run. `record`: the key of what it concerned; `payload`: what the step held, redacted."""

    message: str
    step: str = ""
    record: str = ""
    level: str = ""
    payload: str = ""


@dataclass(frozen=True)
class FlowRun:
    """One run as far as it was seen. `retries`: the run it repeats. `alerts`: warnings of it are to be told too."""

    reference: str
    flow: Flow
    state: RunState
    started_at: datetime
    ended_at: datetime | None = None
    trigger: str = ""
    summary: str = ""
    has_warnings: bool = False
    alerts: bool = False
    retries: str = ""
    faults: tuple[FlowFault, ...] = ()
    records: tuple[str, ...] = ()  # keys it is known to have handled
    counts: dict[str, int] = field(default_factory=dict)
    told_by_flow: bool = False  # the flow's own report, which knows no more than its last step
    link: str = ""


@dataclass(frozen=True)
class Deduped:
    """A record that a flow's de-duplication remembers: it will not be handled again, whether or not it arrived."""

    pool: str
    key: str
    resource: str
    seen_at: datetime | None = None
