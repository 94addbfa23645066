"""Says which waiting questions a saved mapping may answer (`signals.mapping_saved`)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.db.models.signals import post_save
from django.utils import timezone

from connectors.canonical import CodeKind
from mappings.errors import TO_CHANNEL, TO_HUB, CodeKey
from mappings.models import CarrierMapping, Mapping, SeenCode, ShipServiceMapping, SkuAlias, SkuMapping, StoreMapping, WarehouseMapping
from mappings.models.tables import ScopedMapping
from mappings.signals import mapping_saved
from portal.connections.models import Integration

TABLES: tuple[type[Mapping], ...] = (CarrierMapping, ShipServiceMapping, StoreMapping, WarehouseMapping, SkuMapping, SkuAlias)
BATCH = 1000


def connect() -> None:
    for table in TABLES:
        post_save.connect(_saved, sender=table, dispatch_uid=f"announce {table.__name__}")


def announce(rows: Sequence[Mapping], *, by: Any = None) -> None:
    """For rows saved in bulk, which send no signal of their own."""
    for start in range(0, len(rows), BATCH):
        keys = keys_of(rows[start : start + BATCH])
        _answered(keys)
        mapping_saved.send(Mapping, keys=sorted(keys), by=by)


def announce_started(*, since: datetime, until: datetime) -> int:
    """Announce the rows that began to hold after `since`, up to `until`: what waits for a date is not forgotten."""
    rows = [row for table in TABLES for row in table._default_manager.filter(effective_from__gt=since, effective_from__lte=until)]
    announce(rows)
    return len(rows)


def keys_of(rows: Iterable[Mapping]) -> set[str]:
    """Of every question that the rows may answer: as far as the row tells, and those that are known to wait."""
    wanted = [key for row in rows for key in _told(row)]
    return {str(key) for key in wanted} | _waiting(wanted)


def _saved(sender: type[Mapping], instance: Mapping, raw: bool = False, **_kwargs: Any) -> None:
    if not raw:
        announce([instance], by=getattr(instance, "_history_user", None))


def _told(row: Mapping) -> list[CodeKey]:
    if isinstance(row, SkuAlias):
        joined = Integration.objects.filter(Q(channel=row.connection_id) | Q(hub=row.connection_id)).values_list("pk", flat=True)
        return [CodeKey(CodeKind.SKU, pk, way, "", sku) for pk in joined for way in (TO_HUB, TO_CHANNEL) for sku in (row.old, row.new)]
    if not isinstance(row, ScopedMapping):
        raise TypeError(f"{type(row).__name__} is no mapping of an integration")
    store, service = getattr(row, "store", ""), getattr(row, "hub_service", "")
    sides = ((TO_HUB, getattr(row, row.CHANNEL), ""), (TO_CHANNEL, getattr(row, row.HUB), service))
    return [
        CodeKey(row.kind, row.integration_id, way, scope, value, detail)
        for way, value, told in sides
        for scope in {"", store}
        for detail in {"", told}
    ]


def _waiting(keys: list[CodeKey]) -> set[str]:
    """Keys of codes seen waiting: a row for all stores or all services answers questions that the row itself does not name."""
    values = {(key.kind, key.integration_id): set[str]() for key in keys}
    for key in keys:
        values[key.kind, key.integration_id].add(key.value)
    found: set[str] = set()
    for (kind, integration_id), several in values.items():
        seen = SeenCode.objects.filter(integration=integration_id, kind=kind.value, value__in=several)
        found |= set(seen.values_list("key", flat=True))
    return found


def _answered(keys: set[str]) -> None:
    """Off the list; a code that comes again without an answer puts itself back."""
    SeenCode.objects.filter(key__in=keys, answered_at=None).update(answered_at=timezone.now())
