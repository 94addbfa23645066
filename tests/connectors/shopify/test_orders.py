"""Orders of Shopify: what the two shapes say, and how odd ones are read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from connectors.canonical import OrderState, PaymentState
from connectors.ports import Account
from connectors.shopify import documents
from connectors.shopify.orders import parse_order
from connectors.shopify.settings import Settings

SAMPLES = Path(__file__).parent / "samples"
SETTINGS = Settings(Account("k", "https://demo.myshopify.com", {}, account="demo"))


def sample(name: str, **changed: Any) -> dict[str, Any]:
    return json.loads((SAMPLES / f"{name}.json").read_text()) | changed


class TestAnOrder:
    def test_reads_the_same_from_a_webhook_as_from_a_question(self):
        asked, posted = parse_order(sample("order_node"), SETTINGS), parse_order(sample("order_webhook"), SETTINGS)

        for name in ("reference", "number", "version", "state", "payment_state", "currency", "total", "placed_at", "store_code", "ship_service_code"):
            assert getattr(asked, name) == getattr(posted, name), name
        assert asked.lines[0].total == posted.lines[0].total and asked.lines[0].sku == posted.lines[0].sku
        assert posted.tags == ("vip", "gift")

    @pytest.mark.parametrize(
        ("word", "state"),
        [("PENDING", PaymentState.PENDING), ("VOIDED", PaymentState.FAILED), ("NEW_WORD", PaymentState.PENDING), (None, PaymentState.NOT_TOLD)],
    )
    def test_of_unknown_payment_is_held(self, word: str | None, state: PaymentState):
        assert parse_order(sample("order_node", displayFinancialStatus=word), SETTINGS).payment_state is state

    @pytest.mark.parametrize(
        ("changed", "state"),
        [
            ({"cancelledAt": "2026-06-01T15:00:00Z"}, OrderState.CANCELLED),
            ({"displayFulfillmentStatus": "FULFILLED"}, OrderState.SHIPPED),
            ({"displayFulfillmentStatus": "BRAND_NEW"}, OrderState.UNKNOWN),
        ],
    )
    def test_has_a_state(self, changed: dict[str, str], state: OrderState):
        assert parse_order(sample("order_node", **changed), SETTINGS).state is state

    def test_shows_a_deleted_variant_without_its_sku(self):
        body = sample("order_node")
        body["lineItems"]["nodes"][0] |= {"sku": None, "variant": None}

        assert parse_order(body, SETTINGS).lines[0].sku == ""

    @given(quantity=some.integers(1, 20), current=some.integers(0, 20), sent=some.integers(0, 20))
    def test_wants_what_shipped_and_what_is_left_and_never_more(self, quantity: int, current: int, sent: int):
        current, sent = min(current, quantity), min(sent, quantity)
        body = sample("order_node")
        line = body["lineItems"]["nodes"][0]
        line |= {"quantity": quantity, "currentQuantity": current}
        shipped = {
            "id": "gid://shopify/Fulfillment/1",
            "status": "SUCCESS",
            "fulfillmentLineItems": {"nodes": [{"quantity": sent, "lineItem": line}]},
        }
        [read] = parse_order(body | {"fulfillments": [shipped]}, SETTINGS).lines

        assert read.quantity - read.cancelled == max(current, sent)

    def test_takes_discounts_of_line_and_order_off(self):
        body = sample("order_node")
        body["lineItems"]["nodes"][0]["discountAllocations"] = [{"allocatedAmountSet": {"shopMoney": {"amount": "4.00"}}}]

        assert parse_order(body, SETTINGS).lines[0].total == 35


class TestAQuestion:
    @pytest.mark.parametrize("name", ["paymentGatewayNames", "billingAddress", "discountAllocations", "location"])
    def test_can_do_without_a_field(self, name: str):
        narrower = documents.without(documents.ORDERS, name)

        assert not documents.asks_for(narrower, name) and documents.asks_for(narrower, "lineItems")
        assert narrower.count("{") == narrower.count("}") < documents.ORDERS.count("{") + 1
