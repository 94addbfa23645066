"""What an order's body is read as."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.canonical import OrderLine, OrderState, SalesOrder
from connectors.commercetools.lines import spread_discount
from connectors.errors import ContractError
from tests.connectors.commercetools.scripted import bare, raw, sample

GBP = {"type": "centPrecision", "currencyCode": "GBP", "fractionDigits": 2}


def parsed(name: str, changes: dict | None = None, **options: str) -> SalesOrder:
    order = bare(**options).parse("orders", raw(sample(name, **(changes or {}))))[0]
    assert isinstance(order, SalesOrder)
    return order


class TestAnOrder:
    def test_is_known_by_its_id_and_called_by_its_number(self) -> None:
        order = parsed("order_paid_with_gift")

        assert (order.reference, order.number, order.version) == ("6a1c7f0e-6f0f-4c40-9d0e-2d2f0f5c1b11", "WEB-10042", "4")

    def test_without_a_number_is_called_by_its_id_and_dated_when_it_was_placed(self) -> None:
        order = parsed("order_imported_in_yen")

        assert order.number == order.reference
        assert order.placed_at.isoformat() == "2026-03-01T08:00:00+00:00"

    def test_carries_what_filters_ask_about(self) -> None:
        extra = parsed("order_paid_with_gift").extra

        assert extra["custom.giftMessage"] == "Happy birthday"
        assert (extra["country"], extra["order_state"], extra["payment_state"]) == ("GB", "Confirmed", "Paid")

    def test_names_store_service_and_warehouse_by_their_keys_where_expanded(self) -> None:
        order = parsed("order_paid_with_gift")

        assert (order.store_code, order.ship_service_code, order.lines[0].warehouse_code) == ("uk", "dpd-next-day", "wh-leeds")
        assert order.ship_service_label == "DPD Next Day"

    def test_falls_back_to_name_and_id_where_nothing_was_expanded(self) -> None:
        order = parsed("order_shipped_in_part")

        assert (order.ship_service_code, order.lines[0].warehouse_code) == ("DPD Next Day", "c4110000-7d0a-4a53-9a53-5f0d7a3b0001")

    def test_takes_the_note_from_the_custom_field_of_the_option(self) -> None:
        assert parsed("order_paid_with_gift", note_field="giftMessage").note == "Happy birthday"

    def test_shows_what_the_channel_itself_says_was_sent(self) -> None:
        [shipment] = parsed("order_shipped_in_part").shipments

        assert (shipment.reference, shipment.carrier_code) == ("ful-20417-1", "DPD")
        assert shipment.parcels[0].tracking_number == "15501234567890"
        assert (shipment.lines[0].sku, shipment.lines[0].quantity) == ("OXF-BLU-M", 1)

    def test_inside_a_message_is_read_as_well(self) -> None:
        body = {"id": "m-1", "type": "OrderCreated", "order": sample("order_paid_with_gift")}

        assert bare().parse("orders", raw(body))[0].number == "WEB-10042"  # type: ignore[union-attr]

    @pytest.mark.parametrize("field", ["id", "version", "totalPrice", "lastModifiedAt"])
    def test_without_what_every_order_has_is_not_guessed_at(self, field: str) -> None:
        body = sample("order_paid_with_gift")
        del body[field]

        with pytest.raises(ContractError, match=field):
            bare().parse("orders", raw(body))

    def test_that_is_no_json_is_a_contract_error(self) -> None:
        with pytest.raises(ContractError):
            bare().parse("orders", b"<html>")


class TestTheStateOfAnOrder:
    @pytest.mark.parametrize(
        ("changes", "state"),
        [
            ({"orderState": "Open"}, OrderState.OPEN),
            ({"orderState": "Confirmed", "shipmentState": "Shipped"}, OrderState.SHIPPED),
            ({"orderState": "Complete"}, OrderState.COMPLETE),
            ({"orderState": "Cancelled", "shipmentState": "Shipped"}, OrderState.CANCELLED),
            ({"orderState": "Paused"}, OrderState.UNKNOWN),
        ],
    )
    def test_follows_order_and_shipment_state(self, changes: dict, state: OrderState) -> None:
        assert parsed("order_paid_with_gift", changes).state is state


class TestTheLinesOfAnOrder:
    def test_hold_what_is_paid_and_the_price_before(self) -> None:
        line = parsed("order_paid_with_gift").lines[0]

        assert (line.total, line.list_price, line.tax_rate) == (Decimal("39.98"), Decimal("19.99"), Decimal("0.2"))

    def test_include_gifts_and_fees(self) -> None:
        _, gift, fee = parsed("order_paid_with_gift").lines

        assert (gift.sku, gift.total, gift.is_extra) == ("GIFT-SOCKS", 0, False)
        assert (fee.title, fee.total, fee.is_extra) == ("Gift wrap", Decimal("2.00"), True)

    def test_are_named_in_the_preferred_language(self) -> None:
        assert parsed("order_paid_with_gift").lines[1].title == "Socks"
        assert parsed("order_paid_with_gift", locales="de, en").lines[1].title == "Socks"
        assert parsed("order_paid_with_gift", locales="de-DE").lines[1].title == "Socken"

    def test_keep_a_missing_sku_missing(self) -> None:
        [line] = parsed("order_imported_in_yen").lines

        assert (line.sku, line.product_reference, line.title) == ("", "p-1", "シャツ")

    def test_keep_a_sku_exactly_as_it_is(self) -> None:
        body = sample("order_paid_with_gift")
        body["lineItems"][0]["variant"]["sku"] = " 0042 "

        assert bare().parse("orders", raw(body))[0].lines[0].sku == " 0042 "  # type: ignore[union-attr]

    def test_count_units_in_a_cancelling_state_as_cancelled(self) -> None:
        [line] = parsed("order_imported_in_yen", cancelled_line_states="s-2").lines

        assert (line.quantity, line.cancelled, line.state) == (3, 1, "2 × s-1, 1 × s-2")


class TestTheMoneyOfAnOrder:
    def test_adds_up_with_tax_included(self) -> None:
        order = parsed("order_paid_with_gift")

        assert order.prices_include_tax
        assert sum(line.total for line in order.lines) + order.shipping_price == order.total == Decimal("46.98")
        assert order.total_tax == Decimal("7.83")

    def test_is_net_where_the_tax_rate_says_so_and_knows_yen(self) -> None:
        order = parsed("order_imported_in_yen")

        assert not order.prices_include_tax
        assert (order.lines[0].total, order.lines[0].list_price) == (1000, Decimal("333.33"))
        assert (order.total, order.total_tax) == (1100, 100)

    def test_spreads_a_discount_on_the_total_over_the_lines(self) -> None:
        changes = {"totalPrice": {**GBP, "centAmount": 4198}, "discountOnTotalPrice": {"discountedAmount": {**GBP, "centAmount": 500}}}
        changes["taxedPrice"] = {"totalGross": changes["totalPrice"], "totalNet": {**GBP, "centAmount": 3498}}

        order = parsed("order_paid_with_gift", changes)

        assert sum(line.total for line in order.lines) + order.shipping_price == order.total == Decimal("41.98")

    def test_puts_shipping_on_the_same_footing_as_the_lines(self) -> None:
        body = sample("order_paid_with_gift")
        body["shippingInfo"]["taxRate"] = {"amount": 0.2, "includedInPrice": False}

        order = bare().parse("orders", raw(body))[0]

        assert order.shipping_price == Decimal("6.00")  # type: ignore[union-attr]

    def test_takes_the_discounted_shipping_price(self) -> None:
        body = sample("order_paid_with_gift")
        body["shippingInfo"]["discountedPrice"] = {"value": {**GBP, "centAmount": 250}, "includedDiscounts": []}

        assert bare().parse("orders", raw(body))[0].shipping_price == Decimal("2.50")  # type: ignore[union-attr]


class TestAnOrderToSeveralAddresses:
    def test_adds_up_its_shippings_and_names_them(self) -> None:
        order = parsed("order_to_two_addresses")

        assert order.shipping_price == Decimal("8.00")
        assert (order.ship_service_code, order.ship_service_label) == ("dpd-next-day", "DPD Next Day, Royal Mail")

    def test_goes_to_its_first_address_and_has_one_tax_rate(self) -> None:
        order = parsed("order_to_two_addresses")

        assert order.shipping_address is not None and order.shipping_address.first_name == "Ann"
        assert order.lines[0].tax_rate == Decimal("0.2")


class TestAnAddress:
    @pytest.mark.parametrize(
        ("house_number", "country", "line1"),
        [("auto", "GB", "12 High Street"), ("auto", "DE", "High Street 12"), ("after", "GB", "High Street 12"), ("before", "DE", "12 High Street")],
    )
    def test_has_its_house_number_where_the_option_says(self, house_number: str, country: str, line1: str) -> None:
        address = {**sample("order_paid_with_gift")["shippingAddress"], "country": country}

        order = parsed("order_paid_with_gift", {"shippingAddress": address}, house_number=house_number)

        assert order.shipping_address is not None and order.shipping_address.line1 == line1

    def test_that_is_missing_stays_missing(self) -> None:
        assert parsed("order_imported_in_yen").shipping_address is None

    def test_with_little_in_it_invents_nothing(self) -> None:
        address = parsed("order_paid_with_gift", {"shippingAddress": {"country": "us", "state": "TX", "streetNumber": "9"}}).shipping_address

        assert address is not None
        assert (address.line1, address.city, address.postcode, address.region, address.country) == ("", "", "", "TX", "US")


class TestSpreadingADiscount:
    @given(st.lists(st.integers(0, 100_000), min_size=1, max_size=12), st.integers(0, 200_000))
    def test_loses_no_cent_and_takes_no_line_below_zero(self, cents: list[int], off: int) -> None:
        lines = [OrderLine(str(n), "S", 1, Decimal(amount).scaleb(-2)) for n, amount in enumerate(cents)]
        discount = min(Decimal(off).scaleb(-2), sum((line.total for line in lines), Decimal(0)))

        spread = spread_discount(lines, discount=discount, currency="GBP")

        assert sum(line.total for line in spread) == sum(line.total for line in lines) - discount
        assert all(line.total >= 0 for line in spread)
