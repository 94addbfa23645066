"""SKUs the product master changed, and which connected systems show the new one (R80)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from portal.connections.models import Connection, Integration, Master
from portal.ledger.models import CatalogueItem, SkuChange
from portal.sync.catalogue.pairs import is_read, master_of

REACHED, OLD, NEITHER, UNREAD = "shows it", "still shows the old one", "lists neither", "not read yet"
TONES = {REACHED: "good", OLD: "wait", NEITHER: "bad", UNREAD: "quiet"}
NOTES = {OLD: "orders are translated by the alias", NEITHER: "orders with it will wait"}


@dataclass(frozen=True)
class Reach:
    """One system, and what it shows of the change."""

    system: str
    word: str

    @property
    def tone(self) -> str:
        return TONES[self.word]

    @property
    def note(self) -> str:
        return NOTES.get(self.word, "")


@dataclass(frozen=True)
class Change:
    row: SkuChange
    reaches: list[Reach]

    @property
    def reached(self) -> bool:
        return all(one.word == REACHED for one in self.reaches)


def changes_of_masters() -> QuerySet[SkuChange]:
    present = Integration.objects.present()
    masters = Q(connection__in=present.filter(product_master=Master.CHANNEL).values("channel"))
    masters |= Q(connection__in=present.filter(product_master=Master.HUB).values("hub"))
    return SkuChange.objects.filter(masters).select_related("connection")


def with_reach(rows: Iterable[SkuChange]) -> list[Change]:
    rows = list(rows)
    integrations = list(Integration.objects.present().select_related("channel", "hub").order_by("pk"))
    others = {row.connection_id: connected_to(row.connection_id, integrations) for row in rows}
    systems = {system.pk: system for several in others.values() for system in several}
    skus = {sku for row in rows for sku in (row.old, row.new)}
    items = CatalogueItem.objects.filter(connection__in=systems, gone_at=None, sku__in=skus)
    shown = set(items.values_list("connection_id", "sku"))
    read = {pk for pk, system in systems.items() if is_read(system)}
    return [Change(row, [Reach(str(one), word_of(row, one.pk, shown, read)) for one in others[row.connection_id]]) for row in rows]


def connected_to(master_pk: int, integrations: list[Integration]) -> list[Connection]:
    """Every system that the master's products reach: the other sides of its pairs, and what is joined to those."""
    reached: dict[int, Connection] = {}
    for one in integrations:
        master = master_of(one)
        if master is not None and master.pk == master_pk:
            reached |= {side.pk: side for side in (one.channel, one.hub)}
    further = {side.pk: side for one in integrations if one.hub_id in reached or one.channel_id in reached for side in (one.channel, one.hub)}
    return [side for pk, side in sorted({**further, **reached}.items()) if pk != master_pk]


def word_of(row: SkuChange, system_pk: int, shown: set[tuple[int, str]], read: set[int]) -> str:
    if system_pk not in read:
        return UNREAD
    if (system_pk, row.new) in shown:
        return REACHED
    return OLD if (system_pk, row.old) in shown else NEITHER
