"""Stock that changed in the warehouse until the shop has taken it, with a real worker: p95 over the poll interval and the calls' own time."""

from __future__ import annotations

import random
import tempfile
import time
from pathlib import Path

import requests
from django.db import connection
from django.db.models import F

from connectors.sandbox.veeqo import API_KEY
from portal.connections.models import Connection
from portal.ledger.models import StockPublication
from tests.bench.crowd import p95
from tests.bench.simulators import Apart, simulators_apart
from tests.bench.table import Row, row, timed
from tests.corridor import Corridor, control
from tests.journeys.worker import Worker

CHANGES, EVERY_S = 40, 20
FEEDS = ("orders", "sweep", "returns", "snapshot", "catalogue", "messages", "payments", "products")
PATIENCE_S = 120.0
NAMES = [f"PACE-{number}" for number in range(CHANGES)]


def rows(scale: int) -> list[Row]:
    """Every SKU changes once, at a moment of its own within two poll intervals; the delay is the one the portal records (R25)."""
    with simulators_apart() as (shop, warehouse), tempfile.TemporaryDirectory() as folder:
        Corridor(shop, warehouse)
        Connection.objects.update(intervals={**dict.fromkeys(FEEDS, 0), "stock": EVERY_S})
        for name in NAMES:
            control(shop, "products", sku=name, stock=5)
        control(warehouse, "skus", skus=[{"sku": name, "title": name, "price": "1.00", "stock": {"Leeds Main": 5}} for name in NAMES])
        worker = Worker(database_url(), Path(folder, "worker.log"), LOCKSTEP_LOG_LEVEL="ERROR")
        worker.start()
        try:
            wait_until_shown(5)
            change_each(warehouse)
            wait_until_shown(6)
        finally:
            worker.stop()
        floor = EVERY_S + call_s(warehouse)
    delays = list(StockPublication.objects.filter(sku__in=NAMES, confirmed=6).values_list("latency_s", flat=True))
    return [
        row("stock changed → shop has it, p95 / poll interval + calls", p95([each or 0.0 for each in delays]), floor, unit="s", goal=1.2, limit=2)
    ]


def database_url() -> str:
    """The bench's own database, for the worker."""
    chosen = connection.settings_dict
    place = f"{chosen['USER']}:{chosen['PASSWORD']}@" if chosen["PASSWORD"] else f"{chosen['USER']}@"
    return f"postgresql://{place}/{chosen['NAME']}?host={chosen['HOST']}&port={chosen['PORT'] or 5432}"


def wait_until_shown(level: int) -> None:
    rows = StockPublication.objects.filter(sku__in=NAMES, confirmed=level, wanted=F("confirmed"))
    ends = time.monotonic() + PATIENCE_S
    while rows.count() < CHANGES:
        assert time.monotonic() < ends, f"only {rows.count()} of {CHANGES} levels are shown"
        time.sleep(0.5)


def change_each(warehouse: Apart) -> None:
    """Spread over two intervals by a fixed seed."""
    began = time.monotonic()
    moments = sorted(random.Random(17).uniform(0, 2 * EVERY_S) for _ in NAMES)
    for name, moment in zip(NAMES, moments, strict=True):
        time.sleep(max(0.0, began + moment - time.monotonic()))
        control(warehouse, "stock", changes=[{"sku": name, "warehouse": "Leeds Main", "physical": 6}])


def call_s(warehouse: Apart) -> float:
    """One reading of a page of products: the simulators' calls take about the same."""
    headers = {"x-api-key": API_KEY}
    one = timed(lambda: requests.get(f"{warehouse.url}/products", params={"page_size": "100"}, headers=headers, timeout=10)) / 1000
    return 3 * one  # read it here, look it up there, write it there
