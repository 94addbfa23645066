"""From bytes to the ledger: whatever comes, the bytes stay, a person is told, and the rest goes on."""

from __future__ import annotations

import json

import pytest
from django.utils import timezone

from connectors.canonical import Received
from exceptions.models import ExceptionCase
from portal.connections.connect import connect
from portal.connections.models import Connection
from portal.ledger.models import SalesOrder, Stage
from portal.sync.interpret import interpret_batch
from portal.sync.models import InboundMessage, InboundState, OutboundMessage
from portal.sync.poll import poll
from portal.sync.readers import orders
from portal.sync.receive import receive

MEGABYTES_10 = b'{"id": "big", "note": "' + b"x" * 10_000_000 + b'"}'
UNREADABLE = {
    "cut in the middle": b'{"id": "a", "lineItems": [',
    "a web page": b"<!doctype html><html><body>Sign in</body></html>",
    "no object": b"[1, 2]",
    "empty": b"",
    "not text": b"\xff\xfe\x00",
    "nothing in it": b"{}",
    "nested beyond reason": b'{"id": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "ten megabytes": MEGABYTES_10,
}


def body_of(corridor, **changes) -> dict:
    [placed] = corridor.place()
    received = connect(corridor.channel).fetch_order(placed["id"])
    return {**json.loads(received.body), **changes}


def arrives(corridor, body: bytes | dict, event="x@1", subject="x") -> InboundMessage:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    receive([Received("orders", event, subject, raw)], connection=corridor.channel, door="webhook", at=timezone.now())
    interpret_batch(corridor.channel, at=timezone.now())
    return InboundMessage.objects.get(event_id=event)


class TestABodyNobodyCanRead:
    @pytest.mark.parametrize("what", UNREADABLE)
    def test_is_kept_and_becomes_a_case_in_plain_words(self, corridor, what):  # R29, R41
        message = arrives(corridor, UNREADABLE[what])

        case = ExceptionCase.objects.get(kind="E04")
        assert (message.state, bytes(message.body)) == (InboundState.FAILED, UNREADABLE[what])
        assert "could not be read" in case.cause and "kept as it came" in case.cause

    def test_does_not_keep_the_worker_from_the_rest(self, corridor):
        good = body_of(corridor)
        receive(
            [Received("orders", f"bad@{number}", f"bad{number}", body) for number, body in enumerate(UNREADABLE.values())],
            connection=corridor.channel,
            door="webhook",
            at=timezone.now(),
        )
        arrives(corridor, good)

        assert SalesOrder.objects.count() == 1
        assert InboundMessage.objects.filter(state=InboundState.NEW).count() == 0

    def test_closes_its_case_once_a_newer_version_can_be_read(self, corridor):
        good = body_of(corridor)
        arrives(corridor, b"{", event="a@1", subject="a")
        arrives(corridor, good, event="a@2", subject="a")

        case = ExceptionCase.objects.get(kind="E04")
        assert not case.is_open
        assert "version received" in case.proof["read"]

    def test_is_one_case_however_often_it_comes(self, corridor):
        arrives(corridor, b"{", event="a@1", subject="a")
        arrives(corridor, b"{{", event="a@2", subject="a")

        assert ExceptionCase.objects.count() == 1


ODD = {
    "a quantity beyond counting": ("quantity", 10**12),
    "a quantity that is no number": ("quantity", "two"),
    "half a piece": ("quantity", 1.5),
    "a name with a broken letter": ("name", {"en": "\ud800"}),
    "a name with a zero byte": ("name", {"en": "Mug\x00"}),
}


class TestAnOddOrder:
    @pytest.mark.parametrize("what", ODD)
    def test_never_stops_the_next_one(self, corridor, what):  # R41
        name, value = ODD[what]
        odd, good = body_of(corridor), body_of(corridor)
        odd["lineItems"][0][name] = value
        arrives(corridor, odd, event="odd@1", subject="odd")
        arrives(corridor, good, event="good@1", subject="good")

        odd_message = InboundMessage.objects.get(event_id="odd@1")
        kept = SalesOrder.objects.filter(reference=odd["id"]).exists()
        told = ExceptionCase.objects.filter(kind="E04", is_open=True).exists()
        assert SalesOrder.objects.filter(reference=good["id"]).exists()
        assert kept != told
        assert odd_message.state == (InboundState.DONE if kept else InboundState.FAILED)

    def test_with_an_amount_beyond_reason_is_told(self, corridor):
        odd = body_of(corridor)
        odd["totalPrice"]["centAmount"] = 10**30
        odd.pop("taxedPrice", None)

        assert arrives(corridor, odd).state == InboundState.FAILED

    def test_from_the_first_days_of_time_is_told(self, corridor):
        odd = body_of(corridor, createdAt="0001-01-01T00:00:00+14:00")

        assert arrives(corridor, odd).state == InboundState.FAILED


class TestInterpreting:
    def test_an_older_version_changes_nothing(self, corridor):
        new = body_of(corridor, version=12, customerEmail="new@example.com")
        old = {**new, "version": 9, "customerEmail": "old@example.com"}
        arrives(corridor, new, event="a@12")
        message = arrives(corridor, old, event="a@9")

        assert message.state == InboundState.OLDER
        assert SalesOrder.objects.get().email == "new@example.com"

    def test_can_run_again_at_will(self, corridor):
        arrives(corridor, body_of(corridor))
        InboundMessage.objects.update(state=InboundState.NEW)
        interpret_batch(corridor.channel, at=timezone.now())

        assert SalesOrder.objects.get().lines.count() == 1

    def test_makes_the_order_before_any_mapping_is_asked(self, corridor):  # R29, R41
        [placed] = corridor.place(shipping_method="express")
        corridor.run()

        assert corridor.order(placed).stage == Stage.BLOCKED

    def test_asks_the_database_little_for_each_order_of_a_batch(self, corridor, django_assert_max_num_queries):
        corridor.place(count=10)
        poll(corridor.channel, "orders", at=timezone.now())

        with django_assert_max_num_queries(10 * 33 + 50):
            assert interpret_batch(corridor.channel, at=timezone.now()) == 10

    def test_that_fails_undoes_what_it_had_begun(self, corridor, monkeypatch):
        monkeypatch.setattr(orders, "watch_cut", lambda *_, **__: {}["nothing"])
        message = arrives(corridor, body_of(corridor))

        assert (message.state, message.attempts) == (InboundState.FAILED, 1)
        assert not SalesOrder.objects.exists() and not OutboundMessage.objects.exists()

    def test_needs_no_credential(self, corridor, settings):  # R103
        good = body_of(corridor)
        Connection.objects.filter(pk=corridor.channel.pk).update(credentials_sealed="sealed with a key that is lost")
        corridor.channel.refresh_from_db()

        assert arrives(corridor, good).state == InboundState.DONE
