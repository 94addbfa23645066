"""An order reaches the warehouse exactly once, whatever becomes of the answer."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from exceptions.models import ExceptionCase
from mappings.models import ShipServiceMapping, StoreMapping
from portal.connections.connect import connect
from portal.connections.models import Connection, Integration
from portal.ledger.models import SalesOrder, Stage
from portal.sync.claim import begin_call, claim_due, lease, sweep_leases
from portal.sync.kinds import create_order
from portal.sync.models import DeliveryAttempt, ExternalReference, OutboundMessage, State
from tests.corridor import CREDENTIALS

SETTLE = timedelta(minutes=10)


@pytest.fixture
def placed(corridor):
    """One order on its way; the warehouse's search may lag half a minute behind its writes."""
    Connection.objects.filter(pk=corridor.hub.pk).update(options={"settle_s": "30"})
    [order] = corridor.place()
    corridor.read_orders()
    return order


def message() -> OutboundMessage:
    return OutboundMessage.objects.get(kind="create_order")


def creations(corridor) -> int:
    return len(corridor.calls(corridor.warehouse, method="POST", path="/orders"))


class TestALostAnswer:
    def test_makes_the_next_try_look_first(self, corridor, placed):  # R35
        corridor.fault(corridor.warehouse, "lost_after", path="^/orders", method="POST")
        corridor.send()

        assert (message().state, message().looks_first) == (State.QUEUED, True)

    def test_adopts_the_order_that_was_made_after_all(self, corridor, placed):  # R35
        corridor.fault(corridor.warehouse, "lost_after", path="^/orders", method="POST")
        corridor.send()
        corridor.send(at=timezone.now() + SETTLE)

        [there] = corridor.at_warehouse(placed["orderNumber"])
        assert ExternalReference.objects.get(kind="order").reference == str(there["id"])
        assert (corridor.order(placed).stage, creations(corridor)) == (Stage.WITH_HUB, 1)

    def test_creates_it_only_after_two_clean_looks(self, corridor, placed):  # R35
        corridor.fault(corridor.warehouse, "lost_before", path="^/orders", method="POST")
        made = []
        for _ in range(3):
            corridor.send(at=timezone.now() + SETTLE)
            made.append(len(corridor.at_warehouse(placed["orderNumber"])))

        assert made == [0, 0, 1]
        assert [attempt.outcome for attempt in DeliveryAttempt.objects.all()] == ["OutcomeUnknown", "looked", "done"]

    def test_is_settled_by_the_warehouses_own_list(self, corridor, placed):
        corridor.fault(corridor.warehouse, "lost_after", path="^/orders", method="POST")
        corridor.send()
        corridor.read_warehouse()

        assert message().state == State.CONFIRMED
        assert (corridor.order(placed).stage, creations(corridor)) == (Stage.WITH_HUB, 1)

    @pytest.mark.parametrize("fault", ["lost_before", "lost_after", "500", "502", "504", "malformed", "html"])
    def test_of_any_kind_makes_one_order(self, corridor, placed, fault):  # R15, R35, R41
        corridor.fault(corridor.warehouse, fault, path="^/orders", method="POST")
        for _ in range(4):
            corridor.send(at=timezone.now() + SETTLE)

        assert len(corridor.at_warehouse(placed["orderNumber"])) == 1
        assert corridor.order(placed).stage == Stage.WITH_HUB
        assert not ExceptionCase.objects.exclude(kind="E32").exists()

    def test_five_times_is_a_case_that_closes_when_the_order_is_there(self, corridor, placed):  # E04, A4
        corridor.fault(corridor.warehouse, "500", path="^/orders", method="POST", times=None)
        for _ in range(8):
            corridor.send(at=timezone.now() + SETTLE)
        case = ExceptionCase.objects.get(kind="E04")
        corridor.mend()
        for _ in range(3):
            corridor.send(at=timezone.now() + SETTLE)

        case.refresh_from_db()
        assert len(corridor.at_warehouse(placed["orderNumber"])) == 1
        assert not case.is_open


class TestTheVendorsLimit:
    def test_is_waited_out(self, corridor, placed):  # R40
        corridor.fault(corridor.warehouse, "429", path="^/orders", method="POST", times=2)
        for _ in range(3):
            corridor.send(at=timezone.now() + SETTLE)

        assert len(corridor.at_warehouse(placed["orderNumber"])) == 1
        assert not ExceptionCase.objects.exists()


class TestAKilledWorker:
    def begun(self, corridor) -> OutboundMessage:
        [mine] = claim_due(corridor.hub, limit=1, at=timezone.now())
        begin_call(mine, at=timezone.now())
        return mine

    def test_loses_its_row_when_the_lease_ends_and_not_before(self, corridor, placed):
        self.begun(corridor)
        early = sweep_leases(at=timezone.now() + lease() - timedelta(seconds=5))
        late = sweep_leases(at=timezone.now() + lease() + timedelta(seconds=5))

        assert (early, late) == (0, 1)

    def test_in_the_middle_of_a_call_makes_the_next_one_look_first(self, corridor, placed):  # R35
        self.begun(corridor)
        sweep_leases(at=timezone.now() + lease() * 2)

        assert (message().state, message().looks_first) == (State.QUEUED, True)

    def test_before_its_call_makes_nobody_look(self, corridor, placed):
        claim_due(corridor.hub, limit=1, at=timezone.now())
        sweep_leases(at=timezone.now() + lease() * 2)

        assert (message().state, message().looks_first) == (State.QUEUED, False)

    def test_after_creating_it_leaves_one_order(self, corridor, placed):  # R35
        mine = self.begun(corridor)
        request = create_order.prepare(mine, at=timezone.now())
        create_order.perform(connect(corridor.hub), mine, request)
        sweep_leases(at=timezone.now() + lease() * 2)
        corridor.send(at=timezone.now() + SETTLE)

        assert len(corridor.at_warehouse(placed["orderNumber"])) == 1
        assert corridor.order(placed).stage == Stage.WITH_HUB


class TestTwoOrdersWithOneNumber:
    @pytest.fixture
    def both(self, corridor):
        """Two accounts of the same shop system feed one warehouse, neither with a prefix."""
        Integration.objects.update(number_prefix="")
        second = Connection(name="Second shop", system="commercetools", base_url=corridor.shop.url, auth_url=corridor.shop.url)
        second.account, second.options = corridor.channel.account, {"overlap_s": "5"}
        second.set_credentials(CREDENTIALS["commercetools"])
        second.save()
        Connection.objects.filter(pk=second.pk).update(enabled=True, verified_at=timezone.now(), rate_per_s=1000)
        second.refresh_from_db()
        joined = Integration.objects.create(name="Second", channel=second, hub=corridor.hub, enabled=True)
        for row in StoreMapping.objects.all():
            StoreMapping.objects.create(integration=joined, channel_code=row.channel_code, hub_code=row.hub_code)
        for row in ShipServiceMapping.objects.all():
            ShipServiceMapping.objects.create(integration=joined, channel_code=row.channel_code, hub_code=row.hub_code)
        [order] = corridor.place()
        corridor.read_orders()
        corridor.send()
        corridor.read(second, "orders")
        return order

    def test_are_two_orders_in_the_warehouse(self, corridor, both):
        corridor.send()

        assert len(corridor.at_warehouse(both["orderNumber"], prefix="")) == 2
        assert ExternalReference.objects.filter(kind="order").values("reference").distinct().count() == 2

    def test_do_not_adopt_each_other_after_a_lost_answer(self, corridor, both):  # R35
        corridor.fault(corridor.warehouse, "lost_before", path="^/orders", method="POST")
        for _ in range(3):
            corridor.send(at=timezone.now() + SETTLE)

        assert len(corridor.at_warehouse(both["orderNumber"], prefix="")) == 2
        assert SalesOrder.objects.filter(stage=Stage.WITH_HUB).count() == 2
