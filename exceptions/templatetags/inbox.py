"""Tags of the inbox."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django import template
from django.template import Context
from django.template.loader import get_template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from exceptions.kinds import KINDS
from exceptions.models import NEVER, ExceptionCase
from portal.ui import words

register = template.Library()

SOON_S = 30 * words.MINUTE


@register.simple_tag
def due(case: ExceptionCase, at: datetime) -> SafeString | str:
    """The clock a row of the list shows: the nearest of those that run, or why none does."""
    if not case.is_open:
        return format_html('<span class="quiet">{}, {}</span>', case.get_resolution_display(), words.distance(case.resolved_at or at, at=at))
    if case.snoozed_until is not None:
        return format_html(
            '<span class="clock clock-paused"><time>sleeps {}</time></span>', words.distance(case.snoozed_until, at=at).removeprefix("in ")
        )
    if case.due_at >= NEVER:
        return format_html('<span class="clock clock-paused"><time>{}</time></span>', case.paused_reason or "no clock runs")
    return ticking(case.due_at, label_of(case), at=at, outside=case.due_at == case.deadline_at)


def label_of(case: ExceptionCase) -> str:
    if case.due_at == case.deadline_at:
        return "outside"
    return "start" if case.acknowledged_at is None and case.due_at == case.ack_due_at else "solve"


def ticking(due_at: datetime, label: str, *, at: datetime, outside: bool) -> SafeString:
    seconds = (due_at - at).total_seconds()
    state = "late" if seconds < 0 else "soon" if seconds < SOON_S else "calm"
    utc = due_at.astimezone(UTC)
    return format_html(
        '<span class="clock clock-{}{}"><span class="clock-label">{}</span><time datetime="{}" title="{} UTC" data-deadline>{}</time></span>',
        state,
        " clock-outside" if outside else "",
        label,
        f"{utc:%Y-%m-%dT%H:%M:%SZ}",
        f"{utc:%Y-%m-%d %H:%M:%S}",
        words.time_left(due_at, at=at),
    )


@register.filter
def kind_name(code: str) -> str:
    return KINDS[code].name


@register.simple_tag(takes_context=True)
def panel(context: Context, template_name: str, given: dict[str, Any]) -> SafeString:
    """A panel another app added (`exceptions.details`)."""
    return SafeString(get_template(template_name).render(given, context["request"]))
