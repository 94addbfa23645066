"""Which cases a list shows, in which order, and how many there are: everything from one index and the counters."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from exceptions import search
from exceptions.counters import Cell
from exceptions.kinds import KINDS
from exceptions.models import CaseState, ExceptionCase
from portal.accounts.models import User
from portal.accounts.roles import Role

MOST_COUNTED = 1000
VALUE_WITHIN = timedelta(hours=4)
TEAMS = (Role.CX, Role.FIN, Role.OPS, Role.MER, Role.ADM)
AWAKE = frozenset({CaseState.NEW.value, CaseState.TAKEN.value})
ROW_FIELDS = (
    "kind", "owner", "severity", "is_open", "cause", "items_open", "value", "worth", "regressions", "opened_at", "due_at", "ack_due_at",
    "resolve_due_at", "deadline_at", "paused_reason", "acknowledged_at", "state", "snoozed_until", "resolved_at", "resolution",
    "assignee__username", "assignee__first_name", "assignee__last_name", "connection__name", "connection__removed_at",
)  # fmt: skip


@dataclass(frozen=True)
class Show:
    """One tab. `states`: which counters make its number; None: it is counted by itself."""

    label: str
    states: frozenset[str] | None
    key: str = ""


SHOWS = {
    "teams": Show("My teams", AWAKE, "v t"),
    "mine": Show("Mine", None, "v m"),
    "all": Show("Every team", AWAKE, "v a"),
    "snoozed": Show("Snoozed", frozenset({CaseState.SNOOZED.value}), "v s"),
    "folded": Show("In incidents", frozenset({CaseState.FOLDED.value}), "v i"),
    "closed": Show("Closed", frozenset({CaseState.RESOLVED.value}), "v c"),
}
SORTS = {  # what the person chooses → the columns it walks
    "due": ("Nearest clock", ("due_at", "id")),
    "value": ("Most value lost in the next 4 h", ("-worth", "-id")),
    "newest": ("Newest", ("-opened_at", "-id")),
    "oldest": ("Oldest", ("opened_at", "id")),
}
# Lists each team finds ready-made; one's own stand beside them.
DEFAULTS: dict[Role, tuple[tuple[str, str], ...]] = {
    Role.CX: (("Orders to complete", "show=all&kind=E03"), ("Oversold", "show=all&kind=E23"), ("Back, not refunded", "show=all&kind=E26")),
    Role.OPS: (("To accept", "show=all&kind=E01"), ("Not in the warehouse", "show=all&kind=E05"), ("Carriers to map", "show=all&kind=E16")),
    Role.FIN: (("Shipped, not captured", "show=all&kind=E28"), ("Paid, not shipped", "show=all&kind=E29"), ("Payouts", "show=all&kind=E30")),
    Role.MER: (("SKUs to map", "show=all&kind=E11"), ("Prices", "show=all&kind=E10"), ("Catalogue", "show=all&kind=E13")),
    Role.ADM: (("Connections down", "show=all&kind=E32"), ("Stores to map", "show=all&kind=E24")),
    Role.AUD: (("Bad ones", "show=all&severity=1"),),
}
CLOSED_ORDER = ("-resolved_at", "-id")


@dataclass(frozen=True)
class Wanted:
    """What the page's address asks for; anything unknown in it counts as not asked."""

    show: str = "teams"
    owner: str = ""
    kind: str = ""
    severity: str = ""
    connection: str = ""
    incident: str = ""
    sort: str = "due"
    q: str = ""

    @classmethod
    def from_query(cls, query: Mapping[str, str], *, by: User) -> Wanted:
        found = {name: str(query.get(name, ""))[:100].strip() for name in cls.__dataclass_fields__}
        if found["show"] not in SHOWS:
            found["show"] = "all" if found["q"] or not by.roles & set(TEAMS) else "teams"
        checks: dict[str, Callable[[str], bool]] = {
            "owner": Role.values.__contains__, "kind": KINDS.__contains__, "severity": "1234".__contains__, "sort": SORTS.__contains__,
            "connection": _is_number, "incident": _is_number,
        }  # fmt: skip
        wrong = {name for name, fits in checks.items() if found[name] and not fits(found[name])}
        kept = {name: "" if name in wrong else value for name, value in found.items()}
        return cls(**{**kept, "sort": kept["sort"] or "due"})

    @property
    def narrows(self) -> bool:
        return any((self.owner, self.kind, self.severity, self.connection, self.incident, self.q))

    @property
    def is_counted(self) -> bool:
        """Whether the counters know how many it has; they know no words, no clocks, no persons and no incidents."""
        return not (self.q or self.incident or self.show == "mine" or (self.sort == "value" and self.show != "closed"))

    @property
    def order(self) -> tuple[str, ...]:
        return CLOSED_ORDER if self.show == "closed" else SORTS[self.sort][1]

    def query(self, **changes: str) -> str:
        """The address of the same list with something changed."""
        return urlencode(replace(self, **changes).given)

    @property
    def given(self) -> list[tuple[str, str]]:
        """What is asked for, without what goes without saying."""
        return [(name, value) for name, value in asdict(self).items() if value and (name, value) != ("sort", "due")]

    def fits(self, cell: Cell, *, by: User, without: str = "") -> bool:
        """Whether a counter belongs to this list; `without` a filter, to count what else it could be."""
        states = SHOWS[self.show].states or AWAKE
        if cell.state not in states or (self.show == "teams" and not self.owner and cell.owner not in by.roles and without != "owner"):
            return False
        asked = {"owner": self.owner, "kind": self.kind, "severity": self.severity, "connection_id": self.connection}
        return all(not value or name == without or str(getattr(cell, name)) == value for name, value in asked.items())


def _is_number(text: str) -> bool:
    return text.isdecimal() and len(text) < 19


def cases_of(wanted: Wanted, *, by: User, pks: Iterable[int] | None = None, at: datetime | None = None) -> QuerySet[ExceptionCase]:
    """The rows of the list, not ordered yet; `pks`: what the search found."""
    cases = STARTS[wanted.show](ExceptionCase.objects.all(), by)
    if wanted.owner:
        cases = cases.filter(owner=wanted.owner)
    elif wanted.show == "teams":
        cases = cases.filter(owner__in=sorted(by.roles))
    for name in ("kind", "severity", "connection", "incident"):
        if value := getattr(wanted, name):
            cases = cases.filter(**{name: value})
    if wanted.sort == "value" and wanted.show != "closed":
        cases = cases.filter(due_at__lt=(at or timezone.now()) + VALUE_WITHIN)
    return cases if pks is None else cases.filter(pk__in=list(pks))


STARTS: dict[str, Callable[[QuerySet[ExceptionCase], User], QuerySet[ExceptionCase]]] = {
    "teams": lambda cases, by: cases.filter(is_awake=True),
    "mine": lambda cases, by: cases.filter(is_open=True, assignee=by),
    "all": lambda cases, by: cases.filter(is_awake=True),
    "snoozed": lambda cases, by: cases.filter(is_open=True, snoozed_until__isnull=False),
    "folded": lambda cases, by: cases.filter(is_open=True, incident__isnull=False),
    "closed": lambda cases, by: cases.filter(is_open=False),
}


def rows(cases: QuerySet[ExceptionCase]) -> QuerySet[ExceptionCase]:
    """With what a row shows, and nothing else."""
    return cases.select_related("assignee", "connection").only(*ROW_FIELDS)


OWN = """
SELECT (SELECT count(*) FROM (SELECT 1 FROM exceptions_exceptioncase WHERE is_open AND assignee_id = %(me)s LIMIT %(most)s) AS few),
    (SELECT coalesce(jsonb_agg(jsonb_build_object('pk', id, 'name', name, 'query', query, 'is_mine', user_id = %(me)s) ORDER BY name, id), '[]')
     FROM exceptions_savedview WHERE user_id = %(me)s OR shared_with = ANY(%(roles)s))::text
"""

COUNT = "(SELECT count(*) FROM ({}) AS few)"


def how_many(lists: Sequence[Wanted], *, by: User) -> list[int]:
    """The numbers of lists the counters do not know, in one statement; none beyond what is worth counting."""
    found = {position: search.find(one.q).pks for position, one in enumerate(lists) if one.q}
    asked = [(position, one) for position, one in enumerate(lists) if found.get(position) != []]  # words nobody has: none
    parts = [cases_of(one, by=by, pks=found.get(position)).order_by().values("pk")[:MOST_COUNTED].query.sql_with_params() for position, one in asked]
    if not parts:
        return [0] * len(lists)
    with connection.cursor() as cursor:
        cursor.execute("SELECT " + ", ".join(COUNT.format(sql) for sql, _ in parts), [one for _, given in parts for one in given])
        numbers = dict(zip((position for position, _ in asked), cursor.fetchone(), strict=True))
    return [numbers.get(position, 0) for position in range(len(lists))]


@dataclass(frozen=True)
class Own:
    """What belongs to one person: how many cases they have, and the lists kept by them or shared with their teams."""

    mine: int
    views: list[dict[str, Any]]


def own(by: User) -> Own:
    """One query for both."""
    with connection.cursor() as cursor:
        cursor.execute(OWN, {"me": by.pk, "most": MOST_COUNTED, "roles": sorted(by.roles)})
        mine, views = cursor.fetchone()
    return Own(mine=mine, views=json.loads(views))
