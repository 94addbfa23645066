"""The words of the mails: what happened, what follows, where to look."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings

from exceptions import incidents
from exceptions.models import ExceptionCase

MOST = 30


@dataclass(frozen=True)
class Line:
    """One change of one case."""

    case: ExceptionCase
    change: str  # new, came back, over

    @property
    def heading(self) -> str:
        case = self.case
        return f"{self.change.upper()}  #{case.pk}  {case.level.label}  {case.rule.name}  ({case.team.label})"


def site() -> str:
    """The portal's own address, as a browser reaches it."""
    return str(settings.PUBLIC_URL)


def one_line(text: str, longest: int = 180) -> str:
    """Fit for a subject: no line breaks, not too long."""
    flat = " ".join(text.split())
    return flat if len(flat) <= longest else f"{flat[: longest - 1]}…"


def subject(lines: Sequence[Line]) -> str:
    if len(lines) == 1:
        line = lines[0]
        if line.change == "over":
            return one_line(f"[Lockstep] Over: {line.case.rule.name} (#{line.case.pk})")
        return one_line(f"[Lockstep] {line.case.level.label} {line.case.rule.name}: {line.case.cause}")
    parts = [(sum(line.change == change for line in lines), word) for change, word in (("new", "new"), ("came back", "came back"), ("over", "over"))]
    return f"[Lockstep] {', '.join(f'{number} {word}' for number, word in parts if number)}"


def body(lines: Sequence[Line]) -> str:
    told = [paragraph(line) for line in lines[:MOST]]
    if len(lines) > MOST:
        told.append(f"And {len(lines) - MOST} more: {site()}/inbox/")
    return "\n\n".join([*told, FOOT])


FOOT = (
    "You get this because of the notification settings in Lockstep. Patterns under “Exclude from mail” and your own page “Notifications” change that."
)


def paragraph(line: Line) -> str:
    case = line.case
    parts = [line.heading, case.cause]
    if line.change == "over":
        parts.append(f"It is over: {case.get_resolution_display() or 'solved'}. {case.resolution_note}".strip())
    else:
        parts.append(f"{held(case)}What to do: {case.rule.words.what_to_do}")
        if case.is_incident and (waiting := sum(incidents.blast(case).values())):
            parts.append(f"{waiting} other cases wait under it; there is no mail about each of them.")
    return "\n".join([*parts, f"{site()}{case.get_absolute_url()}"])


def held(case: ExceptionCase) -> str:
    """“1,000 items, 4,812.50 GBP. ”"""
    if case.items_open < 2 and not case.value_text:
        return ""
    parts = [f"{case.items_open:,} items" if case.items_open > 1 else "", case.value_text]
    return f"{', '.join(part for part in parts if part)}. "
