"""Every sale has its warehouse order, and every warehouse order its sale. R33, R34, R43"""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from exceptions.proof import check_open_cases
from portal.ledger.models import HubOrder, SalesOrder, Stage
from portal.reconciliation.completeness import unacknowledged
from portal.reconciliation.models import Audit
from tests.reconciliation.conftest import Sides, open_cases


def hub_order(sides: Sides, number: str, **more: object) -> HubOrder:
    long_ago = timezone.now() - timedelta(hours=2)
    fields = {"reference": f"h-{number}", "version": "1", "state": "new", "changed_at": long_ago, "seen_at": long_ago, "lines": [["A", 2]], **more}
    return HubOrder.objects.create(connection=sides.hub, number=number, **fields)


class TestAnOrderTheWarehouseLacks:
    def test_is_a_case_though_nobody_expected_anything(self, sides: Sides):  # R33
        order = sides.order("SO-1", Stage.QUEUED, minutes=120)
        run = sides.run(Audit.MISSING)

        [case] = open_cases("E05")
        assert run.found == {"not in the warehouse": 1}
        assert case.fingerprint == f"order:{order.pk}"

    def test_is_none_within_the_time_it_may_take(self, sides: Sides):
        sides.order("SO-1", Stage.QUEUED, minutes=5)

        assert sides.run(Audit.MISSING).found == {}

    def test_is_left_to_whoever_has_it_on_the_desk(self, sides: Sides):
        order = sides.order("SO-1", Stage.QUEUED, minutes=120)
        sides.case(order)
        sides.run(Audit.MISSING)

        assert open_cases("E05") == []

    def test_that_had_it_once_is_a_case_until_it_is_back(self, sides: Sides):  # R43
        order = sides.order("SO-1", Stage.WITH_HUB, minutes=120)
        run = sides.run(Audit.MISSING)
        [case] = open_cases("E06")
        assert (run.found, case.cause) == (
            {"gone from the warehouse": 1},
            "Veeqo Leeds took order SO-1, and its list of orders does not show it. Nobody will ship it.",
        )

        hub_order(sides, "SO-1", order=order)
        check_open_cases(at=timezone.now())
        assert open_cases("E06") == []

    def test_is_listed_with_its_age(self, sides: Sides):  # R34
        sides.order("SO-1", Stage.QUEUED, minutes=180)
        sides.with_hub(sides.order("SO-2", Stage.WITH_HUB, minutes=120))
        run = sides.run(Audit.MISSING)

        assert [order.number for order in unacknowledged()] == ["SO-1"]
        assert run.note == "1 placed and not acknowledged, the oldest (SO-1) for 3\xa0hours."


class TestAWarehouseOrderWithoutASale:
    @pytest.fixture
    def prefixed(self, sides: Sides) -> Sides:
        sides.integration.number_prefix = "CT-"
        sides.integration.save()
        return sides

    def test_is_a_case_of_its_own(self, prefixed: Sides):  # R43
        hub_order(prefixed, "CT-1")
        hub_order(prefixed, "CT-2")
        run = prefixed.run(Audit.ORPHANS)

        assert run.found == {"without a sale": 2}
        assert [case.items_open for case in open_cases("E06")] == [1, 1]
        assert open_cases("E06")[0].units == 2

    def test_is_none_of_ours_without_the_prefix(self, prefixed: Sides):
        hub_order(prefixed, "AMZ-1")

        assert prefixed.run(Audit.ORPHANS).found == {}

    @pytest.mark.parametrize("fine", [{"state": "cancelled"}, {"merged_into": "h-9"}, {"seen_at": timezone.now()}])
    def test_is_none_when_it_is_cancelled_merged_or_only_just_seen(self, prefixed: Sides, fine: dict):
        hub_order(prefixed, "CT-1", **fine)

        assert prefixed.run(Audit.ORPHANS).found == {}

    def test_is_tied_to_its_sale_when_that_is_known_by_now(self, prefixed: Sides):  # R43
        row = hub_order(prefixed, "CT-SO-1")
        order = prefixed.order("SO-1")
        run = prefixed.run(Audit.ORPHANS)

        row.refresh_from_db()
        assert (row.order, run.corrected, run.differing) == (order, 1, 0)

    def test_closes_when_the_counterpart_is_found(self, prefixed: Sides):  # R43
        row = hub_order(prefixed, "CT-SO-1")
        prefixed.run(Audit.ORPHANS)
        prefixed.order("SO-1")
        prefixed.run(Audit.ORPHANS)
        check_open_cases(at=timezone.now())

        row.refresh_from_db()
        assert (open_cases("E06"), row.order) == ([], SalesOrder.objects.get())
