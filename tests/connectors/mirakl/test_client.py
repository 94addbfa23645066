"""Calls: the key, the shop, the errors in every shape, and the paging."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.errors import AccessDenied, ContractError, OutcomeUnknown, RateLimited, Rejected
from connectors.http import MemoryTokens
from connectors.mirakl.pacing import Pacing, keep, peek
from connectors.ports import Priority
from tests.connectors.mirakl.scripted import UNTIL, Asked, Reply, connector, sample

DECISION_PATH = "/api/orders/W-48213377-A/accept"


class Counting:
    """A limiter that counts."""

    def __init__(self) -> None:
        self.acquired, self.penalties = 0, 0

    def acquire(self, priority: Priority) -> None:
        self.acquired += 1

    def penalise(self, seconds: float | None) -> None:
        self.penalties += 1


class TestCall:
    def test_carries_the_bare_key_and_the_shop(self):
        shop, script = connector(lambda asked: (200, {"orders": [], "total_count": 0}))
        shop.fetch_order("W-1-A")
        [asked] = script.asked

        assert (asked.headers["Authorization"], asked.headers["Accept"]) == ("k3y-of-the-shop", "application/json")
        assert (asked.path, asked.query["shop_id"], asked.query["order_ids"]) == ("/api/orders", "2310", "W-1-A")

    def test_leaves_the_shop_out_where_the_connection_names_none(self):
        shop, script = connector(lambda asked: (200, {"orders": [], "total_count": 0}), shop_id="")
        shop.fetch_order("W-1-A")

        assert "shop_id" not in script.asked[0].query

    @pytest.mark.parametrize(("body", "said", "code"), [
        ({"status": 400, "message": "Bad Request"}, "Bad Request", "400"),
        ({"status": 400, "errors": [{"code": "ORDER_X", "field": "order_id", "message": "Not now"}]}, "Not now", "ORDER_X"),
        (b"", "HTTP 400", "400"), (b"<html>no</html>", "HTTP 400", "400"), ([], "HTTP 400", "400"),
    ])  # fmt: skip
    def test_refused_says_why_in_every_shape(self, body: Any, said: str, code: str):
        shop, _ = connector(lambda asked: (400, body))

        with pytest.raises(Rejected, match=said) as caught:
            shop.fetch_order("W-1-A")
        assert caught.value.code == code

    @pytest.mark.parametrize(("status", "words"), [(401, "does not know"), (403, "OR11")])
    def test_denied_says_whether_key_or_right_is_wrong(self, status: int, words: str):
        shop, _ = connector(lambda asked: (status, {}))

        with pytest.raises(AccessDenied, match=words):
            shop.fetch_order("W-1-A")

    @pytest.mark.parametrize("body", [b"<html>sign in</html>", [], {"data": []}, {"orders": 7}])
    def test_that_is_answered_with_something_else_breaks_the_contract(self, body: Any):
        shop, _ = connector(lambda asked: (200, body))

        with pytest.raises(ContractError):
            shop.fetch_order("W-1-A")

    def test_that_writes_and_is_answered_by_a_page_may_have_been_done(self):
        shop, _ = connector(lambda asked: (200, b"<html>sign in</html>"))

        with pytest.raises(OutcomeUnknown):
            shop.client.write("OR24", "PUT", "/orders/W-1-A/ship")


class TestOffsetPages:
    def read(self, *pages: dict[str, Any]) -> tuple[list[str], list[Asked]]:
        left = list(pages)
        shop, script = connector(lambda asked: (200, left.pop(0)))
        found = [item.subject for page in shop.poll("snapshot", "", until=UNTIL) for item in page.items]
        return found, script.asked

    def offers(self, *ids: int, total: int | None) -> dict[str, Any]:
        return {"offers": [{"offer_id": id_, "shop_sku": f"S{id_}", "quantity": 1} for id_ in ids]} | (
            {"total_count": total} if total is not None else {}
        )

    def test_follow_what_came_even_where_pages_are_smaller_than_asked(self):
        found, asked = self.read(self.offers(1, 2, total=3), self.offers(3, total=3))

        assert found == ["1", "2", "3"] and [each.query["offset"] for each in asked] == ["0", "2"]

    def test_go_back_when_rows_left_the_list(self):
        found, asked = self.read(self.offers(1, 2, total=4), self.offers(4, total=3), self.offers(3, 4, total=3))

        assert found == ["1", "2", "3", "4"] and [each.query["offset"] for each in asked] == ["0", "2", "1"]

    def test_end_with_an_empty_one_where_no_total_is_told(self):
        found, _ = self.read(self.offers(1, total=None), self.offers(total=None))

        assert found == ["1"]


class TestSeekPages:
    def test_send_nothing_but_the_token_and_the_shop(self):
        pages = [{"data": [sample("return")], "next_page_token": "t1"}, {"data": [sample("return", id="r2")], "next_page_token": None}]
        shop, script = connector(lambda asked: (200, pages.pop(0)))
        list(shop.poll("returns", "", until=UNTIL))

        assert script.asked[1].query == {"page_token": "t1", "shop_id": "2310"} and script.asked[0].query["limit"] == "100"

    def test_begin_anew_when_a_kept_token_is_too_old(self):
        def reply(asked: Asked) -> Reply:
            return (400, {"message": "bad token"}) if "page_token" in asked.query else (200, {"data": []})

        shop, script = connector(reply)
        [page] = shop.poll("returns", '{"since":"2026-08-01T00:00:00Z","begun":"2026-08-01T01:00:00Z","token":"old"}', until=UNTIL)

        assert script.asked[1].query["return_last_updated_from"] == "2026-08-01T00:00:00Z" and "token" not in page.cursor


class TestPlace:
    def test_moves_to_the_slower_clock_less_the_overlap(self):
        shop, _ = connector(lambda asked: (200, {"orders": [], "total_count": 0}))
        [page] = shop.poll("orders", "", until=UNTIL)

        assert '"since":"2026-08-04T11:54:00Z"' in page.cursor  # the server said 11:59

    @pytest.mark.parametrize("cursor", ["{", "[]", "7"])
    def test_that_is_damaged_is_not_guessed(self, cursor: str):
        shop, _ = connector(lambda asked: (200, {}))

        with pytest.raises(ContractError):
            list(shop.poll("orders", cursor, until=UNTIL))


class TestPacing:
    def test_closes_one_operation_for_all_who_share_the_store(self):
        tokens, inner = MemoryTokens(), Counting()
        told, other = Pacing(inner, tokens, "s", "OR11"), Pacing(inner, tokens, "s", "OR11")
        told.penalise(60)

        with pytest.raises(RateLimited) as caught:
            other.acquire(Priority.ORDERS)
        assert caught.value.retry_after_s == pytest.approx(60, abs=5)
        other.operation = "OR21"
        other.acquire(Priority.ORDERS)
        assert (inner.acquired, inner.penalties) == (1, 0)

    def test_passes_on_what_concerns_every_call(self):
        inner = Counting()
        Pacing(inner, MemoryTokens(), "s", "OR21").penalise(60)
        Pacing(inner, MemoryTokens(), "s", "OR11").penalise(None)

        assert inner.penalties == 2

    def test_keeps_and_replaces(self):
        tokens = MemoryTokens()
        keep(tokens, "n", "a", lifetime_s=60)
        keep(tokens, "n", "b", lifetime_s=60, instead_of="a")

        assert peek(tokens, "n") == "b" and peek(tokens, "other") == ""
