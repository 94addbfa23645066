"""What a person sends from a case's page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from exceptions import cases, grouping, ignoring, playing, presence
from exceptions.actions import ActionForm, CaseAction, action_for, perform
from exceptions.errors import CaseError
from exceptions.forms import AssignForm, CommentForm, MergeForm, ReassignForm, ReopenForm, ResolveForm, SnoozeForm, SplitForm, StepForm
from exceptions.models import ExceptionCase, Resolution
from exceptions.views.case import read, show, way_back
from portal.accounts.approvals import ApprovalError
from portal.accounts.gate import require
from portal.accounts.models import User
from portal.accounts.permissions import Action, Verdict

Sent = dict[str, Any]


def claim(case: ExceptionCase, by: User, sent: Sent) -> str:
    cases.claim(case, by=by)
    return "It is yours. The first clock has stopped."


def give_back(case: ExceptionCase, by: User, sent: Sent) -> str:
    cases.assign(case, None, by=by)
    return "Given back. Nobody has it now."


def assign(case: ExceptionCase, by: User, sent: Sent) -> str:
    to: User | None = sent["to"]
    cases.assign(case, to, by=by)
    return f"{to.called} has it now." if to else "Given back. Nobody has it now."


def reassign(case: ExceptionCase, by: User, sent: Sent) -> str:
    cases.reassign(case, sent["team"], by=by, note=sent["note"])
    return f"Handed to {sent['team'].label}. They see it in their list now."


def comment(case: ExceptionCase, by: User, sent: Sent) -> str:
    cases.comment(case, sent["text"], by=by)
    return "Comment added."


def snooze(case: ExceptionCase, by: User, sent: Sent) -> str:
    cases.snooze(case, sent["until"], by=by, items=sent["items"], if_worse=sent["if_worse"])
    return "Snoozed. It comes back by itself; its clocks run on."


def wake(case: ExceptionCase, by: User, sent: Sent) -> str:
    cases.wake(case, by=by)
    return "Back in the list."


def resolve(case: ExceptionCase, by: User, sent: Sent) -> str:
    if request := cases.resolve(case, sent["code"], sent["note"], by=by, until=sent.get("until")):
        return f"Asked: {request.summary} The case stays open until a second person agrees."
    if sent["code"] is Resolution.FALSE_ALARM and ignoring.is_ignorable(case):
        return "Resolved as a false alarm. The same finding is not raised again; Comparisons lists what is ignored."
    return f"Resolved as {sent['code'].label}. It opens again by itself if it comes back."


def reopen(case: ExceptionCase, by: User, sent: Sent) -> str:
    cases.reopen(case, sent["reason"], by=by)
    return "Open again; nobody has it yet."


def tick(case: ExceptionCase, by: User, sent: Sent) -> str:
    playing.tick(case, sent["step"], by=by)
    return f"Step {sent['step']} done."


def untick(case: ExceptionCase, by: User, sent: Sent) -> str:
    playing.untick(case, sent["step"], by=by)
    return f"Step {sent['step']} is open again."


def merge(case: ExceptionCase, by: User, sent: Sent) -> str:
    into = ExceptionCase.objects.filter(pk=sent["into"]).first()
    if into is None:
        raise CaseError(f"There is no case #{sent['into']}. Nothing was merged.")
    grouping.merge(case, into, by=by)
    return f"Merged: everything of {case} is part of {into} now, and so is what happens again."


def split(case: ExceptionCase, by: User, sent: Sent) -> str:
    new = grouping.split(case, sent["subject"], by=by, cause=sent["cause"])
    return f"Split off: {new} holds them now, and what happens to them again."


def no_form(case: ExceptionCase, by: User, data: Any) -> None:
    return None


FormOf = Callable[[ExceptionCase, User, Any], forms.Form | None]

# the last word of the address → the form it sends, and what is done with it
ACTS: dict[str, tuple[FormOf, Callable[[ExceptionCase, User, Sent], str]]] = {
    "claim": (no_form, claim),
    "give-back": (no_form, give_back),
    "wake": (no_form, wake),
    "assign": (lambda case, by, data: AssignForm(data, case=case), assign),
    "reassign": (lambda case, by, data: ReassignForm(data, case=case), reassign),
    "comment": (lambda case, by, data: CommentForm(data), comment),
    "snooze": (lambda case, by, data: SnoozeForm(data, case=case), snooze),
    "resolve": (lambda case, by, data: ResolveForm(data, case=case, by=by), resolve),
    "step": (lambda case, by, data: StepForm(data), tick),
    "unstep": (lambda case, by, data: StepForm(data), untick),
    "merge": (lambda case, by, data: MergeForm(data), merge),
    "split": (lambda case, by, data: SplitForm(data), split),
    "reopen": (lambda case, by, data: ReopenForm(data), reopen),
}


@require_POST
@require(Action.TAKE_PART)
def act(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """One of ACTS; a refused form comes back on the page, with what is wrong."""
    by: User = request.user  # type: ignore[assignment]
    case, (form_of, do) = read(pk), ACTS[name]
    form = form_of(case, by, request.POST)
    if form is not None and not form.is_valid():
        return show(request, case, status=422, bound={f"{name}_form": form})
    try:
        messages.success(request, do(case, by, form.cleaned_data if form else {}))
    except (CaseError, ApprovalError) as error:
        messages.error(request, str(error))
    return redirect(way_back(request, case))


LOOK = "look"  # the Preview button: show what would happen, do nothing


@require(Action.TAKE_PART)
def run_action(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """GET: what would happen, and what it needs to know. POST: do it, once."""
    by: User = request.user  # type: ignore[assignment]
    case = read(pk)
    try:
        action, verdict = action_for(case, name, by=by)
        form = action.form(request.POST or _looked_at(request), case=case) if action.form else None
        if request.method == "POST" and LOOK not in request.POST and (form is None or form.is_valid()):
            return _done(request, case, action, by)
    except (CaseError, ApprovalError) as error:
        messages.error(request, str(error))
        return redirect(way_back(request, case))
    return _ask(request, case, action, verdict, form)


def _looked_at(request: HttpRequest) -> Any:
    """What a preview is asked with; the way back alone is no answer to the form."""
    return request.GET if set(request.GET) - {"next"} else None


def _done(request: HttpRequest, case: ExceptionCase, action: CaseAction, by: User) -> HttpResponse:
    sent = {key: value for key, value in request.POST.items() if key not in ("csrfmiddlewaretoken", "token", "next", "reason", LOOK)}
    sentence = perform(case, action.name, by=by, token=_token(request), data=sent, reason=request.POST.get("reason", ""))
    messages.success(request, sentence)
    return redirect(way_back(request, case))


def _ask(request: HttpRequest, case: ExceptionCase, action: CaseAction, verdict: Verdict, form: ActionForm | None) -> HttpResponse:
    by: User = request.user  # type: ignore[assignment]
    presence.seen(case, by, at=timezone.now())
    given = form.data.dict() if form and hasattr(form.data, "dict") else {}
    preview = action.preview(case, given) if action.preview else None
    context = {
        "case": case, "action": action, "verdict": verdict, "form": form, "preview": preview, "token": uuid4(), "others": presence.others(case, by),
        "next": way_back(request, case), "may_preview": form is not None and action.preview is not None,
    }  # fmt: skip
    return render(request, "exceptions/action.html", context, status=422 if request.method == "POST" and LOOK not in request.POST else 200)


def _token(request: HttpRequest) -> UUID:
    try:
        return UUID(request.POST.get("token", ""))
    except ValueError as error:
        raise CaseError("This page is too old. Open the case again and press the button there.") from error


@require(Action.SEE_INBOX)
def who_is_here(request: HttpRequest, pk: int) -> HttpResponse:
    """Asked every ten seconds by an open page."""
    by: User = request.user  # type: ignore[assignment]
    case = read(pk)
    presence.seen(case, by, at=timezone.now())
    return render(request, "exceptions/presence.html", {"case": case, "others": presence.others(case, by)})
