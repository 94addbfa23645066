"""Login, profile, and the requests that wait for a second person."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LoginView, PasswordChangeView
from django.core.exceptions import BadRequest
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_POST, require_safe

from portal.accounts import approvals
from portal.accounts.forms import LoginForm, ProfileForm
from portal.accounts.gate import require
from portal.accounts.models import ApprovalRequest, ApprovalState, User
from portal.accounts.permissions import Action
from portal.accounts.signals import password_changed

RECENT = 50


@method_decorator(login_not_required, name="dispatch")
class Login(LoginView):
    """Somebody logged in already is sent on; the session's key changes at login (Django sees to it)."""

    form_class = LoginForm
    template_name = "registration/login.html"
    redirect_authenticated_user = True


class ChangePassword(PasswordChangeView):
    """Every other session of this person ends with the old password."""

    template_name = "registration/password_change.html"
    success_url = reverse_lazy("profile")

    def form_valid(self, form: object) -> HttpResponse:
        with transaction.atomic():
            answer = super().form_valid(form)  # type: ignore[arg-type]
            password_changed.send(User, user=person(self.request))
        messages.success(self.request, "Password changed. You were logged out everywhere else.")
        return answer


def profile(request: HttpRequest) -> HttpResponse:
    """What a person chooses for themselves, and the roles others gave them."""
    user = person(request)
    form = ProfileForm(request.POST or None, instance=user)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, "Saved.")
        return redirect("profile")
    return render(request, "accounts/profile.html", {"form": form, "memberships": user.memberships.all()})


@require(Action.TAKE_PART)
@require_safe
def approval_list(request: HttpRequest) -> HttpResponse:
    user = person(request)
    decided = ApprovalRequest.objects.exclude(decided_at=None).select_related("requester", "decided_by")
    asked = ApprovalRequest.objects.filter(requester=user, decided_at=None)
    context = {"waiting": approvals.waiting_for(user).order_by("asked_at"), "asked": asked, "decided": decided.order_by("-decided_at")[:RECENT]}
    return render(request, "accounts/approvals.html", context)


# The button's value → what it does.
DECISIONS = {"approve": approvals.approve, "refuse": approvals.refuse, "withdraw": approvals.withdraw}
# What the page says afterwards.
SAID = {
    ApprovalState.APPROVED: "Approved. {outcome}",
    ApprovalState.REFUSED: "Refused. Nothing was done.",
    ApprovalState.WITHDRAWN: "Withdrawn. Nothing was done.",
}


@require(Action.TAKE_PART)
@require_POST
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Approve, refuse or withdraw one request; whether they may is decided with the row locked."""
    run = DECISIONS.get(request.POST.get("decision", ""))
    if run is None:
        raise BadRequest("Choose approve, refuse or withdraw.")
    try:
        wish = run(pk, by=person(request), note=request.POST.get("note", ""))
        messages.success(request, SAID[ApprovalState(wish.state)].format(outcome=wish.outcome))
    except ApprovalRequest.DoesNotExist as error:
        raise Http404("This request is no longer there.") from error
    except approvals.ApprovalError as error:
        messages.error(request, str(error))
    return redirect("approvals")


def person(request: HttpRequest) -> User:
    """The user behind a page that is closed to others (LoginRequiredMiddleware)."""
    if not isinstance(request.user, User):
        raise TypeError("this page is for people who are logged in")
    return request.user
