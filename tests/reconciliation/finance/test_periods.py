"""Months and cycles: their balances, and that what was signed stays, whatever is read later."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import Error, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.accounts import approvals
from portal.accounts.permissions import NotAllowedError
from portal.accounts.roles import Role
from portal.audit.models import AuditEvent
from portal.ledger.models import Payment, PayoutLine
from portal.reconciliation.finance import periods
from portal.reconciliation.finance.models import Entry, Figure, Period, PeriodClose
from portal.reconciliation.finance.periods import FinanceError
from portal.reconciliation.finance.words import Basis, Part, PeriodState, Source
from tests.people import make, person
from tests.reconciliation.finance.ledger import NOVEMBER, NOW, OCTOBER, Books


def figures(period: Period, part: Part = Part.ACTIVITY) -> dict[str, Decimal]:
    return dict(Figure.objects.filter(period=period, part=part).values_list("kind", "amount"))


def fiona():  # a second person of finance
    from portal.accounts.models import User

    return User.objects.filter(username="fiona").first() or make("fiona", Role.FIN, first_name="Fiona")


def signed(period: Period) -> PeriodClose:
    periods.prepare(period.pk, by=person("finn"), at=NOW)
    return periods.close(period.pk, by=fiona(), at=NOW)


class TestAMonth:
    def test_begins_with_what_the_one_before_left_unsettled(self, books: Books):
        books.october()
        late_october = books.sold("M-2", "20.00", at=OCTOBER + timedelta(days=20))
        books.line("order", "20.00", late_october, at=OCTOBER + timedelta(days=20))
        books.line("payout", "-15.00", at=NOVEMBER)
        books.count()
        october, november = books.month(), books.month("2026-11")

        assert figures(october) == {
            "order": Decimal("66.10"),
            "shipping": Decimal("3.90"),
            "commission": Decimal("-7.50"),
            "payout": Decimal("-42.50"),
        }
        assert (october.opening, october.ending) == (Decimal(0), Decimal("20.00"))
        assert (november.opening, november.ending) == (Decimal("20.00"), Decimal("5.00"))

    def test_ends_at_midnight_of_the_account(self, books: Books):
        books.account.time_zone = "Europe/Paris"
        books.account.save()
        books.line("order", "1.00", at=datetime(2026, 10, 31, 23, 30, tzinfo=UTC))
        books.count()

        assert figures(books.month("2026-11")) == {"order": Decimal("1.00")}

    def test_keeps_each_currency_apart(self, books: Books):
        books.line("order", "1.00")
        books.line("order", "2.00", currency="EUR")
        books.count()

        endings = Period.objects.filter(basis=Basis.MONTH, key="2026-10").values_list("currency", "ending")
        assert sorted(endings) == [("EUR", Decimal(2)), ("GBP", Decimal(1))]

    def test_counts_a_payout_as_money_that_left_whatever_its_sign(self, books: Books):
        books.line("payout", "42.50")
        books.count()

        assert figures(books.month())["payout"] == Decimal("-42.50")


class TestACycle:
    def test_tells_what_it_settled_and_what_it_left(self, books: Books):
        books.october()
        books.line("order", "9.00", at=OCTOBER + timedelta(hours=1))  # pending: in no cycle yet
        books.count()
        cycle = Period.objects.get(basis=Basis.CYCLE)

        assert sum(figures(cycle, Part.SETTLED).values()) == cycle.transferred == Decimal("42.50")
        assert cycle.ending == Decimal("9.00")

    def test_differs_from_the_month(self, books: Books):
        books.october()
        order = books.sold("M-9", "10.00", at=datetime(2026, 10, 30, tzinfo=UTC))
        books.line("order", "10.00", order, at=datetime(2026, 10, 30, tzinfo=UTC), cycle="c2")
        books.cycle("c2", "10.00", at=NOVEMBER)
        books.count()

        second = Period.objects.get(basis=Basis.CYCLE, key="c2")
        assert figures(second, Part.SETTLED) == {"order": Decimal("10.00")}
        assert figures(books.month())["order"] == Decimal("56.10")


class TestAnAccountOfPayments:
    def test_leaves_an_entry_for_each_change_of_a_payment(self, books: Books):
        order = books.order("SO-1", payment_state="not_told", changed_at=NOVEMBER)
        payment = Payment.objects.create(order=order, reference="p1", currency="GBP", captured=Decimal("42.50"))
        books.count()
        Payment.objects.filter(pk=payment.pk).update(captured=Decimal("40.00"), refunded=Decimal("5.00"))
        books.count()

        entries = Entry.objects.filter(order=order).order_by("pk").values_list("source", "turn", "amount")
        assert list(entries) == [
            (Source.CAPTURE, 1, Decimal("42.50")), (Source.CAPTURE, 2, Decimal("-2.50")), (Source.REFUND, 1, Decimal("-5.00")),
        ]  # fmt: skip

    def test_holds_what_is_paid_until_it_is_dispatched(self, books: Books):
        order = books.order("SO-1")
        hub = books.with_hub(order)
        books.count()
        held = books.month("2026-11", account=books.shop).ending
        books.ship(hub, lines=(("MUG-1", 2),))
        order.move("part_shipped")
        books.count()
        part = books.month("2026-11", account=books.shop).ending
        order.move("shipped")
        books.count()

        assert (held, part) == (Decimal("42.50"), Decimal("14.17"))
        assert books.month("2026-11", account=books.shop).ending == Decimal(0)


class TestAClose:
    def test_takes_two_people(self, books: Books):
        books.october()
        books.count()
        periods.prepare(books.month().pk, by=person("finn"), at=NOW)
        with pytest.raises(NotAllowedError, match="second person"):
            periods.close(books.month().pk, by=person("finn"))
        made = periods.close(books.month().pk, by=fiona())

        assert (made.prepared_by.username, made.reviewed_by.username) == ("finn", "fiona")
        assert AuditEvent.objects.filter(action="period.closed").count() == 1

    @pytest.mark.parametrize("username", ["cora", "omar", "ada", "aldo"])
    def test_is_for_finance_alone(self, books: Books, username: str):
        books.october()
        books.count()
        with pytest.raises(NotAllowedError):
            periods.prepare(books.month().pk, by=person(username))

    def test_waits_until_the_month_is_over_and_the_one_before_is_closed(self, books: Books):
        books.october()
        books.line("order", "1.00", at=OCTOBER - timedelta(days=30))
        books.count()
        with pytest.raises(FinanceError, match="September 2026 must be closed first"):
            periods.prepare(books.month().pk, by=person("finn"), at=NOW)
        with pytest.raises(FinanceError, match="It ends on"):
            periods.prepare(books.month("2026-11").pk, by=person("finn"), at=NOW)

    def test_is_refused_when_figures_moved_after_the_preparing(self, books: Books):
        books.october()
        books.count()
        periods.prepare(books.month().pk, by=person("finn"), at=NOW)
        books.line("fee", "-1.00")
        books.count()
        with pytest.raises(FinanceError, match="Lines have come in"):
            periods.close(books.month().pk, by=fiona())

        assert periods.take_back(books.month().pk, by=fiona()).state == PeriodState.OPEN

    @settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
    @given(
        later=st.lists(st.tuples(st.sampled_from(["order", "fee", "refund", "payout"]), st.integers(-9999, 9999), st.integers(-60, 40)), max_size=6)
    )
    def test_survives_every_later_import(self, books: Books, later: list[tuple[str, int, int]]):
        class Undo(Exception):
            pass

        with pytest.raises(Undo), transaction.atomic():
            books.october()
            books.count()
            made = signed(books.month())
            for kind, pennies, days in later:
                books.line(kind, str(Decimal(pennies) / 100), at=OCTOBER + timedelta(days=days))
            PayoutLine.objects.update(state="PAID", note="read again")
            books.count(at=NOW + timedelta(days=20))
            ending = books.month("2026-12").ending

            assert periods.verify(PeriodClose.objects.get(pk=made.pk)) == []
            assert Period.objects.get(pk=made.period_id).ending + sum(
                entry.amount for entry in Entry.objects.exclude(month=made.period_id)
            ) == ending  # fmt: skip
            raise Undo

    def test_sends_what_comes_later_into_the_next_open_month(self, books: Books):
        books.october()
        books.count()
        made = signed(books.month())
        books.line("fee", "-3.00", at=OCTOBER)
        books.count()
        november = books.month("2026-11")

        assert figures(november) == {"fee": Decimal("-3.00")}
        assert (november.late, november.opening) == (1, made.period.ending)

    @pytest.mark.parametrize(
        "change",
        [
            "UPDATE reconciliation_periodclose SET content = '{}'",
            "DELETE FROM reconciliation_periodclose",
            "UPDATE reconciliation_figure SET amount = 1",
            "DELETE FROM reconciliation_figure",
            "UPDATE reconciliation_period SET ending = 1",
            "UPDATE reconciliation_entry SET amount = 1",
            "UPDATE reconciliation_entry SET month_id = NULL",
            "DELETE FROM reconciliation_entry",
        ],
    )
    def test_is_guarded_by_the_database_itself(self, books: Books, change: str):
        books.october()
        books.count()
        signed(books.month())
        with pytest.raises(Error, match="finance:"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(change)

    def test_shows_when_its_entries_no_longer_give_its_figures(self, books: Books):
        books.october()
        books.count()
        made = signed(books.month())
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("ALTER TABLE reconciliation_entry DISABLE TRIGGER USER")
            cursor.execute("UPDATE reconciliation_entry SET amount = amount + 1 WHERE kind = 'order'")
            cursor.execute("ALTER TABLE reconciliation_entry ENABLE TRIGGER USER")

        assert periods.verify_all() == {made.pk: ["The entries behind it no longer give the signed figures."]}


class TestReopening:
    def test_is_asked_for_approved_and_recorded(self, books: Books):
        books.october()
        books.count()
        made = signed(books.month())
        wish = periods.ask_to_reopen(made.period_id, by=person("finn"), reason="A credit note was booked twice.")
        state_while_asking = books.month().state
        approvals.approve(wish.pk, by=fiona())
        made.refresh_from_db()

        assert (state_while_asking, books.month().state) == (PeriodState.CLOSED, PeriodState.OPEN)
        assert (made.reopened_by, made.reopen_approved_by, made.reopen_reason) == (person("finn"), fiona(), "A credit note was booked twice.")
        assert AuditEvent.objects.get(action="period.reopened").reason == "A credit note was booked twice."

    def test_keeps_the_first_figures_beside_the_second(self, books: Books):
        books.october()
        books.count()
        first = signed(books.month())
        approvals.approve(periods.ask_to_reopen(first.period_id, by=person("finn"), reason="Late fee.").pk, by=fiona())
        books.line("fee", "-3.00", at=OCTOBER)
        books.count()
        second = signed(books.month())

        assert PeriodClose.objects.get(pk=first.pk).sha256 != second.sha256
        assert figures(books.month())["fee"] == Decimal("-3.00")

    def test_begins_with_the_last_closed_month(self, books: Books):
        books.line("order", "1.00", at=OCTOBER - timedelta(days=30))
        books.october()
        books.count()
        september = signed(books.month("2026-09"))
        signed(books.month())
        with pytest.raises(FinanceError, match="Reopen that one first"):
            periods.ask_to_reopen(september.period_id, by=person("finn"), reason="Why not.")
