"""Writes whose answer was lost, remembered for a day: the next attempt looks before it acts (record: after a timeout, re-read first)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from connectors.errors import ContractError, OutcomeUnknown
from connectors.mirakl.client import Client
from connectors.mirakl.pacing import keep, peek

DAY_S = 24 * 3600.0


def is_unsure(client: Client, operation: str, about: str) -> bool:
    return bool(peek(client.http.tokens, f"{client.scope}:{operation}:{about}:unsure"))


@contextmanager
def remembered(client: Client, operation: str, about: str) -> Iterator[None]:
    """Remember that this may have been done, when it ends without our knowing."""
    try:
        yield
    except (OutcomeUnknown, ContractError):
        keep(client.http.tokens, f"{client.scope}:{operation}:{about}:unsure", "1", lifetime_s=DAY_S)
        raise
