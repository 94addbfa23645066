"""What an operator or a warehouse gets wrong: each named exactly, and the rest goes through."""

from __future__ import annotations

import pytest

from exceptions.models import ExceptionCase
from mappings import changes
from mappings.models import CarrierMapping
from portal.ledger.models import SalesOrder, Stage
from portal.sync import jobs
from tests.corridor import control
from tests.people import person


def open_kinds() -> list[str]:
    return sorted(ExceptionCase.objects.filter(is_open=True).values_list("kind", flat=True))


class TestAnOperatorThatAnswersHtml:
    def test_is_named_as_that_and_read_on_when_it_is_itself_again(self, marketplace):  # E32, R50
        marketplace.fault(marketplace.shop, "html", path="/api/orders", times=3)
        feed = "orders"
        marketplace.place()
        read = [jobs.read_feed(marketplace.channel, feed) for _ in range(3)]
        found = ExceptionCase.objects.get(kind="E32", is_open=True)
        marketplace.channel.__class__.objects.update(probe_at=None)
        marketplace.channel.refresh_from_db()
        jobs.read_feed(marketplace.channel, feed)
        marketplace.round()

        assert read == [0, 0, 0]
        assert "answered with a web page instead of data" in found.cause
        assert (SalesOrder.objects.get().stage, open_kinds()) == (Stage.WITH_HUB, [])

    def test_while_we_accept_is_looked_at_and_not_told_twice(self, marketplace):  # R51, R54
        [reference] = marketplace.place()
        marketplace.read_orders()
        marketplace.fault(marketplace.shop, "html", path="/accept")
        marketplace.send()
        for _ in range(2):
            marketplace.later_send(minutes=5)

        assert (marketplace.state(reference), marketplace.there(reference)["accept_calls"]) == ("SHIPPING", 1)


class TestAnOrderWithoutAnAddress:
    def test_is_a_case_that_names_what_is_missing_and_the_others_go(self, marketplace):  # E03, R52
        [bad] = marketplace.place(no_address=True)
        good = marketplace.place(count=3)
        marketplace.round()

        [found] = ExceptionCase.objects.filter(is_open=True)
        assert (found.kind, found.items.get().label) == ("E03", bad)
        assert "It lacks the street, the city, the postcode" in found.cause
        assert [marketplace.hub_states(one) for one in good] == [["awaiting_fulfillment"]] * 3


class TestACarrierWithOneSpaceTooMany:
    @pytest.fixture
    def shipped(self, marketplace) -> str:
        """The operator's own code has a space at its end; the mapping has none."""
        control(marketplace.shop, "carriers", remove="EVRI")
        control(marketplace.shop, "carriers", add={"code": "EVRI ", "label": "Evri"})
        marketplace.map_carrier("2", "Evri", "EVRI")
        [reference] = marketplace.place()
        marketplace.round()
        marketplace.ship_parcel(reference, carrier_id=2)
        marketplace.read_warehouse()
        marketplace.send()
        return str(reference)

    def test_never_leaves(self, marketplace, shipped):  # R60, R61, E16
        found = ExceptionCase.objects.get(is_open=True)

        assert marketplace.calls(marketplace.shop, path="/tracking") == []
        assert "“EVRI” is not one of" in found.cause
        assert found.kind == "E16"

    def test_leaves_when_the_mapping_has_it_to_the_letter(self, marketplace, shipped):  # R60, R61
        row = CarrierMapping.objects.get(hub_carrier="2")
        row.channel_code = "EVRI "
        changes.save(row, by=person("omar"), reason="as the operator writes it")
        marketplace.send()
        marketplace.read_orders()

        assert (marketplace.summary()["carriers"], open_kinds()) == ({"EVRI ": 1}, [])
