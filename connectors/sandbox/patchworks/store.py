"""One company in memory: flows, runs in the order they started, payloads that expire, and the systems its flows reach."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from flask import current_app

from connectors.sandbox.kit import Bench
from connectors.sandbox.ordering import Ordered
from connectors.sandbox.patchworks.models import Doc, Flow, Payload, Pool, Run, Step
from connectors.sandbox.patchworks.settings import Settings

FIRST_IDS = {"flow": 412, "version": 2907, "step": 55011, "log": 991, "payload": 880011, "run": 1, "pool": 31, "hook": 1}
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


@dataclass
class Instance:
    """A system with credentials, as a connector shape uses it."""

    url: str = ""
    token: str = ""


class State:
    """Everything the company has. Guarded by `bench.lock`, which nobody holds while a flow calls somebody."""

    def __init__(self, *, bench: Bench, settings: Settings, company: str, keys: dict[str, str], logins: dict[str, str]) -> None:
        self.bench, self.settings, self.company = bench, settings, company
        self.first_keys, self.logins = dict(keys), dict(logins)
        self.instances = {"portal": Instance(), "shopify": Instance()}
        self.clear()

    def clear(self) -> None:
        self.keys = dict(self.first_keys)
        self.tokens: dict[str, datetime] = {}  # login tokens and their end
        self.ids = dict(FIRST_IDS)
        self.flows: dict[int, Flow] = {}
        self.runs: dict[str, Run] = {}
        self.by_number: dict[int, str] = {}
        self.started = Ordered()  # runs by the moment they started
        self.live: set[str] = set()
        self.waiting: list[str] = []
        self.payloads: dict[int, Payload] = {}
        self.pools: dict[int, Pool] = {}

    def now(self) -> datetime:
        return self.bench.clock.now()

    def next_id(self, kind: str) -> int:
        found = self.ids[kind]
        self.ids[kind] = found + 1
        return found

    def run_id(self, number: int) -> str:
        """A ULID, so that ids sort by time; or the plain number."""
        if self.settings.integer_ids:
            return str(number)
        millis, text = int(self.now().timestamp() * 1000), ""
        for value, size in ((number, 16), (millis, 10)):
            part = "".join(ALPHABET[value >> 5 * at & 31] for at in range(size))
            text += part
        return text[::-1]

    def add_run(self, flow: Flow, *, trigger: str, given: bytes, version_id: int | None = None) -> Run:
        number = self.next_id("run")
        run = Run(number, self.run_id(number), flow.id, version_id or flow.version_id or 0, trigger, self.now(), given)
        if flow.sabotage:
            run.sabotage = flow.sabotage.pop(0)
        self.runs[run.id], self.by_number[number] = run, run.id
        self.started.put(number, run.started_at)
        return run

    def keep_payload(self, run: Run, step: Step, body: bytes) -> int:
        made = Payload(self.next_id("payload"), run.id, step.id, body, self.now())
        self.payloads[made.id] = made
        run.payload_ids.append(made.id)
        return made.id

    def payload(self, id: int) -> Payload | None:
        """A payload that is still kept."""
        found = self.payloads.get(id)
        if found is not None and found.at < self.now() - timedelta(seconds=self.settings.payload_life_s):
            del self.payloads[id]
            return None
        return found

    def pool_named(self, name: str) -> Pool:
        found = next((pool for pool in self.pools.values() if pool.name == name), None)
        if found is None:
            found = Pool(self.next_id("pool"), name)
            self.pools[found.id] = found
        return found

    def __getstate__(self) -> Doc:
        """Runs that were under way are lost with the process, as they would be seen: started, and never finished."""
        return {**vars(self), "live": set(), "waiting": []}


def state() -> State:
    return cast(State, current_app.extensions["state"])


def iso(moment: datetime | None) -> str | None:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ") if moment else None


def any_of(rows: dict[int, Any], name: str) -> Any:
    """A row by its name."""
    found = next((row for row in rows.values() if row.name == name), None)
    if found is None:
        raise ValueError(f"there is none called {name}")
    return found
