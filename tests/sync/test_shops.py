"""Orders of a Shopify shop and of a BigCommerce store go to the warehouse, and what happens there comes back, once."""

from __future__ import annotations

import pytest

from portal.ledger.models import SalesOrder
from tests.shops import ShopCorridor, control, run_shops


@pytest.fixture(scope="module")
def running():
    yield from run_shops()


@pytest.fixture(params=["shopify", "bigcommerce"])
def shop(request, db, running) -> ShopCorridor:
    return ShopCorridor(request.param, running)


class TestAnOrder:
    def test_reaches_the_warehouse_once(self, shop):  # R35
        placed = shop.place()
        for _ in range(3):
            shop.run()

        [there] = shop.at_warehouse(placed)
        assert [(line["sku"], line["quantity"]) for line in lines_of(there)] == [("MUG-1", 2)]

    def test_cancelled_in_the_shop_is_cancelled_there(self, shop):
        placed = shop.place()
        shop.run()
        control(shop.shop, f"orders/{placed['id']}/cancel")
        shop.run()

        assert [one["status"] for one in shop.at_warehouse(placed)] == ["cancelled"]

    def test_cancelled_before_it_was_sent_never_leaves(self, shop):
        placed = shop.place()
        control(shop.shop, f"orders/{placed['id']}/cancel")
        shop.run()

        assert shop.at_warehouse(placed) == []


class TestADispatch:
    def test_is_shown_in_the_shop_once(self, shop):  # R56, R58, R65
        placed = shop.place()
        shop.run()
        shop.ship(placed)
        for _ in range(3):
            shop.run()

        [shipment] = shop.shown(placed).shipments
        assert shipment.parcels[0].tracking_number and shipment.carrier_code in ("Royal Mail", "royalmail")
        assert SalesOrder.objects.get(reference=str(placed["id"])).shipments.get().shown_at is not None

    def test_whose_answer_is_lost_is_still_shown_once(self, shop):  # R35
        placed = shop.place()
        shop.run()
        shop.ship(placed)
        lose = {"fault": "lost_after", "method": "POST", "path": "graphql" if shop.system == "shopify" else "shipments", "times": 1}
        shop.read(shop.hub, "orders")
        control(shop.shop, "faults", **lose)
        for _ in range(3):
            shop.run()

        assert len(shop.shown(placed).shipments) == 1


class TestStock:
    def test_follows_the_warehouse(self, shop):  # R10, R18
        shop.read(shop.hub, "stock")
        shop.send()
        assert shop.level("TEE-1") == 50

        control(shop.warehouse, "stock", changes=[{"sku": "TEE-1", "warehouse": "Leeds Main", "physical": 7}])
        shop.read(shop.hub, "stock")
        shop.send()

        assert shop.level("TEE-1") == 7


def lines_of(order: dict) -> list[dict]:
    found = order.get("lines") or order.get("line_items") or []
    return [{"sku": line.get("sku") or line["sellable"]["sku_code"], "quantity": line["quantity"]} for line in found]
