"""A seeded BigCommerce simulator and a client that holds its token."""

from __future__ import annotations

from typing import Any

from flask.testing import FlaskClient

from connectors.sandbox.bigcommerce import AUTH_TOKEN, STORE_HASH, build
from connectors.sandbox.kit import ADMIN


class Store:
    """A seeded store."""

    def __init__(self, **settings: Any) -> None:
        self.app = build(**{"rate_scale": 0, **settings})
        self.client: FlaskClient = self.app.test_client()
        self.made = self.control("seed-demo")

    def call(self, method: str, path: str, *, token: str = AUTH_TOKEN, accept: str = "application/json", **given: Any) -> Any:
        headers = {"X-Auth-Token": token, "Accept": accept}
        return self.client.open(f"/stores/{STORE_HASH}/{path}", method=method, headers=headers, **given)

    def read(self, path: str, **query: Any) -> Any:
        answer = self.call("GET", path, query_string={name.replace("__", ":"): value for name, value in query.items()})
        assert answer.status_code == 200, answer.text
        return answer.get_json()

    def control(self, path: str, **body: Any) -> Any:
        return self.client.post(f"{ADMIN}/{path}", json=body).get_json(silent=True)

    def shown(self, path: str) -> Any:
        return self.client.get(f"{ADMIN}/{path}").get_json()

    def place(self, **wish: Any) -> int:
        return self.control("orders", **{"lines": [{"sku": "TEE-BLK-M", "quantity": 2}], **wish})[0]["id"]

    def ship(self, id: int, units: int = 1, number: str = "1Z1", line: int = 0, **more: Any) -> Any:
        """Ship units of a line."""
        product = self.read(f"v2/orders/{id}/products")[line]
        items = [{"order_product_id": product["id"], "quantity": units}]
        body = {"order_address_id": product["order_address_id"], "tracking_number": number, "shipping_provider": "ups", "items": items, **more}
        return self.call("POST", f"v2/orders/{id}/shipments", json=body)

    def level(self, sku: str = "TEE-BLK-M") -> dict[str, Any]:
        return self.read("v3/inventory/items", sku__in=sku)["data"][0]["locations"][0]

    def set_stock(self, *rows: dict[str, Any]) -> Any:
        items = [{"location_id": 1, "sku": "TEE-BLK-M", "quantity": 81, **row} for row in rows or ({},)]
        return self.call("PUT", "v3/inventory/adjustments/absolute", json={"reason": "sync", "items": items})

    def wait(self, seconds: float) -> None:
        self.client.post(f"{ADMIN}/clock", json={"skew_s": seconds})
