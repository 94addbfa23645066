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
# Each: thing, currency, expected, actual, since, early. A joined row has one side when the other is missing.
SALE = f"""
SELECT coalesce(o.id, t.order_id), coalesce(t.currency, o.currency), CASE WHEN o.id IS NULL OR {OVER} THEN 0 ELSE o.total END,
       CASE WHEN {OVER} THEN coalesce(t.sale, 0) + coalesce(t.refund, 0) ELSE coalesce(t.sale, 0) END,
       greatest(o.placed_at, t.at), o.state = 'open' AND t.lines IS NULL
  FROM (SELECT id, currency, total, state, placed_at FROM ledger_salesorder AS o WHERE o.connection_id = %(account)s AND NOT ({OUT_OF_PLAY})) AS o
  FULL JOIN (SELECT e.order_id, e.currency, max(e.at) AS at, sum(e.amount) FILTER (WHERE e.kind = 'refund') AS refund,
                    sum(e.amount) FILTER (WHERE e.kind = ANY(ARRAY['order', 'shipping', 'tax'])) AS sale,
                    count(*) FILTER (WHERE e.kind = ANY(ARRAY['order', 'shipping', 'tax'])) AS lines
               FROM reconciliation_entry AS e WHERE e.connection_id = %(account)s AND e.order_id IS NOT NULL GROUP BY e.order_id, e.currency) AS t
    ON t.order_id = o.id AND t.currency = o.currency
"""  # noqa: S608 - put together from the constants above
REFUND = f"""
SELECT o.id, o.currency, -coalesce(r.amount, 0), coalesce(t.refund, 0), greatest(r.at, t.at, o.changed_at), false
  FROM ledger_salesorder AS o LEFT JOIN ({TOLD}) AS t ON t.order_id = o.id AND t.currency = o.currency {REFUNDED}
 WHERE o.connection_id = %(account)s AND NOT {OVER} AND (r.amount IS NOT NULL OR coalesce(t.refund, 0) <> 0)
"""  # noqa: S608 - put together from the constants above
# The order tells the commission net of tax or with it; a line that says so in its name is the tax on it.
COMMISSION = f"""
SELECT o.id, o.currency, -(o.extra ->> 'total_commission')::numeric, c.amount, greatest(c.at, o.changed_at), false
  FROM ledger_salesorder AS o
  JOIN (SELECT order_id, currency, max(at) AS at, sum(amount) FILTER (WHERE vendor_kind NOT LIKE 'REFUND%%') AS amount,
               bool_or(vendor_kind LIKE 'REFUND%%') AS given_back
          FROM reconciliation_entry WHERE connection_id = %(account)s AND kind = 'commission' AND order_id IS NOT NULL
               GROUP BY order_id, currency) AS c
    ON c.order_id = o.id AND c.currency = o.currency
 WHERE o.connection_id = %(account)s AND NOT {OVER} AND NOT c.given_back AND (o.extra ->> 'total_commission') ~ '^-?[0-9]+([.][0-9]+)?$'
"""  # noqa: S608 - put together from the constants above
SHIPPED = f"""
SELECT o.id, t.currency, -t.shipped, least(t.capture, -t.shipped), greatest(t.at, o.placed_at), false
  FROM ledger_salesorder AS o JOIN ({TOLD}) AS t ON t.order_id = o.id
 WHERE o.connection_id = %(account)s AND o.payment_state <> 'not_told' AND t.shipped <> 0
"""  # noqa: S608 - put together from the constants above
RETURNED = f"""
SELECT o.id, o.currency, -coalesce(r.amount, 0), coalesce(t.refund, 0), greatest(r.at, t.at), false
  FROM ledger_salesorder AS o JOIN ({TOLD}) AS t ON t.order_id = o.id AND t.currency = o.currency {REFUNDED}
 WHERE o.connection_id = %(account)s AND (r.amount IS NOT NULL OR t.refund <> 0)
"""  # noqa: S608 - put together from the constants above
UNTIED = """
SELECT e.id, e.currency, 0, e.amount, e.at, false FROM reconciliation_entry AS e
 WHERE e.connection_id = %(account)s AND e.source = 'payout' AND e.order_id IS NULL AND e.amount <> 0
   AND e.kind IN ('order', 'shipping', 'tax', 'refund', 'commission')
"""
CYCLE = """
SELECT p.id, p.currency, greatest(0, coalesce(sum(e.amount), 0)), p.transferred, p.ends_at, false
  FROM reconciliation_period AS p
  LEFT JOIN reconciliation_entry AS e
    ON e.connection_id = p.connection_id AND e.currency = p.currency AND e.cycle = p.key AND e.kind NOT IN ('payout', 'reserve')
 WHERE p.connection_id = %(account)s AND p.basis = 'cycle' AND p.transferred IS NOT NULL GROUP BY p.id
"""
STATEMENT_SIDES = {Side.SALE: SALE, Side.REFUND: REFUND, Side.COMMISSION: COMMISSION, Side.UNTIED: UNTIED, Side.CYCLE: CYCLE}
PAYMENT_SIDES = {Side.SHIPPED: SHIPPED, Side.RETURNED: RETURNED}
# What a side's things are called, looked up for those alone that differ.
NAMES = {
    "order": "(SELECT x.number FROM ledger_salesorder AS x WHERE x.id = thing)",
    "entry": """(SELECT coalesce(nullif(p.order_reference, ''), p.vendor_kind || ' ' || p.reference)
                   FROM reconciliation_entry AS x JOIN ledger_payoutline AS p ON p.id = x.source_id WHERE x.id = thing)""",
    "period": "(SELECT 'Cycle to ' || to_char(x.ends_at, 'YYYY-MM-DD') FROM reconciliation_period AS x WHERE x.id = thing)",
}
PREFIXES = {Side.UNTIED: "entry", Side.CYCLE: "period"}
# One pass: everything is counted, and what differs is kept; its tolerance and its name are looked up for it alone.
JUDGE = """
WITH held (thing, currency, expected, actual, since, early) AS ({side}),
gone AS (SELECT split_part(subject, ':', 2)::bigint AS thing, currency, sum(amount) AS amount FROM reconciliation_writeoff
          WHERE connection_id = %(account)s AND side = %(name)s GROUP BY 1, 2),
judged AS MATERIALIZED (
  SELECT h.thing, h.currency, h.expected, h.actual, h.since, g.amount AS written_off,
         CASE WHEN h.actual - h.expected + coalesce(g.amount, 0) = 0 THEN 'exact'
              WHEN (SELECT abs(h.actual - h.expected + coalesce(g.amount, 0)) <= greatest(t.absolute, t.relative * abs(h.expected))
                      FROM reconciliation_tolerance AS t WHERE t.currency = h.currency) THEN 'tolerated'
              WHEN h.early OR h.since > %(at)s - interval '1 day' * coalesce(
                   (SELECT t.timing_days FROM reconciliation_tolerance AS t WHERE t.currency = h.currency), 14) THEN 'timing'
              ELSE 'unexplained' END AS state
    FROM held AS h LEFT JOIN gone AS g ON g.thing = h.thing AND g.currency = h.currency),
kept AS (
  INSERT INTO reconciliation_discrepancy (connection_id, side, subject, label, order_id, currency, expected, actual, difference, written_off,
    state, since)
  SELECT %(account)s, %(name)s, '{prefix}:' || thing, left(coalesce({label}, ''), 160), CASE WHEN '{prefix}' = 'order' THEN thing END, currency,
         expected, actual, actual - expected, coalesce(written_off, 0), state, coalesce(since, %(at)s)
    FROM judged WHERE state <> 'exact' OR written_off IS NOT NULL)
INSERT INTO reconciliation_matchtotal (connection_id, side, currency, state, number, expected, actual)
SELECT %(account)s, %(name)s, currency, state, count(*), sum(expected), sum(actual) FROM judged GROUP BY currency, state
"""
CLEAR = (
    "DELETE FROM reconciliation_discrepancy WHERE connection_id = %(account)s",
    "DELETE FROM reconciliation_matchtotal WHERE connection_id = %(account)s",
)
# Orders and their entries lie sorted in two indexes; the planner would rather hash millions of them to disk.
JOINS = {True: "SET LOCAL enable_hashjoin = off", False: "SET LOCAL enable_hashjoin = on"}


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
        judge(account, name, side, at=at)


def judge(account: int, name: Side, side: str, *, at: datetime) -> None:
    prefix = PREFIXES.get(name, "order")
    run(JOINS[name is Side.SALE])
    run(JUDGE.format(side=side, prefix=prefix, label=NAMES[prefix]), {"account": account, "name": name.value, "at": at})


def tolerance_of(currency: str) -> Tolerance:
    return Tolerance.objects.filter(currency=currency).first() or Tolerance(currency=currency)
