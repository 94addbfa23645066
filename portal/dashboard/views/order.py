"""One order's journey, its evidence, and the button that shows personal data."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from portal.accounts.gate import require
from portal.accounts.models import User
from portal.accounts.permissions import Action, NotAllowedError
from portal.dashboard import evidence, personal
from portal.dashboard.cases import cards, under_way
from portal.dashboard.history import history, label_of
from portal.dashboard.journey import Journey, load, orders
from portal.dashboard.lines import lines_of
from portal.dashboard.links import links_of
from portal.dashboard.lock import lock_of
from portal.dashboard.milestones import milestones
from portal.dashboard.standing import standing_of
from portal.ledger.models import OPEN_STAGES
from portal.sync.models import DeliveryAttempt
from portal.sync.versions import versions_of


@require(Action.SEE_INBOX)
@require_safe
@never_cache
def journey_page(request: HttpRequest, pk: int) -> HttpResponse:
    at = timezone.now()
    journey = load(get_object_or_404(orders(), pk=pk), at=at)
    lines = lines_of(journey)
    seen = personal.privacy(request, journey.order, roles=journey.case_roles, at=at)
    evident = evidence.verdict(_user(request), journey.case_roles)
    context = {
        "journey": journey,
        "order": journey.order,
        "lines": lines,
        "standing": standing_of(journey, lines),
        "lock": lock_of(journey),
        "milestones": milestones(journey),
        "history": history(journey, shows_evidence=evident.yes, shows_people=seen.shown),
        "evident": evident,
        "links": links_of(journey),
        "cards": cards(journey.open_cases, by=_user(request), at=at),
        "sent_lately": under_way(journey.closed_cases),
        "privacy": seen,
        "versions": versions_of(journey.order) if journey.order.stage in OPEN_STAGES else [],
        "shipping_address": personal.address_lines(journey.order.effective_address, shown=seen.shown),
        "billing_address": personal.address_lines(journey.order.billing_address, shown=seen.shown),
    }
    return render(request, "dashboard/order.html", context)


@require(Action.SEE_INBOX)
@require_POST
def show_personal(request: HttpRequest, pk: int) -> HttpResponse:
    """Unmask for a while; the audit trail keeps who looked."""
    journey = _journey(pk)
    verdict = personal.verdict(_user(request), journey.case_roles)
    if not verdict.yes:
        raise NotAllowedError(verdict.why)
    personal.show(request, journey.order, at=timezone.now())
    return redirect("dashboard:order", pk=pk)


@require(Action.SEE_INBOX)
@require_safe
@never_cache
def attempt_page(request: HttpRequest, pk: int, attempt: int) -> HttpResponse:
    """The requests and answers of one try."""
    journey = _journey(pk)
    verdict = evidence.verdict(_user(request), journey.case_roles)
    if not verdict.yes:
        raise NotAllowedError(verdict.why)
    tried = get_object_or_404(DeliveryAttempt.objects.select_related("message", "message__connection"), pk=attempt, message__order=pk)
    seen = personal.privacy(request, journey.order, roles=journey.case_roles, at=journey.at)
    context = {
        "order": journey.order,
        "attempt": tried,
        "sentence": tried.sentence if seen.shown else personal.hide(tried.sentence, journey.order),
        "label": label_of(tried.message),
        "exchanged": evidence.exchanged(tried, journey.order, shows_people=seen.shown),
        "uses": evidence.uses_of(tried),
        "privacy": seen,
    }
    return render(request, "dashboard/attempt.html", context)


def _journey(pk: int) -> Journey:
    return load(get_object_or_404(orders(), pk=pk), at=timezone.now())


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # the door is closed to everybody else
    return request.user
