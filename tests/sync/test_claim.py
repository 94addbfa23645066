"""Rows of one lane never run at the same time, in any worker, and go in their order."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import connection as database
from django.db import transaction
from django.utils import timezone

from connectors.canonical import Done
from mappings.models import ShipServiceMapping, StoreMapping
from portal.connections.models import Connection
from portal.sync import deliver as delivering
from portal.sync.claim import CLAIM, begin_call, claim_due, give_back, lease, sweep_leases
from portal.sync.deliver import deliver_batch, lanes_of
from portal.sync.models import OutboundMessage, State
from portal.sync.plan_orders import plan_order
from tests.ledger.orders import NOON, an_integration, kept


@transaction.atomic
def queue(connection: Connection, number: int, store="uk") -> None:
    for one in range(number):
        plan_order(kept(connection, reference=f"{store}-{one}", store_code=store), at=NOON)


@pytest.fixture
def joined(db):
    return an_integration()


class TestAClaim:
    def test_takes_no_more_than_it_asks_for(self, joined):
        queue(joined.channel, 7)

        assert [len(claim_due(joined.hub, limit=limit, at=NOON)) for limit in (1, 3)] == [1, 0]

    @pytest.mark.parametrize("limit", [1, 2, 3])
    def test_takes_the_oldest_first(self, joined, limit):  # R39
        queue(joined.channel, 4)

        assert [one.order.reference for one in claim_due(joined.hub, limit=limit, at=NOON)] == [f"uk-{number}" for number in range(limit)]

    def test_reads_the_busy_lanes_once_however_many_rows_wait(self, joined):
        values = {"connection": joined.hub_id, "at": NOON, "lease": NOON, "limit": 40, "kinds": None}
        with database.cursor() as cursor:
            cursor.execute(f"EXPLAIN {CLAIM}", values)
            plan = " ".join(row[0] for row in cursor.fetchall())

        assert "hashed SubPlan" in plan
        assert "Join" not in plan

    def test_leaves_a_lane_alone_that_somebody_works_on(self, joined):  # R39, R69
        queue(joined.channel, 3, store="uk")
        first = claim_due(joined.hub, limit=1, at=NOON)
        queue(joined.channel, 2, store="eu")

        assert {one.lane for one in first} == {"store:uk"}
        assert {one.lane for one in claim_due(joined.hub, limit=10, at=NOON)} == {"store:eu"}

    def test_takes_orders_before_bulk(self, joined):  # R17, R40
        queue(joined.channel, 2)
        OutboundMessage.objects.filter(order__reference="uk-0").update(rank=4, lane="stock:1")

        assert [one.rank for one in claim_due(joined.hub, limit=2, at=NOON)] == [0, 4]

    def test_waits_for_what_is_not_due(self, joined):
        queue(joined.channel, 1)
        OutboundMessage.objects.update(not_before=NOON + timedelta(seconds=1))

        assert claim_due(joined.hub, limit=1, at=NOON) == []

    def test_is_lost_by_a_worker_that_was_thought_dead(self, joined):  # R69
        queue(joined.channel, 1)
        [slow] = claim_due(joined.hub, limit=1, at=NOON)
        sweep_leases(at=NOON + lease() * 2)
        [quick] = claim_due(joined.hub, limit=1, at=NOON + lease() * 3)

        assert (begin_call(slow, at=NOON + lease() * 3), begin_call(quick, at=NOON + lease() * 3)) == (False, True)

    def test_given_back_is_free_at_once(self, joined):
        queue(joined.channel, 2)
        give_back(claim_due(joined.hub, limit=2, at=NOON), at=NOON)

        assert len(claim_due(joined.hub, limit=2, at=NOON)) == 2

    def test_given_back_does_not_return_what_was_begun(self, joined):  # R35
        queue(joined.channel, 1)
        mine = claim_due(joined.hub, limit=1, at=NOON)
        begin_call(mine[0], at=NOON)
        give_back(mine, at=NOON)

        assert OutboundMessage.objects.get().state == State.IN_FLIGHT


class Recorder:
    """A hub that remembers who was inside at the same time, by lane."""

    def __init__(self) -> None:
        self.lock, self.inside, self.overlaps, self.order = threading.Lock(), set(), [], []

    def create_order(self, order):
        with self.lock:
            if order.store_code in self.inside:
                self.overlaps.append(order.number)
            self.inside.add(order.store_code)
            self.order.append((order.store_code, order.number))
        threading.Event().wait(0.01)
        with self.lock:
            self.inside.discard(order.store_code)
        return Done(f"there-{order.number}")

    def take_exchanges(self):
        return []


STORES = {"uk": "11", "eu": "22", "outlet": "33"}


@pytest.fixture
def busy(transactional_db, monkeypatch):
    """Thirty orders of three stores, and a hub that watches."""
    joined = an_integration()
    for code, hub_code in STORES.items():
        StoreMapping.objects.create(integration=joined, channel_code=code, hub_code=hub_code)
        queue(joined.channel, 10, store=code)
    ShipServiceMapping.objects.create(integration=joined, channel_code="standard", hub_code="1")
    recorder = Recorder()
    monkeypatch.setattr(delivering, "connect", lambda *_, **__: recorder)
    return joined, recorder


def drain(hub: Connection, failures: list[BaseException]) -> None:
    try:
        while deliver_batch(hub, at=timezone.now(), threads=2) or OutboundMessage.objects.filter(state__in=(State.QUEUED, State.IN_FLIGHT)).exists():
            pass
    except BaseException as error:
        failures.append(error)
        raise
    finally:
        database.close()


class TestTwoWorkers:
    def test_never_interleave_in_a_lane_and_keep_each_stores_sequence(self, busy):  # R39, R69
        joined, recorder = busy
        failures: list[BaseException] = []
        workers = [threading.Thread(target=drain, args=(Connection.objects.get(pk=joined.hub_id), failures)) for _ in range(2)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join(timeout=60)

        assert (failures, recorder.overlaps) == ([], [])
        assert len(recorder.order) == len(set(recorder.order)) == 30
        for code, hub_code in STORES.items():
            assert [number for store, number in recorder.order if store == hub_code] == [f"WEB-{code}-{number}" for number in range(10)]

    def test_share_the_work_by_lanes(self, busy):
        joined, _ = busy
        lanes = lanes_of(claim_due(joined.hub, limit=40, at=timezone.now()))

        assert {lane: len(rows) for lane, rows in lanes.items()} == {f"store:{code}": 10 for code in STORES}
