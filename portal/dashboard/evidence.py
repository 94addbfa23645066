"""What was exchanged in one attempt, as text: the request and the answer, secrets redacted by the corridor, people hidden here."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from mappings.kinds import KINDS
from mappings.resolved import ALIAS, DEFAULT_SKU, IDENTITY, MAPPING, OWN_NAME
from portal.accounts.models import User
from portal.accounts.permissions import Action, Verdict, allowed
from portal.accounts.roles import Role
from portal.dashboard.personal import hide
from portal.ledger.models import SalesOrder
from portal.sync.models import DeliveryAttempt

HOW = {  # how the code was found
    MAPPING: "a mapping says so",
    ALIAS: "the SKU was renamed; an alias says so",
    IDENTITY: "both sides use the same code",
    OWN_NAME: "no mapping; sent under its own name",
    DEFAULT_SKU: "no mapping; sent as the Default SKU",
}


@dataclass(frozen=True)
class Exchanged:
    """One request and its answer."""

    title: str
    text: str
    status: int | None
    duration_ms: int


@dataclass(frozen=True)
class Use:
    """One answer of the mappings: what was sent, and the row and version that said so."""

    noun: str
    value: str
    label: str
    how: str
    address: str
    version: int | None


def verdict(user: User, roles: frozenset[Role]) -> Verdict:
    """`roles`: the teams that may act on one of the order's cases; some see the evidence only there."""
    return allowed(user, Action.SEE_EVIDENCE, owner=roles)


def exchanged(attempt: DeliveryAttempt, order: SalesOrder | None, *, shows_people: bool) -> list[Exchanged]:
    """Every exchange of the attempt, in order."""
    found = []
    for one in attempt.exchanges:
        text = _text(one)
        status = one.get("status")
        title = f"{one.get('method', '')} → {status if status is not None else 'no answer'}"
        found.append(Exchanged(title, text if shows_people else hide(text, order), status, int(one.get("duration_ms") or 0)))
    return found


def uses_of(attempt: DeliveryAttempt) -> list[Use]:
    """Every answer of the mappings that this try was sent with."""
    return [_use(one) for one in attempt.mapping_uses]


def _use(one: dict[str, Any]) -> Use:
    kind, row = KINDS.get(one.get("mapping_kind", "")), one.get("mapping_id")
    address = reverse("mappings:row", args=[kind.slug, row]) if kind and row else ""
    noun = kind.noun if kind else str(one.get("mapping_kind", ""))
    how = HOW.get(one.get("how", ""), str(one.get("how", "")))
    return Use(noun, str(one.get("value", "")), str(one.get("label", "")), how, address, one.get("history_id"))


def _text(one: dict[str, Any]) -> str:
    status = one.get("status")
    parts = [f"{one.get('method', '')} {one.get('url', '')}"]
    if one.get("request_id"):
        parts.append(f"Request id: {one['request_id']}")
    parts += ["", _pretty(one.get("request_body", "")), "", f"Answer: {status if status is not None else 'none'}", ""]
    parts.append(_pretty(one.get("response_body", "")))
    return "\n".join(parts).strip() + "\n"


def _pretty(body: str) -> str:
    """JSON on several lines; anything else as it is."""
    try:
        return json.dumps(json.loads(body), indent=2, ensure_ascii=False)
    except ValueError:
        return body
