"""Codes shown so that every difference can be seen: blanks at the ends and doubled, and characters without a shape."""

from __future__ import annotations

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from mappings.kinds import KINDS, OF_CODE, Kind, kind_of

register = template.Library()


@register.filter
def code(value: str, label: str = "") -> SafeString:
    """The code in fixed width, with its name behind it where it has another one."""
    if value == "":
        return format_html('<span class="quiet">{}</span>', label or "(none)")
    named = format_html(' <span class="quiet">{}</span>', label) if label and label != value else ""
    return format_html('<span class="mono">{}</span>{}', marked(value), named)


def marked(value: str) -> SafeString:
    last = len(value) - 1
    hidden = {i for i, sign in enumerate(value) if not sign.isprintable() or (sign == " " and (i in (0, last) or value[i - 1] == " "))}
    return format_html_join("", "{}", ((_mark(sign) if i in hidden else sign,) for i, sign in enumerate(value)))


def _mark(sign: str) -> SafeString:
    if sign == " ":
        return format_html('<span class="change quiet" title="a blank">{}</span>', "␣")
    return format_html('<span class="change quiet" title="a character without a shape">{}</span>', f"U+{ord(sign):04X}")


@register.filter
def kind_named(kind: str) -> Kind:
    return OF_CODE.get(kind) or KINDS[kind]  # type: ignore[call-overload]


@register.filter
def slug_of(row: object) -> str:
    return kind_of(row).slug  # type: ignore[arg-type]
