"""An order is kept as it came, whatever may be wrong with it, at its newest version."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection as database
from django.db import transaction

from connectors.canonical import Payment, PaymentState
from portal.connections.models import Connection
from portal.ledger.models import OrderLine, SalesOrder, Stage
from portal.ledger.record_orders import record_order
from portal.ledger.versions import is_older
from tests.ledger.orders import ADDRESS, NOON, a_connection, a_line, an_order, kept, later


@pytest.fixture
def shop(db) -> Connection:
    return a_connection()


def again(shop, seen, **changes):
    """The same order told once more, a minute later."""
    wanted = {"version": str(int(seen.version) + 1), "changed_at": seen.changed_at + timedelta(minutes=1), **changes}
    return record_order(replace(seen, **wanted), connection=shop, at=later())


class TestIsOlder:
    @pytest.mark.parametrize(
        ("version", "known", "seconds", "older"),
        [
            ("9", "10", 60, True),
            ("10", "9", -60, False),
            ("10", "10", -60, False),
            ("a", "b", -1, True),
            ("b", "a", 0, False),
            ("", "", 1, False),
        ],
    )
    def test_compares_numbers_as_numbers_and_else_the_time(self, version, known, seconds, older):
        assert is_older(version, later(seconds), known_version=known, known_changed_at=NOON) is older


class TestANewOrder:
    def test_keeps_its_lines_payments_and_address(self, shop):
        order = kept(shop, lines=(a_line(), a_line("2", "TEE-1", 3)), payments=(Payment("p", captured=Decimal("12")),))

        assert list(order.lines.values_list("reference", "sku", "quantity", "position")) == [("1", "MUG-1", 1, 1), ("2", "TEE-1", 3, 2)]
        assert order.payments.get().currency == "GBP"
        assert order.shipping_address["city"] == "Leeds"

    @pytest.mark.parametrize(
        "odd",
        [
            {"lines": ()},
            {"shipping_address": None},
            {"number": ""},
            {"number": "9" * 300},
            {"currency": ""},
            {"currency": "LONG"},
            {"total": Decimal("-5.00")},
            {"store_code": "s" * 300},
            {"email": "e" * 400},
            {"lines": (a_line(quantity=-1),)},
            {"lines": (a_line(sku=""),)},
            {"placed_at": NOON + timedelta(days=4000)},
        ],
    )
    def test_is_kept_however_odd_it_is(self, shop, odd):  # R29, R41
        assert kept(shop, **odd).stage == Stage.RECEIVED

    def test_with_a_number_somebody_else_has_is_another_order(self, shop):
        kept(shop, reference="a", number="100")
        kept(shop, reference="b", number="100")
        kept(a_connection("Other"), reference="a", number="100")

        assert SalesOrder.objects.filter(number="100").count() == 3

    def test_is_found_by_its_number_however_it_is_typed_and_by_its_end(self, shop):  # R153
        order = kept(shop, number="Web-10a")

        assert (order.number_key, order.number_reversed) == ("WEB-10A", "A01-BEW")


class TestAKnownOrder:
    def test_takes_a_newer_version_and_says_what_changed(self, shop):
        seen = an_order()
        kept(shop, seen)
        recorded = again(shop, seen, email="new@example.com", lines=(a_line(quantity=2),))

        assert recorded.changed >= {"email", "lines", "version"}
        assert (recorded.order.email, recorded.order.lines.get().quantity) == ("new@example.com", 2)

    def test_does_not_take_an_older_one(self, shop):
        kept(shop, an_order(version="5"))
        recorded = record_order(an_order(version="4", email="old@example.com"), connection=shop, at=later())

        assert (recorded.older, SalesOrder.objects.get().email) == (True, "ana@example.com")

    def test_that_is_told_again_without_change_has_changed_nothing(self, shop):
        kept(shop)
        recorded = record_order(an_order(), connection=shop, at=later())

        assert (recorded.older, recorded.changed) == (False, frozenset())

    def test_loses_the_lines_that_are_gone(self, shop):
        seen = an_order(lines=(a_line(), a_line("2")))
        kept(shop, seen)
        again(shop, seen, lines=(a_line("2"), a_line("3")))

        assert list(OrderLine.objects.values_list("reference", flat=True)) == ["2", "3"]

    def test_keeps_its_stage_and_what_a_person_corrected(self, shop):  # R31
        seen = an_order()
        order = kept(shop, seen)
        order.move(Stage.WITH_HUB)
        SalesOrder.objects.update(corrections={"address.city": "York"})
        recorded = again(shop, seen, shipping_address=replace(ADDRESS, line1="2 High Street"))

        assert recorded.order.stage == Stage.WITH_HUB
        assert recorded.order.effective_address["city"] == "York"
        assert recorded.order.effective_address["line1"] == "2 High Street"

    def test_learns_of_a_payment(self, shop):
        seen = an_order(payments=(Payment("p", authorised=Decimal("12")),))
        kept(shop, seen)
        recorded = again(shop, seen, payments=(Payment("p", authorised=Decimal("12"), captured=Decimal("12")),))

        assert "payments" in recorded.changed
        assert recorded.order.payments.get().captured == 12


class TestTheSameOrderTwiceAtOnce:
    def test_is_one_order(self, transactional_db):  # R35, R69
        shop = a_connection()
        barrier, errors = threading.Barrier(4), []

        def work(version: int) -> None:
            try:
                barrier.wait(timeout=10)
                with transaction.atomic():
                    record_order(an_order(version=str(version), payment_state=PaymentState.PAID), connection=shop, at=NOON)
            except Exception as error:
                errors.append(error)
                raise
            finally:
                database.close()

        workers = [threading.Thread(target=work, args=(version,)) for version in (1, 2, 3, 4)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join(timeout=30)

        assert errors == []
        assert (SalesOrder.objects.get().version, OrderLine.objects.count()) == ("4", 1)


class TestAStage:
    def test_is_moved_to_once(self, shop):
        order = kept(shop)

        assert [order.move(Stage.HELD, note="x", at=NOON) for _ in range(2)] == [True, False]
        order.refresh_from_db()
        assert (order.stage, order.stage_note, order.stage_at) == (Stage.HELD, "x", NOON)
