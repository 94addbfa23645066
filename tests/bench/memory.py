"""Memory of a worker and of a web process over a run: how much, and whether it grows."""

from __future__ import annotations

import multiprocessing
import resource
from collections.abc import Callable
from typing import Any

from django.db import connections
from django.test import Client

from portal.connections.models import Connection
from tests.bench.simulators import simulators_apart
from tests.bench.table import Row, row
from tests.corridor import Corridor, control
from tests.people import person

LIMIT_MB = 300.0
ORDERS, ROUNDS, PAGES = 60, 6, 60


def rows(scale: int) -> list[Row]:
    """The first round warms up; what is added after it would be added again every hour."""
    person("omar")
    with simulators_apart() as (shop, warehouse):
        corridor = Corridor(shop, warehouse)
        Connection.objects.update(rate_per_s=100_000)
        control(shop, "stock", sku="MUG-1", quantity=100_000, channel="wh-leeds")
        worker = peaks(lambda: work(corridor))
        web = peaks(browse)
    return [row_of("worker", worker), growth_of("worker", worker), row_of("web process", web), growth_of("web process", web)]


def row_of(name: str, found: list[float]) -> Row:
    return row(f"memory of a {name} / 300 MB", found[-1], LIMIT_MB, unit="MB", goal=0.8, limit=1)


def growth_of(name: str, found: list[float]) -> Row:
    return row(f"memory of a {name}: end of the run / after its first part", found[-1], found[0], unit="MB", goal=1.05, limit=1.2)


def work(corridor: Corridor) -> None:
    """From the shop to the warehouse and back into the ledger."""
    corridor.place(count=ORDERS, lines=[{"sku": "MUG-1", "quantity": 1}])
    corridor.run()
    corridor.read_warehouse()


def browse() -> None:
    client = Client()
    client.force_login(person("omar"))
    for number in range(PAGES):
        assert client.get(("/inbox/", "/orders/", "/")[number % 3]).status_code == 200


def peaks(part: Callable[[], None]) -> list[float]:
    """The process's peak in MB after each part."""
    connections.close_all()
    fork = multiprocessing.get_context("fork")
    told: Any = fork.SimpleQueue()

    def run() -> None:
        for _ in range(ROUNDS):
            part()
            told.put(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)

    process = fork.Process(target=run)
    process.start()
    process.join()
    assert process.exitcode == 0
    return [told.get() for _ in range(ROUNDS)]
