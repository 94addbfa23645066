"""Template filters of the overview."""

from __future__ import annotations

from django import template

from portal.dashboard.links import safe
from portal.dashboard.stages import TONES
from portal.ui.words import duration

register = template.Library()

register.filter("page_link", safe)
register.filter("spell_out", duration)


@register.filter
def stage_tone(stage: str) -> str:
    return TONES.get(stage, "quiet")
