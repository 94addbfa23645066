"""What can be set in motion from a case: a table, filled by the apps that own the actions, and the one function that runs them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from exceptions.errors import CaseBusyError, CaseError
from exceptions.kinds import KINDS
from exceptions.models import CaseEvent, CaseRun, ExceptionCase
from portal.accounts import approvals
from portal.accounts.models import User
from portal.accounts.permissions import Action, Verdict, allowed, check
from portal.accounts.permissions import Kind as Concern
from portal.audit import trail

LOCK = timedelta(seconds=60)  # an action that died frees the case after this
JUST_NOW = timedelta(seconds=30)  # so long the same press of somebody else counts as the same wish

Data = Mapping[str, Any]


@dataclass(frozen=True)
class PreviewRow:
    """One thing before and after."""

    label: str
    before: str
    after: str


@dataclass(frozen=True)
class Preview:
    """What would happen: in one sentence, and for the first rows in detail."""

    sentence: str
    rows: Sequence[PreviewRow] = ()


class ActionForm(forms.Form):
    """What an action asks for; it knows its case."""

    def __init__(self, *args: Any, case: ExceptionCase, **options: Any) -> None:
        super().__init__(*args, **options)
        self.case = case


def always(_case: ExceptionCase) -> bool:
    return True


@dataclass(frozen=True)
class CaseAction:
    """One button. `run` does it and says in a sentence what happened; it raises CaseError when it cannot.

    `action`, `on` and `beyond_limit` are what the permission table is asked; the first two may depend on the case.
    `kinds`: where it is offered; empty: the kinds whose row in `kinds.OFFERED` names it. `calls_out`: it talks to a vendor,
    so it runs outside a transaction.
    """

    name: str
    label: str
    action: Action | Callable[[ExceptionCase], Action]
    run: Callable[[ExceptionCase, User, Data], str]
    preview: Callable[[ExceptionCase, Data], Preview] | None = None
    form: type[ActionForm] | None = None
    applies: Callable[[ExceptionCase], bool] = always
    kinds: frozenset[str] = frozenset()
    on: Concern | Callable[[ExceptionCase, User], Concern | None] | None = None
    beyond_limit: Callable[[ExceptionCase], bool] | None = None
    calls_out: bool = False
    help: str = ""
    key: str = ""

    def is_for(self, case: ExceptionCase) -> bool:
        return case.kind in self.kinds if self.kinds else self.name in KINDS[case.kind].actions

    def question(self, case: ExceptionCase, by: User) -> tuple[Action, dict[str, Any]]:
        action = self.action if isinstance(self.action, Action) else self.action(case)
        concern = self.on(case, by) if callable(self.on) else self.on
        return action, {"owner": case.acting_roles, "kind": concern, "beyond_limit": bool(self.beyond_limit and self.beyond_limit(case))}


ACTIONS: dict[str, CaseAction] = {}


def register(action: CaseAction) -> CaseAction:
    ACTIONS[action.name] = action
    return action


@dataclass(frozen=True)
class Offer:
    """A button this person sees on this case."""

    action: CaseAction
    verdict: Verdict

    @property
    def asks_first(self) -> bool:
        """It has a page of its own before anything happens. (A template would call `form` and `preview`, and find nothing.)"""
        return self.action.form is not None or self.action.preview is not None or self.verdict.needs_approval


def offered(case: ExceptionCase, by: User) -> list[Offer]:
    """What is possible now and permitted to this person, alone or with a second one; in the order of the kind's row."""
    order = {name: place for place, name in enumerate(KINDS[case.kind].actions)}
    possible = [action for action in ACTIONS.values() if case.is_open and action.is_for(case) and action.applies(case)]
    possible.sort(key=lambda action: order.get(action.name, len(order)))
    offers = [Offer(action, _verdict(action, case, by)) for action in possible]
    return [offer for offer in offers if offer.verdict.yes or offer.verdict.needs_approval]


def _verdict(action: CaseAction, case: ExceptionCase, by: User) -> Verdict:
    wanted, circumstances = action.question(case, by)
    return allowed(by, wanted, **circumstances)


def action_for(case: ExceptionCase, name: str, *, by: User) -> tuple[CaseAction, Verdict]:
    """The action and the verdict; CaseError when the case does not allow it now, PermissionDenied when the person may not."""
    action = ACTIONS.get(name)
    if action is None or not action.is_for(case):
        raise CaseError("That cannot be done with this kind of case.")
    wanted, circumstances = action.question(case, by)
    verdict = check(by, wanted, **circumstances)
    if not case.is_open:
        raise CaseError(f"This case is resolved already ({case.get_resolution_display()}). Nothing was done.")
    if not action.applies(case):
        raise CaseError(f"“{action.label}” is not possible any more: the state of things has changed. Look at the case again.")
    return action, verdict


def perform(case: ExceptionCase, name: str, *, by: User, token: UUID, data: Data | None = None, reason: str = "", at: datetime | None = None) -> str:
    """Do it once for each token, by one person at a time; the sentence says what happened and what follows."""
    if earlier := CaseRun.objects.filter(token=token).first():
        return f"Done already: {earlier.outcome}" if earlier.outcome else "It is running already; one click was enough."
    action, verdict = action_for(case, name, by=by)
    if verdict.needs_approval:
        return _ask(action, case, by=by, verdict=verdict, data=data or {}, reason=reason)
    run = _take(case, action, by=by, token=token, at=at or timezone.now())
    try:
        return _carry_out(run, action, case, data or {})
    finally:
        ExceptionCase.objects.filter(pk=case.pk, busy_by=by).update(busy_until=None, busy_by=None)


def _ask(action: CaseAction, case: ExceptionCase, *, by: User, verdict: Verdict, data: Data, reason: str) -> str:
    wanted, _ = action.question(case, by)
    arguments = {"do": "action", "case": case.pk, "name": action.name, "data": dict(data)}
    number = f"{case.items_open} item{'' if case.items_open == 1 else 's'}"
    summary = f"{action.label} on {case} ({case.rule.name}, {number})."
    approvals.ask(wanted, by=by, verdict=verdict, arguments=arguments, summary=summary, reason=reason)
    return f"Asked. Nothing has happened yet: {verdict.why}"


@transaction.atomic
def _take(case: ExceptionCase, action: CaseAction, *, by: User, token: UUID, at: datetime) -> CaseRun:
    """The action lock: the database is the judge of who was first."""
    free = ExceptionCase.objects.filter(Q(busy_until=None) | Q(busy_until__lte=at), pk=case.pk, is_open=True)
    if not free.update(busy_until=at + LOCK, busy_by=by):
        now = ExceptionCase.objects.select_related("busy_by").get(pk=case.pk)
        who = now.busy_by.called if now.busy_by else "Somebody"
        raise CaseBusyError(f"{who} is doing something with this case right now. Wait a moment and look again; yours was not done.")
    if earlier := _just_done(case, action, by=by, at=at):
        raise CaseBusyError(f"{earlier.by.called} pressed “{action.label}” a moment ago: {earlier.outcome} Yours was not done a second time.")
    if not action.applies(case):
        raise CaseError(f"“{action.label}” is not possible any more: the state of things has just changed. Look at the case again.")
    return CaseRun.objects.create(token=token, case=case, name=action.name, by=by, at=at)


def _just_done(case: ExceptionCase, action: CaseAction, *, by: User, at: datetime) -> CaseRun | None:
    """What somebody else did with the same button while this person was reading the page."""
    others = CaseRun.objects.filter(case=case, name=action.name, at__gt=at - JUST_NOW).exclude(by=by).exclude(outcome="")
    return others.select_related("by").order_by("-at").first()


def _carry_out(run: CaseRun, action: CaseAction, case: ExceptionCase, data: Data) -> str:
    try:
        sentence = action.run(case, run.by, data) if action.calls_out else None
        with transaction.atomic():
            sentence = sentence if sentence is not None else action.run(case, run.by, data)
            _tell(run, action, case, sentence)
    except CaseError:
        run.delete()  # nothing was done: the same page may try again
        raise
    return sentence


def _tell(run: CaseRun, action: CaseAction, case: ExceptionCase, sentence: str) -> None:
    CaseRun.objects.filter(pk=run.pk).update(outcome=sentence)
    CaseEvent.objects.create(case=case, at=run.at, by=run.by, verb="action", text=f"{action.label}: {sentence}")
    trail.record("case.action", case, by=run.by, new={"action": action.name, "outcome": sentence})
    if case.acknowledged_at is None:
        ExceptionCase.objects.filter(pk=case.pk, acknowledged_at=None).update(acknowledged_at=run.at)
