"""Whatever is done to the Veeqo simulator, its stock and its indexes still add up."""

from __future__ import annotations

import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
import requests

from connectors.sandbox.kit import serve
from connectors.sandbox.veeqo import API_KEY, OTHER_API_KEY
from connectors.sandbox.veeqo.index import Journal
from connectors.sandbox.veeqo.lifecycle import derive, needed, unallocated
from connectors.sandbox.veeqo.store import State
from connectors.sandbox.veeqo.warehouse_control import ACTIONS
from tests.sandbox.veeqo_shop import Shop

SKUS = ("MUG-BLU", "CAP-RED", "APR-WHT", "APR-YEL")


def assert_adds_up(here: State) -> None:
    reserved: Counter[tuple[int, int]] = Counter()
    for allocation in here.allocations.values():
        for line in allocation.lines:
            reserved[line.sellable_id, allocation.warehouse_id] += line.quantity if allocation.shipment is None else 0
    kept = {(each.sellable_id, each.warehouse_id): each.allocated for entries in here.stock.values() for each in entries.values()}
    assert {key: count for key, count in kept.items() if count} == +reserved
    assert {order.id: order.status for order in here.orders.values()} == {id: status for status, ids in here.by_status.items() for id in ids}
    assert all(order.status == derive(order, merged_away=here.settings.merged_away) for order in here.orders.values())
    short = {(id, order.id) for order in here.orders.values() if not (order.merged_to_id or order.cancelled_at) for id in unallocated(order)}
    assert {(sellable_id, id) for sellable_id, ids in here.waiting.items() for id in ids} == short
    listed = [allocation.id for order in here.orders.values() for allocation in order.allocations]
    assert sorted(listed) == sorted(here.allocations)


def random_action(shop: Shop, draw: random.Random, *, numbers: list[str]) -> None:
    name = draw.choice(sorted(set(ACTIONS) - {"return-status"}))
    body: dict = {"numbers": draw.sample(numbers, 2), "parcels": draw.randint(1, 3), "on": draw.random() < 0.3, "into": draw.choice(numbers)}
    if draw.random() < 0.5:
        body["units"] = {draw.choice(SKUS): draw.randint(1, 3)}
    answer = shop.control(name, **body)
    assert "done" in answer, answer


class TestJournal:
    noon = datetime(2026, 10, 2, 12, tzinfo=UTC)

    def test_includes_the_bound_itself(self):
        journal = Journal()
        for id in (1, 2, 3):
            journal.touch(id, at=self.noon + timedelta(minutes=id))

        assert journal.since(self.noon + timedelta(minutes=2)) == {2, 3}

    def test_misses_nothing_after_the_clock_was_turned_back(self):
        journal = Journal()
        for id, minutes in ((1, 10), (2, 0), (3, 20)):
            journal.touch(id, at=self.noon + timedelta(minutes=minutes))

        assert journal.since(self.noon + timedelta(minutes=5)) == {1, 3}


class TestSums:
    @pytest.mark.parametrize("seed", range(6))
    def test_hold_after_any_mix_of_actions(self, seed):
        draw = random.Random(seed)
        shop = Shop(alloc_delay_s=draw.choice((0, 90)), auto_ship_s=draw.choice((None, 900)))
        numbers = [f"CT-{at}" for at in range(12)]
        for number in numbers:
            shop.place(number, sku=draw.choice(SKUS), quantity=draw.randint(1, 4))
        for step in range(120):
            shop.wait(step * 60)
            random_action(shop, draw, numbers=numbers)
            shop.control("stock", changes=[{"sku": draw.choice(SKUS), "delta": draw.randint(-1, 2)}])

        assert_adds_up(shop.app.extensions["state"])

    def test_hold_when_lines_are_edited_down(self):
        shop = Shop()
        order = shop.place(quantity=5)
        rows = [{"sellable_id": shop.made["sellables"]["MUG-BLU"], "quantity": 2}]

        after = shop.call("PUT", f"/orders/{order['id']}", json={"order": {"line_items_attributes": rows}}).json

        assert after["allocated_completely"] is True
        assert shop.summary()["allocated"] == 2
        assert_adds_up(shop.app.extensions["state"])

    def test_hold_under_threads(self):
        shop = Shop()
        running = serve(shop.app)

        def place(at: int) -> int:
            key = (API_KEY, OTHER_API_KEY)[at % 2]
            return requests.post(f"{running.url}/orders", json=shop.body(f"CT-{at}"), headers={"x-api-key": key}, timeout=10).status_code

        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(place, range(80)))
        running.stop()

        assert set(answers) == {201}
        assert sum(sum(needed(order).values()) for order in shop.app.extensions["state"].orders.values()) == 160
        assert_adds_up(shop.app.extensions["state"])
