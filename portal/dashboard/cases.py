"""Cases as the overview's pages show them: in words, with the buttons this person may press."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import NoReverseMatch

from exceptions.actions import Offer, offered
from exceptions.models import ExceptionCase
from exceptions.playbooks import Playbook
from exceptions.rules import rule_of
from portal.accounts.models import User

MOST_OFFERS = 3  # asking whether a button applies costs a query or two each: only for the most urgent cases


@dataclass(frozen=True)
class CaseCard:
    """A case, the words its team is given for it, and what this person may do about it now."""

    case: ExceptionCase
    words: Playbook
    offers: Sequence[Offer] = ()

    @property
    def url(self) -> str:
        return case_url(self.case)


def case_url(case: ExceptionCase) -> str:
    """The case's page; "" while the inbox has none."""
    try:
        return case.get_absolute_url()
    except NoReverseMatch:
        return ""


def cards(cases: Sequence[ExceptionCase], *, by: User) -> list[CaseCard]:
    """`cases`: the most urgent first."""
    return [CaseCard(case, rule_of(case.kind).words, offered(case, by) if place < MOST_OFFERS else ()) for place, case in enumerate(cases)]
