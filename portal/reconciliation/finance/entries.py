"""Takes what the ledger holds of money and goods into entries: each once, in the period that is open for it, never into a closed one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import connection as database
from django.db import transaction

from portal.connections.models import Connection

LOCK = "SELECT pg_advisory_xact_lock(hashtext('finance'), 0)"  # a close and a reading of the ledger never overlap
PAYOUTS = """
INSERT INTO reconciliation_entry (connection_id, source, source_id, turn, kind, vendor_kind, amount, currency, at, noted_at, order_id, tied_by, cycle)
SELECT p.connection_id, 'payout', p.id, 1, p.kind, p.vendor_kind, CASE WHEN p.kind = 'payout' THEN -abs(p.amount) ELSE p.amount END,
       p.currency, p.at, %(at)s, p.order_id, CASE WHEN p.order_id IS NULL THEN '' ELSE 'reference' END, p.cycle
  FROM ledger_payoutline AS p
 WHERE p.kind <> 'cycle' AND NOT EXISTS (SELECT 1 FROM reconciliation_entry AS e WHERE e.source = 'payout' AND e.source_id = p.id AND e.turn = 1)
"""
# Sums that grow: each reading that finds another sum leaves an entry with the change.
PAYMENTS = """
INSERT INTO reconciliation_entry (connection_id, source, source_id, turn, kind, vendor_kind, amount, currency, at, noted_at, order_id, tied_by, cycle)
SELECT o.connection_id, %(source)s, p.id, coalesce(known.turn, 0) + 1, %(kind)s, left(p.method, 80), %(sign)s * p.{sum} - coalesce(known.amount, 0),
       coalesce(nullif(p.currency, ''), o.currency), least(o.changed_at, %(at)s), %(at)s, o.id, 'reference', ''
  FROM ledger_payment AS p JOIN ledger_salesorder AS o ON o.id = p.order_id
  LEFT JOIN (SELECT source_id, max(turn) AS turn, sum(amount) AS amount FROM reconciliation_entry WHERE source = %(source)s
       GROUP BY source_id) AS known
    ON known.source_id = p.id
 WHERE o.connection_id <> ALL(%(statements)s) AND o.stage <> 'ignored' AND %(sign)s * p.{sum} <> coalesce(known.amount, 0)
"""
# Where a channel books no payments, what it calls paid is paid (as `portal.sync.money_watch` has it).
LABELS = """
INSERT INTO reconciliation_entry (connection_id, source, source_id, turn, kind, vendor_kind, amount, currency, at, noted_at, order_id, tied_by, cycle)
SELECT o.connection_id, 'label', o.id, coalesce(known.turn, 0) + 1, 'capture', '', v.value - coalesce(known.amount, 0), o.currency,
       least(o.changed_at, %(at)s), %(at)s, o.id, 'reference', ''
  FROM ledger_salesorder AS o
  LEFT JOIN (SELECT source_id, max(turn) AS turn, sum(amount) AS amount FROM reconciliation_entry WHERE source = 'label' GROUP BY source_id) AS known
    ON known.source_id = o.id
 CROSS JOIN LATERAL (SELECT CASE WHEN o.payment_state = 'paid' AND NOT EXISTS (SELECT 1 FROM ledger_payment AS p WHERE p.order_id = o.id
       AND (p.authorised <> 0 OR p.captured <> 0 OR p.refunded <> 0)) THEN o.total ELSE 0 END AS value) AS v
 WHERE o.connection_id <> ALL(%(statements)s) AND o.stage <> 'ignored' AND (o.payment_state = 'paid' OR known.turn IS NOT NULL)
   AND v.value <> coalesce(known.amount, 0)
"""
# Of the order's total, the share of the units that left; when all have left, the rest of it.
SHIPPED_VALUE = """
SELECT o.id, o.connection_id, o.currency, sent.at,
       CASE WHEN o.stage IN ('shipped', 'done') THEN o.total
            ELSE round(o.total * least(1, sent.units::numeric / greatest(1, wanted.units)), 2) END AS value
  FROM ledger_salesorder AS o
  JOIN (SELECT s.order_id, sum(l.quantity) FILTER (WHERE s.cancelled_at IS NULL) AS units, max(s.shipped_at) AS at
          FROM ledger_shipment AS s JOIN ledger_shipmentline AS l ON l.shipment_id = s.id WHERE s.order_id IS NOT NULL GROUP BY s.order_id) AS sent
    ON sent.order_id = o.id
  JOIN (SELECT order_id, sum(greatest(0, quantity - cancelled)) AS units FROM ledger_orderline WHERE NOT is_extra GROUP BY order_id) AS wanted
    ON wanted.order_id = o.id
"""
SHIPMENTS = f"""
INSERT INTO reconciliation_entry (connection_id, source, source_id, turn, kind, vendor_kind, amount, currency, at, noted_at, order_id, tied_by, cycle)
SELECT v.connection_id, 'shipment', v.id, coalesce(known.turn, 0) + 1, 'shipped', '', -coalesce(v.value, 0) - coalesce(known.amount, 0), v.currency,
       least(v.at, %(at)s), %(at)s, v.id, 'reference', ''
  FROM ({SHIPPED_VALUE}) AS v
  LEFT JOIN (SELECT source_id, max(turn) AS turn, sum(amount) AS amount FROM reconciliation_entry WHERE source = 'shipment'
       GROUP BY source_id) AS known
    ON known.source_id = v.id
 WHERE v.connection_id <> ALL(%(statements)s) AND -coalesce(v.value, 0) <> coalesce(known.amount, 0)
"""  # noqa: S608 - put together from the constants above
CYCLES = """
UPDATE reconciliation_entry AS e SET cycle = p.cycle FROM ledger_payoutline AS p
 WHERE e.source = 'payout' AND e.source_id = p.id AND e.cycle = '' AND e.settled_id IS NULL AND p.cycle <> ''
"""
# Ordered; the first that fits ties the line to its order.
RULES: dict[str, tuple[str, str]] = {
    "reference": ("The line names the order's id", "o.reference = e.named"),
    "number": ("The line names the number of one order", "o.number = e.named AND (SELECT count(*) FROM ledger_salesorder AS t"
               " WHERE t.connection_id = o.connection_id AND t.number = o.number) = 1"),
    "hub_number": ("The line names the warehouse's number of one order", "EXISTS (SELECT 1 FROM ledger_huborder AS h WHERE h.order_id = o.id"
                   " AND h.number = e.named)"),
}  # fmt: skip
TIE = """
UPDATE reconciliation_entry AS t SET order_id = found.id, tied_by = %(rule)s
  FROM (SELECT e.id AS entry, min(o.id) AS id FROM
         (SELECT x.id, x.connection_id, p.order_reference AS named FROM reconciliation_entry AS x JOIN ledger_payoutline AS p ON p.id = x.source_id
           WHERE x.source = 'payout' AND x.order_id IS NULL AND p.order_reference <> '') AS e
         JOIN ledger_salesorder AS o ON o.connection_id = e.connection_id AND {condition}
        GROUP BY e.id HAVING count(DISTINCT o.id) = 1) AS found
 WHERE t.id = found.entry
"""


def statement_accounts() -> list[int]:
    """Accounts whose money is told by a statement; the others tell payments."""
    return [one.pk for one in Connection.objects.all() if any(feed.topic == "payouts" for feed in one.vendor.feeds)]


@contextmanager
def alone() -> Iterator[None]:
    """One transaction in which nobody else counts, closes or reopens."""
    with transaction.atomic():
        run(LOCK)
        yield


def run(statement: str, values: Mapping[str, Any] | None = None) -> int:
    """The rows it touched."""
    with database.cursor() as cursor:
        cursor.execute(statement, values)
        return int(cursor.rowcount)


def collect(*, at: datetime) -> int:
    """Take in what is new; how many entries that made. Must run `alone`."""
    values = {"at": at, "statements": statement_accounts()}
    made = run(PAYOUTS, values)
    made += run(PAYMENTS.format(sum="captured"), {**values, "source": "capture", "kind": "capture", "sign": 1})
    made += run(PAYMENTS.format(sum="refunded"), {**values, "source": "refund", "kind": "refund", "sign": -1})
    made += run(LABELS, values)
    made += run(SHIPMENTS, values)
    run(CYCLES)
    tie()
    return made


def tie() -> dict[str, int]:
    """Tie lines to orders, rule by rule; what no rule ties stays open and is listed."""
    return {name: run(TIE.format(condition=condition), {"rule": name}) for name, (_, condition) in RULES.items()}
