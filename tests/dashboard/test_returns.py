"""The list of returns, the page of one, and finance's report."""

from __future__ import annotations

import csv
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from portal.accounts.models import ApprovalRequest
from portal.accounts.roles import Role
from portal.dashboard.returns import corners
from portal.ledger.models import FlowState, Refund, ReturnFlow, ReturnLine, ReturnOrder, Stage
from portal.sync.returns.follow import follow_order
from tests.dashboard.conftest import As, text
from tests.dashboard.world import World
from tests.people import make

URL = "/returns/"


def back(world: World, number: str = "SO-1", *, received: int = 0, refunded: str = "", authorised: int = 2) -> ReturnFlow:
    """A line of two that the customer sends back."""
    order = world.order(number)
    at, line = timezone.now(), order.lines.order_by("position")[0]
    for connection, arrived in ((order.connection, 0), (world.hub, received)):
        told = ReturnOrder.objects.create(
            connection=connection,
            order=order,
            reference=f"{number}-{connection.pk}",
            version="1",
            state="authorised",
            rma=f"RMA-{number}",
            changed_at=at,
        )
        units = authorised if connection == order.connection else received
        if units:
            ReturnLine.objects.create(
                return_order=told, reference=f"{number}-{connection.pk}", order_line=line.reference, sku=line.sku, quantity=units, received=arrived
            )
    if refunded:
        Refund.objects.create(
            connection=order.connection,
            order=order,
            reference=number,
            order_line=line.reference,
            amount=Decimal(refunded),
            currency=order.currency,
            at=at,
        )
    [flow] = follow_order(order, at=at)
    return flow


class TestTheList:
    def test_is_closed_to_somebody_without_a_role(self, db: None, as_: As) -> None:
        assert as_("nell").get(URL).status_code == 403

    def test_says_that_nothing_came_back_yet(self, db: None, as_: As) -> None:
        assert "No returns yet" in text(as_("cora").get(URL))

    def test_names_the_one_team_that_owns_returns(self, world: World, as_: As) -> None:  # R89
        back(world)
        lead = make("clara", Role.CX, lead=True, first_name="Clara")
        assert f"Owned by {Role.CX.label}, led by {lead.called}" in text(as_("omar").get(URL))

    def test_shows_a_warehouse_what_it_awaits(self, world: World, as_: As) -> None:  # R83, R90
        back(world)
        page = text(as_("omar").get(URL, {"warehouse": str(world.hub.pk), "state": "pending"}))

        assert "SO-1" in page
        assert "goods awaited" in page

    @pytest.mark.parametrize(
        ("narrow", "count"), [({"q": "RMA-SO-1"}, 1), ({"q": "other"}, 0), ({"state": "open"}, 1), ({"state": "done"}, 0), ({"state": "nonsense"}, 1)]
    )
    def test_is_narrowed(self, world: World, as_: As, narrow: dict[str, str], count: int) -> None:
        back(world)
        assert len(as_("cora").get(URL, narrow).context["page"].rows) == count

    def test_asks_the_same_queries_for_many_rows(self, world: World, as_: As, django_assert_max_num_queries: Any) -> None:
        for number in range(8):
            back(world, f"SO-{number}")
        client = as_("cora")
        with django_assert_max_num_queries(9):
            answer = client.get(URL)

        assert len(answer.context["page"].rows) == 8


class TestTheTriangle:
    def test_shows_the_side_that_is_missing(self, world: World, as_: As) -> None:  # R87
        flow = back(world, received=2)
        page = text(as_("finn").get(f"{URL}{flow.pk}/"))

        assert flow.state == FlowState.REFUND_DUE
        assert [one.tone for one in corners(flow)] == ["good", "good", "bad"]
        assert "goods here, money not back" in page.lower()

    def test_shows_money_without_goods(self, world: World) -> None:  # R88
        assert [one.tone for one in corners(back(world, refunded="20.00"))][1] == "bad"

    def test_offers_the_assessment_only_to_those_who_may(self, world: World, as_: As) -> None:  # R91
        flow = back(world, received=2)

        assert "Assess the goods" in text(as_("omar").get(f"{URL}{flow.pk}/"))
        assert "Assess the goods" not in text(as_("aldo").get(f"{URL}{flow.pk}/"))
        assert as_("aldo").post(f"{URL}{flow.pk}/assess/", {"sellable": 2, "damaged": 0, "missing": 0}).status_code == 403

    def test_takes_the_assessment(self, world: World, as_: As) -> None:  # R91
        flow = back(world, received=2)
        as_("omar").post(f"{URL}{flow.pk}/assess/", {"sellable": 1, "damaged": 1, "missing": 0})

        flow.refresh_from_db()
        assert (flow.sellable, flow.damaged, flow.unassessed) == (1, 1, 0)

    def test_asks_a_second_person_before_money_goes_without_goods(self, world: World, as_: As) -> None:  # R85
        flow = back(world)
        as_("cora").post(f"{URL}{flow.pk}/release/", {"amount": "5.00", "reason": "Known customer"})

        flow.refresh_from_db()
        assert (ApprovalRequest.objects.get().reason, flow.owed) == ("Known customer", 0)

    def test_says_why_more_than_the_line_cannot_go_back(self, world: World, as_: As) -> None:
        flow = back(world)
        page = text(as_("finn").post(f"{URL}{flow.pk}/release/", {"amount": "5000.00", "reason": "because"}))

        assert "is more than the line" in page
        assert not ApprovalRequest.objects.exists()


class TestTheReport:
    def test_adds_up_by_channel_and_currency(self, world: World, as_: As) -> None:
        back(world, received=2)
        back(world, "SO-2", received=2)
        [total] = as_("finn").get(f"{URL}report/").context["totals"]

        assert (total.lines, total.units, total.refunded) == (2, 4, 0)
        assert total.open_sum == total.owed > 0

    def test_is_a_file_that_marks_what_is_shipped_and_still_open(self, world: World, as_: As) -> None:  # R71
        flow = back(world, received=2)
        flow.order.move(Stage.DONE)
        answer = as_("finn").get("/returns.csv")
        told = list(csv.reader(b"".join(answer.streaming_content).decode().splitlines()))

        assert told[1][0] == "SO-1"
        assert told[1][-1] == "still open on the channel"
        assert told[-1][0] == "total"

    def test_is_not_for_those_who_may_not_export(self, world: World, as_: As) -> None:
        assert as_("nell").get("/returns.csv").status_code == 403
