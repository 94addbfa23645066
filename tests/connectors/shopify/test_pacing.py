"""The cost bucket: how long to wait, read from an answer's cost (https://shopify.dev/docs/api/usage/limits)."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.errors import AccessDenied, Exchange, RateLimited, Rejected, Unavailable
from connectors.http import Answer, Http
from connectors.ports import Account
from connectors.reading import dump
from connectors.shopify.client import Client


class Recording:
    """A limiter that keeps what it is told."""

    def __init__(self) -> None:
        self.waits: list[float | None] = []

    def acquire(self, priority: object) -> None:
        """Go at once."""

    def penalise(self, seconds: float | None) -> None:
        self.waits.append(seconds)


def answered(body: dict[str, Any]) -> tuple[Client, Answer, Recording]:
    limiter = Recording()
    client = Client(Account("k", "http://127.0.0.1:1", {"access_token": "t"}), Http("http://127.0.0.1:1", limiter=limiter))
    raw = dump(body)
    return client, Answer(200, {}, raw, Exchange("POST", "http://127.0.0.1:1", 200, response_body=raw.decode())), limiter


def cost(requested: float, available: float, restore: float) -> dict[str, Any]:
    bucket = {"maximumAvailable": 1000.0, "currentlyAvailable": available, "restoreRate": restore}
    return {"cost": {"requestedQueryCost": requested, "actualQueryCost": None, "throttleStatus": bucket}}


class TestAnAnswer:
    def test_that_is_throttled_says_how_long(self):  # R40
        throttled = {"errors": [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}], "extensions": cost(752, 666, 50)}
        client, answer, limiter = answered(throttled)

        with pytest.raises(RateLimited) as caught:
            client._data(answer, write=True)
        assert caught.value.retry_after_s == pytest.approx(1.72) and limiter.waits == [caught.value.retry_after_s]

    @pytest.mark.parametrize(("available", "waits"), [(20, [0.32]), (900, [])])
    def test_that_empties_the_bucket_holds_the_next_question_back(self, available: int, waits: list[float]):  # R40
        client, answer, limiter = answered({"data": {"orders": {}}, "extensions": cost(52, available, 100)})

        client._data(answer, write=False)

        assert limiter.waits == pytest.approx(waits)

    @pytest.mark.parametrize(
        ("code", "error"),
        [("ACCESS_DENIED", AccessDenied), ("SHOP_INACTIVE", AccessDenied), ("INTERNAL_SERVER_ERROR", Unavailable), ("NEW", Rejected)],
    )
    def test_with_an_error_is_named_by_what_to_do(self, code: str, error: type[Exception]):
        client, answer, _ = answered({"errors": [{"message": "no", "extensions": {"code": code}}]})

        with pytest.raises(error):
            client._data(answer, write=False)
