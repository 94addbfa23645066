"""Holds the BigCommerce connector to what a sales channel promises about dispatches and stock, against the simulator."""

from __future__ import annotations

from dataclasses import replace

import pytest

from connectors.canonical import CodeKind, Parcel, SalesOrder, ShipmentLine, StockTarget, StockVerdict
from connectors.errors import AccessDenied, OutcomeUnknown, Rejected
from connectors.sandbox.bigcommerce import READ_TOKEN
from tests.contract.bigcommerce_store import Store, notice, running, store

__all__ = ["running", "store"]


@pytest.fixture(autouse=True)
def no_naps(monkeypatch):
    monkeypatch.setattr("connectors.http.time.sleep", lambda _: None)


@pytest.fixture
def order(store: Store) -> SalesOrder:
    return store.a_new_order()


def numbers(store: Store, order: SalesOrder) -> list[tuple[str, dict[str, int]]]:
    shown = store.order(order.reference).shipments
    return [(each.parcels[0].tracking_number if each.parcels else "", {line.sku: line.quantity for line in each.lines}) for each in shown]


class TestConfirmShipment:
    def test_shows_units_carrier_and_tracking(self, store: Store, order: SalesOrder):  # R56, R58
        done = store.channel.confirm_shipment(notice(order))

        [shipment] = store.order(order.reference).shipments
        assert not done.found and done.reference == shipment.reference and shipment.carrier_code == "ups"
        assert numbers(store, order) == [("1Z999AA10123456784", {"AAA": 2, "BBB": 1})]
        assert store.order(order.reference).shipment_state == "Shipped"

    def test_thrice_shows_it_once(self, store: Store, order: SalesOrder):  # R65
        assert [store.channel.confirm_shipment(notice(order)).found for _ in range(3)] == [False, True, True]
        assert store.summary()["shipments"] == 1

    def test_makes_one_shipment_of_each_package(self, store: Store, order: SalesOrder):  # R63
        for _ in range(2):
            store.channel.confirm_shipment(notice(order, numbers=("T-1", "T-2")))

        assert numbers(store, order) == [("T-1", {"AAA": 2}), ("T-2", {"BBB": 1})]

    def test_puts_into_each_what_the_warehouse_put_there(self, store: Store, order: SalesOrder):
        parcels = (Parcel("p1", "T-1", lines=(ShipmentLine("BBB", 1),)), Parcel("p2", "T-2", lines=(ShipmentLine("AAA", 2),)))
        whole = notice(order)
        store.channel.confirm_shipment(replace(whole, shipment=replace(whole.shipment, parcels=parcels)))

        assert numbers(store, order) == [("T-1", {"BBB": 1}), ("T-2", {"AAA": 2})]

    def test_says_which_package_has_no_unit_left(self, store: Store, order: SalesOrder):
        done = store.channel.confirm_shipment(notice(order, 1, 0, numbers=("T-1", "T-2")))

        assert len(numbers(store, order)) == 1 and "T-2" in done.warnings[0]

    def test_fills_in_a_number_that_comes_late(self, store: Store, order: SalesOrder):  # R63
        store.channel.confirm_shipment(notice(order, numbers=()))
        store.channel.confirm_shipment(notice(order, numbers=("T-1",)))

        assert numbers(store, order) == [("T-1", {"AAA": 2, "BBB": 1})]

    def test_in_parts_ends_as_shipped(self, store: Store, order: SalesOrder):
        store.channel.confirm_shipment(notice(order, 1, 0, numbers=("T-1",)))
        assert store.order(order.reference).shipment_state == "Partially Shipped"

        store.channel.confirm_shipment(notice(order, 1, 1, numbers=("T-2",), key="ful-2", complete=True))

        assert store.order(order.reference).shipment_state == "Shipped"

    def test_never_shows_more_than_was_ordered(self, store: Store, order: SalesOrder):
        store.channel.confirm_shipment(notice(order, 2, 0, numbers=("T-1",)))

        with pytest.raises(Rejected) as caught:
            store.channel.confirm_shipment(notice(order, 1, 1, numbers=("T-2",), key="ful-2"))
        assert caught.value.code == "over_delivery" and store.summary()["shipments"] == 1

    def test_of_a_cancelled_order_is_refused(self, store: Store, order: SalesOrder):
        store.control(f"orders/{order.reference}/cancel")

        with pytest.raises(Rejected) as caught:
            store.channel.confirm_shipment(notice(order))
        assert caught.value.code == "order_cancelled" and store.summary()["shipments"] == 0

    def test_to_two_addresses_is_two_shipments(self, store: Store):
        order = store.a_new_order(addresses=2)
        store.channel.confirm_shipment(notice(order))

        assert sorted(sum(units.values()) for _, units in numbers(store, order)) in ([1, 2], [3])
        assert store.order(order.reference).shipment_state == "Shipped"

    @pytest.mark.parametrize(("fault", "made"), [("lost_after", 1), ("lost_before", 0)])
    def test_whose_answer_is_lost_is_looked_for_before_it_is_shown_again(self, store: Store, order: SalesOrder, fault: str, made: int):  # R35
        store.fault(fault, method="POST")
        with pytest.raises(OutcomeUnknown):
            store.channel.confirm_shipment(notice(order))
        assert store.summary()["shipments"] == made

        store.channel.confirm_shipment(notice(order))

        assert store.summary()["shipments"] == 1

    def test_without_the_right_is_denied(self, store: Store, order: SalesOrder):
        with pytest.raises(AccessDenied):
            store.connect(token=READ_TOKEN).confirm_shipment(notice(order))


class TestPublishStock:
    def publish(self, store: Store, *targets: StockTarget, **options: str) -> list[StockVerdict]:
        return list(store.connect(**options).publish_stock(targets))

    def shown(self, store: Store) -> dict[str, int]:
        return {level.sku: level.available for level in store.channel.read_stock(["AAA", "BBB", "CCC"])}

    def test_sets_levels(self, store: Store):
        verdicts = self.publish(store, StockTarget("AAA", 7), StockTarget("BBB", 0), StockTarget("CCC", 20))

        assert all(verdict.ok for verdict in verdicts) and len(verdicts) == 3
        assert self.shown(store) == {"AAA": 7, "BBB": 0, "CCC": 20}

    def test_does_not_take_the_safety_stock_off_twice(self, store: Store):
        store.control("stock", changes=[{"sku": "AAA", "safety_stock": 3}])

        assert self.publish(store, StockTarget("AAA", 7))[0].ok
        assert self.shown(store)["AAA"] == 7

    def test_says_exactly_which_sku_is_refused(self, store: Store):  # R21, R23
        verdicts = {verdict.sku: verdict for verdict in self.publish(store, StockTarget("AAA", 5), StockTarget("nothing", 5))}

        assert verdicts["AAA"].ok and verdicts["nothing"].code == "unknown_sku"

    def test_sends_the_rest_where_one_of_a_batch_is_refused(self, store: Store):  # R21
        store.control("seed-demo")
        verdicts = {verdict.sku: verdict for verdict in self.publish(store, StockTarget("TEE-BLK-M", 5), StockTarget("CAP-BLK-S", 4))}

        assert verdicts["TEE-BLK-M"].ok and verdicts["CAP-BLK-S"].ok

    def test_knows_locations_by_number_code_and_name(self, store: Store):
        [code] = [each.value for each in store.channel.codes(CodeKind.WAREHOUSE)]
        for place in (code, "Default location"):
            assert self.publish(store, StockTarget("AAA", 5, warehouse_code=place))[0].ok
        assert self.publish(store, StockTarget("AAA", 5, warehouse_code="Mars"))[0].code == "unknown_location"
