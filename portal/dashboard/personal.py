"""Personal data of an order: hidden until somebody who may see it asks, and who asked is kept in the audit trail."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.http import HttpRequest

from portal.accounts.models import User
from portal.accounts.permissions import Action, Verdict, allowed
from portal.accounts.roles import Role
from portal.audit.trail import record
from portal.ledger.models import SalesOrder
from portal.ui.words import masked

SEEN = "order.personal_data_seen"
SHOWN_FOR = timedelta(minutes=15)
SESSION = "shown_orders"
MOST_SHOWN = 20
# Names under which the vendors' bodies keep what identifies a person
KEYS = (
    "first_?name last_?name full_?name company additional_?name salutation e?mail customer_?e?mail phone mobile fax "
    "address_?1 address_?2 address_?3 street street_?name street_?number street_?1 street_?2 additional_?street_?info additional_?address_?info "
    "building apartment po_?box line_?1 line_?2 zip zip_?code post_?code postal_?code city town"
)
BY_KEY = re.compile(rf'("(?:{KEYS.replace(" ", "|")})"\s*:\s*")((?:[^"\\]|\\.)+)(")', re.IGNORECASE)
MAIL = re.compile(r"[\w.+%-]+(?:@|%40)[\w-]+(?:\.[\w-]+)+")
PLACES = {"country", "region", "city"}  # they name no person, but they do name warehouses
SHORTEST = 4  # a shorter value (“Lee”, “1”) would be cut out of other words


@dataclass(frozen=True)
class Privacy:
    """What this person sees of this order: `shown`, or masked with the offer to look (`may_look`), or masked and why."""

    shown: bool
    may_look: bool
    why: str


def verdict(user: User, roles: frozenset[Role]) -> Verdict:
    """`roles`: the teams that may act on one of the order's cases; some may look only there."""
    return allowed(user, Action.SEE_PERSONAL_DATA, owner=roles)


def privacy(request: HttpRequest, order: SalesOrder, *, roles: frozenset[Role], at: datetime) -> Privacy:
    assert isinstance(request.user, User)
    said = verdict(request.user, roles)
    until = request.session.get(SESSION, {}).get(str(order.pk), "")
    shown = said.yes and bool(until) and datetime.fromisoformat(until) > at
    return Privacy(shown, said.yes and not shown, said.why)


def show(request: HttpRequest, order: SalesOrder, *, at: datetime) -> None:
    """Unmask the order for a while, for this session, and record who looked. The caller has checked that they may."""
    assert isinstance(request.user, User)
    with transaction.atomic():
        record(SEEN, order, by=request.user, reason="Looked at the order's personal data.")
    kept = [(pk, until) for pk, until in request.session.get(SESSION, {}).items() if datetime.fromisoformat(until) > at and pk != str(order.pk)]
    request.session[SESSION] = dict([*kept[-MOST_SHOWN + 1 :], (str(order.pk), (at + SHOWN_FOR).isoformat())])


def address_lines(address: dict[str, str] | None, *, shown: bool) -> list[str]:
    """An address as it is written on a parcel; masked but for the country."""
    one = {name: str(value or "").strip() for name, value in (address or {}).items()}
    told = [
        f"{one.get('first_name', '')} {one.get('last_name', '')}".strip(),
        *(one.get(name, "") for name in ("company", "line1", "line2")),
        f"{one.get('postcode', '')} {one.get('city', '')}".strip(),
        *(one.get(name, "") for name in ("region", "phone", "email")),
    ]
    return [text if shown else masked(text) for text in told if text] + [text for text in [one.get("country", "")] if text]


def hide(text: str, order: SalesOrder | None) -> str:
    """Evidence without what identifies a person: by the names of fields, by the look of an address, and by this order's own values."""
    text = BY_KEY.sub(lambda match: f"{match[1]}{masked(match[2])}{match[3]}", text)
    text = MAIL.sub(lambda match: masked(match[0].replace("%40", "@")), text)
    for value in _values(order) if order else []:
        text = re.sub(rf"(?<!\w){re.escape(value)}(?!\w)", masked(value), text, flags=re.IGNORECASE)
    return text


def _values(order: SalesOrder) -> list[str]:
    """Longest first, each as it is and as JSON writes it."""
    addresses = [order.shipping_address or {}, order.billing_address or {}, order.effective_address]
    found = {str(value).strip() for address in addresses for name, value in address.items() if name not in PLACES} | {order.email}
    spelt = {form for value in found for form in (value, json.dumps(value)[1:-1])}
    return sorted((value for value in spelt if len(value) >= SHORTEST), key=len, reverse=True)
