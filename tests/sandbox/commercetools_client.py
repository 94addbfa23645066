"""A small client for the commercetools simulator's own tests: tokens, paths, update requests."""

from __future__ import annotations

import base64
from typing import Any

from connectors.sandbox.commercetools import CLIENT_ID, CLIENT_SECRET, build

PROJECT = "/demo-shop"
QUICK = {"message_delay_s": 0.0, "stock_lag_s": 0.0}


class Shop:
    """The simulator in this process, spoken to as a client with one token would."""

    def __init__(self, *, seeded: bool = True, **settings: Any) -> None:
        self.app = build(**{**QUICK, **settings})
        self.http = self.app.test_client()
        if seeded:
            self.control("seed-demo", products=10)
        self.headers = self.bearer()

    def token(self, client: str = CLIENT_ID, secret: str = CLIENT_SECRET, **form: str) -> Any:
        basic = base64.b64encode(f"{client}:{secret}".encode()).decode()
        return self.http.post("/oauth/token", data={"grant_type": "client_credentials", **form}, headers={"Authorization": f"Basic {basic}"})

    def bearer(self, client: str = CLIENT_ID, secret: str = CLIENT_SECRET, **form: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token(client, secret, **form).json['access_token']}"}

    def get(self, path: str, *params: tuple[str, Any]) -> Any:
        return self.http.get(f"{PROJECT}{path}", query_string=list(params), headers=self.headers)

    def ids(self, path: str, *params: tuple[str, Any]) -> list[str]:
        return [one["id"] for one in self.get(path, *params).json["results"]]

    def where(self, path: str, predicate: str, *params: tuple[str, Any]) -> list[Any]:
        answer = self.get(path, ("where", predicate), ("limit", 500), *params)
        assert answer.status_code == 200, answer.json
        return list(answer.json["results"])

    def post(self, path: str, body: Any) -> Any:
        return self.http.post(f"{PROJECT}{path}", json=body, headers=self.headers)

    def update(self, path: str, doc: dict[str, Any], *actions: dict[str, Any]) -> Any:
        return self.post(f"{path}/{doc['id']}", {"version": doc["version"], "actions": list(actions)})

    def act(self, doc: dict[str, Any], action: str, **members: Any) -> Any:
        return self.update("/orders", doc, {"action": action, **members})

    def control(self, name: str, **wish: Any) -> Any:
        return self.http.post(f"/__sandbox__/{name}", json=wish)

    def order(self, **wish: Any) -> dict[str, Any]:
        """One order as the storefront places it."""
        placed = self.control("orders", **{"skus": ["OXF-HE-BLU-M"], "quantity": 2, "store": "uk", **wish})
        assert placed.status_code == 200, placed.json
        return dict(self.get(f"/orders/{placed.json['orders'][0]['id']}").json)

    def messages(self, doc: dict[str, Any]) -> list[Any]:
        predicate = f'resource(id = "{doc["id"]}")'
        return list(self.get("/messages", ("where", predicate), ("sort", "sequenceNumber asc"), ("limit", 500)).json["results"])

    def kinds(self, doc: dict[str, Any]) -> list[str]:
        return [message["type"] for message in self.messages(doc)]


def code_of(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json["errors"][0]["code"]
