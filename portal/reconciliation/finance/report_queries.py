"""The reports: what each lists, as one statement. Columns: month, grouping, subject, label, account, currency, amount, other, since, note."""

from __future__ import annotations

from dataclasses import dataclass

AGE = """CASE WHEN {since} > %(at)s - interval '30 days' THEN 'up to 30 days' WHEN {since} > %(at)s - interval '60 days' THEN '31 to 60 days'
              WHEN {since} > %(at)s - interval '90 days' THEN '61 to 90 days' ELSE 'over 90 days' END"""
MONTH = "to_char({at} AT TIME ZONE c.time_zone, 'YYYY-MM')"
PLACED = MONTH.format(at="o.placed_at")
# One row an order: what finance counts of it, in the order's currency.
OF_ORDERS = """
SELECT order_id, currency, coalesce(-sum(amount) FILTER (WHERE kind = 'shipped'), 0) AS shipped,
       coalesce(sum(amount) FILTER (WHERE kind = 'capture'), 0) AS taken, coalesce(-sum(amount) FILTER (WHERE source = 'refund'), 0) AS given_back,
       min(at) FILTER (WHERE kind = 'capture') AS taken_at, min(at) FILTER (WHERE kind = 'shipped') AS shipped_at
  FROM reconciliation_entry WHERE order_id IS NOT NULL AND source <> 'payout' GROUP BY order_id, currency
"""
PAYOUTS = """
SELECT to_char(p.ends_at AT TIME ZONE c.time_zone, 'YYYY-MM'), coalesce(d.state, 'exact'), 'period:' || p.id, 'Cycle to ' || to_char(p.ends_at,
     'YYYY-MM-DD'),
       c.name, p.currency, p.transferred, coalesce(d.expected, p.transferred), p.ends_at, 'paid out: ' || coalesce(nullif(p.transfer_state, ''),
            'not told')
  FROM reconciliation_period AS p JOIN connections_connection AS c ON c.id = p.connection_id
  LEFT JOIN reconciliation_discrepancy AS d ON d.subject = 'period:' || p.id AND d.side = 'cycle'
 WHERE p.basis = 'cycle' AND p.transferred IS NOT NULL
"""
STATEMENT = """
SELECT to_char(d.since AT TIME ZONE c.time_zone, 'YYYY-MM'), d.side || ', ' || d.state, d.subject, d.label, c.name, d.currency, d.actual,
     d.expected, d.since,
       CASE WHEN d.written_off <> 0 THEN 'written off: ' || trim_scale(d.written_off) ELSE '' END
  FROM reconciliation_discrepancy AS d JOIN connections_connection AS c ON c.id = d.connection_id
       WHERE d.side IN ('sale', 'refund', 'commission', 'untied')
"""
# Orders that agree are one row a month; the others are listed.
SALES = f"""
WITH sold AS (
  SELECT o.id, o.number, {PLACED} AS month, c.name AS account, o.currency, o.total, coalesce(f.shipped, 0) AS shipped, o.placed_at,
         CASE WHEN coalesce(f.shipped, 0) = o.total THEN 'sold and dispatched' WHEN coalesce(f.shipped, 0) = 0 THEN 'sold, not dispatched'
              WHEN f.shipped < o.total THEN 'dispatched in part' ELSE 'dispatched for more than it sold' END AS state, o.stage
    FROM ledger_salesorder AS o JOIN connections_connection AS c ON c.id = o.connection_id
    LEFT JOIN ({OF_ORDERS}) AS f ON f.order_id = o.id AND f.currency = o.currency
   WHERE o.connection_id <> ALL(%(statements)s) AND o.stage NOT IN ('ignored', 'cancelled', 'abandoned') AND o.state NOT IN ('cancelled', 'refused'))
SELECT month, state, '', count(*) || ' orders', account, currency, sum(total), sum(shipped), NULL::timestamptz, ''
  FROM sold WHERE state = 'sold and dispatched' GROUP BY month, state, account, currency
UNION ALL SELECT month, state, 'order:' || id, number, account, currency, total, shipped, placed_at, stage FROM sold
     WHERE state <> 'sold and dispatched'
"""  # noqa: S608 - put together from the constants above
UNFULFILLED = f"""
SELECT {PLACED}, {AGE.format(since="coalesce(f.taken_at, o.placed_at)")}, 'order:' || o.id, o.number, c.name, f.currency,
     f.taken - f.given_back - f.shipped, f.taken,
       coalesce(f.taken_at, o.placed_at), o.stage
  FROM ({OF_ORDERS}) AS f JOIN ledger_salesorder AS o ON o.id = f.order_id JOIN connections_connection AS c ON c.id = o.connection_id
 WHERE f.taken - f.given_back - f.shipped > 0 AND o.stage NOT IN ('shipped', 'done')
"""  # noqa: S608 - put together from the constants above
# The refund may be told as a refund, as money given back, or by the statement: the largest of them is what it cost.
OVERSELL = f"""
SELECT {PLACED}, CASE WHEN x.refunded > 0 THEN 'refunded' WHEN o.stage IN ('cancelled', 'abandoned') THEN 'cancelled, no refund seen'
     ELSE 'not decided yet' END,
       'order:' || o.id, o.number, c.name, o.currency, x.refunded, o.total - x.refunded, o.placed_at, 'expected ' || trim_scale(o.total)
  FROM ledger_salesorder AS o JOIN connections_connection AS c ON c.id = o.connection_id
 CROSS JOIN LATERAL (SELECT greatest(
       coalesce((SELECT sum(r.amount) FROM ledger_refund AS r WHERE r.order_id = o.id AND r.currency = o.currency), 0),
       coalesce((SELECT -sum(e.amount) FROM reconciliation_entry AS e WHERE e.order_id = o.id AND e.kind = 'refund'
            AND e.currency = o.currency), 0)) AS refunded) AS x
 WHERE EXISTS (SELECT 1 FROM exceptions_caseitem AS i JOIN exceptions_exceptioncase AS k ON k.id = i.case_id AND k.kind = 'E23'
      WHERE i.subject = 'order:' || o.id)
   AND (x.refunded > 0 OR o.stage NOT IN ('shipped', 'done', 'part_shipped'))
"""  # noqa: S608 - put together from the constants above
MOVEMENT = f"""
SELECT {PLACED}, 'sold, nothing in the warehouse', 'order:' || o.id, o.number, c.name, o.currency, o.total, NULL::numeric, o.placed_at, o.stage
  FROM ledger_salesorder AS o JOIN connections_connection AS c ON c.id = o.connection_id
 WHERE o.connection_id = ANY(%(statements)s) AND o.stage NOT IN ('ignored', 'cancelled', 'abandoned') AND o.state IN ('open', 'shipped', 'complete')
   AND NOT EXISTS (SELECT 1 FROM ledger_huborder AS h WHERE h.order_id = o.id AND h.state <> 'cancelled')
   AND NOT EXISTS (SELECT 1 FROM ledger_shipment AS s WHERE s.order_id = o.id AND s.cancelled_at IS NULL)
UNION ALL
SELECT to_char(h.changed_at AT TIME ZONE c.time_zone, 'YYYY-MM'), 'in the warehouse, no sale known', 'hub_order:' || h.id, h.number, c.name, '',
     0, NULL::numeric, h.changed_at, h.vendor_state
  FROM ledger_huborder AS h JOIN connections_connection AS c ON c.id = h.connection_id
 WHERE h.order_id IS NULL AND h.state <> 'cancelled' AND h.merged_into = ''
   AND EXISTS (SELECT 1 FROM connections_integration AS i WHERE i.hub_id = h.connection_id AND i.channel_id = ANY(%(statements)s)
        AND i.removed_at IS NULL
         AND (i.number_prefix = '' OR starts_with(h.number, i.number_prefix)))
"""  # noqa: S608 - put together from the constants above
CAPTURES = f"""
SELECT {PLACED}, CASE WHEN EXISTS (SELECT 1 FROM ledger_shipment AS s WHERE s.order_id = o.id AND s.shown_at IS NULL AND s.cancelled_at IS NULL)
            THEN 'the channel does not know of the dispatch' ELSE 'the channel knows of the dispatch' END,
       'order:' || o.id, o.number, c.name, f.currency, f.shipped - f.taken, f.shipped, f.shipped_at, {AGE.format(since="f.shipped_at")}
  FROM ({OF_ORDERS}) AS f JOIN ledger_salesorder AS o ON o.id = f.order_id JOIN connections_connection AS c ON c.id = o.connection_id
 WHERE f.shipped > f.taken AND o.payment_state <> 'not_told' AND o.stage NOT IN ('cancelled', 'abandoned')
"""  # noqa: S608 - put together from the constants above
STILL_OPEN = f"""
SELECT {PLACED}, {AGE.format(since="o.stage_at")}, 'order:' || o.id, o.number, c.name, o.currency, o.total, NULL::numeric, o.stage_at,
       CASE WHEN EXISTS (SELECT 1 FROM ledger_returnorder AS r WHERE r.order_id = o.id) THEN 'has a return' ELSE '' END
  FROM ledger_salesorder AS o JOIN connections_connection AS c ON c.id = o.connection_id WHERE o.stage IN ('shipped', 'done') AND o.state = 'open'
"""  # noqa: S608 - put together from the constants above
PENALTIES = f"""
SELECT {MONTH.format(at="e.at")}, CASE WHEN k.id IS NULL AND e.vendor_kind = ANY(%(explained)s) THEN 'contract' WHEN k.id IS NULL
     THEN 'no cause known'
            WHEN k.disputed THEN 'disputed' WHEN k.by_id IS NULL THEN left(k.label, 3) || ' case' ELSE 'tied by a person' END,
       'entry:' || e.id, coalesce(nullif(e.vendor_kind, ''), e.kind), c.name, e.currency, e.amount, NULL::numeric, e.at,
       coalesce(k.label, coalesce((SELECT 'order ' || o.number FROM ledger_salesorder AS o WHERE o.id = e.order_id), ''))
  FROM reconciliation_entry AS e JOIN connections_connection AS c ON c.id = e.connection_id LEFT JOIN reconciliation_cause AS k ON k.entry_id = e.id
 WHERE e.kind IN ('fee', 'penalty')
"""  # noqa: S608 - put together from the constants above


@dataclass(frozen=True)
class Kind:
    """One report. `amount` and `other` head its two columns of money."""

    name: str
    title: str
    text: str
    query: str
    amount: str = "Amount"
    other: str = ""
    since: str = "Since"


REPORTS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("payouts", "Payouts against the marketplace's reporting",
             "Every settlement cycle: what the statement pays, and what its lines come to.", PAYOUTS, "Statement pays", "Lines come to", "Ended"),
        Kind("statement", "Orders whose statement differs", "Sales, refunds and commission as the marketplace tells them, against the orders.",
             STATEMENT, "Told by the statement", "Expected"),
        Kind("sales", "Storefront sales against dispatches",
             "What was sold, and what of it has left the warehouse. Orders that agree are one row a month.", SALES, "Sold", "Dispatched", "Placed"),
        Kind("unfulfilled", "Paid, never fulfilled", "Money held for goods that did not leave, by the age of the payment.",
             UNFULFILLED, "Held", "Taken", "Paid"),
        Kind("oversell", "Refunds caused by overselling", "Orders of oversold SKUs: what was given back, and what is left of the sale.",
             OVERSELL, "Given back", "Left of the sale", "Placed"),
        Kind("movement", "Marketplace sales without warehouse activity", "Sales the warehouse knows nothing of, and warehouse orders without a sale.",
             MOVEMENT, "Sold"),
        Kind("captures", "Delayed payments", "Dispatched and not yet paid: the cash that is late, and whether the channel knows of the dispatch.",
             CAPTURES, "Not taken", "Dispatched", "Dispatched at"),
        Kind("still_open", "Dispatched, still open in the channel", "Everything has left, and the channel still lists the order as open.",
             STILL_OPEN, "Sold", "", "Dispatched at"),
        Kind("penalties", "Fees and penalties by cause", "What operators charged beside commission, and why.",
             PENALTIES, "Charged", "", "Charged at"),
    )
}  # fmt: skip
