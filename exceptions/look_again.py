"""The button every kind has that can be checked: look now whether it is solved."""

from __future__ import annotations

from django.utils import timezone

from exceptions import proof
from exceptions.actions import CaseAction, Data, register
from exceptions.kinds import KINDS
from exceptions.models import ExceptionCase
from portal.accounts.models import User
from portal.accounts.permissions import Action


def look(case: ExceptionCase, by: User, data: Data) -> str:
    if proof.check(case, at=timezone.now()):
        return "It is solved; the case closed itself and keeps what was read."
    return f"Not solved yet. It closes by itself when {case.rule.words.closes_when}."


def connect() -> None:
    register(
        CaseAction(
            name="look_again",
            label="Look again",
            action=Action.TAKE_PART,
            run=look,
            applies=lambda case: case.kind in proof.PREDICATES,
            kinds=frozenset(KINDS),
            calls_out=True,
            help="Reads the other system now and closes the case if it is solved.",
        )
    )
