"""One SKU, two products (E12): the same SKU twice, SKUs that differ only in capitals or spaces, one barcode on two SKUs (R79)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection as database

from exceptions.cases import CaseEntry, NewCase, open_cases
from exceptions.ignoring import raised
from portal.connections.models import Connection
from portal.ledger.models import CatalogueItem
from portal.ledger.models.catalogue import SPELLING
from portal.sync.catalogue.subjects import sku_subject

TWICE, SPELT, BARCODE = "one SKU twice", "SKUs spelt alike", "one barcode on two SKUs"
SHOWN = 10
SENTENCES = {
    TWICE: "{where} lists SKU {skus} on {number} products: {titles}.",
    SPELT: "{where} lists {skus}, which differ only in capitals or spaces.",
    BARCODE: "{where} lists barcode {key} on {skus}.",
}
FOLLOWS = " Until that is put right, orders with {them} wait."
# Sorted by the index, so that no memory grows with the catalogue.
BY_SPELLING = """
SELECT upper(replace(sku, ' ', '')) AS key, array_agg(id ORDER BY id) FROM ledger_catalogueitem
 WHERE connection_id = %s AND gone_at IS NULL AND sku <> '' GROUP BY 1 HAVING count(*) > 1
"""
BY_BARCODE = """
SELECT barcode AS key, array_agg(id ORDER BY id) FROM ledger_catalogueitem
 WHERE connection_id = %s AND gone_at IS NULL AND barcode <> '' AND sku <> '' GROUP BY 1 HAVING count(DISTINCT sku) > 1
"""


@dataclass(frozen=True)
class Collision:
    """`key`: the SKU, the spelling or the barcode that several items share."""

    how: str
    key: str
    items: Sequence[CatalogueItem]

    @property
    def skus(self) -> list[str]:
        return sorted({item.sku for item in self.items})

    def sentence(self, where: Connection) -> str:
        titles = " and ".join(f"“{item.title or item.reference}”" for item in self.items[:SHOWN])
        skus = " and ".join(self.skus[:SHOWN])
        told = SENTENCES[self.how].format(where=where, skus=skus, number=len(self.items), titles=titles, key=self.key)
        return told + FOLLOWS.format(them="it" if len(self.skus) == 1 else "them")


def fold(sku: str) -> str:
    """The spelling that people take for the same; `SPELLING` is the database's."""
    return sku.replace(" ", "").upper()


def among(items: Iterable[CatalogueItem]) -> list[Collision]:
    """What collides among items of one catalogue."""
    spelt: dict[str, list[CatalogueItem]] = {}
    coded: dict[str, list[CatalogueItem]] = {}
    for item in items:
        spelt.setdefault(fold(item.sku), []).append(item)
        if item.barcode:
            coded.setdefault(item.barcode, []).append(item)
    found = []
    for key, several in spelt.items():
        if len(several) > 1:
            same = len({item.sku for item in several}) == 1
            found.append(Collision(TWICE if same else SPELT, several[0].sku if same else key, several))
    found += [Collision(BARCODE, key, several) for key, several in coded.items() if len({item.sku for item in several}) > 1]
    return found


def around(item: CatalogueItem) -> list[Collision]:
    """What this item collides with, now."""
    if not item.sku or item.gone_at is not None:
        return []
    here = CatalogueItem.objects.filter(connection=item.connection_id, gone_at=None).exclude(sku="")
    alike: dict[int, CatalogueItem] = {one.pk: one for one in here.alias(spelling=SPELLING).filter(spelling=fold(item.sku))}
    if item.barcode:
        alike |= {one.pk: one for one in here.filter(barcode=item.barcode)}
    return [one for one in among(alike.values()) if any(each.pk == item.pk for each in one.items)]


def everywhere(connection: Connection) -> Iterator[Collision]:
    """All of a catalogue, for the daily audit."""
    for query in (BY_SPELLING, BY_BARCODE):
        with database.cursor() as cursor:
            cursor.execute(query, [connection.pk])
            rows = cursor.fetchall()
        for _, pks in rows:
            items = list(CatalogueItem.objects.filter(pk__in=pks).order_by("pk"))
            yield from (one for one in among(items) if (one.how == BARCODE) == (query is BY_BARCODE))


def case_of(one: Collision, where: Connection, *, at: datetime) -> NewCase:
    products = [{"SKU": item.sku, "title": item.title, "id": item.reference, "barcode": item.barcode} for item in one.items[:SHOWN]]
    return NewCase(
        "E12",
        f"collision:{where.pk}:{one.how}:{one.key}"[:300],
        one.sentence(where),
        at,
        [CaseEntry(sku_subject(where.pk, sku), sku, at, keys=(sku,)) for sku in one.skus],
        connection=where,
        evidence={"how": one.how, "key": one.key, "products": products},
    )


def watch(item: CatalogueItem, where: Connection, *, at: datetime) -> list[Collision]:
    """Open a case for what a new or changed item collides with. What somebody called a false alarm passes."""
    found = {case.key: one for one in around(item) if (case := case_of(one, where, at=at))}
    stand = raised([case_of(one, where, at=at) for one in found.values()])
    open_cases(stand)
    return [found[case.key] for case in stand]


def still_there(how: str, key: str, where: Connection) -> bool:
    """Whether the catalogue, as last read, still has the collision."""
    here = CatalogueItem.objects.filter(connection=where, gone_at=None).exclude(sku="")
    if how == BARCODE:
        return here.filter(barcode=key).values("sku").distinct().count() > 1
    return here.alias(spelling=SPELLING).filter(spelling=fold(key)).count() > 1
