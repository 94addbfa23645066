"""Faults on demand, and a seedable mix of them, for any simulator."""

from __future__ import annotations

import random
import re
import threading
from dataclasses import dataclass, field
from enum import StrEnum


class Fault(StrEnum):
    """What may go wrong with one request."""

    RATE_LIMITED = "429"
    SERVER_ERROR = "500"
    BAD_GATEWAY = "502"  # HTML body, as a proxy in front would answer
    UNAVAILABLE = "503"
    GATEWAY_TIMEOUT = "504"
    SLOW = "slow"  # answers rightly, after `seconds`
    LOST_BEFORE = "lost_before"  # connection closed, nothing was done
    LOST_AFTER = "lost_after"  # the write was done, the answer never arrives
    MALFORMED = "malformed"  # 200 with a body cut in the middle
    HTML = "html"  # 200 with a login page instead of JSON
    DOWN = "down"  # every connection closed until cleared


@dataclass
class Rule:
    """One order to misbehave: `times` matching requests, or a `rate` (0..1) of them for ever."""

    fault: Fault
    path: str = ""
    method: str = ""
    times: int | None = 1
    rate: float = 1.0
    seconds: float = 0.5

    def matches(self, method: str, path: str) -> bool:
        return (not self.method or self.method == method) and re.search(self.path, path) is not None


@dataclass
class Faults:
    """The rules in force; the first that matches and draws true is the one that happens."""

    seed: int = 0
    rules: list[Rule] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)
        self._lock = threading.Lock()

    def add(self, rule: Rule) -> None:
        with self._lock:
            self.rules.append(rule)

    def clear(self) -> None:
        with self._lock:
            self.rules.clear()

    def reseed(self, seed: int) -> None:
        with self._lock:
            self.seed, self._random = seed, random.Random(seed)

    def draw(self, method: str, path: str) -> Rule | None:
        """The rule that strikes this request, counted down, or None."""
        with self._lock:
            for rule in self.rules:
                if rule.matches(method, path) and self._random.random() < rule.rate:
                    self._spend(rule)
                    return rule
        return None

    def _spend(self, rule: Rule) -> None:
        if rule.times is None:
            return
        rule.times -= 1
        if rule.times <= 0:
            self.rules.remove(rule)
