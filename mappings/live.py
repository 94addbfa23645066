"""The codes a system really has, now: what targets are chosen from. Whoever can call vendors registers a provider."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.core.cache import cache

from connectors.canonical import Code, CodeKind
from connectors.errors import ConnectorError
from portal.connections.models import Connection
from portal.connections.sealing import SealBroken

Provider = Callable[[Connection, CodeKind], Sequence[Code]]
KEEP_S, KEEP_FAILURE_S = 300, 30  # a page opened twice asks once; a vendor that is down is not asked by every page

_providers: list[Provider] = []


@dataclass(frozen=True)
class LiveList:
    """The codes, or why there are none."""

    codes: tuple[Code, ...] = ()
    reason: str = ""

    def find(self, value: str) -> Code | None:
        return next((code for code in self.codes if code.value == value), None)


def register(provider: Provider) -> None:
    """The one who asks vendors. Registered again (a reload, a test), the newest counts."""
    _providers[:] = [provider]


def codes(connection: Connection, kind: CodeKind, *, fresh: bool = False) -> LiveList:
    """The live list of a system's own codes. Never raises for a vendor's fault: the reason says what is wrong."""
    name = f"live-codes-{connection.pk}-{kind.value}"
    kept: LiveList | None = None if fresh else cache.get(name)
    if kept is None:
        kept = _ask(connection, kind)
        cache.set(name, kept, KEEP_FAILURE_S if kept.reason else KEEP_S)
    return kept


def _ask(connection: Connection, kind: CodeKind) -> LiveList:
    if not _providers:
        return LiveList(reason=f"{connection.name} cannot be asked for its list here.")
    try:
        found = tuple(sorted(_providers[0](connection, kind), key=lambda code: (not code.active, (code.label or code.value).casefold())))
    except (ConnectorError, SealBroken, LookupError) as error:
        return LiveList(reason=f"The list of {connection.name} cannot be read now: {error}")
    return LiveList(found, "" if found else f"{connection.name} has no list of these codes.")
