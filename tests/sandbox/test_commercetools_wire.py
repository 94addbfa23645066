"""The commercetools simulator as a real server: lost answers, rival writers, encoded paths."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from connectors.sandbox.commercetools import CLIENT_ID, CLIENT_SECRET, build
from connectors.sandbox.kit import serve


class Live:
    """The simulator on loopback, and a session with a token."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.control("seed-demo", products=5)
        token = requests.post(f"{url}/oauth/token", data={"grant_type": "client_credentials"}, auth=(CLIENT_ID, CLIENT_SECRET)).json()
        self.headers = {"Authorization": f"Bearer {token['access_token']}"}

    def control(self, name, **wish):
        return requests.post(f"{self.url}/__sandbox__/{name}", json=wish).json()

    def call(self, method, path, **more):
        return requests.request(method, f"{self.url}/demo-shop{path}", headers=self.headers, timeout=10, **more)

    def order(self, **wish):
        return self.call("GET", f"/orders/{self.control('orders', **wish)['orders'][0]['id']}").json()

    def change(self, order, *actions):
        return self.call("POST", f"/orders/{order['id']}", json={"version": order["version"], "actions": list(actions)})


@pytest.fixture(scope="module")
def live():
    running = serve(build(message_delay_s=0, stock_lag_s=0))
    yield Live(running.url)
    running.stop()


class TestServer:
    def test_finds_an_order_number_with_a_slash(self, live):
        live.order(order_number="WEB/1 001")
        assert live.call("GET", "/orders/order-number=WEB%2F1%20001").json()["orderNumber"] == "WEB/1 001"

    def test_loses_the_answer_but_keeps_the_write(self, live):
        order = live.order()
        live.control("faults", fault="lost_after", method="POST", path="/orders/")
        delivery = {"action": "addDelivery", "deliveryKey": "ful-1"}
        with pytest.raises(requests.ConnectionError):
            live.change(order, delivery)
        assert live.change(order, delivery).status_code == 409
        kept = live.call("GET", f"/orders/{order['id']}").json()
        assert [one["key"] for one in kept["shippingInfo"]["deliveries"]] == ["ful-1"]

    def test_lets_one_of_many_writers_win(self, live):
        order = live.order()
        actions = [{"action": "setPurchaseOrderNumber", "purchaseOrderNumber": str(number)} for number in range(8)]
        with ThreadPoolExecutor(8) as pool:
            statuses = sorted(answer.status_code for answer in pool.map(lambda action: live.change(order, action), actions))
        assert statuses == [200] + [409] * 7

    def test_reads_variables_repeated_in_the_query(self, live):
        order = live.order()
        params = [("where", "orderNumber in :n"), ("var.n", "nope"), ("var.n", order["orderNumber"]), ("withTotal", "false")]
        assert [one["id"] for one in live.call("GET", "/orders", params=params).json()["results"]] == [order["id"]]

    def test_compresses_large_answers(self, live):
        answer = live.call("GET", "/product-projections", params={"limit": 5})
        assert answer.headers["Content-Encoding"] == "gzip"
        assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
        assert answer.json()["count"] == 5
