"""Choosing a time zone: every name this server knows, the offset of today beside it."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django import forms
from django.utils import timezone


def offset(name: str, *, at: datetime) -> str:
    """“UTC-08:00”."""
    minutes = int((at.astimezone(ZoneInfo(name)).utcoffset() or at - at).total_seconds() // 60)
    return f"UTC{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"


@lru_cache(maxsize=2)
def choices(day: str) -> list[tuple[str, str]]:
    """Zones people use, as (name, “name, UTC-08:00”); worked out once a day."""
    now = timezone.now()
    names = sorted(name for name in available_timezones() if "/" in name and not name.startswith(("Etc/", "posix/", "right/", "SystemV/")))
    return [(name, f"{name.replace('_', ' ')}, {offset(name, at=now)}") for name in ["UTC", *names]]


class ZoneField(forms.ChoiceField):
    """A time zone from the list; one that is stored but not listed stays choosable."""

    def __init__(self, **options: Any) -> None:
        super().__init__(choices=lambda: choices(f"{timezone.now():%Y-%m-%d}"), label="Time zone", **options)

    def valid_value(self, value: Any) -> bool:
        return value in available_timezones()
