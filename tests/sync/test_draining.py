"""After the fix: progress and a result for each thing, a stop for what has not gone, and a second click that sends nothing (A1)."""

from __future__ import annotations

from uuid import uuid4

import pytest

from exceptions.actions import perform
from exceptions.errors import CaseError
from exceptions.models import ExceptionCase
from portal.sync.draining import drain_of
from portal.sync.models import OutboundMessage, State
from tests.people import person


@pytest.fixture
def case(corridor) -> ExceptionCase:
    corridor.place(count=3, shipping_method="express")
    corridor.run()
    return ExceptionCase.objects.get(kind="E16")


def map_it(corridor, case, token=None) -> str:
    sent = {"target": str(corridor.made["delivery_methods"]["Standard"]), "reason": "Agreed with the carrier"}
    return perform(case, "map_code", by=person("omar"), token=token or uuid4(), data=sent)


class TestAMappingMadeOnTheCase:
    def test_sends_what_waited(self, corridor, case):  # A1
        assert "3 messages" in map_it(corridor, case)
        assert drain_of(case).sentence == "0 of 3 have arrived, 3 are on their way."

        corridor.send()
        case.refresh_from_db()

        assert drain_of(case).sentence == "3 of 3 have arrived."
        assert (case.is_open, case.resolution) == (False, "fixed_verified")

    def test_clicked_twice_sends_nothing_more(self, corridor, case):  # A1
        token = uuid4()
        map_it(corridor, case, token)
        again = map_it(corridor, case, token)
        corridor.send()

        assert again.startswith("Done already")
        assert len(corridor.calls(corridor.warehouse, method="POST", path="/orders")) == 3

    def test_made_again_from_another_page_sends_nothing_more(self, corridor, case):  # A1, A17
        map_it(corridor, case)
        corridor.send()
        case.refresh_from_db()

        with pytest.raises(CaseError, match="resolved already"):
            map_it(corridor, case)
        assert len(corridor.calls(corridor.warehouse, method="POST", path="/orders")) == 3


class TestAMappingMadeForDispatches:
    def test_counts_the_dispatches_and_not_the_orders_that_went_before(self, corridor):  # A1
        placed = corridor.place(count=2)
        corridor.run()
        for order in placed:
            corridor.ship(order["orderNumber"], carrier_id=2)
        corridor.read_warehouse()
        corridor.send(corridor.channel)
        case = ExceptionCase.objects.get(kind="E16")
        perform(case, "map_code", by=person("omar"), token=uuid4(), data={"target": "dpd"})

        assert drain_of(case).sentence == "0 of 2 have arrived, 2 are on their way."


class TestTheStopButton:
    def test_holds_back_what_has_not_gone(self, corridor, case):  # A1
        map_it(corridor, case)
        sentence = perform(case, "stop_sending", by=person("omar"), token=uuid4())
        corridor.send()

        assert sentence.startswith("3 messages stopped")
        assert set(OutboundMessage.objects.values_list("state", flat=True)) == {State.PARKED}
        assert drain_of(case).sentence == "0 of 3 have arrived, 3 are stopped."

    def test_is_undone_by_sending_again(self, corridor, case):
        map_it(corridor, case)
        perform(case, "stop_sending", by=person("omar"), token=uuid4())
        perform(case, "retry", by=person("omar"), token=uuid4())
        corridor.send()

        assert drain_of(case).arrived == 3

    def test_is_not_there_when_nothing_can_be_stopped(self, corridor, case):
        map_it(corridor, case)
        corridor.send()

        with pytest.raises(CaseError):
            perform(case, "stop_sending", by=person("omar"), token=uuid4())


class TestTheCasePage:
    def test_shows_how_far_it_is_and_what_became_of_each(self, corridor, case, client):  # A1
        map_it(corridor, case)
        client.force_login(person("omar"))
        page = client.get(case.get_absolute_url()).content.decode()

        assert "0 of 3 have arrived, 3 are on their way." in page
        assert "Stop what has not gone" in page
        assert "3 are on their way" in client.get(f"{case.get_absolute_url()}progress/").content.decode()


class TestTheOrderPage:
    def test_leads_to_the_fix_and_back(self, corridor, case, client):  # A1
        client.force_login(person("omar"))
        order = case.items.first().subject.removeprefix("order:")
        page = client.get(f"/orders/{order}/").content.decode()
        form = client.get(f"/inbox/{case.pk}/do/map_code/", {"next": f"/orders/{order}/"}).content.decode()

        assert f"/inbox/{case.pk}/do/map_code/?next=/orders/{order}/" in page
        assert f'name="next" value="/orders/{order}/"' in form
        assert "This field is required" not in form
