"""Builds the connector of a connection: the vendor's own, with our limiter, tokens and redaction."""

from __future__ import annotations

from typing import Any

from connectors.http import Http
from connectors.ports import Priority
from portal.connections.budget import SharedLimiter
from portal.connections.models import Connection
from portal.connections.tokens import SharedTokens


def connect(connection: Connection, *, priority: Priority = Priority.ORDERS, request_id: str = "") -> Any:
    """The connector, for one thread. SealBroken when its credential cannot be opened.

    Typed as Any because a vendor implements only the ports it has abilities for; `Vendor.abilities` says which.
    """
    card = connection.vendor
    account = connection.as_account()
    http = Http(
        base_url=account.base_url,
        limiter=SharedLimiter(connection.pk, rate=connection.rate_per_s or card.rate_per_s, burst=card.burst),
        tokens=SharedTokens(),
        secrets=tuple(account.credentials.values()),
        priority=priority,
        headers=dict(card.headers),
        request_id=request_id,
    )
    return card.connect(account, http)
