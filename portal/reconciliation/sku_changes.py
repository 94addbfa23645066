"""SKUs the product master changed, and which connected systems show the new one (R80)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from portal.connections.models import Connection, Integration, Master
from portal.ledger.models import CatalogueItem, SkuChange
from portal.sync.catalogue.pairs import CATALOGUE, is_read, master_of
from portal.sync.models import Cursor

REACHED, OLD, NEITHER, UNREAD = "shows it", "still shows the old one", "lists neither", "not read yet"
FETCHED, UNFETCHED = "has fetched it", "has not fetched it"  # an account without a catalogue follows the list of aliases in our API
TONES = {REACHED: "good", OLD: "wait", NEITHER: "bad", UNREAD: "quiet", FETCHED: "good", UNFETCHED: "wait"}
ALIASES_READ = "api:sku_alias"  # the cursor that says when an account last read the list to its end
NOTES = {OLD: "orders are translated by the alias", NEITHER: "orders with it will wait", UNFETCHED: "its flows may still use the old one"}


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
        return all(one.word in (REACHED, FETCHED) for one in self.reaches)


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
    fetched = {pk: aliases_read_at(system) for pk, system in systems.items() if not has_catalogue(system)}

    def word(row: SkuChange, pk: int) -> str:
        return word_of(row, pk, shown, read) if pk not in fetched else FETCHED if (at := fetched[pk]) and at >= row.at else UNFETCHED

    return [Change(row, [Reach(str(one), word(row, one.pk)) for one in others[row.connection_id]]) for row in rows]


def has_catalogue(system: Connection) -> bool:
    return any(feed.topic == CATALOGUE for feed in system.vendor.feeds)


def aliases_read_at(system: Connection) -> datetime | None:
    """When the account last read our list of aliases to its end."""
    return Cursor.objects.filter(connection=system, feed=ALIASES_READ).values_list("done_at", flat=True).first()


def aliases_were_read(system: Connection, *, at: datetime) -> None:
    Cursor.objects.update_or_create(connection=system, feed=ALIASES_READ, defaults={"done_at": at})


def alias_accounts(system: Connection) -> list[int]:
    """Whose aliases an account must follow: its own, and those of every system its products are joined to."""
    joined = Integration.objects.present().filter(Q(channel=system) | Q(hub=system)).values_list("channel_id", "hub_id")
    return sorted({system.pk, *(pk for pair in joined for pk in pair)})


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
