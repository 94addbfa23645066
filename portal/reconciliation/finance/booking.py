"""Puts every entry into the month (by the account's clock), the interval and the cycle it counts in; after a close, into the next open period."""

from __future__ import annotations

from datetime import datetime

from portal.reconciliation.finance.entries import run

MONTHS = """
INSERT INTO reconciliation_period (connection_id, currency, basis, key, starts_at, ends_at, opening, ending, entries, late, state,
     transfer_state, prepared_sha256)
SELECT a.connection_id, a.currency, 'month', to_char(m, 'YYYY-MM'), m AT TIME ZONE c.time_zone, (m + interval '1 month') AT TIME ZONE c.time_zone,
       0, 0, 0, 0, 'open', '', ''
  FROM (SELECT connection_id, currency, min(at) AS first FROM reconciliation_entry WHERE month_id IS NULL GROUP BY connection_id, currency
        UNION SELECT connection_id, currency, max(starts_at) FROM reconciliation_period WHERE basis = 'month' GROUP BY connection_id, currency) AS a
  JOIN connections_connection AS c ON c.id = a.connection_id
 CROSS JOIN generate_series(date_trunc('month', a.first AT TIME ZONE c.time_zone), date_trunc('month', %(at)s AT TIME ZONE c.time_zone),
                            interval '1 month') AS m
 WHERE NOT EXISTS (SELECT 1 FROM reconciliation_period AS p WHERE p.connection_id = a.connection_id AND p.currency = a.currency AND p.basis = 'month'
                      AND p.state = 'closed' AND p.starts_at >= m AT TIME ZONE c.time_zone)
ON CONFLICT DO NOTHING
"""
# A cycle begins where the one before ended. One that is told after later ones were closed stands right after those.
CYCLES = """
INSERT INTO reconciliation_period (connection_id, currency, basis, key, starts_at, ends_at, transferred, transfer_state, opening, ending,
     entries, late, state, prepared_sha256)
SELECT c.connection_id, c.currency, 'cycle', c.cycle, c.begins, greatest(c.at, c.closed + interval '1 second'), c.amount, c.state, 0, 0, 0, 0,
     'open', ''
  FROM (SELECT p.*, coalesce(lag(p.at) OVER (PARTITION BY p.connection_id, p.currency ORDER BY p.at, p.id),
               least(p.at, (SELECT min(e.at) FROM reconciliation_entry AS e WHERE e.connection_id = p.connection_id)) - interval '1 day') AS begins,
               (SELECT max(d.ends_at) FROM reconciliation_period AS d WHERE d.connection_id = p.connection_id AND d.currency = p.currency
                   AND d.basis = 'cycle' AND d.state = 'closed') AS closed
          FROM ledger_payoutline AS p WHERE p.kind = 'cycle') AS c
 WHERE c.begins < c.at
ON CONFLICT (connection_id, currency, basis, key) DO UPDATE SET transfer_state = excluded.transfer_state
 WHERE reconciliation_period.transfer_state <> excluded.transfer_state AND reconciliation_period.state <> 'closed'
"""
# `{column}` is set once: to the open period that holds the moment, else to the first open one after it.
BOOK = """
UPDATE reconciliation_entry AS e SET {column} = found.period
  FROM (SELECT DISTINCT connection_id, currency, {moment} AS moment FROM reconciliation_entry AS e WHERE e.{column} IS NULL {only}) AS wanted
  CROSS JOIN LATERAL (SELECT p.id AS period FROM reconciliation_period AS p
      WHERE p.connection_id = wanted.connection_id AND p.currency = wanted.currency AND p.basis = %(basis)s AND p.state <> 'closed'
        AND p.ends_at > wanted.moment ORDER BY p.ends_at LIMIT 1) AS found
 WHERE e.{column} IS NULL AND e.connection_id = wanted.connection_id AND e.currency = wanted.currency AND {same}
"""
QUARTER = "date_bin('15 minutes', e.at, '2000-01-01Z')"  # every time zone's midnight is at one
TO_MONTH = BOOK.format(column="month_id", moment=QUARTER, only="", same=f"{QUARTER} = wanted.moment")
TO_INTERVAL = BOOK.format(column="interval_id", moment="e.at", only="AND e.source = 'payout'", same="e.at = wanted.moment AND e.source = 'payout'")
SETTLE = """
UPDATE reconciliation_entry AS e SET settled_id = found.period
  FROM (SELECT DISTINCT connection_id, currency, cycle FROM reconciliation_entry WHERE settled_id IS NULL AND cycle <> ''
       AND kind <> 'payout') AS wanted
  JOIN reconciliation_period AS own ON own.connection_id = wanted.connection_id AND own.currency = wanted.currency AND own.basis = 'cycle'
       AND own.key = wanted.cycle
  CROSS JOIN LATERAL (SELECT p.id AS period FROM reconciliation_period AS p
      WHERE p.connection_id = own.connection_id AND p.currency = own.currency AND p.basis = 'cycle' AND p.state <> 'closed'
        AND (p.id = own.id OR p.ends_at > own.ends_at) ORDER BY p.ends_at LIMIT 1) AS found
 WHERE e.settled_id IS NULL AND e.kind <> 'payout' AND e.connection_id = wanted.connection_id AND e.currency = wanted.currency
      AND e.cycle = wanted.cycle
"""
FORGET = "DELETE FROM reconciliation_figure AS f USING reconciliation_period AS p WHERE f.period_id = p.id AND p.state <> 'closed'"
COUNT = """
INSERT INTO reconciliation_figure (period_id, part, kind, amount, entries)
SELECT e.{column}, '{part}', e.kind, sum(e.amount), count(*) FROM reconciliation_entry AS e
  JOIN reconciliation_period AS p ON p.id = e.{column} AND p.state <> 'closed' WHERE {only} GROUP BY e.{column}, e.kind
"""
COUNTS = (
    COUNT.format(column="month_id", part="activity", only="true"),
    COUNT.format(column="interval_id", part="activity", only="e.kind <> 'payout'"),
    COUNT.format(column="settled_id", part="settled", only="e.kind <> 'payout'"),
)
# What was not settled at the beginning is what was not settled at the end of the one before.
BALANCE = """
WITH moved AS (
  SELECT p.id, p.connection_id, p.currency, p.basis, p.ends_at,
         coalesce(sum(CASE f.part WHEN 'activity' THEN f.amount WHEN 'settled' THEN -f.amount END), 0) AS change,
         coalesce(sum(f.entries), 0) AS entries
    FROM reconciliation_period AS p LEFT JOIN reconciliation_figure AS f ON f.period_id = p.id GROUP BY p.id),
running AS (
  SELECT id, entries, change, sum(change) OVER (PARTITION BY connection_id, currency, basis ORDER BY ends_at, id) AS ending FROM moved)
UPDATE reconciliation_period AS p SET opening = r.ending - r.change, ending = r.ending, entries = r.entries,
       late = (SELECT count(*) FROM reconciliation_entry AS e WHERE e.at < p.starts_at AND (p.basis = 'month' AND e.month_id = p.id))
            + (SELECT count(*) FROM reconciliation_entry AS e WHERE e.at < p.starts_at AND (p.basis = 'cycle' AND e.interval_id = p.id))
  FROM running AS r WHERE r.id = p.id AND p.state <> 'closed'
"""


def book(*, at: datetime) -> None:
    """Must run `alone`, after `collect`."""
    run(MONTHS, {"at": at})
    run(CYCLES)
    run(TO_MONTH, {"basis": "month"})
    run(TO_INTERVAL, {"basis": "cycle"})
    run(SETTLE)
    count()


def count() -> None:
    """The figures of every open period, anew; closed ones are not touched."""
    run(FORGET)
    for statement in COUNTS:
        run(statement)
    run(BALANCE)
