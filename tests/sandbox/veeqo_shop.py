"""A seeded Veeqo simulator and a client that holds its key, for the tests of the simulator."""

from __future__ import annotations

from typing import Any

from flask.testing import FlaskClient

from connectors.sandbox.kit import ADMIN
from connectors.sandbox.veeqo import API_KEY, build


class Shop:
    """A seeded account."""

    def __init__(self, **settings: Any) -> None:
        self.app = build(**{"rate_scale": 0, **settings})
        self.client: FlaskClient = self.app.test_client()
        self.made = self.control("seed-demo")
        self.channel_id, *_ = self.made["channels"].values()

    def call(self, method: str, path: str, *, key: str = API_KEY, **given: Any) -> Any:
        return self.client.open(path, method=method, headers={"x-api-key": key}, **given)

    def control(self, path: str, **body: Any) -> Any:
        return self.client.post(f"{ADMIN}/{path}", json=body).get_json(silent=True)

    def body(self, number: str = "CT-1", *, sku: str = "MUG-BLU", quantity: int = 2, **more: Any) -> dict[str, Any]:
        order = {
            "channel_id": self.channel_id,
            "number": number,
            "delivery_method_id": self.made["delivery_methods"]["Standard"],
            "customer_attributes": {"email": f"{number}@example.com"},
            "deliver_to_attributes": {"first_name": "Ana", "last_name": "Lee", "city": "Leeds", "country": "GB"},
            "line_items_attributes": [{"sellable_id": self.made["sellables"][sku], "quantity": quantity, "price_per_unit": "25.00", "tax_rate": 0.2}],
            "payment_attributes": {"payment_type": "online_finance"},
        }
        return {"order": {**order, **more}}

    def place(self, number: str = "CT-1", **more: Any) -> dict[str, Any]:
        answer = self.call("POST", "/orders", json=self.body(number, **more))
        assert answer.status_code == 201, answer.text
        return answer.get_json()

    def numbers(self, query: str = "") -> list[str]:
        return [each["number"] for each in self.call("GET", f"/orders?page_size=100&{query}").json]

    def order(self, number: str = "CT-1") -> dict[str, Any]:
        return self.client.get(f"{ADMIN}/orders/{number}").json[0]

    def summary(self) -> dict[str, Any]:
        return self.client.get(f"{ADMIN}/summary").json

    def entry(self, sku: str, warehouse: str = "Leeds Main") -> dict[str, Any]:
        ids = self.made["sellables"][sku], self.made["warehouses"][warehouse]
        return self.call("GET", f"/sellables/{ids[0]}/warehouses/{ids[1]}/stock_entry").json

    def wait(self, seconds: float) -> None:
        self.client.post(f"{ADMIN}/clock", json={"skew_s": seconds})
