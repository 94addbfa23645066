"""Paces calls to a connection under its limit, across all workers, orders first."""

from __future__ import annotations

import random
import time

from django.db import connection as database

from connectors.errors import RateLimited
from connectors.ports import Priority

LONGEST_WAIT_S = 20.0
SPARE_S = 0.05  # calls may be taken out of the bucket so long before they are made, where the limit is far away
# The share of the bucket each kind of traffic may fill: bulk reads stop while orders are using it.
SHARES = {Priority.ORDERS: 1.0, Priority.STOCK: 0.7, Priority.BULK: 0.4}

TAKE = """
UPDATE connections_callbudget
   SET level = GREATEST(0, level - EXTRACT(EPOCH FROM clock_timestamp() - seen_at) * %(rate)s) + %(count)s, seen_at = clock_timestamp()
 WHERE connection_id = %(id)s
   AND (paused_until IS NULL OR paused_until <= clock_timestamp())
   AND GREATEST(0, level - EXTRACT(EPOCH FROM clock_timestamp() - seen_at) * %(rate)s) + %(count)s <= %(room)s
RETURNING level
"""
WAIT = """
SELECT GREATEST(
         COALESCE(EXTRACT(EPOCH FROM paused_until - clock_timestamp()), 0),
         (GREATEST(0, level - EXTRACT(EPOCH FROM clock_timestamp() - seen_at) * %(rate)s) + 1 - %(room)s) / %(rate)s)
  FROM connections_callbudget WHERE connection_id = %(id)s
"""
OPEN = "INSERT INTO connections_callbudget (connection_id, level, seen_at) VALUES (%(id)s, 0, clock_timestamp()) ON CONFLICT DO NOTHING"
PAUSE = """
UPDATE connections_callbudget
   SET paused_until = GREATEST(COALESCE(paused_until, clock_timestamp()), clock_timestamp() + make_interval(secs => %(seconds)s))
 WHERE connection_id = %(id)s
"""


class SharedLimiter:
    """A bucket in the database: `rate` calls a second drain it, `burst` calls fill it."""

    def __init__(self, connection_id: int, *, rate: float, burst: float) -> None:
        self.connection_id, self.rate, self.burst = connection_id, rate, max(1.0, burst)
        self._count, self._spare, self._spare_until = 1, 0, 0.0

    def acquire(self, priority: Priority) -> None:
        """Return when one call may be made; RateLimited when that is more than LONGEST_WAIT_S away."""
        if self.rate <= 0:
            return
        values = {"id": self.connection_id, "rate": self.rate, "room": max(1.0, self.burst * SHARES[priority]), "count": 1}
        if self._take_spare() or self._take_several(values):
            return
        give_up_at = time.monotonic() + LONGEST_WAIT_S
        while not self._take(values):
            wait_s = self._wait_s(values)
            if time.monotonic() + wait_s > give_up_at:
                raise RateLimited("We are at this vendor's limit; the call waits its turn.", retry_after_s=wait_s)
            time.sleep(min(wait_s, 2.0) + random.uniform(0.005, 0.05))

    def _take_spare(self) -> bool:
        """One that was taken in advance. Those used up in time: more are taken next; those too old are lost."""
        if self._spare and time.monotonic() < self._spare_until:
            self._spare -= 1
            return True
        self._count = 1 if self._spare else self._count * 2
        self._spare = 0
        return False

    def _take_several(self, values: dict[str, float]) -> bool:
        """Several in one statement, as far as the bucket is wide open; at the limit they are taken one by one."""
        self._count = min(self._count, int(self.rate * SPARE_S), 50)
        if self._count > 1 and self._take({**values, "count": self._count}):
            self._spare, self._spare_until = self._count - 1, time.monotonic() + SPARE_S
            return True
        self._count = 1
        return False

    def penalise(self, seconds: float | None) -> None:
        """Nobody calls for so long; the bucket counts as full afterwards, so that calls come back one by one.

        Where the vendor does not say: the time in which its bucket leaks two calls.
        """
        self._count, self._spare = 1, 0
        if seconds is None:
            seconds = min(max(2 / self.rate, 0.25), 5.0) if self.rate > 0 else 1.0
        with database.cursor() as cursor:
            cursor.execute(OPEN, {"id": self.connection_id})
            cursor.execute(PAUSE, {"id": self.connection_id, "seconds": min(seconds, 300.0)})
            cursor.execute(
                "UPDATE connections_callbudget SET level = %s, seen_at = clock_timestamp() WHERE connection_id = %s", [self.burst, self.connection_id]
            )

    def _take(self, values: dict[str, float]) -> bool:
        with database.cursor() as cursor:
            cursor.execute(TAKE, values)
            return cursor.fetchone() is not None

    def _wait_s(self, values: dict[str, float]) -> float:
        with database.cursor() as cursor:
            cursor.execute(WAIT, values)
            row = cursor.fetchone()
            if row is None:
                cursor.execute(OPEN, values)
                return 0.0
            return max(0.0, float(row[0]))
