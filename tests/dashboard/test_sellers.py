"""Seller health: an operator's rates from the ledger, and what today's open cases would make of them (A18)."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from connectors.canonical import OrderState
from exceptions.cases import CaseEntry, open_case
from exceptions.models import ExceptionCase
from portal.connections.models import Connection
from portal.dashboard.seller_chart import draw
from portal.dashboard.sellers import Rate, Seller, Stake, clock, percent, sellers, standing
from portal.ledger.models import HubOrder, Refund, SalesOrder, Shipment
from tests.dashboard.conftest import As, text
from tests.ledger.orders import a_connection

LIMITS = {"limit_refusal": "2", "limit_late_shipment": "4", "limit_incident": "1.5"}


@pytest.fixture
def operator(db: None) -> Connection:
    return a_connection("Harbour & Home", "mirakl", options=dict(LIMITS))


def order(operator: Connection, number: int, state: OrderState = OrderState.COMPLETE, **values: Any) -> SalesOrder:
    at = timezone.now()
    wanted = {"placed_at": at - timedelta(days=3), "changed_at": at, "currency": "GBP", "total": Decimal(30), "payment_state": "paid", "version": "1"}
    return SalesOrder.objects.create(connection=operator, reference=f"MK-{number}", number=f"MK-{number}", state=state, **{**wanted, **values})


def orders(operator: Connection, count: int, **values: Any) -> list[SalesOrder]:
    first = SalesOrder.objects.count()
    return [order(operator, first + number, **values) for number in range(count)]


def shipped(one: SalesOrder, *, hours_ago: float, shown: bool = True) -> None:
    """It left so long ago; the operator was told at once, or not at all."""
    at = timezone.now() - timedelta(hours=hours_ago)
    hub, _ = Connection.objects.get_or_create(name="Warehouse", system="veeqo", base_url="https://vendor.test")
    there = HubOrder.objects.create(connection=hub, order=one, reference=f"h{one.pk}", number=one.number, version="1", state="shipped", changed_at=at)
    known = {"shown_at": at} if shown else {}
    Shipment.objects.create(connection=hub, order=one, hub_order=there, reference=f"s{one.pk}", shipped_at=at, **known)


def case(one: SalesOrder, kind: str = "E01") -> ExceptionCase:
    entry = CaseEntry(subject=f"order:{one.pk}", label=one.number, at=timezone.now())
    cause = f"{one.number} has not been accepted."
    return open_case(kind, fingerprint=f"order:{one.pk}", cause=cause, items=[entry], connection=one.connection, at=timezone.now())


def rate(operator: Connection, slug: str) -> Rate:
    return next(one for one in standing(operator, at=timezone.now()).rates if one.slug == slug)


class TestARate:
    @pytest.mark.parametrize(("count", "of", "says"), [(0, 0, "0"), (1, 3, "33.33"), (2, 3, "66.67"), (1, 200, "0.5"), (7, 7, "100")])
    def test_is_a_share_in_percent(self, count, of, says):
        assert percent(count, of) == Decimal(says)

    def test_adds_orders_that_run_out_to_both_sides_of_the_refusals(self):
        projected = Rate("refusal", 10, 1000, Decimal(2), Stake(orders=14)).projected

        assert projected == percent(24, 1014) == Decimal("2.37")

    def test_adds_late_parcels_to_the_unshipped_only(self):
        assert Rate("unshipped", 1, 100, None, Stake(orders=2)).projected == Decimal(3)

    @pytest.mark.parametrize(("count", "stake", "tone"), [(30, 0, "bad"), (10, 14, "wait"), (10, 0, "good"), (20, 0, "good")])
    def test_stands_against_its_limit(self, count, stake, tone):
        assert Rate("refusal", count, 1000, Decimal(2), Stake(orders=stake)).tone == tone

    def test_has_no_tone_without_a_limit(self):
        assert Rate("refusal", 900, 1000).tone == "total"

    def test_says_what_happens_if_nobody_acts(self):  # A18
        at = timezone.now()
        said = Rate("refusal", 9, 986, Decimal(2), Stake(14, at, at)).warning

        assert said == f"If these 14 orders are not accepted by {clock(at)}, the rate “refused orders” will be 2.3 % against the limit of 2 %."

    def test_names_the_first_and_the_last_deadline(self):
        at = timezone.now()
        said = Rate("unshipped", 0, 10, None, Stake(2, at, at + timedelta(hours=2))).warning

        assert f"the first by {clock(at)}, the last by {clock(at + timedelta(hours=2))}" in said


class TestTheCounting:
    def test_takes_refusals_of_orders_that_were_answered(self, operator):
        orders(operator, 6)
        order(operator, 100, OrderState.REFUSED)
        order(operator, 101, OrderState.REFUSED, extra={"auto_refused": "true"})
        order(operator, 102, OrderState.WAITING_ACCEPTANCE)

        assert (rate(operator, "refusal").count, rate(operator, "refusal").of) == (2, 8)
        assert rate(operator, "late_acceptance").count == 1

    def test_takes_a_dispatch_as_late_when_the_operator_was_told_late(self, operator):
        first, second, third = orders(operator, 3, ship_by=timezone.now() - timedelta(hours=5))
        shipped(first, hours_ago=6)
        shipped(second, hours_ago=4)
        shipped(third, hours_ago=24, shown=False)

        assert (rate(operator, "late_shipment").count, rate(operator, "late_shipment").of) == (1, 2)

    def test_takes_as_unshipped_what_is_past_its_deadline(self, operator):
        orders(operator, 3)
        late, early = timezone.now() - timedelta(hours=1), timezone.now() + timedelta(hours=1)
        order(operator, 50, OrderState.OPEN, ship_by=late)
        order(operator, 51, OrderState.OPEN, ship_by=early)
        order(operator, 52, OrderState.REFUSED, ship_by=late)

        assert (rate(operator, "unshipped").count, rate(operator, "unshipped").of) == (1, 5)

    def test_takes_incidents_and_refunds_because_of_stock(self, operator):
        first, second, third = orders(operator, 3)
        SalesOrder.objects.filter(pk=first.pk).update(extra={"has_incident": "true"})
        for number, (one, reason) in enumerate([(second, "OUT_OF_STOCK"), (second, "OUT_OF_STOCK"), (third, "DAMAGED")]):
            Refund.objects.create(connection=operator, order=one, reference=f"r{number}", amount=1, currency="GBP", reason=reason, at=timezone.now())

        assert (rate(operator, "incident").count, rate(operator, "stock_refund").count) == (1, 1)

    def test_looks_back_as_far_as_the_operator_does(self, operator):
        order(operator, 1, OrderState.REFUSED, placed_at=timezone.now() - timedelta(days=40))
        assert rate(operator, "refusal").count == 0

        operator.options = {**LIMITS, "kpi_days": "60"}
        assert rate(operator, "refusal").count == 1

    def test_leaves_the_orders_of_other_operators_alone(self, operator):
        order(a_connection("Maison Claire", "mirakl"), 1, OrderState.REFUSED)

        assert rate(operator, "refusal").of == 0

    def test_projects_only_orders_that_stand_in_an_open_case_and_run_out_today(self, operator):  # A18
        soon, later = timezone.now() + timedelta(hours=2), timezone.now() + timedelta(days=3)
        orders(operator, 48)
        held = case(order(operator, 200, OrderState.WAITING_ACCEPTANCE, accept_by=soon))
        order(operator, 201, OrderState.WAITING_ACCEPTANCE, accept_by=soon)
        case(order(operator, 202, OrderState.WAITING_ACCEPTANCE, accept_by=later))
        found = rate(operator, "refusal")

        assert (found.stake.orders, list(found.stake.cases), found.tone) == (1, [held], "wait")
        assert found.projected == percent(1, 49)

    def test_asks_the_same_however_many_orders_there_are(self, operator, django_assert_max_num_queries):
        for one in orders(operator, 20, state=OrderState.WAITING_ACCEPTANCE, accept_by=timezone.now() + timedelta(hours=1)):
            case(one)
        with django_assert_max_num_queries(8):
            assert sellers(timezone.now())[0].rates[0].stake.orders == 20


class TestTheDrawing:
    def test_begins_what_would_be_added_where_today_ends(self, operator):
        orders(operator, 9)
        order(operator, 90, OrderState.REFUSED)
        case(order(operator, 91, OrderState.WAITING_ACCEPTANCE, accept_by=timezone.now() + timedelta(hours=1)))
        seller: Seller = standing(operator, at=timezone.now())
        row = draw(seller).rows[0]

        assert row.more_x == 112 + row.now_width and row.more_width > 0
        assert row.said == "10 % → 18.18 %"
        assert row.limit_x is not None and row.limit_x < 112 + row.now_width


class TestThePage:
    def test_warns_with_the_limit_and_links_the_case(self, operator, as_: As):  # A18
        orders(operator, 20)
        held = case(order(operator, 300, OrderState.WAITING_ACCEPTANCE, accept_by=timezone.now() + timedelta(minutes=30)))
        answer = as_("omar").get("/sellers/")

        assert "If this order is not accepted by" in text(answer)
        assert "will be 4.76 % against the limit of 2 %" in text(answer)
        assert held.get_absolute_url() in answer.content.decode()

    def test_says_what_is_missing_where_no_limits_were_entered(self, db, as_: As):
        a_connection("Maison Claire", "mirakl")

        assert "Enter the rules of Maison Claire" in text(as_("ada").get("/sellers/"))
        assert "Enter the rules" not in text(as_("cora").get("/sellers/"))

    def test_explains_itself_where_there_is_no_marketplace(self, db, as_: As):
        assert "No marketplace" in text(as_("cora").get("/sellers/"))

    @pytest.mark.parametrize(("username", "status"), [("cora", 200), ("aldo", 200), ("nell", 403)])
    def test_is_for_everybody_with_a_role(self, db, as_: As, username, status):
        assert as_(username).get("/sellers/").status_code == status

    def test_is_in_the_navigation(self, db, as_: As):
        assert 'href="/sellers/"' in as_("omar").get("/").content.decode()

    @pytest.mark.parametrize("kind", ["E01", "E02"])
    def test_is_reached_from_a_case_of_the_clock(self, operator, as_: As, kind):
        held = case(order(operator, 400, OrderState.WAITING_ACCEPTANCE, accept_by=timezone.now() + timedelta(minutes=30)), kind)
        page = as_("omar").get(held.get_absolute_url()).content.decode()

        assert f"/sellers/#seller-{operator.pk}" in page
