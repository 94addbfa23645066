"""What other apps add to a case's page: panels, links, and the state of what it holds up; found by the subject's first word."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from exceptions.models import ExceptionCase

Panel = tuple[str, dict[str, Any]]  # template, context
PanelOf = Callable[[ExceptionCase, str], Panel | None]
LinkOf = Callable[[str], str]
StatesOf = Callable[[list[str]], dict[str, str]]
ProgressOf = Callable[[ExceptionCase], Panel | None]


@dataclass(frozen=True)
class _Panel:
    make: PanelOf
    is_evidence: bool


PANELS: dict[str, list[_Panel]] = {}
LINKS: dict[str, LinkOf] = {}
STATES: dict[str, StatesOf] = {}
PROGRESS: list[ProgressOf] = []


def add_panel(prefix: str, make: PanelOf, *, is_evidence: bool = False) -> None:
    """`make(case, subject)` gives a template and its context, or None. Evidence is shown only to those who may see it."""
    PANELS.setdefault(prefix, []).append(_Panel(make, is_evidence))


def add_link(prefix: str, link: LinkOf) -> None:
    """`link("12")` is the address of the page of “order:12”."""
    LINKS[prefix] = link


def add_states(prefix: str, states: StatesOf) -> None:
    """`states(["order:12", …])` says in a few words where each of them stands now."""
    STATES[prefix] = states


def add_progress(make: ProgressOf) -> None:
    """`make(case)` shows how far what was set in motion from the case is, or None; the page asks again while the case is open."""
    PROGRESS.append(make)


def progress_of(case: ExceptionCase) -> list[Panel]:
    return [panel for make in PROGRESS if (panel := make(case)) is not None]


def prefix_of(subject: str) -> str:
    return subject.partition(":")[0]


def link_of(subject: str) -> str:
    prefix, _, rest = subject.partition(":")
    return LINKS[prefix](rest) if prefix in LINKS else ""


def panels_of(case: ExceptionCase, subject: str, *, evidence: bool) -> list[Panel]:
    found = (panel.make(case, subject) for panel in PANELS.get(prefix_of(subject), []) if evidence or not panel.is_evidence)
    return [panel for panel in found if panel is not None]


def states_of(subjects: Iterable[str]) -> dict[str, str]:
    """Where each of these things stands; those nobody knows about are missing."""
    by_prefix: dict[str, list[str]] = {}
    for subject in subjects:
        by_prefix.setdefault(prefix_of(subject), []).append(subject)
    return {subject: words for prefix, group in by_prefix.items() if prefix in STATES for subject, words in STATES[prefix](group).items()}
