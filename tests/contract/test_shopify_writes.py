"""Holds the Shopify connector to what a sales channel promises about dispatches and stock, against the simulator."""

from __future__ import annotations

import pytest

from connectors.canonical import DispatchNotice, SalesOrder, Shipment, ShipmentLine, StockTarget, StockVerdict
from connectors.errors import AccessDenied, OutcomeUnknown, RateLimited, Rejected
from connectors.sandbox.shopify import READ_TOKEN
from tests.contract.shopify_shop import Shop, notice, running, shop

__all__ = ["running", "shop"]


@pytest.fixture(autouse=True)
def no_naps(monkeypatch):
    monkeypatch.setattr("connectors.http.time.sleep", lambda _: None)


@pytest.fixture
def order(shop: Shop) -> SalesOrder:
    return shop.a_new_order()


class TestConfirmShipment:
    def test_shows_units_carrier_and_tracking(self, shop: Shop, order: SalesOrder):  # R56, R58
        done = shop.channel.confirm_shipment(notice(order))

        [shipment] = shop.order(order.reference).shipments
        assert not done.found and done.reference == shipment.reference
        assert (shipment.carrier_code, shipment.parcels[0].tracking_number) == ("UPS", "1Z999AA10123456784")
        assert shop.order(order.reference).shipment_state == "FULFILLED"

    def test_thrice_shows_it_once_and_mails_once(self, shop: Shop, order: SalesOrder):  # R65
        found = [shop.channel.confirm_shipment(notice(order)).found for _ in range(3)]

        assert found == [False, True, True]
        assert (shop.summary()["fulfillments"], shop.summary()["notified"]) == (1, 1)

    def test_mails_nobody_where_the_connection_says_so(self, shop: Shop, order: SalesOrder):
        shop.connect(notify_customer="false").confirm_shipment(notice(order))

        assert shop.summary()["notified"] == 0

    def test_shows_several_numbers(self, shop: Shop, order: SalesOrder):  # R63
        shop.channel.confirm_shipment(notice(order, numbers=("T-1", "T-2")))

        [shipment] = shop.order(order.reference).shipments
        assert [parcel.tracking_number for parcel in shipment.parcels] == ["T-1", "T-2"]

    def test_fills_in_numbers_that_come_late(self, shop: Shop, order: SalesOrder):  # R63
        for numbers in ((), ("T-1",), ("T-1", "T-2")):
            shop.channel.confirm_shipment(notice(order, numbers=numbers))

        [shipment] = shop.order(order.reference).shipments
        assert [parcel.tracking_number for parcel in shipment.parcels] == ["T-1", "T-2"]
        assert shop.summary()["notified"] == 1

    def test_in_parts_ends_as_fulfilled(self, shop: Shop, order: SalesOrder):
        shop.channel.confirm_shipment(notice(order, 1, 0, numbers=("T-1",)))
        assert shop.order(order.reference).shipment_state == "PARTIALLY_FULFILLED"

        shop.channel.confirm_shipment(notice(order, 1, 1, numbers=("T-2",), key="ful-2", complete=True))

        assert shop.order(order.reference).shipment_state == "FULFILLED"

    def test_without_numbers_tells_two_equal_parts_apart(self, shop: Shop, order: SalesOrder):
        shop.channel.confirm_shipment(notice(order, 1, 0, numbers=()))
        shop.channel.confirm_shipment(notice(order, 0, 1, numbers=(), key="ful-2"))
        shop.channel.confirm_shipment(notice(order, 1, 0, numbers=(), key="ful-3", complete=True))

        assert shop.order(order.reference).shipment_state == "FULFILLED"

    def test_never_shows_more_than_was_ordered(self, shop: Shop, order: SalesOrder):
        shop.channel.confirm_shipment(notice(order, 2, 0, numbers=("T-1",)))

        with pytest.raises(Rejected) as caught:
            shop.channel.confirm_shipment(notice(order, 1, 1, numbers=("T-2",), key="ful-2"))
        assert caught.value.code == "over_delivery" and shop.summary()["fulfillments"] == 1

    def test_of_an_order_on_hold_says_what_to_do(self, shop: Shop, order: SalesOrder):
        shop.control(f"orders/{order.reference}/hold")

        with pytest.raises(Rejected) as caught:
            shop.channel.confirm_shipment(notice(order))
        assert caught.value.code == "on_hold" and "hold" in caught.value.sentence

    def test_of_a_cancelled_order_is_refused(self, shop: Shop, order: SalesOrder):
        shop.control(f"orders/{order.reference}/cancel")

        with pytest.raises(Rejected) as caught:
            shop.channel.confirm_shipment(notice(order))
        assert caught.value.code == "order_cancelled"

    def test_finds_the_lines_by_sku(self, shop: Shop, order: SalesOrder):
        by_sku = Shipment("S", (ShipmentLine("AAA", 2), ShipmentLine("BBB", 1)), notice(order).shipment.parcels)
        shop.channel.confirm_shipment(DispatchNotice("k", order.reference, by_sku, complete=True))

        assert shop.order(order.reference).shipment_state == "FULFILLED"

    def test_of_a_line_nobody_knows_is_refused(self, shop: Shop, order: SalesOrder):
        strange = Shipment("S", (ShipmentLine("ZZZ", 1),))

        with pytest.raises(Rejected) as caught:
            shop.channel.confirm_shipment(DispatchNotice("k", order.reference, strange, complete=True))
        assert caught.value.code == "unknown_line"

    def test_leaves_what_staff_fulfilled_with_our_number(self, shop: Shop, order: SalesOrder):
        shop.control(f"orders/{order.reference}/fulfil", number="1Z999AA10123456784", company="UPS")

        assert shop.channel.confirm_shipment(notice(order)).found

    def test_whose_answer_is_lost_is_looked_for_before_it_is_shown_again(self, shop: Shop, order: SalesOrder):  # R35
        shop.channel.fetch_order(order.reference)
        shop.oddity("lost_create")
        with pytest.raises(OutcomeUnknown):
            shop.channel.confirm_shipment(notice(order))

        assert shop.channel.confirm_shipment(notice(order)).found and shop.summary()["fulfillments"] == 1

    def test_under_the_limit_changes_nothing_and_waits(self, shop: Shop, order: SalesOrder):
        shop.oddity("throttled", None)

        with pytest.raises(RateLimited):
            shop.channel.confirm_shipment(notice(order))
        assert shop.summary()["fulfillments"] == 0

    def test_without_the_right_is_denied(self, shop: Shop, order: SalesOrder):
        with pytest.raises(AccessDenied):
            shop.connect(token=READ_TOKEN).confirm_shipment(notice(order))


class TestFromTwoLocations:
    def test_a_dispatch_goes_out_of_both_and_mails_once(self, shop: Shop):
        shop.seed([{"sku": sku, "title": sku, "price": "10", "stock": {place: 5}} for sku, place in (("AAA", "Atlanta"), ("BBB", "Reno"))],
                  locations=("Atlanta", "Reno"))  # fmt: skip
        order = shop.a_new_order()

        for _ in range(2):
            shop.channel.confirm_shipment(notice(order))

        assert shop.order(order.reference).shipment_state == "FULFILLED"
        assert shop.summary()["notified"] <= 1


class TestPublishStock:
    def publish(self, shop: Shop, *targets: StockTarget, **options: str) -> list[StockVerdict]:
        return list(shop.connect(**options).publish_stock(targets))

    def shown(self, shop: Shop) -> dict[str, int]:
        return {level.sku: level.available for level in shop.channel.read_stock(["AAA", "BBB", "CCC"])}

    def test_sets_levels_in_one_call(self, shop: Shop):
        verdicts = self.publish(shop, StockTarget("AAA", 7), StockTarget("BBB", 0), StockTarget("CCC", 20))

        assert all(verdict.ok for verdict in verdicts) and len(verdicts) == 3
        assert self.shown(shop) == {"AAA": 7, "BBB": 0, "CCC": 20}

    @pytest.mark.parametrize("version", ["2025-10", "2026-01", "2026-10"])
    def test_is_understood_by_every_version(self, shop: Shop, version: str):
        [verdict] = self.publish(shop, StockTarget("AAA", 9), api_version=version)

        assert verdict.ok and self.shown(shop)["AAA"] == 9

    def test_says_exactly_which_sku_is_refused(self, shop: Shop):  # R21, R23
        verdicts = {verdict.sku: verdict for verdict in self.publish(shop, StockTarget("AAA", 5), StockTarget("nothing", 5))}

        assert verdicts["AAA"].ok and verdicts["nothing"].code == "unknown_sku"

    def test_does_not_guess_between_two_variants_of_one_sku(self, shop: Shop):
        shop.control("seed-demo")

        [verdict] = self.publish(shop, StockTarget("CAP-BLK-S", 5, warehouse_code="Atlanta Warehouse"))

        assert (verdict.ok, verdict.code) == (False, "duplicate_sku")

    def test_needs_a_location_where_there_are_several(self, shop: Shop):
        places = shop.seed([{"sku": "AAA", "title": "A", "price": "1", "stock": {"Atlanta": 7, "Reno": 3}}], locations=("Atlanta", "Reno"))

        assert [verdict.code for verdict in self.publish(shop, StockTarget("AAA", 5))] == ["unknown_location"]
        assert self.publish(shop, StockTarget("AAA", 5), default_location="Reno")[0].ok
        assert self.publish(shop, StockTarget("AAA", 6, warehouse_code=str(places["Atlanta"])))[0].ok

    def test_reads_again_what_another_writer_changed(self, shop: Shop, monkeypatch):  # R67
        from connectors.shopify.publishing import Publisher

        write, rivals = Publisher._write, [4]

        def outrun(self, due):
            if rivals:
                shop.control("stock", changes=[{"sku": "AAA", "available": rivals.pop()}])
            return write(self, due)

        monkeypatch.setattr(Publisher, "_write", outrun)
        verdicts = self.publish(shop, StockTarget("AAA", 11), StockTarget("BBB", 12))

        assert [verdict.ok for verdict in verdicts] == [True, True] and self.shown(shop)["AAA"] == 11

    def test_under_the_limit_is_told_as_such(self, shop: Shop):
        shop.oddity("throttled", None)

        with pytest.raises(RateLimited):
            self.publish(shop, StockTarget("AAA", 5))
