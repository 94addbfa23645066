"""Orders: states, lines, taxes, addresses and what a filter may ask about."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from connectors.canonical import OrderState, PaymentState, Refund, SalesOrder
from connectors.errors import ContractError
from tests.connectors.mirakl.scripted import bare, raw, sample


def read(body: dict[str, Any], **options: str) -> SalesOrder:
    order = bare(**options).parse("orders", raw(body))[0]
    assert isinstance(order, SalesOrder)
    return order


def with_line(**changes: Any) -> dict[str, Any]:
    """The sample with its first line changed."""
    body = sample("order")
    body["order_lines"][0] |= changes
    return body


def refund(**changes: Any) -> dict[str, Any]:
    told = {"id": "5511", "order_refund_id": "g", "created_date": "2026-08-09T08:00:00.040Z", "quantity": 1, "amount": 24.9, "shipping_amount": 1.5}
    return {**told, "reason_code": "19", "refund_state": "WAITING_REFUND", "state": "WAITING_REFUND", **changes}


class TestOrder:
    def test_is_read_as_the_vendors_example_shows_it(self):
        order = read(sample("order"))

        assert (order.reference, order.number, order.currency) == ("W-48213377-A", "W-48213377-A", "GBP")
        assert (order.total, order.shipping_price, order.total_tax) == (Decimal("71.70"), Decimal("3.90"), Decimal("11.95"))
        assert (order.store_code, order.ship_service_code, order.customer_reference) == ("UK", "STD", "C-90311")
        assert order.ship_by and order.ship_by.isoformat() == "2026-08-06T21:59:59.999000+00:00" and order.accept_by is None
        assert order.note == "blue door" and order.email.endswith("@notification.mirakl.net") and order.prices_include_tax

    def test_has_lines_with_rates_and_skus(self):  # R78
        kettle, mugs = read(sample("order")).lines

        assert (kettle.reference, kettle.sku, kettle.quantity, kettle.total) == ("W-48213377-A-1", "KET-1L-RED", 2, Decimal("49.80"))
        assert kettle.tax_rate == mugs.tax_rate == Decimal("0.2") and kettle.list_price == Decimal("24.90")

    @pytest.mark.parametrize(
        ("word", "state"),
        [
            ("WAITING_ACCEPTANCE", OrderState.WAITING_ACCEPTANCE), ("WAITING_DEBIT", OrderState.WAITING_PAYMENT),
            ("WAITING_DEBIT_PAYMENT", OrderState.WAITING_PAYMENT), ("SHIPPING", OrderState.OPEN), ("SHIPPED", OrderState.SHIPPED),
            ("TO_COLLECT", OrderState.SHIPPED), ("RECEIVED", OrderState.COMPLETE), ("CLOSED", OrderState.COMPLETE), ("REFUSED", OrderState.REFUSED),
            ("CANCELED", OrderState.CANCELLED), ("INVENTED", OrderState.UNKNOWN),
        ],
    )  # fmt: skip
    def test_knows_every_state(self, word: str, state: OrderState):
        order = read(sample("order", order_state=word))

        assert (order.state, order.vendor_state) == (state, word)

    def test_is_not_ours_yet_while_the_operator_checks_it(self):
        assert bare().parse("orders", raw(sample("order", order_state="STAGING"))) == ()

    @pytest.mark.parametrize(("decided", "told"), [(None, "true"), ("2026-08-03T09:00:00Z", None)])
    def test_refused_without_a_decision_was_refused_by_the_clock(self, decided: str | None, told: str | None):  # R54
        order = read(sample("order", order_state="REFUSED", acceptance_decision_date=decided))

        assert order.extra.get("auto_refused") == told

    def test_sorts_by_version_whether_or_not_milliseconds_are_told(self):
        early, late = (read(sample("order", last_updated_date=f"2026-08-03T07:42:05{end}")) for end in ("Z", ".040Z"))

        assert early.version < late.version and len(early.version) == len(late.version)

    def test_keeps_commissions_and_custom_fields(self):
        extra = read(sample("order")).extra

        assert extra["total_commission"] == "12.91" and extra["line.W-48213377-A-1.total_commission"] == "9.67"
        assert extra["field.gift-note"] == "Happy birthday" and extra["can_shop_ship"] == "false"

    def test_without_optional_fields_is_read_all_the_same(self):
        needed = ("order_id", "created_date", "currency_iso_code", "order_lines", "order_state")
        order = read({name: value for name, value in sample("order").items() if name in needed})

        assert len(order.lines) == 2 and order.total == 0 and order.shipping_address is None

    @pytest.mark.parametrize("field", ["order_id", "currency_iso_code", "order_lines"])
    def test_names_the_field_it_cannot_do_without(self, field: str):
        body = sample("order")
        del body[field]

        with pytest.raises(ContractError, match=field):
            read(body)

    def test_without_tax_in_its_prices_adds_it_to_the_total(self):
        order = read(sample("order", order_tax_mode="TAX_EXCLUDED"))

        assert (order.total, order.prices_include_tax) == (Decimal("83.65"), False)


class TestPayment:
    @pytest.mark.parametrize(
        ("state", "workflow", "expected"),
        [
            ("WAITING_ACCEPTANCE", "PAY_ON_ACCEPTANCE", PaymentState.PENDING), ("WAITING_DEBIT", "PAY_ON_ACCEPTANCE", PaymentState.PENDING),
            ("SHIPPING", "PAY_ON_ACCEPTANCE", PaymentState.PAID), ("SHIPPING", "PAY_ON_SHIPMENT", PaymentState.AUTHORISED),
            ("REFUSED", "PAY_ON_ACCEPTANCE", PaymentState.NOT_TOLD), ("INVENTED", "PAY_ON_ACCEPTANCE", PaymentState.NOT_TOLD),
        ],
    )  # fmt: skip
    def test_is_there_when_the_order_may_be_shipped(self, state: str, workflow: str, expected: PaymentState):
        assert read(sample("order", order_state=state, payment_workflow=workflow)).payment_state is expected

    def test_is_kept_with_what_was_captured(self):
        body = sample("order", order_state="SHIPPING", customer_debited_date="2026-08-03T08:00:00Z", transaction_number="TR-551")
        [payment] = read(body).payments

        assert (payment.reference, payment.captured, payment.method) == ("TR-551", Decimal("71.7"), "CARD")


class TestAddress:
    def test_has_a_country_of_two_letters(self):
        address = read(sample("order")).shipping_address

        assert address is not None and (address.name, address.line1, address.postcode, address.country) == (
            "Ada Fielding",
            "4 Mill Lane",
            "LS6 2AB",
            "GB",
        )

    @pytest.mark.parametrize("hidden", [None, {}, {"firstname": None, "lastname": None, "street_1": None, "city": None, "country_iso_code": None}])
    def test_is_none_while_it_is_hidden(self, hidden: Any):
        body = sample("order")
        body["customer"] |= {"shipping_address": hidden}

        assert read(body).shipping_address is None

    @pytest.mark.parametrize(("option", "state", "there"), [
        ("told", "WAITING_ACCEPTANCE", True), ("acceptance", "WAITING_ACCEPTANCE", False), ("acceptance", "WAITING_DEBIT", True),
        ("shipping", "WAITING_DEBIT", False), ("shipping", "SHIPPING", True),
    ])  # fmt: skip
    def test_is_used_from_when_the_operator_shows_it(self, option: str, state: str, there: bool):
        assert (read(sample("order", order_state=state), address_at=option).shipping_address is not None) is there

    def test_reads_a_countrys_name_as_the_connection_says(self):
        body = sample("order")
        body["customer"]["shipping_address"] |= {"country_iso_code": None, "country": "Royaume-Uni"}
        known, unknown = read(body, country_names="royaume-uni = GB").shipping_address, read(body).shipping_address

        assert known is not None and unknown is not None and (known.country, unknown.country) == ("GB", "")


class TestEmail:
    @pytest.mark.parametrize(("options", "expected"), [
        ({}, "k3j9f0a2q.zz81@notification.mirakl.net"), ({"customer_email": "none"}, ""), ({"email_field": "gift-note"}, "Happy birthday"),
        ({"customer_email": "none", "email_field": "missing"}, ""),
    ])  # fmt: skip
    def test_is_the_one_that_the_connection_wants(self, options: dict[str, str], expected: str):  # R48
        assert read(sample("order"), **options).email == expected


class TestLines:
    @pytest.mark.parametrize(("changes", "gone"), [
        ({"order_line_state": "REFUSED"}, 2), ({"order_line_state": "CANCELED"}, 2), ({"order_line_state": "REFUNDED"}, 2),
        ({"order_line_state": "REFUNDED", "shipped_date": "2026-08-05T08:00:00Z"}, 0),
        ({"cancelations": [{"id": "1", "quantity": 1}]}, 1), ({}, 0),
    ])  # fmt: skip
    def test_tell_what_will_never_be_shipped(self, changes: dict[str, Any], gone: int):
        assert read(with_line(**changes)).lines[0].cancelled == gone

    def test_work_out_a_rate_from_amounts(self):
        assert read(with_line(taxes=[{"code": "V", "amount": 8.30}])).lines[0].tax_rate == Decimal("0.2")

    def test_without_taxes_have_no_rate(self):
        assert read(with_line(taxes=[])).lines[0].tax_rate is None

    def test_show_fees_as_lines_of_their_own(self):
        fee = read(with_line(fees=[{"code": "ECO", "amount": 0.5}])).lines[1]

        assert (fee.reference, fee.is_extra, fee.total) == ("W-48213377-A-1/fee/ECO", True, Decimal("0.5"))

    def test_take_numbers_as_text(self):
        line = read(with_line(quantity="2", price="49.80")).lines[0]

        assert (line.quantity, line.total) == (2, Decimal("49.80"))


class TestRefunds:
    def test_come_with_their_order(self):
        [_, found] = bare().parse("orders", raw(with_line(refunds=[refund()])))

        assert isinstance(found, Refund) and (found.reference, found.amount, found.order_line) == ("5511", Decimal("26.4"), "W-48213377-A-1")
        assert (found.state, found.quantity, found.reason) == ("WAITING_REFUND", 1, "19")

    def test_have_the_tax_that_went_back(self):
        body = with_line(refunds=[refund(taxes=[{"code": "V", "amount": 4.98}], refund_state=None)]) | {"order_tax_mode": "TAX_EXCLUDED"}
        found = bare().parse("orders", raw(body))[1]

        assert isinstance(found, Refund) and found.amount == Decimal("31.38") and found.state == "WAITING_REFUND"


class TestShipment:
    def test_shows_what_was_sent_as_a_whole(self):
        body = sample("order", order_state="SHIPPED", shipping_carrier_code="DPD-UK", shipping_company="DPD (UK)", shipping_tracking="155")
        [shipment] = read(body).shipments

        assert (shipment.reference, shipment.carrier_code, shipment.parcels[0].tracking_number) == ("W-48213377-A", "DPD-UK", "155")
        assert [(line.sku, line.quantity) for line in shipment.lines] == [("KET-1L-RED", 2), ("MUG-SET4", 1)]

    def test_is_not_there_before(self):
        assert read(sample("order", order_state="SHIPPING")).shipments == ()
