"""The Mirakl connector with the portal's own store: what one worker was told, all know."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from connectors.canonical import CodeKind, StockTarget
from connectors.errors import RateLimited
from connectors.http import Http, MemoryTokens
from connectors.mirakl.connector import Mirakl
from connectors.ports import Account
from connectors.sandbox.mirakl import API_KEY, SHOP_ID
from portal.connections.models import AccessToken
from portal.connections.tokens import KEPT_HERE, SharedTokens, forget_tokens
from tests.contract.mirakl_operator import Operator, operator, running, until

__all__ = ["operator", "running"]

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def forgetful() -> None:
    KEPT_HERE.clear()


def worker(operator: Operator) -> Mirakl:
    """A connector as a fresh worker builds it."""
    account = Account("connection-1", operator.url, {"api_key": API_KEY}, account=str(SHOP_ID))
    return Mirakl(account, Http(operator.url, tokens=SharedTokens(), secrets=(API_KEY,)))


class TestWorkers:
    def test_share_the_daily_lists_though_tokens_are_forgotten(self, operator: Operator):
        for _ in range(3):
            assert worker(operator).codes(CodeKind.CARRIER)
            forget_tokens("connection-1")
            KEPT_HERE.clear()

        assert len(operator.calls("GET", "carriers")) == 1

    def test_ask_for_a_daily_list_once_though_all_want_it_at_the_same_moment(self, operator: Operator):  # R61
        operator.control("settings", rate_scale=1)
        operator.fault("slow", path="carriers", seconds=0.3)
        tokens, account = MemoryTokens(), Account("connection-1", operator.url, {"api_key": API_KEY}, account=str(SHOP_ID))
        shops = [Mirakl(account, Http(operator.url, tokens=tokens, secrets=(API_KEY,))) for _ in range(4)]
        with ThreadPoolExecutor(4) as threads:
            found = list(threads.map(lambda shop: len(shop.codes(CodeKind.CARRIER)), shops))

        assert (found, len(operator.calls("GET", "carriers"))) == ([3] * 4, 1)

    def test_wait_a_minute_and_not_a_day_for_a_list_they_may_not_ask_for(self, operator: Operator):
        operator.control("settings", rate_scale=1)
        worker(operator).codes(CodeKind.CARRIER)
        AccessToken.objects.all().delete()
        KEPT_HERE.clear()

        with pytest.raises(RateLimited) as refused:
            worker(operator).codes(CodeKind.CARRIER)
        assert refused.value.retry_after_s <= 60

    def test_share_a_closed_operation(self, operator: Operator):
        operator.control("settings", rate_scale=1)
        list(worker(operator).poll("orders", "", until=until()))
        for _ in range(3):
            KEPT_HERE.clear()
            with pytest.raises(RateLimited):
                list(worker(operator).poll("orders", "", until=until()))

        assert len(operator.calls("GET", "/api/orders")) == 2  # one that was answered, one that was refused

    def test_publish_and_keep_the_file_as_evidence(self, operator: Operator):
        shop = worker(operator)

        assert [verdict.ok for verdict in shop.publish_stock([StockTarget("MUG-BLU", 3)])] == [True]
        sent = shop.take_exchanges()[0].request_body
        assert "MUG-BLU" in sent and API_KEY not in sent
