"""A SKU changed on a variant that stayed: the master's change is an alias (R74, D9), anybody else's is a case (R75)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from exceptions.cases import CaseEntry, clear_items, open_case
from exceptions.models import ExceptionCase
from mappings.renamed import is_known, remember_rename
from portal.connections.models import Connection, Integration
from portal.ledger.models import CatalogueItem
from portal.sync.catalogue.pairs import is_master, master_of
from portal.sync.catalogue.subjects import item_subject


def renamed(item: CatalogueItem, old: str, integrations: Sequence[Integration], *, where: Connection, at: datetime) -> None:
    """The variant carries another SKU than before."""
    if not integrations or not item.sku:
        return
    if any(is_master(where.pk, one) for one in integrations):
        remember_rename(where, old=old, new=item.sku, at=at)
        return
    if undone(item, at=at) or is_known(systems(where, integrations), old=old, new=item.sku, at=at):
        return
    edited_by_hand(item, old, integrations[0], where=where, at=at)


def systems(where: Connection, integrations: Sequence[Integration]) -> list[int]:
    """Where an alias explains the change: there, or at the master."""
    masters = [master_of(one) for one in integrations]
    return [where.pk, *(master.pk for master in masters if master is not None)]


def undone(item: CatalogueItem, *, at: datetime) -> bool:
    """It has the name again that an open case says was changed."""
    subject = item_subject(item)
    waiting = ExceptionCase.objects.filter(kind="E15", is_open=True, items__subject=subject, items__cleared_at=None, evidence__old=item.sku)
    if not waiting.exists():
        return False
    clear_items("E15", subjects=[subject], proof={"SKU is again": item.sku, "seen": at.isoformat()}, at=at)
    return True


def edited_by_hand(item: CatalogueItem, old: str, integration: Integration, *, where: Connection, at: datetime) -> None:
    master = master_of(integration)
    whose = f"{master} is the product master" if master else "Neither side is the product master"
    open_case(
        "E15",
        fingerprint=f"sku_edit:{where.pk}:{item.reference}",
        cause=f"Somebody changed SKU {old} to {item.sku} in {where} (“{item.title or item.reference}”). {whose}; orders and stock still say {old}.",
        items=[CaseEntry(item_subject(item), item.sku, at, keys=(old, item.sku))],
        connection=where,
        integration=integration,
        evidence={"old": old, "new": item.sku, "product": item.title, "id": item.reference},
        at=at,
    )
