"""The Mirakl simulator's asynchronous exports: asked for, polled, fetched from the address that they name."""

from __future__ import annotations

import json
from urllib.parse import urlsplit

import pytest

from tests.sandbox.mirakl_shop import Shop

EVER = {"start_date": "2020-01-01T00:00:00Z", "end_date": "2099-01-01T00:00:00Z"}


@pytest.fixture
def shop() -> Shop:
    return Shop(import_wait_s=10)


def fetched(shop: Shop, path: str, body: dict, status_path: str) -> str:
    """Ask, wait, poll, fetch the only file."""
    answer = shop.call("POST", path, json=body)
    assert answer.status_code == 200, answer.text
    shop.wait(11)
    (url,) = shop.get(f"{status_path}/{answer.json['tracking_id']}")["urls"]
    parts = urlsplit(url)
    return shop.call("GET", parts.path.removeprefix("/api"), query=dict([parts.query.split("=")]), headers={"Accept": "*/*"}).text


class TestOrders:
    def test_come_as_the_list_shows_them(self, shop):
        shop.control("place", sku="MUG-BLU", count=12)

        orders = json.loads(fetched(shop, "/orders/async-export", EVER, "/orders/async-export/status"))["orders"]

        assert len(orders) == 12
        assert orders[0] == shop.order(orders[0]["order_id"])

    def test_are_pending_first_and_one_at_a_time(self, shop):
        first = shop.call("POST", "/orders/async-export", json=EVER).json["tracking_id"]

        assert shop.get(f"/orders/async-export/status/{first}")["status"] == "PENDING"
        assert shop.call("POST", "/orders/async-export", json=EVER).status_code == 400

    @pytest.mark.parametrize("body", [{}, {"start_date": EVER["start_date"]}, {**EVER, "items_per_chunk": 10}])
    def test_need_a_pair_of_dates_and_a_decent_chunk(self, shop, body):
        assert shop.call("POST", "/orders/async-export", json=body).status_code == 400


class TestOffers:
    PATHS = "/offers/export/async", "/offers/export/async/status"

    def test_come_as_a_bare_array_or_as_a_file(self, shop):
        path, status = self.PATHS

        rows = json.loads(fetched(shop, path, {"export_type": "application/json", "include_fields": ["shop_sku", "quantity"]}, status))
        header, *lines = fetched(shop, path, {"include_inactive_offers": True}, status).splitlines()

        assert (rows[0], len(rows)) == ({"shop_sku": "MUG-BLU", "quantity": 40}, 59)
        assert (header.startswith('"offer-id";"shop-sku";'), len(lines)) == (True, 60)

    def test_may_be_only_what_changed(self, shop):
        path, status = self.PATHS
        shop.wait(3600)
        since = shop.control("advance", seconds=1)["now"]
        shop.stock('"MUG-BLU";"7"')
        shop.wait(25)

        rows = json.loads(fetched(shop, path, {"export_type": "application/json", "last_request_date": since}, status))

        assert [(row["shop_sku"], row["quantity"]) for row in rows] == [("MUG-BLU", 7)]


class TestTheAccount:
    def test_comes_line_by_line_or_whole(self, shop):
        shop.to_ship()
        path, status = "/sellerpayment/transactions_logs/async", "/sellerpayment/transactions_logs/async/status"

        lines = fetched(shop, path, {"format": "NDJSON", "transaction_type": ["ORDER_AMOUNT"]}, status).splitlines()
        whole = json.loads(fetched(shop, path, {}, status))["data"]

        assert [json.loads(line)["type"] for line in lines] == ["ORDER_AMOUNT"]
        assert len(whole) == 4
