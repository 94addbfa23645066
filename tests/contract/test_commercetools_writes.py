"""Holds the commercetools connector to what a sales channel promises about dispatches and stock, against the simulator."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from connectors.canonical import Parcel, SalesOrder, StockTarget, StockVerdict
from connectors.errors import AccessDenied, Conflict, OutcomeUnknown, RateLimited, Rejected, Unavailable
from connectors.sandbox.commercetools import READER_ID, READER_SECRET
from tests.contract.commercetools_shop import Shop, items, running, shop, until

__all__ = ["running", "shop"]

TWO_LINES = [{"sku": "AAA", "quantity": 2}, {"sku": "BBB", "quantity": 1}]


@pytest.fixture
def order(shop: Shop) -> SalesOrder:
    shop.control("products", skus=["AAA", "BBB"])
    return shop.order(shop.place(lines=TWO_LINES, store="uk")[0]["id"])


def shown_messages(shop: Shop) -> list[str]:
    messages = shop.channel.client.list("/messages", [("limit", "500"), ("sort", "createdAt asc")]).json()["results"]
    return [message["type"] for message in messages]


class TestConfirmShipment:
    def test_shows_delivery_tracking_and_state(self, shop: Shop, order: SalesOrder):  # R56, R58
        done = shop.channel.confirm_shipment(shop.notice(order))
        after = shop.order(order.reference)

        assert not done.found and done.version == after.version and after.shipment_state == "Shipped"
        [shipment] = after.shipments
        assert (shipment.reference, shipment.carrier_code, shipment.parcels[0].tracking_number) == ("ful-1", "DPD", "15501234567890")

    def test_is_one_call_where_the_caller_has_seen_the_order(self, shop: Shop, order: SalesOrder):
        seen = items(list(shop.channel.poll("orders", "", until=until())))[0].body
        shop.forget_calls()

        shop.channel.confirm_shipment(shop.notice(order, seen=seen))

        assert [call["method"] for call in shop.calls(path="/demo-shop/")] == ["POST"]

    def test_twice_sets_the_state_and_fires_its_mail_once(self, shop: Shop, order: SalesOrder):  # R65
        for _ in range(3):
            done = shop.channel.confirm_shipment(shop.notice(order))

        assert done.found and len(shop.order(order.reference).shipments) == 1
        assert shown_messages(shop).count("OrderShipmentStateChanged") == 1

    def test_in_parts_ends_as_shipped(self, shop: Shop, order: SalesOrder):
        shop.channel.confirm_shipment(shop.notice(order, 1, 0))
        assert shop.order(order.reference).shipment_state == "Partial"

        shop.channel.confirm_shipment(shop.notice(order, 1, 1, key="ful-2"))

        assert shop.order(order.reference).shipment_state == "Shipped"

    def test_never_delivers_more_than_was_ordered(self, shop: Shop, order: SalesOrder):
        shop.channel.confirm_shipment(shop.notice(order, 2, 0))

        with pytest.raises(Rejected) as caught:
            shop.channel.confirm_shipment(shop.notice(order, 1, 1, key="ful-2"))
        assert caught.value.code == "over_delivery" and len(shop.order(order.reference).shipments) == 1

    def test_fills_in_late_tracking(self, shop: Shop, order: SalesOrder):  # R63
        shop.channel.confirm_shipment(shop.notice(order, parcels=()))
        shop.channel.confirm_shipment(shop.notice(order, parcels=(Parcel("p1"),)))
        shop.channel.confirm_shipment(shop.notice(order, parcels=(Parcel("p1", "T-1"), Parcel("p2", "T-2"))))

        [shipment] = shop.order(order.reference).shipments
        assert [parcel.tracking_number for parcel in shipment.parcels] == ["T-1", "T-2"]

    def test_reads_again_after_a_rivals_write(self, shop: Shop, order: SalesOrder):  # R67
        shop.control("conflict", path="orders", times=2)

        assert shop.channel.confirm_shipment(shop.notice(order)).version == shop.order(order.reference).version

    def test_gives_up_on_a_rival_without_end(self, shop: Shop, order: SalesOrder):
        shop.control("conflict", path="orders", times=50)

        with pytest.raises(Conflict):
            shop.channel.confirm_shipment(shop.notice(order))
        assert len(shop.calls("POST", "/demo-shop/orders")) == 5

    @pytest.mark.parametrize("fault", ["lost_before", "lost_after", "500", "502", "malformed", "html"])
    def test_after_a_lost_answer_is_unknown_and_then_there_once(self, shop: Shop, order: SalesOrder, fault: str):
        seen = items(list(shop.channel.poll("orders", "", until=until())))[0].body
        shop.fault(fault, method="POST", path="/demo-shop/orders")

        with pytest.raises(OutcomeUnknown):
            shop.channel.confirm_shipment(shop.notice(order, seen=seen))
        shop.channel.confirm_shipment(shop.notice(order, seen=seen))

        assert len(shop.order(order.reference).shipments) == 1
        assert shown_messages(shop).count("OrderShipmentStateChanged") == 1

    def test_after_an_error_that_came_after_storing_is_found(self, shop: Shop, order: SalesOrder):
        shop.control("fail-after-write", path="orders", times=1, status=504)

        with pytest.raises(OutcomeUnknown):
            shop.channel.confirm_shipment(shop.notice(order))
        assert shop.channel.confirm_shipment(shop.notice(order)).found

    def test_asked_to_slow_down_did_nothing(self, shop: Shop, order: SalesOrder):
        shop.fault("429", method="POST", path="/demo-shop/orders")

        with pytest.raises(RateLimited):
            shop.channel.confirm_shipment(shop.notice(order))
        assert shop.order(order.reference).shipments == ()

    def test_by_a_reader_is_refused_with_the_scope(self, shop: Shop, order: SalesOrder):
        with pytest.raises(AccessDenied, match="manage_orders"):
            shop.connect(client=(READER_ID, READER_SECRET)).confirm_shipment(shop.notice(order))

    def test_by_two_workers_at_once_shows_both(self, shop: Shop, order: SalesOrder):  # R69
        notices = [shop.notice(order, 1, 0), shop.notice(order, 1, 0, key="ful-2"), shop.notice(order, 0, 1, key="ful-3")]
        workers = [threading.Thread(target=shop.connect().confirm_shipment, args=(notice,)) for notice in notices]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join(timeout=10)

        after = shop.order(order.reference)
        assert (len(after.shipments), after.shipment_state) == (3, "Shipped")

    def test_writes_sync_info_and_completes_where_asked(self, shop: Shop, order: SalesOrder):
        channel = shop.connect(sync_channel="ops-portal", complete_order="true")
        channel.confirm_shipment(shop.notice(order))

        after = shop.order(order.reference)
        body: dict[str, Any] = channel.client.get(f"/orders/{order.reference}") or {}
        assert (after.vendor_state, body["syncInfo"][0]["externalId"]) == ("Complete", "SHP-ful-1")

    def test_moves_the_own_workflow_where_asked(self, shop: Shop, order: SalesOrder):
        shop.channel.client.post("/states", {"key": "gone-out", "type": "OrderState", "initial": True})

        shop.connect(shipped_transition="gone-out").confirm_shipment(shop.notice(order))

        assert shop.order(order.reference).extra["workflow_state"] == "gone-out"

    def test_passes_on_why_a_sync_channel_is_wrong(self, shop: Shop, order: SalesOrder):
        with pytest.raises(Rejected) as caught:
            shop.connect(sync_channel="no-such-channel").confirm_shipment(shop.notice(order))
        assert caught.value.code == "ReferencedResourceNotFound" and shop.order(order.reference).shipments == ()


def publish(shop: Shop, *targets: StockTarget, **options: str) -> list[StockVerdict]:
    return list(shop.connect(**options).publish_stock(targets))


class TestPublishStock:
    def test_creates_then_changes_with_one_call(self, shop: Shop):  # R18
        [made] = publish(shop, StockTarget("NEW-1", 5, "wh-leeds"))
        shop.forget_calls()

        [changed] = publish(shop, StockTarget("NEW-1", 8, "wh-leeds", made.reference, made.version))

        assert (made.ok, made.quantity, changed.ok, changed.quantity) == (True, 5, True, 8)
        assert [call["method"] for call in shop.calls(path="/demo-shop/inventory")] == ["POST"]
        assert [level.available for level in shop.channel.read_stock(["NEW-1"])] == [8]

    def test_keeps_places_apart(self, shop: Shop):  # R20
        publish(shop, StockTarget("NEW-1", 5, "wh-leeds"), StockTarget("NEW-1", 6, "wh-berlin"), StockTarget("NEW-1", 7))

        assert {level.warehouse_code: level.available for level in shop.channel.read_stock(["NEW-1"])} == {"wh-leeds": 5, "wh-berlin": 6, "": 7}

    def test_reads_again_after_a_rivals_write(self, shop: Shop):  # R67
        [made] = publish(shop, StockTarget("NEW-1", 5, "wh-leeds"))
        shop.control("stock", sku="NEW-1", quantity=99, channel="wh-leeds")

        [verdict] = publish(shop, StockTarget("NEW-1", 4, "wh-leeds", made.reference, made.version))

        assert verdict.ok and [level.available for level in shop.channel.read_stock(["NEW-1"])] == [4]

    def test_tells_each_target_why(self, shop: Shop):  # R21
        good, bad = sorted(publish(shop, StockTarget("NEW-1", 5, "wh-leeds"), StockTarget("NEW-1", 5, "wh-moon")), key=lambda each: not each.ok)

        assert good.ok and (bad.ok, bad.code, bad.warehouse_code) == (False, "ReferencedResourceNotFound", "wh-moon")
        assert "wh-moon" in bad.sentence

    def test_again_after_a_lost_answer_converges(self, shop: Shop):
        shop.fault("lost_after", method="POST", path="/demo-shop/inventory")
        with pytest.raises(Unavailable):
            publish(shop, StockTarget("NEW-1", 5, "wh-leeds"))

        assert [verdict.ok for verdict in publish(shop, StockTarget("NEW-1", 5, "wh-leeds"))] == [True]
        assert [level.available for level in shop.channel.read_stock(["NEW-1"])] == [5]

    def test_takes_many_targets_with_few_questions(self, shop: Shop):
        targets = [StockTarget(f"N-{number}", number, "wh-leeds") for number in range(60)]
        shop.forget_calls()

        assert all(verdict.ok for verdict in publish(shop, *targets))
        assert len(shop.calls("GET", "/demo-shop/inventory")) == 2
