"""Template tags: time, money, badges, clocks, masked data, navigation, paging, charts."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Protocol

from django import template
from django.forms import BoundField
from django.http import HttpRequest
from django.template import Context
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from portal.ui import charts, navigation, words
from portal.ui.paging import Page
from portal.ui.theme import chosen_theme

register = template.Library()

register.filter("duration", words.duration)

# What a badge means decides its colour; its word always says the same without colour.
TONES = frozenset({"s1", "s2", "s3", "s4", "good", "bad", "wait", "info", "quiet"})
SEVERITIES = {  # requirement 4
    "S1": "money or seller account at stake within hours",
    "S2": "customers see it",
    "S3": "data quality",
    "S4": "for information",
}
SOON_S = 30 * words.MINUTE


class HasAmount(Protocol):
    """An amount with its currency, as `Money` is."""

    amount: Any
    currency: str


@register.simple_tag(takes_context=True)
def theme(context: Context) -> str:
    return chosen_theme(context.get("request"))


@register.simple_tag(takes_context=True, name="navigation")
def navigation_tag(context: Context) -> list[list[navigation.Shown]]:
    request: HttpRequest = context["request"]
    return navigation.navigation_for(request)


@register.simple_tag
def search_url() -> str:
    return navigation.url_of(navigation.SEARCH)


@register.simple_tag
def local_time(moment: datetime | None, form: str = "short") -> SafeString | str:
    """A time in the reader's zone with the exact UTC on hover. `form`: short, day, exact, relative."""
    if moment is None:
        return "–"
    zoned, utc = timezone.localtime(moment), moment.astimezone(UTC)
    said = {
        "short": f"{zoned.day} {zoned:%b %H:%M}" if zoned.year == timezone.localtime().year else f"{zoned.day} {zoned:%b %Y %H:%M}",
        "day": f"{zoned.day} {zoned:%b %Y}",
        "exact": f"{zoned:%Y-%m-%d %H:%M:%S}",
        "relative": words.distance(moment, at=timezone.now()),
    }[form]
    attribute = SafeString(" data-relative") if form == "relative" else ""
    return format_html('<time datetime="{}" title="{} UTC"{}>{}</time>', f"{utc:%Y-%m-%dT%H:%M:%SZ}", f"{utc:%Y-%m-%d %H:%M:%S}", attribute, said)


@register.simple_tag
def ago(moment: datetime | None) -> SafeString | str:
    return local_time(moment, "relative")


@register.simple_tag
def clock(due_at: datetime | None, label: str = "", paused: str = "", outside: bool = False) -> SafeString:
    """A deadline that runs: “resolve 12 min left”. `paused` is the reason it stands still; `outside`: somebody else's deadline, never paused."""
    if due_at is None:
        return format_html('<span class="quiet">{}</span>', "–")
    now = timezone.now()
    seconds = (due_at - now).total_seconds()
    state = "paused" if paused and not outside else "late" if seconds < 0 else "soon" if seconds < SOON_S else "calm"
    said = f"paused: {paused}" if state == "paused" else words.time_left(due_at, at=now)
    utc = due_at.astimezone(UTC)
    return format_html(
        '<span class="clock clock-{}{}"><span class="clock-label">{}</span><time datetime="{}" title="{} UTC"{}>{}</time></span>',
        state,
        " clock-outside" if outside else "",
        label,
        f"{utc:%Y-%m-%dT%H:%M:%SZ}",
        f"{utc:%Y-%m-%d %H:%M:%S}",
        "" if state == "paused" else SafeString(" data-deadline"),
        said,
    )


@register.simple_tag
def money(amount: HasAmount | Any, currency: str = "") -> SafeString | str:
    """An amount with its currency, digits aligned; `{% money total %}` for Money, `{% money number "EUR" %}` for a bare number."""
    if amount is None or amount == "":
        return "–"
    if hasattr(amount, "amount"):
        number, _, code = str(amount).rpartition(" ")  # Money knows its own decimal places
    else:
        number, code = f"{amount:,.2f}", currency
    return format_html('<span class="money{}">{} <abbr>{}</abbr></span>', " minus" if number.startswith("-") else "", number.replace("-", "−"), code)


@register.simple_tag
def badge(text: str, tone: str = "quiet") -> SafeString:
    return format_html('<span class="badge badge-{}">{}</span>', tone if tone in TONES else "quiet", text)


@register.simple_tag
def severity(code: str) -> SafeString:
    """S1 to S4, with its meaning on hover and for those who listen."""
    return format_html(
        '<span class="badge badge-{}" title="{}">{}<span class="unseen">: {}</span></span>', code.lower(), SEVERITIES[code], code, SEVERITIES[code]
    )


@register.simple_tag
def personal(text: str, shown: bool = False) -> SafeString:
    """Personal data, masked unless the reader may see it (and the view has logged that they do)."""
    if shown or not text:
        return format_html("{}", text)
    return format_html('<span class="masked" title="Personal data; hidden from your role">{}</span>', words.masked(text))


@register.filter
def masked(text: str) -> str:
    return words.masked(text)


@register.inclusion_tag("ui/field.html")
def field(bound: BoundField, hint: str = "") -> dict[str, Any]:
    """A form field with its label, help, and what is wrong with it, tied together for those who listen."""
    widget = bound.field.widget
    is_check = getattr(widget, "input_type", "") == "checkbox" and not getattr(widget, "allow_multiple_selected", False)
    return {"field": bound, "is_check": is_check, "hint": hint or bound.help_text}


@register.inclusion_tag("ui/pager.html", takes_context=True)
def pager(context: Context, page: Page) -> dict[str, Any]:
    return {"page": page, "request": context["request"]}


@register.inclusion_tag("ui/empty.html")
def empty(kind: str, title: str = "", text: str = "", url: str = "", link: str = "") -> dict[str, str]:
    """Why a list is empty: `clear` (nothing to do), `nothing` (the filter matches nothing), `silent` (the source has not spoken)."""
    return {"kind": kind, "title": title, "text": text, "url": url, "link": link}


@register.inclusion_tag("ui/chart.html")
def chart(drawn: charts.Chart) -> dict[str, charts.Chart]:
    """An SVG with its table beside it."""
    return {"chart": drawn}


@register.inclusion_tag("ui/spark.html")
def spark(values: list[float], label: str) -> dict[str, Any]:
    return {"points": charts.spark_points(values), "label": label}
