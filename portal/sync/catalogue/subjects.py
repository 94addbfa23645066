"""Names of catalogue things as text, for cases and messages."""

from __future__ import annotations

from portal.connections.models import Integration
from portal.ledger.models import CatalogueItem


def item_subject(item: CatalogueItem) -> str:
    return f"item:{item.pk}"


def listing_subject(item: CatalogueItem, integration: Integration) -> str:
    """The product as the other side of this integration should list it."""
    return f"listing:{integration.pk}:{item.pk}"


def sku_subject(connection_id: int, sku: str) -> str:
    return f"sku:{connection_id}:{sku}"[:160]


def listing_pks(subject: str) -> tuple[int, int]:
    """(integration, item) of a listing."""
    _, integration, item = subject.split(":")
    return int(integration), int(item)
