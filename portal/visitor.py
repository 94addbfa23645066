"""Where a request came from, as far as we can believe it."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest


def address(request: HttpRequest) -> str:
    """The peer's address; behind our own proxy, the one that proxy saw (its entry is the last: a visitor can write the others)."""
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "") if settings.BEHIND_PROXY else ""
    seen = forwarded.rpartition(",")[2].strip()
    return seen or request.META.get("REMOTE_ADDR", "")
