"""What was exchanged in one attempt, as text: the request and the answer, secrets redacted by the corridor, people hidden here."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from portal.accounts.models import User
from portal.accounts.permissions import Action, Verdict, allowed
from portal.accounts.roles import Role
from portal.dashboard.personal import hide
from portal.ledger.models import SalesOrder
from portal.sync.models import DeliveryAttempt


@dataclass(frozen=True)
class Exchanged:
    """One request and its answer."""

    title: str
    text: str
    status: int | None
    duration_ms: int


def verdict(user: User, roles: frozenset[Role]) -> Verdict:
    """`roles`: the teams that may act on one of the order's cases; some see the evidence only there."""
    return allowed(user, Action.SEE_EVIDENCE, owner=roles)


def exchanged(attempt: DeliveryAttempt, order: SalesOrder, *, shows_people: bool) -> list[Exchanged]:
    """Every exchange of the attempt, in order."""
    found = []
    for one in attempt.exchanges:
        text = _text(one)
        status = one.get("status")
        title = f"{one.get('method', '')} → {status if status is not None else 'no answer'}"
        found.append(Exchanged(title, text if shows_people else hide(text, order), status, int(one.get("duration_ms") or 0)))
    return found


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
