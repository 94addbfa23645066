"""What an order lacks is named, all of it at once, before the warehouse may see it."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from exceptions.models import ExceptionCase
from portal.audit.models import AuditEvent
from portal.ledger.models import SalesOrder, Stage
from portal.sync.case_actions.correct_order import correct
from portal.sync.completeness import missing, sentence
from portal.sync.plan_orders import plan_order
from tests.corridor import control
from tests.ledger.orders import ADDRESS, a_line, an_integration, kept
from tests.people import person

LACKS = {
    "line1": "the street",
    "city": "the city",
    "postcode": "the postcode",
    "country": "the country",
}


@pytest.fixture
def shop(db):
    return an_integration().channel


class TestMissing:
    def test_is_nothing_for_a_complete_order(self, shop):
        assert missing(kept(shop)) == {}

    @pytest.mark.parametrize("field", LACKS)
    @pytest.mark.parametrize("blank", ["", "  "])
    def test_names_each_part_of_the_address(self, shop, field, blank):  # R28
        order = kept(shop, shipping_address=replace(ADDRESS, **{field: blank}))

        assert missing(order) == {f"address.{field}": LACKS[field]}

    def test_names_everything_at_once(self, shop):  # R28
        order = kept(shop, shipping_address=None, ship_service_code="")

        assert list(missing(order)) == [*(f"address.{field}" for field in LACKS), "address.last_name", "ship_service_code"]

    def test_takes_a_company_for_a_name(self, shop):
        address = replace(ADDRESS, first_name="", last_name="", company="Lee & Co")

        assert missing(kept(shop, shipping_address=address)) == {}

    @pytest.mark.parametrize("country", ["IE", "HK", "AE"])
    def test_asks_no_postcode_where_there_is_none(self, shop, country):
        assert missing(kept(shop, shipping_address=replace(ADDRESS, postcode="", country=country))) == {}

    @pytest.mark.parametrize("country", ["GBR", "United Kingdom", "1", "G1", "ÄÖ", " GB"])
    def test_does_not_guess_at_a_country(self, shop, country):
        found = missing(kept(shop, shipping_address=replace(ADDRESS, country=country)))

        assert list(found) == ["address.country"]
        assert country in found["address.country"]

    def test_asks_what_the_integration_asks_beyond_that(self, db):  # R28
        integration = an_integration(required_fields=["phone", "email"])
        order = kept(integration.channel, email="")
        order.integration = integration

        assert missing(order) == {"address.phone": "a phone number", "address.email": "an e-mail address"}

    @pytest.mark.parametrize("currency", ["", "XXX", "gbp", "ZZZ"])
    def test_does_not_know_every_currency(self, shop, currency):
        assert list(missing(kept(shop, currency=currency))) == ["currency"]

    @pytest.mark.parametrize(("currency", "total"), [("JPY", "100.50"), ("GBP", "10.001"), ("KWD", "1.2345")])
    def test_finds_a_price_of_the_wrong_precision(self, shop, currency, total):
        found = missing(kept(shop, currency=currency, total=Decimal(total)))

        assert "too many decimals" in found["total"]

    @pytest.mark.parametrize(("currency", "total"), [("JPY", "100"), ("KWD", "1.234"), ("GBP", "10.00"), ("EUR", "0")])
    def test_takes_a_price_the_currency_can_express(self, shop, currency, total):
        assert missing(kept(shop, currency=currency, total=Decimal(total))) == {}

    def test_finds_a_negative_quantity(self, shop):
        order = kept(shop, lines=(a_line(quantity=2), a_line("2", quantity=-1)))

        assert missing(order) == {"line.2.quantity": "a positive quantity on line 2"}

    def test_is_said_in_one_sentence(self):
        assert sentence({"a": "the street", "b": "the city", "c": "the postcode"}).endswith("It lacks the street, the city and the postcode.")


def incomplete(corridor):
    [placed] = corridor.place(missing=["shippingAddress.postalCode", "shippingAddress.city"])
    corridor.run()
    return placed, ExceptionCase.objects.get(kind="E03")


class TestAnIncompleteOrder:
    def test_is_not_sent_and_its_case_names_every_missing_field(self, corridor):  # R28, E03
        placed, case = incomplete(corridor)

        assert corridor.at_warehouse(placed["orderNumber"]) == []
        assert (case.owner, case.evidence["missing"]) == ("CX", ["address.city", "address.postcode"])
        assert "the city and the postcode" in case.cause

    def test_goes_when_a_person_corrects_it_and_the_correction_is_audited(self, corridor):  # R31, E03
        placed, case = incomplete(corridor)
        correct(corridor.order(placed), {"address.city": "Leeds", "address.postcode": "LS1 1AA"}, by=person("cora"))
        corridor.send()

        [there] = corridor.at_warehouse(placed["orderNumber"])
        case.refresh_from_db()
        event = AuditEvent.objects.get(action="order.corrected")
        assert there["deliver_to"]["city"] == "Leeds"
        assert (case.is_open, case.resolution) == (False, "fixed_verified")
        assert (event.actor_id, event.new) == (person("cora").pk, {"address.city": "Leeds", "address.postcode": "LS1 1AA"})

    def test_stays_blocked_while_one_field_is_still_missing(self, corridor):
        placed, _ = incomplete(corridor)
        answer = correct(corridor.order(placed), {"address.city": "Leeds"}, by=person("cora"))
        corridor.send()

        assert "the postcode" in answer
        assert corridor.order(placed).stage == Stage.BLOCKED

    def test_goes_when_the_shop_corrects_it(self, corridor):  # E03
        placed, case = incomplete(corridor)
        control(corridor.shop, f"orders/{placed['orderNumber']}/edit", address={"city": "York", "postalCode": "YO1 1AA"})
        corridor.run()

        case.refresh_from_db()
        assert len(corridor.at_warehouse(placed["orderNumber"])) == 1
        assert not case.is_open

    def test_keeps_a_correction_over_what_the_shop_says_later(self, corridor):  # R31
        placed, _ = incomplete(corridor)
        correct(corridor.order(placed), {"address.city": "Leeds", "address.postcode": "LS1 1AA"}, by=person("cora"))
        corridor.read_orders()

        assert SalesOrder.objects.get().effective_address["city"] == "Leeds"

    def test_is_not_also_a_case_of_being_missing_in_the_warehouse(self, corridor):  # A14: one cause, one case
        incomplete(corridor)
        corridor.later(hours=5)

        assert list(ExceptionCase.objects.exclude(kind="E32").values_list("kind", flat=True)) == ["E03"]

    def test_with_an_unknown_currency_is_told_in_plain_words(self, corridor):
        [placed] = corridor.place()
        corridor.read_orders()
        SalesOrder.objects.update(currency="XBT")
        plan_order(corridor.order(placed), at=corridor.order(placed).seen_at)

        assert "“XBT” is none" in ExceptionCase.objects.get(kind="E03").cause
        assert corridor.order(placed).stage == Stage.BLOCKED
