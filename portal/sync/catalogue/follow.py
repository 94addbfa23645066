"""What follows when a catalogue says something new of a variant."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from exceptions import proof
from exceptions.models import ExceptionCase
from portal.connections.models import Connection, Integration
from portal.ledger.expect import Expected, met
from portal.ledger.models import CatalogueItem
from portal.ledger.record_catalogue import ItemRecorded
from portal.sync.catalogue import collisions, missing, packs, renames
from portal.sync.catalogue.pairs import is_master, is_read, joined, listed, names_there, other_side
from portal.sync.catalogue.subjects import item_subject, listing_subject
from portal.sync.confirm import confirm
from portal.sync.models import InboundMessage
from portal.sync.prices import price_seen

SETTLED_BY_CATALOGUES = ("E12", "E13", "E14", "E15")
SMALL = 25  # a case of more things is looked at by the minute, not with every product


def follow_variant(recorded: ItemRecorded, *, message: InboundMessage, at: datetime) -> None:
    """Cases first, then what the other side is told. The first reading of a catalogue tells nobody anything: the audit compares."""
    item, where = recorded.item, message.connection
    integrations = joined(where)
    if recorded.old_sku:
        renames.renamed(item, recorded.old_sku, integrations, where=where, at=at)
    collided = [collisions.watch(item, where, at=at), packs.watch(item, integrations, at=at)]
    settle([item.sku, recorded.old_sku], at=at)
    price_seen(item, integrations, at=at)
    if item.gone_at is not None or not is_read(where, before=message.received_at):
        return
    for integration in integrations:
        see_listed(item, integration, at=at)
    if any(collided):
        return
    for integration in integrations:
        absent = missing.watch(item, integration, at=at)
        if missing.is_offered(item) and (absent or not recorded.created):
            missing.plan_save(item, integration, at=at)


def follow_gone(items: Sequence[CatalogueItem], *, connection: Connection, at: datetime) -> None:
    """A complete reading lists them no more."""
    settle([item.sku for item in items], at=at)


def settle(skus: Iterable[str], *, at: datetime) -> int:
    """Look again at the cases these SKUs are in; how many closed."""
    words = {sku.strip().upper()[:160] for sku in skus if sku.strip()}
    cases = ExceptionCase.objects.filter(is_open=True, kind__in=SETTLED_BY_CATALOGUES, items_open__lte=SMALL, keys__key__in=words)
    return sum(proof.check(case, at=at) for case in cases.select_related("connection", "integration").distinct())


def see_listed(item: CatalogueItem, integration: Integration, *, at: datetime) -> None:
    """This side lists the product: what was told it of the master's is confirmed."""
    there = other_side(item.connection_id, integration)
    if not is_master(there.pk, integration) or not item.sku:
        return
    name = names_there(item.connection_id, [item.sku], integration, at=at).get(item.sku)
    theirs = listed(there, name.value) if name else None
    if theirs is not None:
        met(Expected.IN_CATALOGUE, listing_subject(theirs, integration), at=at)
        confirm("save_variant", item_subject(theirs), at=at)
