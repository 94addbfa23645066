"""Corridor records a second on simulators without delay, against a bare loop that makes the same calls."""

from __future__ import annotations

import json
import time

import requests

from connectors.sandbox.veeqo import API_KEY
from portal.connections.models import Connection
from tests.bench.table import Row, row
from tests.corridor import Corridor, control, run_simulators

ORDERS = 300


def rows(scale: int) -> list[Row]:
    simulators = run_simulators()
    shop, warehouse = next(simulators)
    corridor = Corridor(shop, warehouse)
    Connection.objects.update(rate_per_s=100_000)
    control(shop, "stock", sku="MUG-1", quantity=100_000, channel="wh-leeds")
    for store in ("uk", "outlet", "eu"):
        corridor.place(count=ORDERS // 3, store=store, lines=[{"sku": "MUG-1", "quantity": 1}])
    corridor.read_orders()
    started = time.perf_counter()
    corridor.send(corridor.hub)
    ours = ORDERS / (time.perf_counter() - started)
    bodies = [json.loads(call["body"]) for call in corridor.calls(warehouse, method="POST", path="/orders")][:ORDERS]
    bare = bare_loop(f"{warehouse.url}/orders", bodies)
    next(simulators, None)
    return [row("orders a second, one worker / a bare requests loop", ours, bare, unit="/s", goal=0.5, limit=0.3, more=True)]


def bare_loop(url: str, bodies: list[object]) -> float:
    session = requests.Session()
    started = time.perf_counter()
    for body in bodies:
        session.post(url, json=body, headers={"x-api-key": API_KEY}, timeout=10)
    return len(bodies) / (time.perf_counter() - started)
