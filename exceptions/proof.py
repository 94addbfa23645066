"""Self-resolution with proof (A4): a kind's predicate reads the system of record again; what it sees closes the case and is kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from django.db.models import QuerySet

from exceptions.closing import clear_case, clear_items
from exceptions.models import ExceptionCase

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Proof:
    """What was read. `subjects`: only these things are solved; empty: the whole case is."""

    facts: Mapping[str, Any]
    subjects: tuple[str, ...] = ()


Predicate = Callable[[ExceptionCase], Proof | None]

# kind → what shows that it is solved; filled by the apps that can read it.
PREDICATES: dict[str, Predicate] = {}


def register(*kinds: str) -> Callable[[Predicate], Predicate]:
    """`@proof.register("E05")` before a function that reads again and returns None while the case is not solved."""

    def remember(predicate: Predicate) -> Predicate:
        PREDICATES.update(dict.fromkeys(kinds, predicate))
        return predicate

    return remember


def prove(case: ExceptionCase) -> Proof | None:
    """A reading that the whole case is solved; None while it is not, or when nobody can tell."""
    predicate = PREDICATES.get(case.kind)
    found = predicate(case) if predicate else None
    return found if found and not found.subjects else None


def check(case: ExceptionCase, *, at: datetime) -> bool:
    """Look again now; True when that closed the case."""
    predicate = PREDICATES.get(case.kind)
    found = predicate(case) if predicate else None
    if found is None:
        return False
    if found.subjects:
        return clear_items(case.kind, subjects=found.subjects, proof=found.facts, at=at) > 0
    return clear_case(case, found.facts, at=at)


def check_open_cases(limit: int = 500, *, at: datetime) -> int:
    """Look again at the open cases that were looked at longest ago; how many closed. A check that fails is logged and tried next time."""
    cases = list(_oldest_checked()[:limit])
    ExceptionCase.objects.filter(pk__in=[case.pk for case in cases]).update(checked_at=at)
    return sum(_check_safely(case, at=at) for case in cases)


def _oldest_checked() -> QuerySet[ExceptionCase]:
    cases = ExceptionCase.objects.filter(is_open=True, kind__in=list(PREDICATES)).order_by("checked_at")
    return cases.select_related("connection", "integration")


def _check_safely(case: ExceptionCase, *, at: datetime) -> bool:
    """One case that cannot be checked must not keep the others from it."""
    try:
        return check(case, at=at)
    except (LookupError, ValueError, OSError) as error:
        log.warning("case_check_failed", case=case.pk, kind=case.kind, error=str(error))
        return False
