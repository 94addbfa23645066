"""A collision is over: the orders it kept wait no more, and the product goes where it is missing."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import timezone

from connectors.canonical import CodeKind
from exceptions.models import ExceptionCase
from mappings.errors import TO_HUB, CodeKey
from portal.connections.models import Connection
from portal.ledger.models import CatalogueItem
from portal.sync.catalogue import missing
from portal.sync.catalogue.pairs import joined, names_there
from portal.sync.release import release

MOST = 100


def on_case_resolved(sender: object, *, case: ExceptionCase, **_: Any) -> None:
    """Only collisions block by themselves; everything else releases by what mends it."""
    if case.kind != "E12" or case.connection_id is None:
        return
    subjects = case.items.values_list("subject", flat=True)[:MOST]
    skus = [subject.split(":", 2)[2] for subject in subjects if subject.startswith("sku:")]
    where = Connection.objects.get(pk=case.connection_id)
    unblock(where, skus, at=timezone.now())


def unblock(where: Connection, skus: list[str], *, at: datetime) -> None:
    keys = []
    for integration in joined(where):
        theirs = names_there(where.pk, skus, integration, at=at) if integration.hub_id == where.pk else {}
        asked = {*skus, *(name.value for name in theirs.values())}  # orders wait under the channel's names
        keys += [str(CodeKey(CodeKind.SKU, integration.pk, TO_HUB, "", name)) for name in asked]
        for item in CatalogueItem.objects.select_related("connection").filter(connection=where, gone_at=None, sku__in=skus):
            if missing.watch(item, integration, at=at):
                missing.plan_save(item, integration, at=at)
    release(keys, at=at)
