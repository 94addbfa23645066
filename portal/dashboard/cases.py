"""Cases as the overview's pages show them: in words, with the buttons this person may press."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.urls import NoReverseMatch

from exceptions import counters, details, presence
from exceptions.actions import Offer, offered
from exceptions.details import Panel
from exceptions.models import ExceptionCase
from exceptions.playbooks import Playbook
from exceptions.rules import rule_of
from portal.accounts.models import User
from portal.accounts.roles import Role
from portal.ui import charts
from portal.ui.navigation import url_of

NEAREST = 8
WORKED_ON = ("new", "taken")  # the rest is snoozed, folded under an incident, or resolved
MOST_OFFERS = 3  # asking whether a button applies costs a query or two each: only for the most urgent cases


@dataclass(frozen=True)
class CaseCard:
    """A case, the words its team is given for it, and what this person may do about it now."""

    case: ExceptionCase
    words: Playbook
    offers: Sequence[Offer] = ()
    others: Sequence[User] = ()
    progress: Sequence[Panel] = ()

    @property
    def url(self) -> str:
        return case_url(self.case)


def case_url(case: ExceptionCase) -> str:
    """The case's page; "" while the inbox has none."""
    try:
        return case.get_absolute_url()
    except NoReverseMatch:
        return ""


def cards(cases: Sequence[ExceptionCase], *, by: User, at: datetime) -> list[CaseCard]:
    """`cases`: the most urgent first. Whoever reads them here has them open, as on their own pages (A17)."""
    return [card_of(case, by=by, at=at) if place < MOST_OFFERS else CaseCard(case, rule_of(case.kind).words) for place, case in enumerate(cases)]


def card_of(case: ExceptionCase, *, by: User, at: datetime) -> CaseCard:
    presence.seen(case, by, at=at)
    here = presence.others(case, by, at=at)
    return CaseCard(case, rule_of(case.kind).words, offered(case, by), here, details.progress_of(case))


def under_way(cases: Sequence[ExceptionCase]) -> list[CaseCard]:
    """Closed cases from which something was sent lately: a replay started here ends here, in sight."""
    found = [CaseCard(case, rule_of(case.kind).words, progress=details.progress_of(case)) for case in cases[:MOST_OFFERS]]
    return [card for card in found if card.progress]


@dataclass(frozen=True)
class Needs:
    """What needs a human: the cases of my teams with the nearest clocks, and how many there are of each team."""

    nearest: list[CaseCard]
    by_team: dict[Role, int]
    late: int
    mine: int

    @property
    def total(self) -> int:
        return sum(self.by_team.values())

    @property
    def chart(self) -> charts.Chart:
        inbox = url_of("exceptions:inbox")
        marks = [
            charts.Mark(str(role.label), number, url=f"{inbox}?show=all&owner={role.value}" if inbox else "") for role, number in self.by_team.items()
        ]
        return charts.bar_chart("Open cases by team", marks, columns=("Team", "Open"))


def needs(by: User, *, at: datetime) -> Needs:
    """Three queries, however many cases there are."""
    numbers = counters.by(counters.cells(), "owner", lambda cell: cell.state in WORKED_ON)
    mine = [role.value for role in by.roles if role != Role.AUD]
    awake = ExceptionCase.objects.filter(is_awake=True)
    watched = awake.filter(owner__in=mine) if mine else awake
    nearest = list(watched.select_related("assignee").defer("evidence").order_by("due_at", "pk")[:NEAREST])
    return Needs(
        nearest=[CaseCard(case, rule_of(case.kind).words) for case in nearest],
        by_team={role: numbers[role.value] for role in Role if numbers.get(role.value)},
        late=watched.filter(due_at__lt=at).count(),
        mine=sum(numbers.get(role, 0) for role in mine) if mine else sum(numbers.values()),
    )
