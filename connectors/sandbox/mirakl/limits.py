"""The published maximum call frequencies of each operation, and the windows that enforce them."""

from __future__ import annotations

from collections import deque
from datetime import datetime, timedelta
from math import ceil

MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0
Window = tuple[int, float]  # so many calls within so many seconds

ONCE_A_DAY = ("A01", "A21", "CH11", "CUR01", "AF01", "DO01", "OR75", "SH11", "SH12", "SH21", "SH31", "OF61", "IV01", "SBC11", "TL03")
ONCE_A_MINUTE = ("OR04", "OR11", "OF01", "OF02", "OF03", "OF04", "OF24", "OF52", "STO01", "STO03")
MAXIMUM: dict[str, tuple[Window, ...]] = {
    **dict.fromkeys(ONCE_A_DAY, ((1, DAY),)),
    **dict.fromkeys(ONCE_A_MINUTE, ((1, MINUTE),)),
    **dict.fromkeys(("OR13", "ST12", "RT11"), ((1, 5 * MINUTE),)),
    **dict.fromkeys(("OF53", "TL04"), ((1, 10.0),)),
    "OF01 with products": ((1, 15 * MINUTE),),
    "OR07": ((60, HOUR),),
    "OR11 external": ((1, 15 * MINUTE),),
    "OR14": ((1, 2.0),),
    "OR31": ((5, 1.0),),
    "STO02": ((1, 15.0),),
    "TL02": ((20, MINUTE), (60, HOUR)),
}


class Limiter:
    """Remembers the calls of each key to each operation for as long as its widest window."""

    def __init__(self) -> None:
        self.calls: dict[tuple[str, str], deque[datetime]] = {}

    def wait_s(self, key: str, operation: str, *, at: datetime, scale: float) -> int:
        """0 if the call is admitted (and counted), else the whole seconds until one would be."""
        windows = MAXIMUM.get(operation, ())
        if not windows or scale <= 0:
            return 0
        calls = self.calls.setdefault((key, operation), deque())
        while calls and calls[-1] > at:
            calls.pop()  # the clock was turned back
        widest = timedelta(seconds=max(seconds for _, seconds in windows) / scale)
        while calls and calls[0] + widest <= at:
            calls.popleft()
        free_at = at
        for most, seconds in windows:
            if len(calls) >= most:
                free_at = max(free_at, calls[-most] + timedelta(seconds=seconds / scale))
        if free_at > at:
            return max(1, ceil((free_at - at).total_seconds()))
        calls.append(at)
        return 0
