"""Compares the catalogues of the two sides SKU by SKU (R77), and looks for keys that stand for two products (R79, R81)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from exceptions.cases import CaseEntry, NewCase, open_cases
from exceptions.ignoring import raised
from exceptions.models import ExceptionCase
from portal.connections.models import Connection, Integration
from portal.ledger.models import CatalogueItem
from portal.reconciliation.filing import Filing
from portal.reconciliation.running import Finding, NotReady, Pair
from portal.reconciliation.streams import differences, number
from portal.sync.catalogue import collisions, missing
from portal.sync.catalogue.pairs import CATALOGUE, is_master, is_read, names_there
from portal.sync.catalogue.subjects import item_subject
from portal.sync.models import InboundMessage, InboundState, OutboundMessage, State

NOT_IN_HUB, ONLY_IN_HUB = "not in the warehouse", "only in the warehouse"
BARCODES, PACKS, EDITED = "barcodes differ", "pack sizes differ", "SKU edited by hand"
ON_ITS_WAY = (State.QUEUED, State.IN_FLIGHT)
SIDE = """(SELECT id, sku, barcode, pack_size FROM ledger_catalogueitem WHERE connection_id = %({0})s AND gone_at IS NULL AND sku <> '')"""
QUERY = f"""
SELECT c.id, c.sku, c.barcode, c.pack_size, h.id, h.sku, h.barcode, h.pack_size
  FROM {SIDE.format("channel")} AS c FULL JOIN {SIDE.format("hub")} AS h ON c.sku = h.sku
 WHERE c.id IS NULL OR h.id IS NULL OR (c.barcode <> h.barcode AND c.barcode <> '' AND h.barcode <> '') OR c.pack_size <> h.pack_size
"""  # noqa: S608 - put together from the constants above
COUNT = f"SELECT (SELECT count(*) FROM {SIDE.format('channel')} c) + (SELECT count(*) FROM {SIDE.format('hub')} h)"  # noqa: S608
Row = tuple[Any, ...]


def compare_catalogues(pair: Pair, finding: Finding, at: datetime) -> None:
    """NotReady before both catalogues have been read whole, or while what was read is still being worked in."""
    integration = pair.integration
    assert integration is not None
    for side in (integration.channel, integration.hub):
        check_ready(side)
    values = {"channel": integration.channel_id, "hub": integration.hub_id}
    finding.compared = number(COUNT, values)
    audit = Comparison(integration, finding, at)
    for bunch in differences(QUERY, values):
        audit.take(bunch)
    audit.close()
    for side in (integration.channel, integration.hub):
        find_collisions(side, finding, at=at)
    finding.count(EDITED, ExceptionCase.objects.filter(kind="E15", is_open=True, integration=integration).count())


def check_ready(side: Connection) -> None:
    if not is_read(side):
        raise NotReady(f"The catalogue of {side} has not been read to its end yet.")
    if InboundMessage.objects.filter(connection=side, topic=CATALOGUE, state=InboundState.NEW).exists():
        raise NotReady(f"Products of {side} are still being read.")


def find_collisions(side: Connection, finding: Finding, *, at: datetime) -> None:
    for one in collisions.everywhere(side):
        finding.count(one.how)
        open_cases(raised([collisions.case_of(one, side, at=at)]))


class Comparison:
    """One run over the rows that differ."""

    def __init__(self, integration: Integration, finding: Finding, at: datetime) -> None:
        self.integration, self.finding, self.at = integration, finding, at
        self.absent = Filing("E13", self.many_absent, at)
        self.unlike = Filing("E13", self.many_unlike, at)

    def take(self, rows: Sequence[Row]) -> None:
        self.only_here([row[1] for row in rows if row[4] is None], [row[0] for row in rows if row[4] is None], self.integration.channel)
        self.only_here([row[5] for row in rows if row[0] is None], [row[4] for row in rows if row[0] is None], self.integration.hub)
        self.differ([row for row in rows if row[0] is not None and row[4] is not None])

    def only_here(self, skus: list[str], pks: list[int], side: Connection) -> None:
        """SKUs without the same SKU on the other side; a mapping or an alias may still name one."""
        known = names_there(side.pk, skus, self.integration, at=self.at) if skus else {}
        wanted = [pk for pk, sku in zip(pks, skus, strict=True) if sku not in known]
        items = [item for item in CatalogueItem.objects.select_related("connection").filter(pk__in=wanted) if missing.is_offered(item)]
        is_channel = side.pk == self.integration.channel_id
        self.finding.count(NOT_IN_HUB if is_channel else ONLY_IN_HUB, len(items))
        if is_channel or is_master(side.pk, self.integration):
            coming = being_sent(items)
            self.absent.add([missing.case_of(item, self.integration, at=self.at) for item in items if item.pk not in coming])

    def differ(self, rows: Sequence[Row]) -> None:
        cases = []
        for channel_pk, sku, barcode, pack, hub_pk, _, hub_barcode, hub_pack in rows:
            fault = PACKS if pack != hub_pack else BARCODES
            said = (barcode, hub_barcode) if fault == BARCODES else (pack, hub_pack)
            self.finding.count(fault)
            subject = f"pair:{channel_pk}:{hub_pk}"
            cause = f"{sku}: {fault}. {self.integration.channel} says {said[0]}, {self.integration.hub} says {said[1]}."
            entry = CaseEntry(subject, sku, self.at, keys=(sku,))
            evidence = {str(self.integration.channel): said[0], str(self.integration.hub): said[1]}
            cases.append(NewCase("E13", subject, cause, self.at, [entry], self.integration.hub, self.integration, evidence))
        self.unlike.add(cases)

    def close(self) -> None:
        self.absent.close()
        self.unlike.close()

    def many_absent(self, number: int) -> NewCase:
        one = self.integration
        cause = f"{number} products of {one.channel} and {one.hub} are listed on one side only. The first order with one of them will wait."
        return NewCase("E13", f"missing:{one.pk}", cause, self.at, connection=one.hub, integration=one)

    def many_unlike(self, number: int) -> NewCase:
        one = self.integration
        cause = f"{one.channel} and {one.hub} say different things about {number} products (barcode or pack size)."
        return NewCase("E13", f"unlike:{one.pk}", cause, self.at, connection=one.hub, integration=one)


def being_sent(items: Sequence[CatalogueItem]) -> set[int]:
    """Products on their way to the other side at this moment."""
    subjects = {item_subject(item): item.pk for item in items}
    rows = OutboundMessage.objects.filter(kind="save_variant", subject__in=subjects, state__in=ON_ITS_WAY)
    return {subjects[subject] for subject in rows.values_list("subject", flat=True)}
