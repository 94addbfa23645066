"""Builds the connector of a connection: the vendor's own, with our limiter, tokens and redaction."""

from __future__ import annotations

from typing import Any

from connectors.errors import AccessDenied
from connectors.http import Http
from connectors.ports import Account, Priority
from portal.connections.budget import SharedLimiter
from portal.connections.models import Connection
from portal.connections.sealing import SealBroken
from portal.connections.tokens import SharedTokens


def connect(connection: Connection, *, priority: Priority = Priority.ORDERS, request_id: str = "") -> Any:
    """The connector, for one thread. AccessDenied when its credential cannot be opened.

    Typed as Any because a vendor implements only the ports it has abilities for; `Vendor.abilities` says which.
    """
    try:
        account = connection.as_account()
    except SealBroken as error:
        raise AccessDenied(str(error)) from error
    return _built(connection, account, priority=priority, request_id=request_id)


def reader(connection: Connection) -> Any:
    """A connector that only parses what is stored: it has no credential, so it works for removed and locked accounts too."""
    return _built(connection, connection.as_account(opened=False), priority=Priority.BULK, request_id="")


def _built(connection: Connection, account: Account, *, priority: Priority, request_id: str) -> Any:
    card = connection.vendor
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
