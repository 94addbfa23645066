"""False alarms of the comparisons: not raised again, seen and taken back on the page."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import timezone

from exceptions import ignoring
from exceptions.models import ExceptionCase, IgnoredFinding, Resolution
from exceptions.resolving import resolve, resolve_many
from portal.ledger.models import CatalogueItem, HubOrder
from portal.reconciliation.filing import EACH
from portal.reconciliation.models import Audit
from tests.people import person
from tests.reconciliation.conftest import Sides, open_cases

WEEK = timedelta(days=7)


def false_alarm(case: ExceptionCase, by: str = "mira", **more) -> None:
    assert resolve(case, Resolution.FALSE_ALARM, "It is meant to be so.", by=person(by), **more) is None


@pytest.fixture
def lacking(sides: Sides) -> Sides:
    """The shop lists a product that the warehouse does not have."""
    sides.both("A")
    sides.item(sides.shop, "GIFT-CARD")
    sides.run(Audit.CATALOGUE)
    return sides


class TestAFalseAlarm:
    def test_is_not_raised_by_the_next_audit(self, lacking):  # R77
        false_alarm(open_cases("E13")[0])
        run = lacking.run(Audit.CATALOGUE)

        assert open_cases("E13") == []
        assert run.found == {"not in the warehouse": 1}

    def test_hides_nothing_else(self, lacking):
        false_alarm(open_cases("E13")[0])
        lacking.item(lacking.shop, "MUG")
        lacking.run(Audit.CATALOGUE)

        assert [case.evidence["value"] for case in open_cases("E13")] == ["MUG"]

    def test_ends_with_its_day(self, lacking):
        false_alarm(open_cases("E13")[0], until=timezone.now() + WEEK)
        lacking.run(Audit.CATALOGUE, at=timezone.now() + timedelta(days=6))
        before = open_cases("E13")
        lacking.run(Audit.CATALOGUE, at=timezone.now() + WEEK + timedelta(hours=1))

        assert (before, len(open_cases("E13"))) == ([], 1)

    def test_holds_for_the_difference_that_was_seen(self, sides):
        sides.item(sides.shop, "A", barcode="1")
        there = sides.item(sides.hub, "A", barcode="2")
        sides.run(Audit.CATALOGUE)
        false_alarm(open_cases("E13")[0])
        sides.run(Audit.CATALOGUE)
        before = open_cases("E13")
        CatalogueItem.objects.filter(pk=there.pk).update(barcode="3")
        sides.run(Audit.CATALOGUE)

        assert (before, [case.cause[:20] for case in open_cases("E13")]) == ([], ["A: barcodes differ. "])

    def test_of_one_case_for_many_holds_for_each_of_them(self, sides):
        for number in range(EACH + 5):
            sides.item(sides.shop, f"S{number}")
        sides.run(Audit.CATALOGUE)
        [case] = open_cases("E13")
        false_alarm(case)
        sides.item(sides.shop, "NEW")
        sides.run(Audit.CATALOGUE)

        assert IgnoredFinding.objects.count() == EACH + 5
        assert [case.evidence["value"] for case in open_cases("E13")] == ["NEW"]

    def test_can_be_said_of_several_at_once(self, sides):
        for sku in "ABC":
            sides.item(sides.shop, sku)
        sides.run(Audit.CATALOGUE)
        pks = [case.pk for case in open_cases("E13")]
        resolve_many(pks, Resolution.FALSE_ALARM, "Vouchers.", by=person("mira"), at=timezone.now())
        sides.run(Audit.CATALOGUE)

        assert (len(pks), open_cases("E13")) == (3, [])

    def test_of_stranded_stock_is_kept_too(self, sides):  # R23
        sides.item(sides.hub, "CAP")
        sides.held("CAP", 10)
        sides.run(Audit.STRANDED)
        false_alarm(open_cases("E14")[0])
        sides.held("CAP", 2, place="2")
        sides.run(Audit.STRANDED)

        assert open_cases("E14") == []

    def test_of_an_orphan_is_kept_too(self, sides):  # R43
        type(sides.integration).objects.update(number_prefix="CT-")
        sides.integration.refresh_from_db()
        old = timezone.now() - WEEK
        HubOrder.objects.create(connection=sides.hub, reference="9", number="CT-9", version="1", state="open", changed_at=old, seen_at=old)
        sides.run(Audit.ORPHANS)
        false_alarm(open_cases("E06")[0], "omar")
        sides.run(Audit.ORPHANS)

        assert open_cases("E06") == []

    def test_of_anything_else_is_only_resolved(self, sides):
        assert not ignoring.is_ignorable(ExceptionCase(kind="E04"))


class TestIgnoredCollisions:
    @pytest.fixture
    def spelt(self, sides: Sides) -> Sides:
        sides.both("A")
        sides.item(sides.hub, "a")
        sides.run(Audit.CATALOGUE)
        return sides

    def test_are_for_merchandising_and_admins(self, spelt):  # R79
        with pytest.raises(PermissionDenied):
            false_alarm(open_cases("E12")[0], "omar")
        false_alarm(open_cases("E12")[0], "ada")
        spelt.run(Audit.CATALOGUE)

        assert open_cases("E12") == []

    def test_are_raised_when_a_third_product_joins_them(self, spelt):
        false_alarm(open_cases("E12")[0])
        spelt.item(spelt.hub, "A ")
        spelt.run(Audit.CATALOGUE)

        assert len(open_cases("E12")) == 1

    def test_say_before_that_orders_will_pass(self, spelt, as_):
        page = as_("mira").get(reverse("exceptions:case", args=[open_cases("E12")[0].pk])).content.decode()

        assert "Orders it holds up go at once" in page


class TestThePage:
    def test_names_who_why_and_until_when(self, lacking, as_):
        false_alarm(open_cases("E13")[0])
        page = as_("omar").get(reverse("reconciliation:audits")).content.decode()

        assert "It is meant to be so." in page
        assert "GIFT-CARD" in page
        assert "Raise again" not in page

    def test_takes_it_back(self, lacking, as_):
        false_alarm(open_cases("E13")[0])
        row = IgnoredFinding.objects.get()
        where = reverse("reconciliation:raise-again", args=[row.pk])
        refused = as_("omar").post(where, {"reason": "x"}).status_code
        as_("mira").post(where, {"reason": "We sell it now"})
        lacking.run(Audit.CATALOGUE)

        assert (refused, len(open_cases("E13"))) == (403, 1)
        assert IgnoredFinding.objects.get().revoked_by == person("mira")

    def test_takes_the_day_with_the_false_alarm(self, lacking, as_):
        case, day = open_cases("E13")[0], (timezone.now() + WEEK).date()
        sent = {"code": "false_alarm", "note": "A voucher", "until": day.isoformat()}
        as_("mira").post(reverse("exceptions:act", args=[case.pk, "resolve"]), {**sent, "until": "2020-01-01"})
        before = IgnoredFinding.objects.count()
        as_("mira").post(reverse("exceptions:act", args=[case.pk, "resolve"]), sent)

        assert (before, IgnoredFinding.objects.get().until.date()) == (0, day)
