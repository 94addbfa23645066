"""Many orders and many offers at once: the published call frequencies leave room, and the few that fail are named."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from math import ceil

from django.utils import timezone

from connectors.sandbox.mirakl.limits import MAXIMUM
from exceptions.models import ExceptionCase
from portal.ledger.models import SalesOrder, StockPublication
from portal.sync.models import OutboundMessage, State
from tests.contract.mirakl_record import operation_of
from tests.corridor import control
from tests.sync.test_marketplace_stock import rest

ORDERS, OFFERS = 200, 1500  # a thousand decisions and ten thousand offers, without the portal: tests/contract/test_mirakl_writes.py
SHORTEST_WINDOW = timedelta(hours=2)
MISSING = ["BULK-1499", "BULK-17", "BULK-471"]


def seconds_needed(calls: list[dict[str, str]], *, rate_per_s: float) -> float:
    """How long these calls take at least at the published frequencies, every page counted as a call, and at the connection's own rate."""
    counts = Counter(operation.name for call in calls if (operation := operation_of(call)))
    windows = [(count, most, seconds) for name, count in counts.items() for most, seconds in MAXIMUM.get(name, ())]
    return len(calls) / rate_per_s + sum((ceil(count / most) - 1) * seconds for count, most, seconds in windows)


class TestManyWaitingOrders:
    def test_are_accepted_well_inside_the_shortest_window_and_before_any_stock(self, marketplace):  # R50, R51, R54
        marketplace.read(marketplace.hub, "snapshot")
        control(marketplace.warehouse, "stock", changes=[{"sku": "MUG-1", "warehouse": "Leeds Main", "physical": 5000}])
        marketplace.read(marketplace.hub, "snapshot")
        rest(marketplace)
        marketplace.place(count=ORDERS, lines={"MUG-1": 1})
        marketplace.shop_settings(rate_scale=1)
        marketplace.read_orders()
        marketplace.send(marketplace.channel)
        marketplace.send(marketplace.channel)

        calls = marketplace.calls(marketplace.shop)
        written = [operation_of(call).name for call in calls if call["method"] in ("PUT", "POST")]
        assert (marketplace.summary()["by_state"], marketplace.summary()["accepted_twice"]) == ({"SHIPPING": ORDERS}, [])
        assert written == ["OR21"] * ORDERS + ["STO01"]
        assert not [call for call in calls if call["status"] == 429]
        assert timedelta(seconds=seconds_needed(calls, rate_per_s=10)) < SHORTEST_WINDOW / 4
        assert SalesOrder.objects.count() == ORDERS


class TestManyOffers:
    def queue(self, marketplace) -> None:
        at = timezone.now()
        rows = StockPublication.objects.bulk_create(
            StockPublication(integration=marketplace.integration, connection=marketplace.channel, sku=f"BULK-{number}", wanted=7, truth_changed_at=at)
            for number in range(OFFERS)
        )
        OutboundMessage.objects.bulk_create(
            OutboundMessage(connection=marketplace.channel, integration=marketplace.integration, kind="publish_stock", subject=f"stock:{row.pk}",
                            version="1", lane=f"stock:{row.pk}", rank=1, not_before=at, created_at=at, payload={"sku": row.sku})
            for row in rows
        )  # fmt: skip

    def test_of_which_three_fail_name_each_in_a_case_of_its_own_and_show_the_rest(self, marketplace):  # R11, R21, E14, E21
        skus = [f"BULK-{number}" for number in range(OFFERS) if f"BULK-{number}" not in MISSING]
        control(marketplace.shop, "offers", add=[{"sku": sku, "title": sku} for sku in skus])
        self.queue(marketplace)
        marketplace.send(marketplace.channel)

        cases = ExceptionCase.objects.filter(is_open=True)
        assert sorted(found.items.get().label for found in cases) == MISSING
        assert all(f"does not know SKU {found.items.get().label}," in found.cause for found in cases)
        assert StockPublication.objects.filter(confirmed=7).count() == OFFERS - len(MISSING)
        assert {marketplace.shown()[sku] for sku in skus} == {7}
        assert len(marketplace.calls(marketplace.shop, method="POST")) == 1
        assert OutboundMessage.objects.filter(state=State.PARKED).count() == len(MISSING)
