"""How long, how late, how much: numbers as a person says them."""

from __future__ import annotations

from datetime import datetime, timedelta

MINUTE, HOUR, DAY = 60, 3600, 86_400
# Up to (seconds), said in (unit), each unit's length. Below a minute nothing is counted.
STEPS = ((90 * MINUTE, "min", MINUTE), (48 * HOUR, "h", HOUR), (float("inf"), "days", DAY))


def duration(span: timedelta | float) -> str:
    """“45 s”, “12 min”, “3 h”, “2 days”."""
    seconds = abs(span.total_seconds() if isinstance(span, timedelta) else span)
    if seconds < MINUTE:
        return f"{int(seconds)} s"
    unit, length = next((unit, length) for limit, unit, length in STEPS if seconds < limit)
    return f"{int(seconds // length)} {unit}"


def distance(moment: datetime, *, at: datetime) -> str:
    """“in 12 min”, “3 h ago”, “now”."""
    seconds = (moment - at).total_seconds()
    if abs(seconds) < MINUTE:
        return "now"
    return f"in {duration(seconds)}" if seconds > 0 else f"{duration(seconds)} ago"


def time_left(due_at: datetime, *, at: datetime) -> str:
    """A deadline: “12 min left”, “3 h late”, “due now”."""
    seconds = (due_at - at).total_seconds()
    if abs(seconds) < MINUTE:
        return "due now"
    return f"{duration(seconds)} left" if seconds > 0 else f"{duration(seconds)} late"


def masked(text: str) -> str:
    """Personal data for those who may not read it: “j•••@e•••.com”, “M•••”; never longer or shorter than a few dots tell."""
    if "@" in text:
        name, _, host = text.partition("@")
        return f"{masked(name)}@{masked(host.rpartition('.')[0])}.{host.rpartition('.')[2]}"
    return " ".join(f"{word[:1]}•••" for word in text.split()) if text.strip() else ""
