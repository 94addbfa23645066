"""Mappings and integrations asked once for a batch: orders of one store use the same few again and again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Any

from django.db.models import Q

from connectors.canonical import CodeKind
from mappings import resolve
from mappings.errors import TO_CHANNEL, TO_HUB
from mappings.resolve import Resolved
from portal.connections.models import Connection, Integration

Answers = dict[tuple[Any, ...], Resolved]
_known: ContextVar[Answers | None] = ContextVar("mappings known in this batch", default=None)
_integrations: ContextVar[dict[tuple[Any, ...], list[Integration]] | None] = ContextVar("integrations known in this batch", default=None)
_usable: ContextVar[set[str] | None] = ContextVar("subjects seen to be usable in this batch", default=None)


@contextmanager
def remembered() -> Iterator[None]:
    """Answers given inside are kept until its end: a batch lasts seconds. What has no answer is asked again each time."""
    known, usable, integrations = _known.set({}), _usable.set(set()), _integrations.set({})
    try:
        yield
    finally:
        _integrations.reset(integrations)
        _known.reset(known)
        _usable.reset(usable)


def usable() -> set[str]:
    """Subjects that nothing speaks against, as far as this batch has asked; add to it what was found so."""
    found = _usable.get()
    return set() if found is None else found


def integrations_of(channel_or_hub: Connection, *, running: bool) -> list[Integration]:
    """All there are on either side of the connection (`running`: those switched on), with accounts and filters; remembered."""
    known = _integrations.get()
    key = (channel_or_hub.pk, running)
    if known is None or key not in known:
        rows = Integration.objects.running() if running else Integration.objects.present()
        sides = Q(channel=channel_or_hub) | Q(hub=channel_or_hub)
        found = list(rows.filter(sides).select_related("channel", "hub").prefetch_related("filters").order_by("pk"))
        if known is None:
            return found
        known[key] = found
    return known[key]


def to_hub(kind: CodeKind, value: str, *, integration: Integration, at: datetime, store: str = "", label: str = "") -> Resolved:
    """`mappings.resolve.to_hub`, remembered."""
    return _once(
        (TO_HUB, kind, integration.pk, store, value),
        lambda: resolve.to_hub(kind, value, integration=integration, store=store, at=at, label=label),
    )


def to_channel(kind: CodeKind, value: str, *, integration: Integration, at: datetime) -> Resolved:
    """`mappings.resolve.to_channel`, remembered; for codes that need nothing else to be told apart."""
    return _once((TO_CHANNEL, kind, integration.pk, "", value), lambda: resolve.to_channel(kind, value, integration=integration, at=at))


def skus_to_hub(values: Iterable[str], integration: Integration, at: datetime) -> dict[str, Resolved]:
    """`mappings.resolve.skus_to_hub`, remembered SKU by SKU."""
    return _each(TO_HUB, values, integration, lambda rest: resolve.skus_to_hub(rest, integration, at))


def skus_to_channel(values: Iterable[str], integration: Integration, at: datetime) -> dict[str, Resolved]:
    """`mappings.resolve.skus_to_channel`, remembered SKU by SKU."""
    return _each(TO_CHANNEL, values, integration, lambda rest: resolve.skus_to_channel(rest, integration, at))


def _once(key: tuple[Any, ...], ask: Callable[[], Resolved]) -> Resolved:
    known = _known.get()
    if known is None:
        return ask()
    if key not in known:
        known[key] = ask()
    return known[key]


def _each(direction: str, values: Iterable[str], integration: Integration, ask: Callable[[list[str]], dict[str, Resolved]]) -> dict[str, Resolved]:
    known, wanted = _known.get(), list(dict.fromkeys(values))
    if known is None:
        return ask(wanted)
    keys = {sku: (direction, CodeKind.SKU, integration.pk, "", sku) for sku in wanted}
    rest = [sku for sku in wanted if keys[sku] not in known]
    if rest:
        known.update({keys[sku]: answer for sku, answer in ask(rest).items()})
    return {sku: known[key] for sku, key in keys.items() if key in known}
