"""A warehouse or SKU mapping changed: what is published from it is computed anew."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from connectors.canonical import CodeKind
from exceptions.cases import clear_items
from portal.connections.models import Integration
from portal.ledger.models import StockLevel
from portal.sync.stock import replan_for

CHUNK = 500


def replan_after_mapping(keys: Iterable[str], *, at: datetime) -> None:
    """`keys` are those of `mappings.errors.CodeKey`: kind, integration, direction, store, value."""
    for key in sorted(set(keys)):
        kind, integration_id, direction, _, value = (*key.split(":", 4), "", "", "", "", "")[:5]
        if kind not in (CodeKind.WAREHOUSE, CodeKind.SKU) or direction != "to_channel" or not integration_id.isdigit():
            continue
        integration = Integration.objects.running().select_related("hub", "channel").filter(pk=int(integration_id)).first()
        if integration is not None:
            replan_code(integration, kind, value, at=at)


def replan_code(integration: Integration, kind: str, value: str, *, at: datetime) -> None:
    levels = StockLevel.objects.filter(connection=integration.hub)
    levels = levels.filter(sku=value) if kind == CodeKind.SKU else levels.filter(warehouse_code=value)
    skus = list(levels.values_list("sku", flat=True).distinct().order_by("sku"))
    for start in range(0, len(skus), CHUNK):
        replan_for(integration, skus[start : start + CHUNK], at=at, moved_at=at)
    if kind == CodeKind.WAREHOUSE:
        subject = f"warehouse:{integration.pk}:{value}"
        clear_items("E24", subjects=[subject], proof={"mapped": value, "at": at.isoformat()}, at=at)
