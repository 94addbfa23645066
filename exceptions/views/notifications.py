"""The page on which people, and the leads of teams, say what they want to be told."""

from __future__ import annotations

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from exceptions.models import NoticeWish, OutgoingNotice
from exceptions.notices.audience import addresses_of
from exceptions.notices.forms import WishForm
from portal.accounts.gate import require
from portal.accounts.models import User
from portal.accounts.permissions import Action, allowed, check
from portal.accounts.roles import Role
from portal.accounts.views import person
from portal.audit.trail import record

RECENT = 5


@require_http_methods(["GET", "HEAD", "POST"])
@require(Action.SEE_INBOX)
def mine(request: HttpRequest) -> HttpResponse:
    user = person(request)
    wish = NoticeWish.objects.filter(user=user).first() or NoticeWish(user=user, instant=True)
    about = "Cases of your teams, and those in your hands."
    if wish.pk is None:
        about += " You have chosen nothing yet, so S1 and S2 come to you by mail at once."
    return page(request, wish, title="Your notifications", about=about)


@require_http_methods(["GET", "HEAD", "POST"])
@require(Action.SEE_INBOX)
def of_team(request: HttpRequest, team: str) -> HttpResponse:
    """For its lead, and for admins."""
    role = next((role for role in Role if role.value == team), None)
    if role is None:
        raise Http404("There is no such team.")
    check(request.user, Action.EDIT_PLAYBOOKS, owner=role)
    wish = NoticeWish.objects.filter(team=team).first() or NoticeWish(team=team)
    return page(request, wish, title=f"Notifications of {role.label}", about="Cases this team owns, told to addresses and chat tools of its own.")


def page(request: HttpRequest, wish: NoticeWish, *, title: str, about: str) -> HttpResponse:
    form = WishForm(request.POST or None, instance=wish)
    if request.method == "POST" and form.is_valid():
        keep(form, by=person(request))
        messages.success(request, "Saved. It holds for the next case.")
        return redirect(request.path)
    user = person(request)
    context = {
        "form": form,
        "wish": wish,
        "title": title,
        "about": about,
        "teams": [role for role in Role if role is not Role.AUD and allowed(user, Action.EDIT_PLAYBOOKS, owner=role).yes],
        "recent": sent_to(wish),
    }
    return render(request, "exceptions/notifications.html", context)


def keep(form: WishForm, *, by: User) -> None:
    """Save with its audit record; the chat tool's address is only said to have changed."""
    new = {name: str(form.cleaned_data.get(name)) for name in form.changed_data if name not in ("webhook", "no_webhook")}
    if {"webhook", "no_webhook"} & set(form.changed_data):
        new["chat"] = "[changed]"
    with transaction.atomic():
        wish = form.save()
        record("notifications.changed", wish, by=by, new=new)


def sent_to(wish: NoticeWish) -> list[OutgoingNotice]:
    """The last messages to these addresses and this chat tool, so that a refused one is seen."""
    if wish.pk is None:
        return []
    rows = OutgoingNotice.objects.filter(address__in=[*addresses_of(wish)]) | OutgoingNotice.objects.filter(wish=wish)
    return list(rows.order_by("-pk")[:RECENT])
