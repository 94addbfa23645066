"""Light, dark, or as the computer is set: kept in a cookie, so that the page arrives in the right colours."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

COOKIE = "theme"
THEMES = ("light", "dark", "auto")
A_YEAR_S = 365 * 24 * 60 * 60


def chosen_theme(request: HttpRequest | None) -> str:
    kept = request.COOKIES.get(COOKIE, "") if request else ""
    return kept if kept in THEMES else "auto"


def way_back(request: HttpRequest) -> str:
    """The page named by `next`, if it is one of ours; otherwise home."""
    asked = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(asked, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    return asked if safe else "/"


@login_not_required
@require_POST
def switch(request: HttpRequest) -> HttpResponse:
    theme = request.POST.get("theme", "")
    answer = redirect(way_back(request))
    if theme in THEMES:
        answer.set_cookie(COOKIE, theme, max_age=A_YEAR_S, samesite="Lax", httponly=True, secure=request.is_secure())
    return answer
