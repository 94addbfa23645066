"""Holds both sides against each other, order by order: what agrees to the penny is counted, what does not is kept with its state."""

from __future__ import annotations

from datetime import datetime

from portal.reconciliation.finance.entries import run, statement_accounts
from portal.reconciliation.finance.models import Entry, Tolerance
from portal.reconciliation.finance.words import Side

TOLERANCES = """
INSERT INTO reconciliation_tolerance (currency, absolute, relative, timing_days, write_off_limit)
SELECT DISTINCT currency, 0.01, 0, 14, 25 FROM reconciliation_entry WHERE currency <> '' ON CONFLICT DO NOTHING
"""
# What one account's lines say of each order; both sides of the report come from this one grouping (many lines, one order, and many dispatches).
TOLD = """
SELECT e.order_id, e.currency, count(*) FILTER (WHERE e.kind = ANY(ARRAY['order', 'shipping', 'tax'])) AS lines,
       coalesce(sum(e.amount) FILTER (WHERE e.kind = ANY(ARRAY['order', 'shipping', 'tax'])), 0) AS sale,
       coalesce(sum(e.amount) FILTER (WHERE e.kind = 'refund'), 0) AS refund,
       coalesce(sum(e.amount) FILTER (WHERE e.kind = 'commission'), 0) AS commission,
       coalesce(sum(e.amount) FILTER (WHERE e.kind = 'capture'), 0) AS capture,
       coalesce(sum(e.amount) FILTER (WHERE e.kind = 'shipped'), 0) AS shipped, max(e.at) AS at
  FROM reconciliation_entry AS e WHERE e.connection_id = %(account)s AND e.order_id IS NOT NULL GROUP BY e.order_id, e.currency
"""
OVER = "o.state IN ('cancelled', 'refused')"
OUT_OF_PLAY = "o.stage = 'ignored' OR o.state IN ('waiting_acceptance', 'waiting_payment')"
REFUNDED = """
  LEFT JOIN (SELECT order_id, sum(amount) AS amount, max(at) AS at FROM ledger_refund WHERE connection_id = %(account)s GROUP BY order_id) AS r
    ON r.order_id = o.id"""
# Each: subject, label, order, currency, expected, actual, since. A joined row has one side when the other is missing.
SALE = f"""
SELECT 'order:' || coalesce(o.id, t.order_id) AS subject,
       coalesce(o.number, (SELECT x.number FROM ledger_salesorder AS x WHERE x.id = t.order_id)) AS label, coalesce(o.id, t.order_id) AS order_id,
       coalesce(t.currency, o.currency) AS currency, CASE WHEN o.id IS NULL OR {OVER} THEN 0 ELSE o.total END AS expected,
       CASE WHEN {OVER} THEN coalesce(t.sale, 0) + coalesce(t.refund, 0) ELSE coalesce(t.sale, 0) END AS actual,
       greatest(o.placed_at, t.at) AS since, o.state = 'open' AND t.lines IS NULL AS early
  FROM (SELECT * FROM ledger_salesorder AS o WHERE o.connection_id = %(account)s AND NOT ({OUT_OF_PLAY})) AS o
  FULL JOIN ({TOLD}) AS t ON t.order_id = o.id AND t.currency = o.currency
"""  # noqa: S608 - put together from the constants above
REFUND = f"""
SELECT 'order:' || o.id, o.number, o.id, o.currency, -coalesce(r.amount, 0), coalesce(t.refund, 0), greatest(r.at, t.at, o.changed_at), false
  FROM ledger_salesorder AS o LEFT JOIN ({TOLD}) AS t ON t.order_id = o.id AND t.currency = o.currency {REFUNDED}
 WHERE o.connection_id = %(account)s AND NOT {OVER} AND (r.amount IS NOT NULL OR coalesce(t.refund, 0) <> 0)
"""  # noqa: S608 - put together from the constants above
# The order tells the commission net of tax or with it; a line that says so in its name is the tax on it.
COMMISSION = f"""
SELECT 'order:' || o.id, o.number, o.id, o.currency, -(o.extra ->> 'total_commission')::numeric, c.amount, greatest(c.at, o.changed_at), false
  FROM ledger_salesorder AS o
  JOIN (SELECT order_id, currency, max(at) AS at, sum(amount) FILTER (WHERE vendor_kind NOT LIKE 'REFUND%%') AS amount,
               bool_or(vendor_kind LIKE 'REFUND%%') AS given_back
          FROM reconciliation_entry WHERE connection_id = %(account)s AND kind = 'commission' AND order_id IS NOT NULL
               GROUP BY order_id, currency) AS c
    ON c.order_id = o.id AND c.currency = o.currency
 WHERE o.connection_id = %(account)s AND NOT {OVER} AND NOT c.given_back AND (o.extra ->> 'total_commission') ~ '^-?[0-9]+([.][0-9]+)?$'
"""  # noqa: S608 - put together from the constants above
SHIPPED = f"""
SELECT 'order:' || o.id, o.number, o.id, t.currency, -t.shipped, least(t.capture, -t.shipped), greatest(t.at, o.placed_at), false
  FROM ledger_salesorder AS o JOIN ({TOLD}) AS t ON t.order_id = o.id
 WHERE o.connection_id = %(account)s AND o.payment_state <> 'not_told' AND t.shipped <> 0
"""  # noqa: S608 - put together from the constants above
RETURNED = f"""
SELECT 'order:' || o.id, o.number, o.id, o.currency, -coalesce(r.amount, 0), coalesce(t.refund, 0), greatest(r.at, t.at), false
  FROM ledger_salesorder AS o JOIN ({TOLD}) AS t ON t.order_id = o.id AND t.currency = o.currency {REFUNDED}
 WHERE o.connection_id = %(account)s AND (r.amount IS NOT NULL OR t.refund <> 0)
"""  # noqa: S608 - put together from the constants above
UNTIED = """
SELECT 'entry:' || e.id, coalesce(nullif(p.order_reference, ''), p.vendor_kind || ' ' || p.reference), NULL::bigint, e.currency, 0, e.amount,
     e.at, false
  FROM reconciliation_entry AS e JOIN ledger_payoutline AS p ON p.id = e.source_id
 WHERE e.connection_id = %(account)s AND e.source = 'payout' AND e.order_id IS NULL AND e.amount <> 0
   AND e.kind IN ('order', 'shipping', 'tax', 'refund', 'commission')
"""
CYCLE = """
SELECT 'period:' || p.id, 'Cycle to ' || to_char(p.ends_at, 'YYYY-MM-DD'),
       NULL::bigint, p.currency, greatest(0, coalesce(sum(e.amount), 0)), p.transferred,
     p.ends_at, false
  FROM reconciliation_period AS p
  LEFT JOIN reconciliation_entry AS e ON e.connection_id = p.connection_id AND e.currency = p.currency AND e.cycle = p.key
       AND e.kind NOT IN ('payout', 'reserve')
 WHERE p.connection_id = %(account)s AND p.basis = 'cycle' AND p.transferred IS NOT NULL GROUP BY p.id
"""
STATEMENT_SIDES = {Side.SALE: SALE, Side.REFUND: REFUND, Side.COMMISSION: COMMISSION, Side.UNTIED: UNTIED, Side.CYCLE: CYCLE}
PAYMENT_SIDES = {Side.SHIPPED: SHIPPED, Side.RETURNED: RETURNED}
# One pass: what differs is kept, everything is counted.
JUDGE = """
WITH held (subject, label, order_id, currency, expected, actual, since, early) AS ({side}),
gone AS (SELECT subject, currency, sum(amount) AS amount FROM reconciliation_writeoff
          WHERE connection_id = %(account)s AND side = %(name)s GROUP BY subject, currency),
judged AS (
  SELECT h.*, coalesce(g.amount, 0) AS written_off, h.actual - h.expected AS difference,
         CASE WHEN h.actual - h.expected + coalesce(g.amount, 0) = 0 THEN 'exact'
              WHEN abs(h.actual - h.expected + coalesce(g.amount, 0)) <= greatest(coalesce(t.absolute, 0), coalesce(t.relative,
                   0) * abs(h.expected)) THEN 'tolerated'
              WHEN h.early OR h.since > %(at)s - coalesce(t.timing_days, 14) * interval '1 day' THEN 'timing'
              ELSE 'unexplained' END AS state
    FROM held AS h LEFT JOIN gone AS g ON g.subject = h.subject AND g.currency = h.currency
    LEFT JOIN reconciliation_tolerance AS t ON t.currency = h.currency),
kept AS (
  INSERT INTO reconciliation_discrepancy (connection_id, side, subject, label, order_id, currency, expected, actual, difference, written_off,
       state, since)
  SELECT %(account)s, %(name)s, subject, left(label, 160), order_id, currency, expected, actual, difference, written_off, state, coalesce(since,
       %(at)s)
    FROM judged WHERE state <> 'exact' OR written_off <> 0)
INSERT INTO reconciliation_matchtotal (connection_id, side, currency, state, number, expected, actual)
SELECT %(account)s, %(name)s, currency, state, count(*), sum(expected), sum(actual) FROM judged GROUP BY currency, state
"""
CLEAR = (
    "DELETE FROM reconciliation_discrepancy WHERE connection_id = %(account)s",
    "DELETE FROM reconciliation_matchtotal WHERE connection_id = %(account)s",
)


def match(*, at: datetime) -> None:
    """Judge every account anew. What was timing and has its counterpart by now is exact without anybody's doing. Must run `alone`."""
    run(TOLERANCES)
    statements = set(statement_accounts())
    for account in statements | set(Entry.objects.order_by().values_list("connection", flat=True).distinct()):
        match_account(account, is_statement=account in statements, at=at)


def match_account(account: int, *, is_statement: bool, at: datetime) -> None:
    for statement in CLEAR:
        run(statement, {"account": account})
    sides = STATEMENT_SIDES if is_statement else PAYMENT_SIDES
    for name, side in sides.items():
        run(JUDGE.format(side=side), {"account": account, "name": name.value, "at": at})


def tolerance_of(currency: str) -> Tolerance:
    return Tolerance.objects.filter(currency=currency).first() or Tolerance(currency=currency)
