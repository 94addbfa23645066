"""Aliases the product master makes: it gave a product another SKU, which is known from that moment on (R74, D9)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import transaction

from mappings.changes import stamp
from mappings.models import SkuAlias
from mappings.models.base import in_force
from portal.audit.trail import record
from portal.connections.models import Connection

BY = "catalogue reading"
MOMENT = timedelta(microseconds=1)


def is_known(connections: Collection[int], *, old: str, new: str, at: datetime) -> bool:
    """Whether an alias in one of these systems says so already."""
    return SkuAlias.objects.filter(in_force(at), connection__in=connections, old=old, new=new).exists()


@transaction.atomic
def remember_rename(connection: Connection, *, old: str, new: str, at: datetime) -> SkuAlias | None:
    """From now on the old SKU is called the new one. An alias that said otherwise ends; None when it is known already."""
    if old == new or is_known([connection.pk], old=old, new=new, at=at):
        return None
    begins = at
    for other in SkuAlias.objects.select_for_update().filter(in_force(at), connection=connection, old__in=(old, new)).order_by("pk"):
        begins = max(begins, (other.effective_from or at) + MOMENT)
        _end(other, at=begins)
    row = SkuAlias(connection=connection, old=old, new=new, effective_from=begins, note=f"{connection} renamed the product.")
    row.full_clean()
    stamp(row, by=None, reason=f"Renamed in {connection}")
    row.save()
    record("mapping.added", row, by=BY, new={"old": old, "new": new, "effective_from": begins.isoformat()}, reason=f"Renamed in {connection}")
    return row


def _end(row: SkuAlias, *, at: datetime) -> None:
    row.effective_to = at
    stamp(row, by=None, reason="The product was renamed again")
    row.save()
    record("mapping.changed", row, by=BY, old={"effective_to": None}, new={"effective_to": at.isoformat()}, reason="The product was renamed again")
