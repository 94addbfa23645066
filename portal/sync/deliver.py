"""Delivers claimed messages: claim, commit · call, no transaction · record, commit; lanes side by side, rows of a lane in turn."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from datetime import datetime
from queue import Empty, SimpleQueue

from django.db import connection as database
from django.utils import timezone

from connectors.errors import ConnectorError
from connectors.ports import Priority
from portal.connections import health
from portal.connections.connect import connect
from portal.connections.models import Connection
from portal.sync import stock_turns
from portal.sync.calls import deliver_in_turn
from portal.sync.claim import claim_due
from portal.sync.codes import remembered
from portal.sync.deliver_stock import deliver_stock
from portal.sync.models import OutboundMessage
from portal.sync.recording import record_failure
from portal.sync.routes import ROUTES
from portal.sync.switched import admitted

THREADS = 4
BATCH = 40


def deliver_batch(connection: Connection, *, at: datetime, threads: int = THREADS) -> int:
    """Claim and deliver one batch; how many rows were claimed. While the connection is down: one row, to see whether it is back."""
    connection.refresh_from_db()
    if connection.removed_at is not None or not health.may_call(connection, at=at):
        return 0
    probing = health.is_probing(connection)
    limit = 1 if probing else BATCH
    claimed = claim_due(connection, limit=limit, at=at, kinds=stock_turns.SINGLE)
    stock = stock_turns.claim_stock(connection, room=limit - len(claimed), at=at) if len(claimed) < limit else []
    lanes = list(lanes_of([*claimed, *stock]).values())
    try:
        if len(lanes) <= 1 or threads == 1:
            for lane in lanes:
                deliver_lane(connection, lane)
        else:
            deliver_side_by_side(connection, lanes, threads=min(threads, len(lanes)))
    finally:
        if stock:
            stock_turns.end_turn(connection)
    return len(claimed) + len(stock)


def lanes_of(messages: Iterable[OutboundMessage]) -> dict[str, list[OutboundMessage]]:
    lanes: dict[str, list[OutboundMessage]] = {}
    for message in messages:
        lanes.setdefault("batch:" + message.kind if ROUTES[message.kind].batch else message.lane, []).append(message)
    return lanes


def deliver_side_by_side(connection: Connection, lanes: list[list[OutboundMessage]], *, threads: int) -> None:
    """Each thread takes whole lanes; an error nobody planned for stops its thread and is raised here afterwards."""
    waiting: SimpleQueue[list[OutboundMessage]] = SimpleQueue()
    for lane in lanes:
        waiting.put(lane)
    surprises: list[BaseException] = []

    def work() -> None:
        try:
            while True:
                deliver_lane(connection, waiting.get_nowait())
        except Empty:
            return
        except BaseException as error:
            surprises.append(error)
            raise
        finally:
            database.close()

    workers = [threading.Thread(target=work, name=f"deliver-{connection.pk}-{number}") for number in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    if surprises:
        raise surprises[0]


def deliver_lane(connection: Connection, lane: list[OutboundMessage]) -> None:
    """Deliver the rows of a lane in turn, with one connector; stop and give the rest back when the connection does not answer."""
    lane = admitted(lane, at=timezone.now())
    if not lane:
        return
    try:
        connector = connect(connection, priority=Priority(ROUTES[lane[0].kind].priority), request_id=f"lane-{lane[0].pk}")
    except ConnectorError as error:  # the credential cannot be opened
        for message in lane:
            record_failure(message, error, None, started_at=timezone.now())
        return
    if ROUTES[lane[0].kind].batch:
        deliver_stock(lane, connector, at=timezone.now())
        return
    with remembered():
        deliver_in_turn(lane, connector)
