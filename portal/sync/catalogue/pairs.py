"""Who is product master of a pair (D7), and what the other side calls a product."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q

from connectors.ports import Ability
from mappings.resolve import Resolved, skus_to_channel, skus_to_hub
from mappings.resolved import IDENTITY
from portal.connections.models import Connection, Integration, Master
from portal.ledger.models import CatalogueItem
from portal.sync.models import Cursor

CATALOGUE = "catalogue"


def joined(connection: Connection) -> list[Integration]:
    """The running integrations this system is a side of."""
    running = Integration.objects.running().select_related("channel", "hub")
    return list(running.filter(Q(channel=connection) | Q(hub=connection)).order_by("pk"))


def master_of(integration: Integration) -> Connection | None:
    """Whose word counts for products; None: another system's, so neither side is written."""
    masters = {Master.CHANNEL: integration.channel, Master.HUB: integration.hub}
    return masters.get(Master(integration.product_master))


def is_master(connection_id: int, integration: Integration) -> bool:
    master = master_of(integration)
    return master is not None and master.pk == connection_id


def other_side(connection_id: int, integration: Integration) -> Connection:
    return integration.hub if integration.channel_id == connection_id else integration.channel


def takes_products(connection: Connection) -> bool:
    return Ability.SAVE_VARIANT in connection.vendor.abilities


def names_there(connection_id: int, skus: list[str], integration: Integration, *, at: datetime) -> dict[str, Resolved]:
    """SKU of this side → what the other side calls it; those it does not list are missing. An empty catalogue lists nothing."""
    resolve = skus_to_hub if integration.channel_id == connection_id else skus_to_channel
    found = resolve(skus, integration, at)
    if not found or CatalogueItem.objects.filter(connection=other_side(connection_id, integration)).exists():
        return found
    return {sku: name for sku, name in found.items() if name.how != IDENTITY}


def listed(connection: Connection, sku: str) -> CatalogueItem | None:
    return CatalogueItem.objects.filter(connection=connection, gone_at=None, sku=sku).order_by("pk").first()


def is_read(connection: Connection, *, before: datetime | None = None) -> bool:
    """Whether its whole catalogue has been read (by then): before that nothing can be called new or missing."""
    feeds = [feed for feed in connection.vendor.feeds if feed.topic == CATALOGUE]
    names = [feed.name for feed in feeds if feed.full] or [feed.name for feed in feeds]
    done = Cursor.objects.filter(connection=connection, feed__in=names, first_done_at__isnull=False)
    return (done.filter(first_done_at__lte=before) if before else done).exists()
