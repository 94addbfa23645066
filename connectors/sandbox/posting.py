"""Posts webhooks from a thread, with a vendor's retry times, and with duplicates, reordering and losses on demand."""

from __future__ import annotations

import queue
import random
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

import requests

KEPT = 20_000


@dataclass
class PostingSettings:
    """How badly, and how fast, a vendor's webhooks travel."""

    delay_s: float = 0.0
    reorder_s: float = 0.0  # each post waits up to this much longer, at random
    duplicate_rate: float = 0.0
    loss_rate: float = 0.0  # never sent at all
    retry_scale: float = 1.0  # of the vendor's own waits between two tries
    timeout_s: float = 5.0

    def change(self, wanted: dict[str, Any]) -> None:
        unknown = sorted(set(wanted) - {each.name for each in fields(self)})
        if unknown:
            raise ValueError(f"no such posting setting: {', '.join(unknown)}")
        for name, value in wanted.items():
            setattr(self, name, float(value))


@dataclass
class Post:
    """One webhook: `headers()` is asked again for each try, because some vendors sign the moment of sending."""

    url: str
    body: bytes
    headers: Callable[[], dict[str, str]]
    about: str = ""  # what it tells, for the log
    answered: Callable[[int], None] = lambda status: None  # 0: no answer at all
    given_up: Callable[[], None] = lambda: None


@dataclass(order=True)
class Delivery:
    due: float
    turn: int
    post: Post = field(compare=False)
    tried: int = field(compare=False, default=0)


@dataclass
class Tried:
    """One try, as the log keeps it."""

    about: str
    url: str
    status: int
    attempt: int
    headers: dict[str, str]
    body: str


class Poster:
    """What is on its way, and the thread that sends it. Neither is part of a kept world."""

    def __init__(self, waits_s: Sequence[float]) -> None:
        self.waits_s = tuple(waits_s)  # between the first try and the second, and so on
        self.settings = PostingSettings()
        self.random = random.Random(1)
        self.log: deque[Tried] = deque(maxlen=KEPT)
        self.lost = 0
        self.start_afresh()

    def start_afresh(self) -> None:
        self.queue: queue.PriorityQueue[Delivery] = queue.PriorityQueue()
        self.turn = 0
        self.thread: threading.Thread | None = None

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name not in ("queue", "thread")}

    def __setstate__(self, kept: dict[str, Any]) -> None:
        vars(self).update(kept)
        self.start_afresh()

    def clear(self) -> None:
        self.log.clear()
        with self.queue.mutex:  # the same queue: the thread waits on it
            self.queue.queue.clear()

    def send(self, post: Post, *, wait_s: float = 0.0) -> None:
        if self.random.random() < self.settings.loss_rate:
            self.lost += 1
            return
        for _ in range(2 if self.random.random() < self.settings.duplicate_rate else 1):
            self.put(post, wait_s=wait_s + self.settings.delay_s + self.random.uniform(0, self.settings.reorder_s))
        if self.thread is None or not self.thread.is_alive():
            self.thread = threading.Thread(target=self.deliver_all, name="sandbox-posting", daemon=True)
            self.thread.start()

    def put(self, post: Post, *, wait_s: float, tried: int = 0) -> None:
        self.turn += 1
        self.queue.put(Delivery(time.monotonic() + wait_s, self.turn, post, tried))

    def deliver_all(self) -> None:
        while True:
            delivery = self.queue.get()
            wait_s = delivery.due - time.monotonic()
            if wait_s > 0:
                self.queue.put(delivery)
                time.sleep(min(wait_s, 0.02))
            else:
                self.attempt(delivery)

    def attempt(self, delivery: Delivery) -> None:
        post, tried = delivery.post, delivery.tried + 1
        headers = post.headers()
        status = self.post(post, headers)
        self.log.append(Tried(post.about, post.url, status, tried, headers, post.body.decode()))
        post.answered(status)
        if 200 <= status < 300:
            return
        if tried <= len(self.waits_s):
            self.put(post, wait_s=self.waits_s[tried - 1] * self.settings.retry_scale, tried=tried)
        else:
            post.given_up()

    def post(self, post: Post, headers: dict[str, str]) -> int:
        """The status of the answer; a redirect is not followed, and no answer is 0."""
        try:
            answer = requests.post(post.url, data=post.body, headers=headers, timeout=self.settings.timeout_s, allow_redirects=False)
        except requests.RequestException:
            return 0
        return answer.status_code
