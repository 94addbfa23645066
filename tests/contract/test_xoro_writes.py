"""Holds the Xoro connector to what it promises about shipments and cancellations, against the simulator."""

from __future__ import annotations

from dataclasses import replace

import pytest

from connectors.canonical import Parcel, ShipmentLine
from connectors.errors import OutcomeUnknown, Rejected
from tests.contract.xoro_shop import PATHS, XoroShop, running, shop

__all__ = ["running", "shop"]
CONFIRM = PATHS["path_ship_confirm"]


class TestConfirmShipment:
    def test_updates_order_and_wave(self, shop: XoroShop):  # R148
        number = shop.place()
        done = shop.xoro.confirm_shipment(shop.notice(number, {"TEE-BLK-S": 2}))

        there = shop.there(number)
        assert (done.reference, done.found, there["status"], there["waves"][0]["status"]) == (number, False, "Shipped", "Shipped")
        assert there["confirmations"][0]["tracking"] == ["1Z-d-1"] and there["confirmations"][0]["carrier"] == "UPS"

    def test_may_come_in_parts(self, shop: XoroShop):  # R111, R148
        number = shop.place(lines={"TEE-BLK-S": 3})
        shop.xoro.confirm_shipment(shop.notice(number, {"TEE-BLK-S": 1}, complete=False))
        part = shop.there(number)
        shop.xoro.confirm_shipment(shop.notice(number, {"TEE-BLK-S": 2}, key="d-2"))

        assert (part["status"], part["confirmations"][0]["final"]) == ("Partially Shipped", False)
        assert shop.there(number)["status"] == "Shipped"

    def test_is_final_where_multishipment_is_disabled(self, shop: XoroShop):  # R110
        number = shop.place(lines={"TEE-BLK-S": 3})
        shop.xoro.confirm_shipment(replace(shop.notice(number, {"TEE-BLK-S": 1}, complete=False), final=True))

        there = shop.there(number)
        assert there["confirmations"][0]["final"] and there["waves"][0]["status"] == "Closed"
        with pytest.raises(Rejected):
            shop.xoro.confirm_shipment(shop.notice(number, {"TEE-BLK-S": 2}, key="d-2"))

    @pytest.mark.parametrize("identifier", ["item_number", "upc"])
    def test_names_items_as_the_connection_does(self, shop: XoroShop, identifier: str):  # R109
        number, named = shop.place(), shop.connect(**PATHS, item_identifier=identifier)
        line = shop.order(number, by=named).lines[0]
        notice = shop.notice(number, {})
        notice = replace(notice, shipment=replace(notice.shipment, lines=(ShipmentLine(line.sku, 2),)))

        named.confirm_shipment(notice)
        assert shop.there(number)["status"] == "Shipped"

    def test_keeps_parcels_apart(self, shop: XoroShop):
        number = shop.place(lines={"TEE-BLK-S": 1, "CAP-BLK-S": 2})
        ids = {line.sku: line.reference for line in shop.order(number).lines}
        parcels = tuple(
            Parcel(sku, f"1Z-{sku}", lines=(ShipmentLine(sku, count, ids[sku]),)) for sku, count in {"TEE-BLK-S": 1, "CAP-BLK-S": 2}.items()
        )

        shop.xoro.confirm_shipment(shop.notice(number, {"TEE-BLK-S": 1, "CAP-BLK-S": 2}, parcels=parcels))
        assert shop.there(number)["confirmations"][0]["tracking"] == ["1Z-TEE-BLK-S", "1Z-CAP-BLK-S"]

    @pytest.mark.parametrize("complete", [True, False])
    def test_is_sent_once_when_the_answer_was_lost(self, shop: XoroShop, complete: bool):  # R35
        number = shop.place(lines={"TEE-BLK-S": 2 if complete else 4})
        notice = shop.notice(number, {"TEE-BLK-S": 2}, complete=complete)
        shop.control("oddities", name="blank_after_write", times=1)

        with pytest.raises(OutcomeUnknown):
            shop.xoro.confirm_shipment(notice)
        assert shop.xoro.confirm_shipment(replace(notice, seen=b"")).found
        assert len(shop.there(number)["confirmations"]) == 1

    def test_is_sent_again_when_it_never_arrived(self, shop: XoroShop):
        number = shop.place()
        notice = shop.notice(number, {"TEE-BLK-S": 2})
        shop.fault("lost_before", method="POST", path="wave", times=1)

        with pytest.raises(OutcomeUnknown):
            shop.xoro.confirm_shipment(notice)
        assert not shop.xoro.confirm_shipment(notice).found
        assert len(shop.there(number)["confirmations"]) == 1

    def test_again_ships_nothing_twice(self, shop: XoroShop):
        number = shop.place(lines={"TEE-BLK-S": 4})
        notice = shop.notice(number, {"TEE-BLK-S": 2}, complete=False)
        shop.xoro.confirm_shipment(notice)

        assert shop.xoro.confirm_shipment(notice).found
        assert len(shop.there(number)["confirmations"]) == 1

    def test_is_off_until_its_path_is_set(self, shop: XoroShop):
        number = shop.place()

        with pytest.raises(Rejected, match="switched off") as caught:
            shop.connect().confirm_shipment(shop.notice(number, {"TEE-BLK-S": 2}))
        assert caught.value.code == "off" and shop.there(number)["confirmations"] == []

    def test_passes_on_what_xoro_says(self, shop: XoroShop):
        number = shop.place()

        with pytest.raises(Rejected, match="Carrier PIGEON not found"):
            shop.xoro.confirm_shipment(shop.notice(number, {"TEE-BLK-S": 2}, carrier_code="PIGEON"))
        assert not shop.xoro.confirm_shipment(shop.notice(number, {"TEE-BLK-S": 2})).found

    def test_needs_a_wave(self, shop: XoroShop):
        number = shop.place(waved=False)

        with pytest.raises(Rejected) as caught:
            shop.xoro.confirm_shipment(shop.notice(number, {"TEE-BLK-S": 2}))
        assert caught.value.code == "no_wave"

    def test_refuses_an_item_that_was_not_ordered(self, shop: XoroShop):
        number = shop.place()

        with pytest.raises(Rejected) as caught:
            shop.xoro.confirm_shipment(shop.notice(number, {"CAP-BLK-S": 1}))
        assert caught.value.code == "unknown_line" and shop.calls(CONFIRM) == []

    def test_leaves_questions_to_people(self, shop: XoroShop):
        number = shop.place()
        shop.control("oddities", name="ask_confirm", times=1)

        with pytest.raises(Rejected, match="only a person"):
            shop.xoro.confirm_shipment(shop.notice(number, {"TEE-BLK-S": 2}))


class TestCancelOrder:
    def test_cancels_once(self, shop: XoroShop):
        number = shop.place()

        assert not shop.xoro.cancel_order(number, reason="R").found
        assert shop.there(number)["status"] == "Cancelled" and shop.xoro.cancel_order(number, reason="R").found

    def test_refuses_what_has_shipped(self, shop: XoroShop):
        number = shop.place()
        shop.control("ship", numbers=[number])

        with pytest.raises(Rejected, match="cannot be cancelled"):
            shop.xoro.cancel_order(number, reason="R")

    def test_is_off_until_its_path_is_set(self, shop: XoroShop):
        with pytest.raises(Rejected, match="switched off"):
            shop.connect().cancel_order("DMO-S000001", reason="R")
