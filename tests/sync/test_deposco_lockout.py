"""What an edit in the shop still changes in Deposco, and what it does not: before and after the lock-out (R44, R45)."""

from __future__ import annotations

from typing import Any

import pytest

from exceptions.models import ExceptionCase
from portal.ledger.models import HubOrder, Stage
from portal.sync.models import OutboundMessage, State
from tests.corridor import control
from tests.deposco_site import Site
from tests.people import person


@pytest.fixture
def placed(site: Site) -> dict[str, Any]:
    """Five mugs, with Deposco and not yet picked."""
    placed = site.place(lines=[{"sku": "MUG-1", "quantity": 5}, {"sku": "CAP-1", "quantity": 1}])
    site.read()
    return placed


def packs_there(site: Site, placed: dict[str, Any]) -> dict[str, int]:
    """Item → packs still wanted in Deposco."""
    there = site.there(placed)
    assert there is not None
    rows = there["orderLines"]["data"]
    return {row["item"]["businessKey"]["number"]: row["orderPackQuantity"] - (row.get("canceledPackQuantity") or 0) for row in rows}


def edited_late() -> list[ExceptionCase]:
    return list(ExceptionCase.objects.filter(kind="E09", is_open=True))


class TestFewerUnits:
    def test_are_cancelled_in_deposco_while_it_takes_that(self, site, placed):  # R44
        site.edit(placed, line=0, quantity=3)
        site.read()

        assert packs_there(site, placed) == {"MUG-1": 3, "CAP-1": 1}
        assert edited_late() == [] and OutboundMessage.objects.get(kind="lower_order").state == State.SENT

    def test_are_told_once_though_the_answer_was_lost(self, site, placed):  # R44
        site.corridor.fault(site.running, "lost_after", method="POST", path="/cancellations$")
        site.edit(placed, line=0, quantity=3)
        site.corridor.send(site.hub)

        assert packs_there(site, placed)["MUG-1"] == 3
        assert len(site.corridor.calls(site.running, method="POST", path="/cancellations")) == 1

    def test_of_a_line_that_was_removed_are_all_of_it(self, site, placed):  # R44
        site.edit(placed, line=1, remove=True)

        assert packs_there(site, placed) == {"MUG-1": 5, "CAP-1": 0} and edited_late() == []

    def test_follow_the_last_of_several_edits(self, site, placed):  # R44
        for left in (4, 2):
            control(site.corridor.shop, f"orders/{placed['id']}/edit", line=0, quantity=left)
            site.corridor.read_orders()
        site.corridor.send(site.hub)

        assert packs_there(site, placed)["MUG-1"] == 2 and len(site.corridor.calls(site.running, method="POST", path="/cancellations")) == 1

    def test_are_what_the_dispatch_completes(self, site, placed):
        site.edit(placed, line=0, quantity=3)
        site.floor("ship", placed)
        site.tell()

        assert site.corridor.in_shop(placed["id"])["shipmentState"] == "Shipped" and site.corridor.order(placed).stage == Stage.DONE

    def test_after_the_lock_are_a_case_with_both_versions(self, site, placed):  # R44, E09
        site.floor("wave", placed)
        site.read()
        site.edit(placed, line=0, quantity=3)

        [case] = edited_late()
        assert dict(case.evidence["with the warehouse"]["lines"])["MUG-1"] == 5 and dict(case.evidence["in the channel now"]["lines"])["MUG-1"] == 3
        assert packs_there(site, placed)["MUG-1"] == 5 and site.corridor.calls(site.running, method="POST", path="/cancellations") == []

    def test_refused_because_the_lock_was_not_seen_yet_are_that_case_too(self, site, placed):  # R44, E09
        site.floor("wave", placed)
        site.edit(placed, line=0, quantity=3)
        [refused] = edited_late()
        site.read()

        [case] = edited_late()
        assert "locked on wave" in refused.cause and dict(refused.evidence["with the warehouse"]["lines"])["MUG-1"] == 5
        assert case.pk == refused.pk and OutboundMessage.objects.get(kind="lower_order").state == State.PARKED

    def test_taken_off_by_the_warehouse_itself_close_the_case(self, site, placed):  # R44, E09
        site.floor("wave", placed)
        site.edit(placed, line=0, quantity=3)
        site.floor("cancel", placed, units={"MUG-1": 2})
        site.read()

        assert packs_there(site, placed)["MUG-1"] == 3 and edited_late() == []


class TestMoreUnits:
    def test_are_a_case_at_once(self, site, placed):  # R44, E09
        site.edit(placed, line=0, quantity=8)

        [case] = edited_late()
        assert packs_there(site, placed)["MUG-1"] == 5 and "will not get there by itself" in case.cause

    def test_taken_back_close_it(self, site, placed):  # R44, E09
        site.edit(placed, line=0, quantity=8)
        site.edit(placed, line=0, quantity=5)

        assert edited_late() == [] and not OutboundMessage.objects.filter(kind="lower_order").exists()


class TestAnotherAddress:
    def test_is_a_case_though_units_were_taken_off_as_well(self, site, placed):  # R44, E09
        control(site.corridor.shop, f"orders/{placed['id']}/edit", line=0, quantity=3)
        site.edit(placed, address={"streetName": "Elsewhere"})

        assert len(edited_late()) == 1 and packs_there(site, placed)["MUG-1"] == 5


class TestTheLock:
    def test_stands_on_the_order_with_its_time(self, site, placed, client):  # R45
        site.floor("wave", placed)
        site.read()
        client.force_login(person("cora"))
        page = client.get(f"/orders/{site.corridor.order(placed).pk}/").content.decode()
        locked_at = HubOrder.objects.get(connection=site.hub).locked_at

        assert locked_at is not None and "An edit will not reach the parcel" in page
        assert locked_at.strftime("%H:%M") in page

    def test_is_open_before(self, site, placed, client):  # R45
        client.force_login(person("cora"))
        page = client.get(f"/orders/{site.corridor.order(placed).pk}/").content.decode()

        assert "Units taken off in Shop are cancelled there" in page and "ask the warehouse before you promise one" in page
