"""Looking for orders, and cancelling them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.errors import OutcomeUnknown, Rejected
from tests.connectors.veeqo.scripted import Asked, Reply, connector, sample


def now_less(**ago: int) -> str:
    return (datetime.now(UTC) - timedelta(**ago)).isoformat()


class TestFindOrders:
    def test_takes_exact_numbers_only_and_looks_at_cancelled_ones(self):  # R35
        def reply(asked: Asked) -> Reply:
            if not asked.value("query"):
                return 200, []
            cancelled = asked.value("status") == "cancelled"
            return 200, [sample("order_cancelled") | {"id": 2}] if cancelled else [
                sample("order_ready"),
                sample("order_ready") | {"id": 3, "number": "CT-1000456"},
            ]

        veeqo, _ = connector(reply)
        found = veeqo.find_orders("CT-100045")

        assert [(done.reference, done.found) for done in found] == [("2", True), ("91500321", True)]
        assert "cancelled" in found[0].warnings[0] and not found[1].warnings

    def test_sends_the_hash_of_a_number(self):
        veeqo, http = connector(lambda asked: (200, []))

        veeqo.find_orders("#P-12")

        assert {asked.value("query") for asked in http.asked} == {"#P-12", ""}

    def test_sees_a_fresh_order_the_search_does_not_know_yet(self):  # R35
        fresh = sample("order_ready") | {"created_at": now_less(minutes=1)}
        veeqo, _ = connector(lambda asked: (200, [fresh] if asked.value("created_at_min") and not asked.value("status") else []))

        assert [done.reference for done in veeqo.find_orders("CT-100045")] == ["91500321"]

    def test_stops_at_orders_older_than_it_looks_back(self):
        page = [sample("order_ready") | {"id": number, "number": f"X-{number}", "created_at": now_less(hours=9)} for number in range(100)]
        veeqo, http = connector(lambda asked: (200, page if asked.value("created_at_min") else []))

        assert veeqo.find_orders("CT-100045") == ()
        assert [asked.value("page") for asked in http.asked] == ["1"] * 4


def store(order: dict[str, Any], *, cancel: Callable[[dict[str, Any]], Reply]) -> Callable[[Asked], Reply]:
    """One order at Veeqo, whose cancelling answers with `cancel(order)`."""

    def reply(asked: Asked) -> Reply:
        if asked.method == "PUT":
            return cancel(order)
        return (201, {"id": 1}) if asked.method == "POST" else (200, order)

    return reply


def agree(order: dict[str, Any]) -> Reply:
    order |= {"status": "cancelled", "cancelled_at": "2026-10-02T10:00:00.000Z"}
    return 204, b""


class TestCancelOrder:
    def test_asks_without_a_mail_and_looks_whether_it_happened(self):
        veeqo, http = connector(store(sample("order_ready"), cancel=agree))

        done = veeqo.cancel_order("91500321", reason="Customer request")

        assert (done.reference, done.found) == ("91500321", False)
        put = next(asked for asked in http.asked if asked.method == "PUT")
        assert put.path == "/orders/91500321/cancel"
        assert put.body == {"id": 91500321, "send_veeqo_email": False, "cancel_reason": "Customer request"}

    @pytest.mark.parametrize("name", ["order_shipped", "order_part_shipped"])
    def test_does_not_even_ask_for_a_shipped_order(self, name):
        veeqo, http = connector(store(sample(name), cancel=agree))

        with pytest.raises(Rejected) as caught:
            veeqo.cancel_order("91500321", reason="Late")
        assert caught.value.code == "shipped" and [asked.method for asked in http.asked] == ["GET"]

    def test_is_done_when_it_was_done_before(self):
        veeqo, http = connector(store(sample("order_cancelled"), cancel=agree))

        assert veeqo.cancel_order("91500321", reason="Again").found
        assert len(http.asked) == 1

    def test_believes_the_order_when_the_answer_was_lost(self):
        def lost(order: dict[str, Any]) -> Reply:
            agree(order)
            return OutcomeUnknown("lost")

        veeqo, _ = connector(store(sample("order_ready"), cancel=lost))

        assert veeqo.cancel_order("91500321", reason="x").reference == "91500321"

    def test_does_not_know_when_the_answer_was_lost_and_nothing_shows(self):
        veeqo, _ = connector(store(sample("order_ready"), cancel=lambda order: OutcomeUnknown("lost")))

        with pytest.raises(OutcomeUnknown):
            veeqo.cancel_order("91500321", reason="x")

    @pytest.mark.parametrize(("answer", "code"), [((204, b""), "not_cancelled"), ((400, {"error_messages": ["Order is locked"]}), "cancel_refused")])
    def test_leaves_one_note_when_veeqo_does_not_do_it(self, answer, code):
        veeqo, http = connector(store(sample("order_ready"), cancel=lambda order: answer))

        with pytest.raises(Rejected) as caught:
            veeqo.cancel_order("91500321", reason="Fraud")
        notes = [asked.body for asked in http.asked if asked.method == "POST"]
        assert caught.value.code == code and "by hand" in caught.value.sentence
        assert notes == [{"note": {"text": "Please cancel this order: Fraud"}}]

    def test_does_not_repeat_its_note(self):
        noted = sample("order_ready") | {"employee_notes": [{"id": 1, "text": "Please cancel this order: Fraud"}]}
        veeqo, http = connector(store(noted, cancel=lambda order: (204, b"")))

        with pytest.raises(Rejected):
            veeqo.cancel_order("91500321", reason="Fraud")
        assert not [asked for asked in http.asked if asked.method == "POST"]

    @pytest.mark.parametrize("reference", ["12", "no-id"])
    def test_refuses_an_order_veeqo_does_not_know(self, reference):
        veeqo, _ = connector(lambda asked: (404, {"error_messages": "Not found"}))

        with pytest.raises(Rejected) as caught:
            veeqo.cancel_order(reference, reason="x")
        assert caught.value.code == "unknown_order"


class TestFetchOrder:
    def test_brings_the_order_as_a_poll_would(self):
        veeqo, _ = connector(lambda asked: (200, {"order": sample("order_ready")}))

        received = veeqo.fetch_order("91500321")

        assert received is not None and (received.topic, received.subject) == ("orders", "91500321")

    def test_is_none_for_an_unknown_id(self):
        veeqo, _ = connector(lambda asked: (404, {"status": 404, "error": "Not Found"}))

        assert veeqo.fetch_order("12") is None and veeqo.fetch_order("../orders") is None
