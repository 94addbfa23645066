"""Publishes stock levels, several in one call, and keeps each one's verdict with the latency it had."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection as database

from connectors.canonical import StockTarget, StockVerdict
from exceptions.cases import CaseEntry, clear_items, open_case
from exceptions.kinds import Severity
from portal.ledger.models import StockPublication
from portal.sync.models import OutboundMessage
from portal.sync.subjects import stock_subject, subject_pk

SKU_UNKNOWN = {"unknown_sku"}
WHOLE_FILE = {"import_failed", "no_warehouses"}  # said of every line alike: one case
PUBLISHED = """
UPDATE ledger_stockpublication AS p
   SET confirmed = n.confirmed, confirmed_at = %s, latency_s = n.latency_s, reference = n.reference, version = n.version,
       unknown_since = NULL, differs_since = NULL
  FROM unnest(%s::bigint[], %s::int[], %s::float8[], %s::text[], %s::text[]) AS n (id, confirmed, latency_s, reference, version)
 WHERE p.id = n.id
"""
PUBLISHED_FIELDS = ["confirmed", "confirmed_at", "latency_s", "reference", "version", "unknown_since", "differs_since"]


def prepare_all(messages: Sequence[OutboundMessage]) -> list[tuple[OutboundMessage, StockPublication, StockTarget]]:
    """The newest wanted level of each message's publication."""
    rows = StockPublication.objects.in_bulk([subject_pk(message.subject) for message in messages])
    found = []
    for message in messages:
        row = rows[subject_pk(message.subject)]
        target = StockTarget(row.sku, row.wanted, warehouse_code=row.warehouse_code, reference=row.reference, version=row.version)
        found.append((message, row, target))
    return found


def perform_all(connector: Any, targets: Sequence[StockTarget]) -> dict[tuple[str, str], StockVerdict]:
    return {(verdict.sku, verdict.warehouse_code): verdict for verdict in connector.publish_stock(targets)}


def record_all_published(published: Sequence[tuple[StockPublication, StockTarget, StockVerdict]], *, at: datetime) -> None:
    """`record_published` for rows that the caller has locked; `clear_published` follows when the locks are gone."""
    rows = [take_over(row, target, verdict, at=at) for row, target, verdict in published]
    columns = [[row.pk, row.confirmed, row.latency_s, row.reference, row.version] for row in rows]
    with database.cursor() as cursor:  # Django's own bulk update compares every row with every row
        cursor.execute(PUBLISHED, [at, *(list(column) for column in (zip(*columns, strict=True) if columns else [[]] * 5))])


def clear_published(rows: Sequence[StockPublication], *, at: datetime) -> None:
    proof = {"channel shows": "the level it should", "confirmed": at.isoformat()}
    clear_items(("E14", "E21", "E22"), subjects=[stock_subject(row) for row in rows], proof=proof, at=at)


def record_published(row: StockPublication, target: StockTarget, verdict: StockVerdict, *, at: datetime) -> None:
    """The channel shows the level: keep when, and how long it took from the change of the truth (R25)."""
    take_over(row, target, verdict, at=at)
    row.save(update_fields=PUBLISHED_FIELDS)
    proof = {"channel shows": str(target.quantity), "confirmed": at.isoformat()}
    clear_items(("E14", "E21", "E22"), subjects=[stock_subject(row)], proof=proof, at=at)


def take_over(row: StockPublication, target: StockTarget, verdict: StockVerdict, *, at: datetime) -> StockPublication:
    row.confirmed, row.confirmed_at = target.quantity, at
    row.latency_s = max(0.0, (at - row.truth_changed_at).total_seconds())
    row.reference, row.version = verdict.reference or row.reference, verdict.version
    row.unknown_since = row.differs_since = None
    return row


def record_refused(row: StockPublication, message: OutboundMessage, verdict: StockVerdict, *, at: datetime) -> None:
    """Exactly why, for this one SKU (R21); a SKU the channel does not know is stranded stock (R23)."""
    stranded = verdict.code in SKU_UNKNOWN
    if stranded and row.unknown_since is None:
        StockPublication.objects.filter(pk=row.pk).update(unknown_since=at)
    connection, whole = message.connection, verdict.code in WHOLE_FILE
    too_many = row.confirmed is None or row.confirmed > row.wanted  # what customers see is more than there is
    cause = (
        f"{connection} does not know SKU {row.sku}, so {row.wanted} units cannot be sold there."
        if stranded
        else f"{connection} refused a whole stock file: {verdict.sentence}"
        if whole
        else f"{connection} refused the stock level of {row.sku} ({row.wanted}): {verdict.sentence}"
    )
    open_case(
        "E14" if stranded else "E21",
        fingerprint=f"stock-file:{connection.pk}:{verdict.code}" if whole else f"stock:{connection.pk}:{row.sku}:{row.warehouse_code}",
        cause=cause,
        items=[CaseEntry(subject=stock_subject(row), label=row.sku, at=row.truth_changed_at, units=row.wanted)],
        connection=connection,
        integration=message.integration,
        evidence={"code": verdict.code, "answer": verdict.sentence, "wanted": row.wanted, "channel shows": row.confirmed},
        waiting_for="" if whole else message.subject,
        severity=Severity.S1 if too_many and not stranded else None,
        at=at,
    )
