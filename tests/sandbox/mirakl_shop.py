"""A seeded Mirakl operator and a client that holds a shop's key, for the tests of the simulator."""

from __future__ import annotations

import io
from typing import Any

from flask.testing import FlaskClient

from connectors.sandbox.kit import ADMIN
from connectors.sandbox.mirakl import API_KEY, SHOP_ID, build

STOCK_HEADER = '"offer-sku";"quantity";"warehouse-code";"update-delete"'


class Shop:
    """A shop with sixty offers, at an operator without limits unless told otherwise."""

    def __init__(self, **settings: Any) -> None:
        self.app = build(**{"rate_scale": 0, "import_wait_s": 0, "debit_delay_s": 0, **settings})
        self.client: FlaskClient = self.app.test_client()
        self.control("seed-demo")

    def call(self, method: str, path: str, *, key: str = API_KEY, shop_id: int | None = SHOP_ID, **given: Any) -> Any:
        headers = {"Authorization": key, "Accept": "application/json", **given.pop("headers", {})}
        query = {**given.pop("query", {}), **({"shop_id": shop_id} if shop_id else {})}
        return self.client.open(f"/api{path}", method=method, headers=headers, query_string=query, **given)

    def get(self, path: str, **query: Any) -> Any:
        answer = self.call("GET", path, query=query)
        assert answer.status_code == 200, answer.text
        return answer.get_json()

    def control(self, path: str, /, **body: Any) -> Any:
        answer = self.client.post(f"{ADMIN}/{path}", json=body)
        assert answer.status_code < 300, answer.text
        return answer.get_json(silent=True)

    def place(self, sku: str = "MUG-BLU", **wish: Any) -> str:
        return self.control("place", sku=sku, **wish)["order_ids"][0]

    def order(self, order_id: str) -> dict[str, Any]:
        """The order as OR11 gives it."""
        return self.get("/orders", order_ids=order_id)["orders"][0]

    def decide(self, order_id: str, *accepted: bool) -> Any:
        """OR21 with one decision for each line."""
        lines = [{"id": f"{order_id}-{index}", "accepted": yes} for index, yes in enumerate(accepted, start=1)]
        return self.call("PUT", f"/orders/{order_id}/accept", json={"order_lines": lines})

    def to_ship(self, sku: str = "MUG-BLU", **wish: Any) -> str:
        """An order that was accepted and paid."""
        order_id = self.place(sku, **wish)
        answer = self.decide(order_id, *[True] * len(self.order(order_id)["order_lines"]))
        assert answer.status_code == 204, answer.text
        return order_id

    def shipped(self, sku: str = "MUG-BLU", **wish: Any) -> str:
        order_id = self.to_ship(sku, **wish)
        assert self.call("PUT", f"/orders/{order_id}/ship").status_code == 204
        return order_id

    def upload(self, path: str, text: str, **fields: str) -> Any:
        return self.call("POST", path, data={"file": (io.BytesIO(text.encode()), "file.csv"), **fields})

    def stock(self, *lines: str) -> str:
        """Send a stock file of these lines; the import's id."""
        answer = self.upload("/offers/stock/imports", "\n".join((STOCK_HEADER, *lines, "")))
        assert answer.status_code == 201, answer.text
        return answer.json["import_id"]

    def offer(self, sku: str = "MUG-BLU") -> dict[str, Any]:
        return self.get("/offers", sku=sku)["offers"][0]

    def summary(self) -> dict[str, Any]:
        return self.client.get(f"{ADMIN}/summary").json

    def wait(self, seconds: float) -> None:
        self.control("advance", seconds=seconds)
