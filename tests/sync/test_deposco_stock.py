"""Stock by facility from Deposco: each facility its supply channel, the sum of them, the split on the page, and the buffer (R16-R20)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from connectors.ports import Priority
from exceptions.models import ExceptionCase
from portal.dashboard.stock_item import items_of
from portal.dashboard.stock_names import names_of
from portal.ledger.models import Buffer, StockLevel
from portal.sync.models import Cursor
from portal.sync.stock import replan_stock
from tests.corridor import SKUS, control
from tests.deposco_site import Site
from tests.people import person


@pytest.fixture
def both(site: Site) -> Site:
    """Both facilities have a supply channel of their own."""
    site.map_facility("RNO2", "wh-leeds")
    return site


def in_shop(site: Site, sku: str = "MUG-1") -> dict[str, int]:
    return {level.warehouse_code: level.on_hand for level in site.corridor.read_shop([sku]) if level.warehouse_code}


class TestASnapshot:
    def test_reaches_each_facilitys_supply_channel(self, both):  # R16, R18, R19
        both.read("snapshot")
        both.corridor.send()

        assert in_shop(both) == {"wh-berlin": 30, "wh-leeds": 12}

    def test_adds_up_to_the_sum_of_the_mapped_facilities(self, both):  # R20
        both.read("snapshot")
        both.corridor.send()
        at_hub = sum(StockLevel.objects.filter(connection=both.hub, sku="MUG-1").values_list("available", flat=True))

        assert sum(in_shop(both).values()) == at_hub == 42

    def test_corrects_what_deltas_missed_and_counts_it(self, both):  # R16, E22
        both.read("snapshot")
        control(both.running, "stock", changes=[{"sku": sku, "facility": "ATL1", "on_hand": 7} for sku in ("MUG-1", "TEE-1")])
        both.read("snapshot")
        both.corridor.send()

        cursor = Cursor.objects.get(connection=both.hub, feed="snapshot")
        assert (cursor.corrected, in_shop(both)["wh-berlin"], in_shop(both, "TEE-1")["wh-berlin"]) == (2, 7, 7)

    def test_gives_way_to_orders(self, both):  # R17
        feeds = {feed.name: feed for feed in both.hub.vendor.feeds}

        assert feeds["snapshot"].priority is Priority.BULK and feeds["snapshot"].full and feeds["orders"].priority is Priority.ORDERS

    def test_leaves_what_is_not_mapped_out_until_it_is(self, site):  # R19, E24
        site.read("snapshot")
        site.corridor.send()
        alone = in_shop(site).get("wh-berlin")
        case = ExceptionCase.objects.get(kind="E24", integration=site.integration)
        site.map_facility("RNO2", "wh-leeds")
        replan_stock(site.hub, SKUS, at=timezone.now())
        site.corridor.send()

        assert alone == 30 and "RNO2" in case.cause and in_shop(site)["wh-leeds"] == 12

    def test_of_a_facility_that_opened_since_is_a_case(self, both):  # R19, E24
        control(both.running, "facilities", number="DAL3", name="Dallas")
        control(both.running, "stock", changes=[{"sku": "MUG-1", "facility": "DAL3", "on_hand": 500}])
        both.read("snapshot")
        both.corridor.send()

        case = ExceptionCase.objects.get(kind="E24", integration=both.integration)
        assert "DAL3" in case.cause and sum(in_shop(both).values()) == 42


class TestTheStockPage:
    def test_shows_what_each_facility_has(self, both, client):  # R20
        both.read("snapshot")
        both.corridor.send()
        client.force_login(person("omar"))
        page = client.get("/stock/MUG-1/").content.decode()

        assert "ATL1" in page and "RNO2" in page and "wh-berlin" in page

    def test_shows_each_site_only_what_it_tells_itself(self, site):  # R2, R20
        site.read("snapshot")
        site.corridor.read(site.corridor.hub, "stock")
        site.corridor.send()
        at = timezone.now()
        found = {item.hub.name: item for item in items_of(names_of("MUG-1", at=at), since=at - timedelta(days=1), at=at)}

        assert [row.warehouse_code for row in found["Deposco"].publications] == ["wh-berlin"]
        assert [row.warehouse_code for row in found["Warehouse"].publications] == ["wh-leeds"]


class TestABuffer:
    def test_is_kept_back_of_the_skus_that_sell_fast(self, both):  # R10, R18
        Buffer.objects.create(integration=both.integration, pattern="MUG-*", units=4)
        both.read("snapshot")
        both.corridor.send()

        assert in_shop(both)["wh-berlin"] == 26 and in_shop(both, "TEE-1")["wh-berlin"] == 30


class TestAKey:
    """What stands for two products blocks the orders with it, and says so in its own case."""

    @pytest.mark.parametrize("kind", ["case", "space"])
    def test_spelt_in_two_ways_is_blocked(self, site, kind):  # R79, R81, E12
        control(site.running, "collisions", sku="MUG-1", kind=kind)
        site.read("catalogue")
        placed = site.place()

        case = ExceptionCase.objects.get(kind="E12", connection=site.hub)
        assert site.there(placed) is None and "differ only in capitals or spaces" in case.cause

    def test_that_is_one_barcode_on_two_items_is_blocked(self, site):  # R79, R81, E12
        control(site.running, "collisions", sku="MUG-1", kind="upc", **{"with": "TEE-1"})
        site.read("catalogue")

        assert site.there(site.place()) is None and ExceptionCase.objects.filter(kind="E12", connection=site.hub).exists()

    def test_put_right_lets_the_order_go(self, site):  # R79, E12
        twin = control(site.running, "collisions", sku="MUG-1", kind="case")
        site.read("catalogue")
        placed = site.place()
        control(site.running, "sku", sku=twin["number"], new_sku="MUG-OTHER")
        site.read("catalogue")
        site.corridor.send(site.hub)

        assert site.there(placed) is not None and not ExceptionCase.objects.filter(kind="E12", is_open=True).exists()

    def test_that_is_a_single_here_and_a_case_there_is_blocked(self, site):  # R79, R81, E12
        control(site.corridor.shop, "products", sku="MUG-1-12", price=12000, stock=5)
        control(site.running, "collisions", sku="MUG-1", kind="pack")
        drop_single(site, "MUG-1-12")
        site.read("catalogue")
        site.corridor.read(site.corridor.channel, "catalogue")
        placed = site.place(lines=[{"sku": "MUG-1-12", "quantity": 1}])

        case = ExceptionCase.objects.get(kind="E12", connection=site.hub)
        assert site.there(placed) is None and "12" in case.cause

    def test_whose_pack_sizes_agree_again_lets_the_order_go(self, site):  # R79, E12
        control(site.corridor.shop, "products", sku="MUG-1-12", price=12000, stock=5)
        control(site.running, "collisions", sku="MUG-1", kind="pack")
        drop_single(site, "MUG-1-12")
        site.read("catalogue")
        site.corridor.read(site.corridor.channel, "catalogue")
        placed = site.place(lines=[{"sku": "MUG-1-12", "quantity": 1}])
        control(site.running, "packs", sku="MUG-1-12", type="Each", quantity=1)
        site.read("catalogue")
        site.corridor.send(site.hub)

        assert site.there(placed) is not None and not ExceptionCase.objects.filter(kind="E12", is_open=True).exists()


def drop_single(site: Site, sku: str) -> None:
    """The item is sold by the case only."""
    state = site.running.server.app.extensions["state"]
    item = next(item for item in state.items.values() if item.number == sku)
    item.packs[:] = [pack for pack in item.packs if pack.quantity != 1]
