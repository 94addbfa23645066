"""One SKU, two pack sizes (E12): a single in the shop and a dozen in the warehouse, so that an order for one would ship twelve (R79, R81)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from exceptions.cases import CaseEntry, NewCase, open_cases
from exceptions.ignoring import raised
from portal.connections.models import Integration
from portal.ledger.models import CatalogueItem
from portal.sync.catalogue.pairs import names_there, other_side
from portal.sync.catalogue.subjects import sku_subject

PACK = "one SKU in two pack sizes"


def watch(item: CatalogueItem, integrations: Iterable[Integration], *, at: datetime) -> bool:
    """Open a case for each side that sells it by another number; True when there is one."""
    if not item.sku or item.gone_at is not None:
        return False
    found = raised([case_of(item, other, one, at=at) for one in integrations if (other := differing(item, one, at=at)) is not None])
    open_cases(found)
    return bool(found)


def differing(item: CatalogueItem, integration: Integration, *, at: datetime) -> CatalogueItem | None:
    """The other side's item of another size. A single is looked for by its own SKU only: that is one look at an index for each product."""
    there, sku = other_side(item.connection_id, integration), item.sku
    if item.pack_size > 1:
        name = names_there(item.connection_id, [sku], integration, at=at).get(sku)
        sku = name.value if name else sku
    others = CatalogueItem.objects.filter(connection=there, sku=sku, gone_at=None).exclude(pack_size=item.pack_size)
    return others.order_by("pk").first()


def case_of(item: CatalogueItem, other: CatalogueItem, integration: Integration, *, at: datetime) -> NewCase:
    mine, theirs = (item, other) if item.connection_id == integration.channel_id else (other, item)
    return NewCase(
        "E12",
        f"packs:{integration.pk}:{theirs.sku}"[:300],
        f"{integration.channel} sells {mine.sku} by {mine.pack_size}, and {integration.hub} has {theirs.sku} in packs of {theirs.pack_size}. "
        "Until that is put right, orders with it wait.",
        at,
        [CaseEntry(sku_subject(integration.hub_id, theirs.sku), theirs.sku, at, keys=(mine.sku, theirs.sku))],
        connection=integration.hub,
        integration=integration,
        evidence={"how": PACK, "key": theirs.sku, "channel item": mine.pk, "hub item": theirs.pk},
    )


def still_differ(evidence: Mapping[str, Any]) -> bool:
    """Both catalogues, as last read, list the product, in two sizes."""
    pks = [int(evidence.get(name) or 0) for name in ("channel item", "hub item")]
    sizes = CatalogueItem.objects.filter(pk__in=pks, gone_at=None).values_list("pack_size", flat=True)
    return len(sizes) > 1 and len(set(sizes)) > 1
