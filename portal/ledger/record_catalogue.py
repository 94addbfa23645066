"""Writes what a catalogue lists into the ledger, and notices when a SKU was changed on the same variant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from connectors import canonical
from portal.connections.models import Connection
from portal.ledger.models import CatalogueItem, SkuChange

WATCHED = ("product_reference", "sku", "barcode", "title", "price", "currency", "tax_rate", "weight_g", "pack_size", "active")


@dataclass(frozen=True)
class ItemRecorded:
    """The stored item; `old_sku` where the SKU of the same variant was another before."""

    item: CatalogueItem
    created: bool = False
    changed: bool = False
    old_sku: str = ""


def values_of(seen: canonical.Variant, at: datetime) -> dict[str, object]:
    values = {name: getattr(seen, name) for name in WATCHED}
    values |= {"title": seen.title[:300], "sku": seen.sku[:120], "barcode": seen.barcode[:80], "product_reference": seen.product_reference[:120]}
    return values | {"gone_at": at if seen.deleted else None}


def differing_variants(variants: Sequence[canonical.Variant], *, connection: Connection, at: datetime) -> set[tuple[str, str]]:
    """Keys (reference, "") of variants the ledger does not hold as they are; the others are marked as seen now. All are marked as listed."""
    rows = CatalogueItem.objects.filter(connection=connection, reference__in=[variant.reference for variant in variants])
    known = {row.reference: row for row in rows}
    differing, same = set(), []
    for variant in variants:
        row = known.get(variant.reference)
        values = values_of(variant, at)
        if row is None or variant.deleted != (row.gone_at is not None) or any(getattr(row, name) != values[name] for name in WATCHED):
            differing.add((variant.reference, ""))
        else:
            same.append(row.pk)
    CatalogueItem.objects.filter(pk__in=same).update(seen_at=at)
    rows.update(listed_at=at)
    return differing


def record_variant(seen: canonical.Variant, *, connection: Connection, at: datetime) -> ItemRecorded:
    """Create or update one item. Must run in a transaction."""
    values = values_of(seen, at) | {"version": seen.version[:80], "changed_at": seen.changed_at, "seen_at": at}
    row, created = CatalogueItem.objects.select_for_update().get_or_create(connection=connection, reference=seen.reference[:160], defaults=values)
    if created:
        return ItemRecorded(row, created=True, changed=True)
    if seen.changed_at is not None and row.changed_at is not None and seen.changed_at < row.changed_at:
        return ItemRecorded(row)
    old_sku = row.sku
    changed = any(getattr(row, name) != values[name] for name in (*WATCHED, "gone_at"))
    for name, value in values.items():
        setattr(row, name, value)
    row.save()
    edited = old_sku and row.sku != old_sku
    if edited:
        SkuChange.objects.create(connection=connection, reference=row.reference, old=old_sku, new=row.sku, at=at)
    return ItemRecorded(row, changed=changed, old_sku=old_sku if edited else "")
