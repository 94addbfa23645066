"""A seeded Xoro simulator and a client that holds its key, for the tests of the simulator."""

from __future__ import annotations

from typing import Any

from flask.testing import FlaskClient

from connectors.sandbox.kit import ADMIN
from connectors.sandbox.xoro import API_KEY, API_SECRET, build

PREFIX = "/api/xerp/"


class Tenant:
    """A seeded tenant."""

    def __init__(self, **settings: Any) -> None:
        self.app = build(**{"rate_scale": 0, **settings})
        self.client: FlaskClient = self.app.test_client()
        self.made = self.control("seed-demo")

    def call(self, method: str, action: str, *, auth: tuple[str, str] | None = (API_KEY, API_SECRET), **given: Any) -> Any:
        return self.client.open(PREFIX + action, method=method, auth=auth, **given)

    def read(self, action: str, **query: Any) -> dict[str, Any]:
        answer = self.call("GET", action, query_string=query)
        assert answer.status_code == 200, answer.text
        return answer.get_json()

    def write(self, action: str, body: Any) -> dict[str, Any]:
        answer = self.call("POST", action, json=body)
        assert answer.status_code == 200, answer.text
        return answer.get_json()

    def control(self, path: str, **body: Any) -> Any:
        return self.client.post(f"{ADMIN}/{path}", json=body).get_json(silent=True)

    def shown(self, path: str) -> Any:
        return self.client.get(f"{ADMIN}/{path}").get_json()

    def place(self, ref: str = "5551", *, lines: dict[str, int] | None = None, **more: Any) -> str:
        return self.control("orders", ref=ref, lines=lines or {"TEE-BLK-S": 2}, **more)[ref]

    def order(self, number: str) -> dict[str, Any]:
        return self.shown(f"orders/{number}")

    def row(self, item: str = "TEE-BLK-S", store: str = "Main Warehouse") -> dict[str, Any]:
        return self.read("inventory/getinventorybyitem", item_number=item, store=store)["Data"][0]

    def numbers(self, **query: Any) -> list[str]:
        return [each["SoEstimateHeader"]["OrderNumber"] for each in self.read("salesorder/getsalesorder", **query)["Data"]]

    def wait(self, seconds: float) -> None:
        self.client.post(f"{ADMIN}/clock", json={"skew_s": seconds})


def order_body(**more: Any) -> dict[str, Any]:
    """A sales order as a connector would create it."""
    header = {"CustomerName": "Web Customers US", "StoreName": "Main Warehouse", "SaleStoreName": "Shopify US", "DateOrder": "06/01/2026"}
    header |= {"CurrencyCode": "USD", "ThirdPartyRefNo": "C-1", "CarrierName": "UPS", "ShipToZpCode": "78701", "AutoReleaseSalesOrder": False}
    line = {"ItemNumber": "TEE-BLK-S", "ItemIdentifierCode": 1, "Qty": 2, "UnitPrice": 19.5, "ThirdPartyRefNo2": "7001"}
    lines = more.pop("lines", [line])
    return {"SoEstimateHeader": header | more, "SoEstimateItemLineArr": lines}
