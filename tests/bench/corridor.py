"""Corridor records a second on simulators without delay, against a bare loop that makes the same calls."""

from __future__ import annotations

import json
import multiprocessing
import time

import requests
from django.db import connections
from django.utils import timezone

from connectors.sandbox.kit import ADMIN
from connectors.sandbox.veeqo import API_KEY
from portal.connections.models import Connection
from portal.sync.deliver import deliver_batch
from portal.sync.models import OutboundMessage, State
from tests.bench.simulators import simulators_apart
from tests.bench.table import Row, row
from tests.corridor import Corridor, control

ORDERS, ROUNDS = 300, 3
STORES = ("uk", "outlet")  # a lane each
IDLE_S = 0.01


def rows(scale: int) -> list[Row]:
    """In turns, because the speed of a shared computer changes from minute to minute: the median of the rounds' ratios counts."""
    with simulators_apart() as (shop, warehouse):
        corridor = Corridor(shop, warehouse)
        Connection.objects.update(rate_per_s=100_000)
        control(shop, "stock", sku="MUG-1", quantity=1_000_000, channel="wh-leeds")
        rounds = sorted((one_round(corridor, warehouse.url) for _ in range(ROUNDS)), key=lambda each: each[0] / each[1])
    ours, bare = rounds[ROUNDS // 2]
    return [row("orders a second, two workers / a bare requests loop", ours, bare, unit="/s", goal=0.5, limit=0.3, more=True)]


def one_round(corridor: Corridor, warehouse_url: str) -> tuple[float, float]:
    """Orders a second: ours, and a bare loop's with the same bodies."""
    for store in STORES:
        corridor.place(count=ORDERS // len(STORES), store=store, lines=[{"sku": "MUG-1", "quantity": 1}])
    corridor.read_orders()
    requests.delete(f"{warehouse_url}{ADMIN}/calls", timeout=5)
    started = time.perf_counter()
    two_workers(corridor.hub.pk)
    ours = ORDERS / (time.perf_counter() - started)
    bodies = [json.loads(call["body"]) for call in corridor.calls(corridor.warehouse, method="POST", path="/orders")][:ORDERS]
    return ours, bare_loop(f"{warehouse_url}/orders", bodies)


def two_workers(connection_id: int) -> None:
    """Two processes drain what is due, as two workers of the cluster would."""
    connections.close_all()
    fork = multiprocessing.get_context("fork")
    workers = [fork.Process(target=drain, args=(connection_id,)) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()


def drain(connection_id: int) -> None:
    connection = Connection.objects.get(pk=connection_id)
    while OutboundMessage.objects.filter(connection=connection, state__in=(State.QUEUED, State.IN_FLIGHT), kind="create_order").exists():
        if not deliver_batch(connection, at=timezone.now(), threads=2):
            time.sleep(IDLE_S)  # the other one has the last lane


def bare_loop(url: str, bodies: list[object]) -> float:
    session = requests.Session()
    started = time.perf_counter()
    for body in bodies:
        session.post(url, json=body, headers={"x-api-key": API_KEY}, timeout=10)
    return len(bodies) / (time.perf_counter() - started)
