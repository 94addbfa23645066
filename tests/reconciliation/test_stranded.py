"""Stock that a channel cannot sell. R23"""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.utils import timezone

from exceptions.proof import check_open_cases
from mappings.models import SkuMapping
from portal.ledger.models import StockLevel
from portal.reconciliation.models import Audit
from tests.reconciliation.conftest import Sides, open_cases


@pytest.fixture
def stranded(sides: Sides) -> Sides:
    """Twelve caps at 5.00 that the shop does not list."""
    sides.both("A")
    sides.held("A", 3)
    sides.item(sides.hub, "CAP", price=Decimal("5.00"), currency="GBP")
    sides.held("CAP", 10)
    sides.held("CAP", 2, place="2")
    sides.run(Audit.STRANDED)
    return sides


class TestStrandedStock:
    def test_is_a_case_with_units_and_value(self, stranded: Sides):  # R23
        [case] = open_cases("E14")

        assert case.cause == "Veeqo Leeds holds 12 of CAP, worth 60.00 GBP, and Shop UK does not list it, so nobody can buy it there."
        assert (case.units, case.value) == (12, {"GBP": "60.00"})

    def test_closes_when_the_channel_lists_it(self, stranded: Sides):  # R23
        stranded.item(stranded.shop, "CAP")
        check_open_cases(at=timezone.now())

        assert open_cases("E14") == []

    def test_closes_when_nothing_is_left(self, stranded: Sides):  # R23
        StockLevel.objects.filter(sku="CAP").update(available=0)
        check_open_cases(at=timezone.now())

        assert open_cases("E14") == []

    def test_stays_while_neither_is_so(self, stranded: Sides):
        check_open_cases(at=timezone.now())

        assert len(open_cases("E14")) == 1

    def test_is_none_under_a_mapped_name(self, stranded: Sides):
        stranded.item(stranded.shop, "HAT")
        SkuMapping.objects.create(integration=stranded.integration, channel_sku="HAT", hub_sku="CAP")
        run = stranded.run(Audit.STRANDED)
        check_open_cases(at=timezone.now())

        assert (run.found, open_cases("E14")) == ({}, [])

    def test_counts_only_the_warehouses_that_take_part(self, sides: Sides):
        sides.integration.warehouse_codes = ["2"]
        sides.integration.save()
        sides.held("CAP", 10, place="1")

        assert sides.run(Audit.STRANDED).found == {}
