"""What is polled: runs with the logs and payloads of those that failed, the flows themselves, and what de-duplication remembers.

Payloads are kept 72 hours there and logs 7 days, so a failure is copied with the poll that sees it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from connectors.canonical import Page, Received, RunState
from connectors.errors import ContractError, Rejected
from connectors.patchworks.client import Client, Row
from connectors.patchworks.redacting import redacted
from connectors.patchworks.runs import BAD, DEDUPED, FLOWS, RUNS, TROUBLE, level_of, state_of
from connectors.ports import Feed, Priority
from connectors.reading import dump, moment, text

FEEDS = (
    Feed(RUNS, RUNS, 90, Priority.STOCK, label="runs of flows"),
    Feed(FLOWS, FLOWS, 600, Priority.BULK, label="flows"),
    Feed(DEDUPED, DEDUPED, 1800, Priority.BULK, label="what de-duplication remembers"),
)
FIRST = timedelta(hours=24)  # read at the very first poll
MOST_OPEN, MOST_PAYLOADS, LOG_PAGES = 40, 10, 5
UNREADABLE = (Rejected, ContractError)


@dataclass
class Mark:
    """How far the runs were read: the newest start, the runs that had not ended, and the troubled ones whose evidence was taken."""

    since: str = ""
    open: dict[str, str] = field(default_factory=dict)
    told: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, cursor: str) -> Mark:
        try:
            told = json.loads(cursor) if cursor else {}
        except ValueError as error:
            raise ContractError("The mark of this feed is not ours; reset it.") from error
        return cls(told.get("since", ""), dict(told.get("open", {})), dict(told.get("told", {})))

    def written(self) -> str:
        return json.dumps({"since": self.since, "open": self.open, "told": self.told})


def poll(client: Client, feed: str, cursor: str, *, until: datetime) -> Iterator[Page]:
    if feed == RUNS:
        yield from poll_runs(client, cursor, until=until)
    elif feed == FLOWS:
        yield from poll_flows(client)
    elif feed == DEDUPED:
        yield from poll_deduped(client)
    else:
        raise ContractError(f"Patchworks brings nothing called {feed}.")


def poll_runs(client: Client, cursor: str, *, until: datetime) -> Iterator[Page]:
    """Runs by their start, from a while before the newest one known; then those that were still running, one by one."""
    mark = Mark.read(cursor)
    told_start = mark.since or client.settings.text("start_at")
    since = moment(told_start, what="start of this feed") if told_start else until - FIRST
    begin = since - timedelta(minutes=client.settings.number("overlap_min"))
    params = {
        "filter[started_after]": client.date(begin), "filter[started_before]": client.date(until + timedelta(minutes=1)),
        "include": "flow", "sort": "started_at",
    }  # fmt: skip
    seen: set[str] = set()
    newest = since
    for rows in client.pages("/flow-runs", params):
        fresh = [row for row in rows if text(row.get("id")) and text(row.get("id")) not in seen]
        seen.update(text(row["id"]) for row in fresh)
        newest = max([newest, *(at for row in fresh if (at := started(row)) is not None and at <= until)])
        yield Page(tuple(item for row in fresh if (item := taken(client, row, mark)) is not None), mark.written())
    unfinished = [run for run in mark.open if run not in seen][:MOST_OPEN]
    items = [item for run in unfinished if (item := looked_up(client, run, mark)) is not None]
    mark.since = newest.isoformat()
    mark.told = {run: version for run, version in mark.told.items() if run in seen or run in mark.open}
    yield Page(tuple(items), mark.written())


def started(row: Row) -> datetime | None:
    try:
        return moment(row.get("started_at") or row.get("created_at"), what="start")
    except ContractError:
        return None


def looked_up(client: Client, run: str, mark: Mark) -> Received | None:
    """A run that had not ended when its window passed."""
    try:
        row = client.one(f"/flow-runs/{run}", {"include": "flow"})
    except Rejected:
        mark.open.pop(run, None)  # forgotten there
        return None
    return taken(client, {"id": run, **row}, mark)


def taken(client: Client, row: Row, mark: Mark) -> Received | None:
    """The run as an item, with evidence where it is in trouble; None where exactly this was taken before."""
    run, state = text(row["id"]), state_of(row)
    if state is RunState.STARTED:
        mark.open[run] = text(row.get("started_at"))
    else:
        mark.open.pop(run, None)
    version = f"{text(row.get('status'))}.{int(bool(row.get('has_warnings')))}.{text(row.get('finished_at'))}"
    body: dict[str, Any] = {"run": row}
    if state in TROUBLE or (row.get("has_warnings") and client.settings.alerts):
        if mark.told.get(run) == version:
            return None
        body |= evidence(client, run)
        mark.told[run] = version
    elif row.get("retry_flow_run_id") is None and state is RunState.SUCCEEDED and mark.told.get(run) == version:
        return None
    return Received(RUNS, f"{run}@{version}", f"run {run}"[:160], dump(body), started(row))


def evidence(client: Client, run: str) -> dict[str, Any]:
    """Logs and failed payloads, now, while they are there. What Patchworks does not give is left out, and said."""
    try:
        logs = logs_of(client, run)
    except UNREADABLE as error:
        return {"logs": [], "payloads": [], "note": error.sentence}
    wanted = [text(log.get("payload_metadata_id")) for log in logs if level_of(log) in BAD]
    wanted = list(dict.fromkeys(one for one in wanted if one)) or kept_payloads(client, run)
    return {"logs": logs, "payloads": [{"id": one, "body": payload(client, one)} for one in wanted[:MOST_PAYLOADS]]}


def logs_of(client: Client, run: str) -> list[Row]:
    params = {"sort": "id", "include": "flowRunLogMetadata", "fields[flowStep]": "id,name", "load_payload_ids": "true"}
    found: list[Row] = []
    for number, rows in enumerate(client.pages(f"/flow-runs/{run}/flow-run-logs", params), 1):
        found += [row for row in rows if level_of(row) in (*BAD, "WARNING")]
        if number == LOG_PAGES:
            break
    return found


def kept_payloads(client: Client, run: str) -> list[str]:
    try:
        first = next(client.pages("/payload-metadata", {"filter[flow_run_id]": run}), [])
    except UNREADABLE:
        return []
    return [text(row.get("id")) for row in first if text(row.get("id"))]


def payload(client: Client, number: str) -> str:
    """One payload without people and secrets; why not, where it is gone."""
    try:
        return redacted(client.read(f"/payload-metadata/{number}/download").body)
    except Rejected:
        return "Patchworks does not have this payload any more."


def poll_flows(client: Client) -> Iterator[Page]:
    for rows in client.pages("/flows", {"include": "deployedVersion"}):
        yield Page(tuple(flow_item(row) for row in rows if text(row.get("id"))), "")


def flow_item(row: Row) -> Received:
    live = row.get("deployed_version") or row.get("deployedVersion")
    told = {name: row.get(name) for name in ("id", "name", "status", "is_enabled", "deployed_at", "labels")} | {"deployed_version": live}
    said = f"{text(row['id'])}@{text(row.get('status'))}.{row.get('is_enabled')}.{text(row.get('name'))}"
    return Received(FLOWS, said, f"flow {text(row['id'])}"[:160], dump(told))


def poll_deduped(client: Client) -> Iterator[Page]:
    """The keys in the pools that the options name."""
    for pool, resource in client.settings.pools().items():
        for rows in client.pages(f"/data-pool/{pool}/deduped-data", {}):
            yield Page(tuple(item for row in rows if (item := key_item(pool, resource, row)) is not None), "")
    yield Page((), "")


def key_item(pool: str, resource: str, row: Row) -> Received | None:
    """The record names no field for the key: the first of these that is there."""
    names = ("entity_id", "key", "value", "unique_value", "identifier", "external_id", "data")
    key = next((text(row.get(name)) for name in names if text(row.get(name))), "")
    if not key:
        return None
    at = next((text(row.get(name)) for name in ("created_at", "tracked_at", "updated_at") if text(row.get(name))), "")
    return Received(DEDUPED, f"{pool}/{key}", f"key {key}"[:160], dump({"pool": pool, "resource": resource, "key": key, "at": at}))
