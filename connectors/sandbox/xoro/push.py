"""The inventory push: an array of stock rows posted to one address; how it is registered and signed nobody outside knows."""

from __future__ import annotations

import queue
import random
import threading
import time
from collections import deque
from dataclasses import dataclass, field
from typing import Any

import requests

from connectors.sandbox.xoro.models import Json

ROWS_KEPT = 20_000


@dataclass
class PushSettings:
    """Where stock changes are told, and how badly. No address: nothing is sent."""

    url: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    single: bool = False  # each row as an object of its own, instead of an array
    delay_s: float = 0.0
    duplicate_rate: float = 0.0
    reorder_s: float = 0.0  # each delivery waits up to this much longer, at random
    tries: int = 3
    retry_s: float = 1.0


@dataclass(order=True)
class Delivery:
    """One body on its way."""

    due: float
    turn: int
    body: Any = field(compare=False)
    tries_left: int = field(compare=False, default=1)


class Push:
    """What is to be told, and the thread that tells it. The thread and what is on its way are not part of a kept world."""

    def __init__(self) -> None:
        self.settings = PushSettings()
        self.random = random.Random(1)
        self.pending: list[Json] = []
        self.sent: deque[Any] = deque(maxlen=ROWS_KEPT)
        self.start_afresh()

    def start_afresh(self) -> None:
        self.queue: queue.PriorityQueue[Delivery] = queue.PriorityQueue()
        self.turn = 0
        self.thread: threading.Thread | None = None

    def __getstate__(self) -> Json:
        return {name: value for name, value in vars(self).items() if name not in ("queue", "thread")}

    def __setstate__(self, kept: Json) -> None:
        vars(self).update(kept)
        self.start_afresh()

    def clear(self) -> None:
        self.pending.clear()
        self.sent.clear()
        with self.queue.mutex:  # the same queue: the thread waits on it
            self.queue.queue.clear()

    def add(self, row: Json) -> None:
        if self.settings.url:
            self.pending.append(row)

    def flush(self) -> None:
        """Send what one request changed."""
        rows, self.pending = self.pending, []
        if not rows:
            return
        for body in rows if self.settings.single else [rows]:
            self.sent.append(body)
            for _ in range(2 if self.random.random() < self.settings.duplicate_rate else 1):
                wait_s = self.settings.delay_s + self.random.uniform(0, self.settings.reorder_s)
                self.put(body, wait_s=wait_s, tries=self.settings.tries)
        if self.thread is None or not self.thread.is_alive():
            self.thread = threading.Thread(target=self.deliver_all, name="xoro-push", daemon=True)
            self.thread.start()

    def put(self, body: Any, *, wait_s: float, tries: int) -> None:
        self.turn += 1
        self.queue.put(Delivery(time.monotonic() + wait_s, self.turn, body, tries))

    def deliver_all(self) -> None:
        while True:
            delivery = self.queue.get()
            wait_s = delivery.due - time.monotonic()
            if wait_s > 0:
                self.queue.put(delivery)
                time.sleep(min(wait_s, 0.02))
            elif not self.post(delivery.body) and delivery.tries_left > 1:
                self.put(delivery.body, wait_s=self.settings.retry_s, tries=delivery.tries_left - 1)

    def post(self, body: Any) -> bool:
        try:
            return requests.post(self.settings.url, json=body, headers=self.settings.headers, timeout=10).ok
        except requests.RequestException:
            return False
