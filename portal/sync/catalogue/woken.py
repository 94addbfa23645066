"""Orders stopped for a SKU that is listed by now: the catalogue may have been read in the very moment in which they were stopped."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from connectors.canonical import CodeKind
from exceptions.models import CaseItem
from mappings.errors import TO_HUB
from mappings.resolve import skus_to_hub
from portal.connections.models import Integration
from portal.sync.catalogue.subjects import sku_subject
from portal.sync.models import OutboundMessage, State
from portal.sync.release import release

BATCH = 200
PREFIX = f"{CodeKind.SKU.value}:"


def wake_listed(*, at: datetime) -> int:
    """Send what waits for a SKU that has an answer now; how many messages. What the warehouse itself refused waits for a person."""
    waiting = OutboundMessage.objects.filter(state=State.PARKED, kind="create_order", attempts=0, waiting_for__startswith=PREFIX)
    asked: dict[int, dict[str, str]] = {}
    for key in waiting.order_by("waiting_for").values_list("waiting_for", flat=True).distinct()[:BATCH]:
        integration, direction, store, sku = key.removeprefix(PREFIX).split(":", 3)
        if direction == TO_HUB and not store:
            asked.setdefault(int(integration), {})[sku] = key
    woken = 0
    for one in Integration.objects.running().select_related("channel", "hub").filter(pk__in=asked):
        known = skus_to_hub(asked[one.pk], one, at)
        keys = [key for sku, key in asked[one.pk].items() if sku in known and not is_blocked(one, sku, known[sku].value)]
        if keys:
            with transaction.atomic():
                woken += release(keys, at=at)
    return woken


def is_blocked(integration: Integration, sku: str, hub_sku: str) -> bool:
    """It stands for two products, which is why it was stopped."""
    subjects = [sku_subject(integration.channel_id, sku), sku_subject(integration.hub_id, hub_sku)]
    return CaseItem.objects.filter(subject__in=subjects, cleared_at=None, case__kind="E12", case__is_open=True).exists()
