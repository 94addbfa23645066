"""What goes wrong in a journey: the mix of faults, and what a mix cannot hold: clocks, tokens, and the same news twice and late."""

from __future__ import annotations

import random
from typing import Any

import requests
from django.utils import timezone

from connectors.canonical import Received
from connectors.sandbox.kit import ADMIN
from portal.connections.models import Connection
from portal.sync.models import InboundMessage
from portal.sync.receive import receive
from tests.corridor import Corridor, control

BROKEN = ("502", "503", "504", "malformed", "slow", "html")
MIX = (("429", 0.05), ("500", 0.05), ("lost_after", 0.05), ("lost_before", 0.03), *((fault, 0.02) for fault in BROKEN))


def strike(corridor: Corridor, running: Any, *, path: str) -> None:
    """A fault on about every fourth request, until `clear`."""
    for fault, rate in MIX:
        corridor.fault(running, fault, times=None, rate=rate, path=path)


def clear(running: Any) -> None:
    requests.delete(f"{running.url}{ADMIN}/faults", timeout=5)


def skew(running: Any, seconds: float) -> None:
    """The other side's clock runs so far before ours (negative: behind)."""
    control(running, "clock", skew_s=seconds)


def expire_tokens(shop: Any) -> None:
    """Whatever token is in use, the next call with it is refused."""
    control(shop, "expire-tokens")


def tell_again(connection: Connection, topic: str) -> int:
    """Everything that was read so far comes once more as other events, shuffled: the old after the new, and the newest twice."""
    kept = list(InboundMessage.objects.filter(connection=connection, topic=topic).order_by("pk"))
    random.Random(len(kept)).shuffle(kept)
    at = timezone.now()
    again = [Received(topic, f"again-{at.timestamp()}-{row.pk}", row.subject, bytes(row.body), row.changed_at) for row in kept]
    return receive(again, connection=connection, door="webhook", at=at)
