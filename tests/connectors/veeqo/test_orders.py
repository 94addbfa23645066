"""Reading Veeqo's orders: states, shipments, versions."""

from __future__ import annotations

import pytest

from connectors.canonical import HubOrder, HubState, ReturnState, ShipmentLine
from connectors.errors import ContractError
from connectors.veeqo import orders, shapes
from connectors.veeqo.feeds import take_order
from tests.connectors.veeqo.scripted import bare, raw, sample


def parsed(body: dict) -> HubOrder:
    order = bare().parse("orders", raw(body))[0]
    assert isinstance(order, HubOrder)
    return order


class TestParseOrder:
    def test_reads_what_the_warehouse_holds(self):
        order = parsed(sample("order_ready"))

        assert (order.reference, order.number, order.state, order.store_code) == ("91500321", "CT-100045", HubState.READY, "35250")
        assert order.lines == (ShipmentLine("MUG-BLU", 2, "700001"),)
        assert order.shipments == () and not order.locked
        assert order.link == "https://app.veeqo.com/orders/91500321"

    def test_calls_a_half_shipped_order_part_shipped_whatever_its_status_says(self):  # R64
        order = parsed(sample("order_part_shipped"))

        assert order.state is HubState.PART_SHIPPED
        assert order.vendor_state == "awaiting_stock"
        assert order.shipments[0].lines == (ShipmentLine("MUG-BLU", 2),)
        assert order.shipments[0].parcels[0].tracking_number == "15501234567890"

    @pytest.mark.parametrize(
        ("changes", "state"),
        [
            ({"status": "awaiting_payment"}, HubState.RECEIVED),
            ({"status": "awaiting_stock"}, HubState.AWAITING_STOCK),
            ({"status": "on_hold"}, HubState.ON_HOLD),
            ({"status": "refunded"}, HubState.UNKNOWN),
            ({"status": "awaiting_amazon_stock"}, HubState.UNKNOWN),
            ({"status": None}, HubState.UNKNOWN),
            ({"picked_status": "partially_picked"}, HubState.PICKING),
            ({"picked_completely": True}, HubState.PICKING),
            ({"picked_status": None}, HubState.READY),
        ],
    )
    def test_names_each_state(self, changes, state):
        assert parsed({**sample("order_ready"), **changes}).state is state

    def test_calls_it_packed_when_every_open_allocation_is(self):
        body = sample("order_ready")
        body["allocations"][0]["packed_completely"] = True

        assert parsed(body).state is HubState.PACKED

    def test_calls_it_picking_when_one_unit_was_picked(self):
        body = sample("order_ready")
        body["allocations"][0]["line_items"][0]["picked_quantity"] = 1

        assert parsed(body).state is HubState.PICKING

    def test_believes_the_allocations_when_all_has_shipped_but_the_status_lags(self):
        assert parsed({**sample("order_shipped"), "status": "awaiting_fulfillment"}).state is HubState.SHIPPED

    def test_keeps_why_it_was_cancelled(self):
        order = parsed(sample("order_cancelled"))

        assert (order.state, order.cancel_reason, order.locked) == (HubState.CANCELLED, "Customer request", True)

    def test_follows_a_merged_order(self):
        assert parsed({**sample("order_ready"), "merged_to_id": 91500400}).merged_into == "91500400"

    def test_does_not_take_a_moment_without_allocations_for_shipments_taken_back(self):
        assert not parsed({**sample("order_shipped"), "allocations": []}).shipments_told
        assert parsed(sample("order_ready")).shipments_told

    def test_survives_every_key_that_may_be_missing(self):
        order = parsed({"id": 7, "created_at": "2026-10-02T09:14:05.120Z"})

        assert (order.reference, order.number, order.lines, order.state) == ("7", "", (), HubState.UNKNOWN)

    @pytest.mark.parametrize(
        "body", [b"<html>", b"[]", b"{}", b'{"id": 7, "updated_at": "soon"}', b'{"id":7,"updated_at":"2026-10-02","line_items":[{}]}']
    )
    def test_refuses_what_is_no_order(self, body):
        with pytest.raises(ContractError):
            bare().parse("orders", body)


class TestShipment:
    def test_is_known_by_its_allocation(self):
        shipment = parsed(sample("order_shipped")).shipments[0]

        assert (shipment.reference, shipment.warehouse_code, shipment.carrier_code) == ("1020001", "1784", "1")
        assert (shipment.carrier_label, shipment.service_code) == ("Royal Mail", "TPN")
        assert shipment.shipped_at is not None and shipment.shipped_at.isoformat() == "2026-10-02T15:02:11.004000+00:00"

    def test_has_the_tracking_number_without_the_vendors_blank(self):  # R58
        parcel = parsed(sample("order_shipped")).shipments[0].parcels[0]

        assert (parcel.tracking_number, parcel.weight_g) == ("AB123456789GB", 500)

    def test_is_one_for_each_parcel(self):  # R63
        first, second = parsed(sample("order_two_parcels")).shipments

        assert (first.parcels[0].tracking_number, second.parcels[0].tracking_number) == ("AB123456789GB", "H0123456789")

    def test_tells_who_is_behind_the_catch_all_carrier(self):  # D11
        second = parsed(sample("order_two_parcels")).shipments[1]

        assert (second.carrier_code, second.carrier_label, second.service_code) == ("3", "Evri", "Evri Next Day")

    @pytest.mark.parametrize(
        ("told", "number"),
        [
            (None, ""),
            ("  X1 ", "X1"),
            ({"tracking_number": None, "delivery_confirmation_number": "DC9"}, "DC9"),
            ({"tracking_number": "X1", "cancelled": True}, ""),
            ({}, ""),
        ],
    )
    def test_reads_tracking_in_every_form(self, told, number):
        body = sample("order_shipped")
        body["allocations"][0]["shipment"]["tracking_number"] = told

        order = parsed(body)

        assert order.state is HubState.SHIPPED
        assert order.shipments[0].parcels[0].tracking_number == number


class TestVersion:
    def test_is_the_same_for_the_same_observation(self):
        assert take_order(sample("order_ready")).event_id == take_order(sample("order_ready")).event_id

    def test_differs_when_only_the_shipping_changed(self):
        shipped = sample("order_shipped")
        unshipped = sample("order_shipped")
        unshipped["allocations"][0]["shipment"] = None

        assert take_order(shipped).event_id != take_order(unshipped).event_id
        assert parsed(shipped).version != parsed(unshipped).version

    def test_differs_when_only_a_return_was_received(self):
        body = sample("order_with_return")
        before = take_order(body).event_id
        body["returns"][0]["line_items"][0]["received_quantity"] = 2

        assert take_order(body).event_id != before

    def test_names_a_body_that_cannot_be_read_by_its_bytes(self):
        assert take_order({"id": 7, "updated_at": "soon"}).event_id.startswith("7@~")


class TestWhatIsKept:
    def test_carries_no_secrets_and_no_people(self):
        stored = take_order(sample("order_shipped")).body.decode()

        assert not [word for word in ("amzn-secret", "@example.com", "Ana", "High St", "Packer") if word in stored]

    def test_reads_the_same_as_the_whole_record(self):
        whole = sample("order_with_return")

        assert orders.parse_body(shapes.keep(whole, shapes.ORDER)) == orders.parse_body(whole)


class TestReturns:
    def test_come_with_the_order(self):  # R84
        _, returned = bare().parse("orders", raw(sample("order_with_return")))

        assert (returned.reference, returned.rma, returned.order_number, returned.state) == ("12345", "RN-12345", "CT-100045", ReturnState.IN_TRANSIT)
        assert [(one.sku, one.quantity, one.received) for one in returned.lines] == [("MUG-BLU", 2, 1)]

    @pytest.mark.parametrize(
        ("status", "state"), [("returned", ReturnState.RECEIVED), ("archived", ReturnState.UNKNOWN), (None, ReturnState.UNKNOWN)]
    )
    def test_have_a_state_or_an_unknown_one(self, status, state):
        body = sample("order_with_return")
        body["returns"][0]["status"] = status

        assert bare().parse("orders", raw(body))[1].state is state

    def test_tell_when_nothing_was_ever_shipped(self):
        body = sample("order_with_return")
        body["returns"][0] |= {"type": "UnallocatedItemsReturn", "status": "returned"}

        assert bare().parse("orders", raw(body))[1].vendor_state == "returned (UnallocatedItemsReturn)"
