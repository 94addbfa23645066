"""The navigation of every page, portal and admin alike: one row an entry; an entry whose page does not exist yet is left out."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from portal.accounts.permissions import Action, may_ever


@dataclass(frozen=True)
class Entry:
    """`action`: what somebody must be able to do, at least sometimes, to see it; None: every logged-in person."""

    label: str
    url_name: str
    action: Action | None
    keys: str = ""


# Sections are drawn apart; keys are pressed one after the other.
SECTIONS: tuple[tuple[Entry, ...], ...] = (
    (
        Entry("Today", "dashboard:today", Action.SEE_INBOX, "g t"),
        Entry("Inbox", "exceptions:inbox", Action.SEE_INBOX, "g i"),
        Entry("Orders", "dashboard:orders", Action.SEE_INBOX, "g o"),
        Entry("Stock", "dashboard:stock", Action.SEE_INBOX, "g s"),
        Entry("Sellers", "dashboard:sellers", Action.SEE_INBOX),
        Entry("Returns", "dashboard:returns", Action.SEE_INBOX),
        Entry("Checklists", "exceptions:checklists", Action.SEE_INBOX),
    ),
    (
        Entry("Mappings", "mappings:list", Action.SEE_INBOX, "g m"),
        Entry("Comparisons", "reconciliation:audits", Action.SEE_INBOX),
        Entry("Connections", "connections:list", Action.SEE_INBOX, "g c"),
        Entry("Systems of record", "dashboard:ownership", Action.SEE_INBOX),
    ),
    (
        Entry("Finance", "reconciliation:finance", Action.CLOSE_PERIOD, "g f"),
        Entry("Reports", "reconciliation:reports", Action.EXPORT, "g r"),
    ),
    (
        Entry("Approvals", "approvals", Action.TAKE_PART, "g a"),
        Entry("Notifications", "exceptions:notifications", Action.SEE_INBOX),
        Entry("Audit trail", "audit", Action.READ_AUDIT),
    ),
)
ADMIN = Entry("Settings", "admin:index", None)
SEARCH = "dashboard:search"


@dataclass(frozen=True)
class Shown:
    """An entry as one person sees it on one page."""

    label: str
    url: str
    keys: str
    is_current: bool


def url_of(name: str) -> str:
    """The address, or nothing while the page does not exist."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


def navigation_for(request: HttpRequest) -> list[list[Shown]]:
    """The sections this person sees, without the empty ones."""
    sections = [[entry for entry in section if entry.action is None or may_ever(request.user, entry.action).yes] for section in SECTIONS]
    if getattr(request.user, "is_staff", False):
        sections[-1].append(ADMIN)
    places = [url_of(entry.url_name) for section in sections for entry in section]
    here = max((url for url in places if url and is_under(request.path, url)), key=len, default="")  # /reports/ is not /
    shown = [[_shown(entry, here) for entry in section if url_of(entry.url_name)] for section in sections]
    return [section for section in shown if section]


def is_under(path: str, url: str) -> bool:
    return path == url or (url != "/" and path.startswith(url))


def _shown(entry: Entry, here: str) -> Shown:
    url = url_of(entry.url_name)
    return Shown(entry.label, url, entry.keys, is_current=url == here)
