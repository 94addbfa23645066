"""Old rows go; what an open case or an unclosed period may ask for stays, however old."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from exceptions.cases import CaseEntry, open_case
from exceptions.models import OutgoingNotice
from portal.ledger.models import StockChange
from portal.reconciliation import models as reconciliation
from portal.reconciliation import retention
from portal.reconciliation.finance.models import Period
from portal.reconciliation.retention import OLD, remove
from portal.sync.models import DeliveryAttempt, InboundMessage, OutboundMessage, Run, RunItem, State
from tests.ledger.orders import NOON, a_connection, an_integration, kept

OLD_AT = NOON - timedelta(days=500)


@pytest.fixture
def joined(db):
    return an_integration()


def tidy(name: str) -> int:
    return remove(name, OLD[name], at=NOON)


def message(connection, subject="a", *, at=OLD_AT, **values):
    wanted = {"topic": "orders", "event_id": uuid4().hex, "state": "done", "done_at": at, "received_at": at, "body": b"{}", **values}
    return InboundMessage.objects.create(connection=connection, subject=subject, **wanted)


def attempt(integration, *, state=State.CONFIRMED, order=None, **values):
    wanted = {"connection": integration.hub, "kind": "create_order", "subject": "order:1", "version": uuid4().hex, "lane": "x", **values}
    sent = OutboundMessage.objects.create(integration=integration, order=order, state=state, **wanted)
    return DeliveryAttempt.objects.create(message=sent, number=1, started_at=OLD_AT, ended_at=OLD_AT, outcome="done")


def case_of(subject: str, *keys: str) -> None:
    open_case("E04", fingerprint=subject, cause="It waits.", items=[CaseEntry(subject, "x", NOON, keys=keys)], at=NOON)


def unclosed(connection) -> None:
    span = {"starts_at": OLD_AT - timedelta(days=9), "ends_at": OLD_AT + timedelta(days=9)}
    Period.objects.create(connection=connection, currency="GBP", basis="month", key="2024-10", entries=3, **span)


class TestWhatWasReceived:
    def test_goes_when_it_is_old_and_was_read(self, joined):
        message(joined.channel)
        young = message(joined.channel, at=NOON - timedelta(days=9))
        unread = message(joined.channel, state="failed")

        assert tidy("messages") == 1
        assert set(InboundMessage.objects.values_list("pk", flat=True)) == {young.pk, unread.pk}

    def test_stays_while_a_case_of_its_order_is_open(self, joined):
        order = kept(joined.channel, reference="a")
        case_of(f"order:{order.pk}")
        message(joined.channel, "a")
        message(joined.channel, "b")

        assert tidy("messages") == 1
        assert InboundMessage.objects.get().subject == "a"

    def test_stays_while_its_period_is_not_closed_unless_it_is_stock(self, joined):
        unclosed(joined.channel)
        message(joined.channel)
        message(joined.channel, topic="stock")

        assert tidy("messages") == 1
        assert InboundMessage.objects.get().topic == "orders"

    def test_goes_once_its_period_is_closed(self, joined):
        unclosed(joined.channel)
        Period.objects.update(state="closed")
        message(joined.channel)

        assert tidy("messages") == 1

    def test_goes_in_batches_that_pass_by_what_stays(self, joined, monkeypatch):
        monkeypatch.setattr(retention, "BATCH", 2)
        case_of("order:0", "keep-0", "keep-1", "keep-2")
        for number in range(3):
            message(joined.channel, f"keep-{number}")
            message(joined.channel, f"go-{number}")

        assert tidy("messages") == 3
        assert set(InboundMessage.objects.values_list("subject", flat=True)) == {"keep-0", "keep-1", "keep-2"}

    def test_stays_for_ever_when_the_setting_is_0(self, joined, settings):
        settings.KEEP_DAYS = {**settings.KEEP_DAYS, "messages": 0}
        message(joined.channel)

        assert tidy("messages") == 0


class TestAttempts:
    def test_go_once_their_message_is_over(self, joined):
        attempt(joined)
        waiting = attempt(joined, state=State.PARKED, **{"subject": "order:2"}, note="It waits.")

        assert tidy("attempts") == 1
        assert DeliveryAttempt.objects.get() == waiting

    def test_stay_while_a_case_of_their_order_is_open(self, joined):
        order = kept(joined.channel)
        case_of(f"order:{order.pk}")
        attempt(joined, order=order, subject="shipment:9")

        assert tidy("attempts") == 0

    def test_stay_while_their_period_is_not_closed(self, joined):
        unclosed(joined.channel)
        attempt(joined)
        attempt(joined, kind="publish_stock", subject="stock:1")

        assert tidy("attempts") == 1
        assert DeliveryAttempt.objects.get().message.kind == "create_order"


class TestRuns:
    def test_go_with_what_they_handled_unless_a_case_names_it(self, joined):
        case_of("order:7")
        for subject in ("order:7", "order:8"):
            run = Run.objects.create(integration=joined, process="export", trigger="hand", created_at=OLD_AT, ended_at=OLD_AT, state="done")
            RunItem.objects.create(run=run, subject=subject)

        assert tidy("runs") == 1
        assert RunItem.objects.get().subject == "order:7"


class TestComparisons:
    def test_keep_the_newest_of_each(self, joined):
        for days in (0, 1, 2):
            at = OLD_AT + timedelta(days=days)
            reconciliation.Run.objects.create(audit="stock", connection=joined.hub, label="x", started_at=at, ended_at=at, marker=str(days))

        assert tidy("comparisons") == 2
        assert reconciliation.Run.objects.get().marker == "2"


class TestStockChanges:
    def test_stay_while_a_case_of_the_sku_is_open(self, joined):
        case_of("stock:3", "MUG-1")
        for sku in ("MUG-1", "TEE-1"):
            StockChange.objects.create(connection=joined.hub, sku=sku, available=1, source="poll", at=OLD_AT)

        assert tidy("stock") == 1
        assert StockChange.objects.get().sku == "MUG-1"


class TestNotices:
    def test_go_once_they_were_sent(self, db):
        a_connection()
        for sent_at in (OLD_AT, None):
            OutgoingNotice.objects.create(address="ana@example.com", subject="x", body="x", created_at=OLD_AT, not_before=OLD_AT, sent_at=sent_at)

        assert tidy("notices") == 1
        assert OutgoingNotice.objects.get().sent_at is None


class TestTheDailyJob:
    def test_goes_through_everything(self, joined):
        message(joined.channel, at=NOON - timedelta(days=2000))
        attempt(joined)

        retention.tidy()

        assert InboundMessage.objects.count() == DeliveryAttempt.objects.count() == 0
