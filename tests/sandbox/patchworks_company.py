"""A seeded Patchworks simulator with a client that holds its key, and a portal that stands in for ours."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from flask import Flask, jsonify, request
from flask.testing import FlaskClient

from connectors.sandbox.kit import ADMIN, serve
from connectors.sandbox.patchworks import API_KEY, build

FAST = {"rate_scale": 0, "shape_retry_s": 0.0}


class Company:
    """A seeded company."""

    def __init__(self, **settings: Any) -> None:
        self.app = build(**{**FAST, **settings})
        self.client: FlaskClient = self.app.test_client()
        self.flows: dict[str, int] = self.control("seed-demo")["flows"]

    def call(self, method: str, path: str, *, key: str = API_KEY, accept: str = "application/json", **given: Any) -> Any:
        return self.client.open(path, method=method, headers={"Authorization": key, "Accept": accept, **given.pop("headers", {})}, **given)

    def read(self, path: str, **query: Any) -> Any:
        answer = self.call("GET", f"/core/api/v1/{path}", query_string=query)
        assert answer.status_code == 200, answer.text
        return answer.get_json()

    def start(self, flow: str = "Echo", way: str = "start/raw", **given: Any) -> Any:
        return self.call("POST", f"/start/api/v1/flows/{self.flows[flow]}/{way}", **given)

    def control(self, path: str, **body: Any) -> Any:
        return self.client.post(f"{ADMIN}/{path}", json=body).get_json(silent=True)

    def shown(self, path: str) -> Any:
        return self.client.get(f"{ADMIN}/{path}").get_json()

    def add(self, *steps: Any, name: str = "Mine", **more: Any) -> dict[str, Any]:
        """A flow of steps, each `does` or (`does`, args)."""
        told = [{"does": one, "args": {}} if isinstance(one, str) else {"does": one[0], "args": one[1]} for one in steps]
        made = self.control("flows", name=name, steps=told, **more)
        self.flows[name] = made["id"]
        return made

    def run(self, flow: str = "Mine", payload: Any = None, **more: Any) -> dict[str, Any]:
        """Run it and wait until it is over."""
        given = {} if payload is None else {"payload": payload}
        return self.control(f"flows/{self.flows[flow]}/run", wait_s=20, **given, **more)

    def over(self, run_id: str) -> dict[str, Any]:
        wait(lambda: self.shown(f"runs/{run_id}")["status"] != 1)
        return self.shown(f"runs/{run_id}")

    def levels(self, run: dict[str, Any]) -> list[str]:
        return [each["level"] for each in run["logs"]]


def wait(ready: Callable[[], bool], seconds: float = 10) -> None:
    until = time.monotonic() + seconds
    while not ready() and time.monotonic() < until:
        time.sleep(0.02)


class Portal:
    """A stand-in for the portal's API: keeps what is posted, answers as told, and gives what it is filled with."""

    def __init__(self) -> None:
        self.posted: list[tuple[str, Any, dict[str, str]]] = []
        self.answers: list[tuple[int, Any]] = []
        self.rows: dict[str, list[Any]] = {"shipments": [], "stock": []}
        self.asked: list[dict[str, str]] = []
        app = Flask("portal")
        app.add_url_rule("/api/v1/<path:path>", "take", self.take, methods=["POST"])
        app.add_url_rule("/api/v1/<path:path>", "give", self.give, methods=["GET"])
        self.running = serve(app)

    def take(self, path: str) -> Any:
        self.posted.append((path, request.get_json(), dict(request.headers)))
        status, body = self.answers.pop(0) if self.answers else (200, {"results": []})
        return jsonify(body), status

    def give(self, path: str) -> Any:
        """Two rows a page."""
        self.asked.append(request.args.to_dict())
        at = int(request.args.get("cursor", 0))
        rows = self.rows[path][at : at + 2]
        return jsonify(data=rows, next_cursor=str(at + 2) if at + 2 < len(self.rows[path]) else None)

    def bodies(self, path: str) -> list[Any]:
        return [body for where, body, _ in self.posted if where == path]
