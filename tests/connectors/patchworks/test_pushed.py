"""What a flow hands in becomes what every other channel's orders, shipments and levels are."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.canonical import HubOrder, OrderState, PaymentState, Refund, ReturnOrder, ReturnState, SalesOrder, StockLevel
from connectors.errors import ContractError
from connectors.patchworks.pushed import parse_pushed
from tests.api.conftest import ORDER

CAME = "2026-06-02T09:00:00+00:00"
SHIPMENT = {
    "externalId": "SHP-1",
    "orderExternalId": "5551000111",
    "shippedAt": "2026-06-02T08:00:00Z",
    "packages": [
        {"trackingNumber": "1Z1", "carrier": "UPS", "service": "Ground", "lineItems": [{"id": "7001", "sku": "TEE-BLK-M", "quantity": 1}]},
        {"trackingNumber": "1Z1", "carrier": "UPS", "lineItems": [{"id": "7001", "sku": "TEE-BLK-M", "quantity": 1}]},
    ],
}


def parsed(topic: str, item: dict[str, Any], came: str = CAME) -> Any:
    (found,) = parse_pushed(topic, json.dumps({"received_at": came, "item": item}).encode())
    return found


class TestAnOrder:
    def test_has_everything_a_warehouse_needs(self):
        order = parsed("orders", ORDER)
        assert isinstance(order, SalesOrder)
        assert (order.reference, order.number, order.store_code, order.ship_service_code) == ("5551000111", "#10021", "shopify-us", "Ground")
        assert (order.state, order.payment_state, order.total) == (OrderState.OPEN, PaymentState.PAID, Decimal("39.00"))
        assert order.shipping_address is not None
        assert (order.shipping_address.name, order.shipping_address.country) == ("Ada Quill", "US")
        assert [(line.reference, line.sku, line.quantity, line.total) for line in order.lines] == [("7001", "TEE-BLK-M", 2, Decimal("39.00"))]

    def test_without_a_time_of_change_is_as_new_as_its_arrival(self):
        assert parsed("orders", ORDER).version < parsed("orders", ORDER, "2026-06-02T09:00:01+00:00").version

    def test_says_its_own_time_of_change(self):
        assert parsed("orders", {**ORDER, "updatedAt": "2026-06-01T15:00:00Z"}).changed_at == datetime(2026, 6, 1, 15, tzinfo=UTC)

    @pytest.mark.parametrize(
        ("word", "state"), [("cancelled", OrderState.CANCELLED), ("pending_payment", OrderState.WAITING_PAYMENT), ("odd", OrderState.UNKNOWN)]
    )
    def test_has_a_state(self, word, state):
        assert parsed("orders", {**ORDER, "status": word}).state is state

    @pytest.mark.parametrize("missing", ["externalId", "createdAt", "currency"])
    def test_names_the_field_it_lacks(self, missing):
        with pytest.raises(ContractError, match=missing):
            parsed("orders", {name: value for name, value in ORDER.items() if name != missing})

    @given(st.decimals(min_value=0, max_value=9999, places=2), st.decimals(min_value=0, max_value=99, places=2), st.integers(1, 50))
    def test_adds_its_lines_up_where_no_total_is_given(self, price, discount, units):
        line = {"id": "1", "sku": "A", "quantity": units, "unitPrice": str(price), "unitDiscount": str(discount)}
        order = parsed("orders", {**ORDER, "totalPrice": None, "shippingPrice": "2.50", "lineItems": [line]})
        assert order.total == (price - discount) * units + Decimal("2.50")


class TestOtherThings:
    def test_a_shipment_has_each_parcel_once(self):
        seen = parsed("shipments", SHIPMENT)
        assert isinstance(seen, HubOrder)
        (sent,) = seen.shipments
        assert [(parcel.reference, parcel.tracking_number) for parcel in sent.parcels] == [("SHP-1-1", "1Z1"), ("SHP-1-2", "1Z1")]
        assert (sum(line.quantity for line in sent.lines), seen.reference, seen.shipments_told) == (2, "5551000111", False)

    def test_the_second_shipment_of_an_order_is_never_older_than_the_first(self):
        second = {**SHIPMENT, "externalId": "SHP-2", "updatedAt": "2020-01-01T00:00:00Z"}
        assert parsed("shipments", second, "2026-06-02T09:00:01+00:00").version > parsed("shipments", SHIPMENT).version

    def test_a_return_a_refund_and_a_level(self):
        line = {"id": "1", "sku": "TEE-BLK-M", "quantity": 1, "sellable": 1, "orderLineId": "7001"}
        back = parsed("returns", {"externalId": "R1", "orderExternalId": "5", "status": "received", "updatedAt": CAME, "lineItems": [line]})
        money = parsed("refunds", {"externalId": "F1", "orderExternalId": "5", "amount": "19.50", "currency": "USD", "createdAt": CAME})
        level = parsed("stock", {"sku": "A", "location": "ATL1", "available": 81, "onHand": 120, "asOf": CAME})
        assert isinstance(back, ReturnOrder) and (back.state, back.lines[0].sellable) == (ReturnState.RECEIVED, 1)
        assert isinstance(money, Refund) and money.amount == Decimal("19.50")
        assert isinstance(level, StockLevel) and (level.available, level.on_hand, level.warehouse_code) == (81, 120, "ATL1")

    def test_of_an_unknown_topic_are_nothing(self):
        assert parse_pushed("hats", json.dumps({"received_at": CAME, "item": {}}).encode()) == ()

    @pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"item": 1}'])
    def test_that_are_none_are_refused(self, body):
        with pytest.raises(ContractError):
            parse_pushed("orders", body)
