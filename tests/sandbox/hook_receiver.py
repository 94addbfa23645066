"""An address for webhooks, for the tests of the simulators that send them."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from flask import Flask, request

from connectors.sandbox.kit import serve


class Receiver:
    """An address for webhooks that remembers, and answers as told."""

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.statuses: list[int] = []
        app = Flask("receiver")
        app.add_url_rule("/hook", "hook", self.take, methods=["POST"])
        self.running = serve(app)
        self.url = f"{self.running.url}/hook"

    def take(self) -> Any:
        self.got.append((dict(request.headers), request.get_data()))
        return "", self.statuses.pop(0) if self.statuses else 200

    def wait(self, ready: Callable[[], bool]) -> None:
        until = time.monotonic() + 5
        while not ready() and time.monotonic() < until:
            time.sleep(0.01)
