"""Writes down that a warehouse has taken several orders: what `create_order.record` does for one, in a few statements for all."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import connection as database
from django.utils import timezone

from connectors.canonical import Done
from exceptions.closing import with_open_cases
from portal.connections.models import Connection
from portal.ledger.expect import Expected, met_all
from portal.ledger.models import SalesOrder, Stage
from portal.sync import failures
from portal.sync.complaints import snapshot
from portal.sync.kinds import Request
from portal.sync.models import OutboundMessage
from portal.sync.plan_acceptance import warehouse_has
from portal.sync.subjects import order_subject

FURTHER = [Stage.PART_SHIPPED.value, Stage.SHIPPED.value, Stage.DONE.value]  # the warehouse's own news was quicker than its answer
HAND_OVER = """
UPDATE ledger_salesorder AS o
   SET sent_version = n.version, sent_snapshot = n.snapshot,
       stage = CASE WHEN o.stage = ANY(%(further)s) THEN o.stage ELSE 'with_hub' END,
       stage_note = CASE WHEN o.stage = ANY(%(further)s) THEN o.stage_note ELSE n.note END,
       stage_at = CASE WHEN o.stage = ANY(%(further)s) THEN o.stage_at ELSE %(at)s END
  FROM jsonb_to_recordset(%(rows)s) AS n (id bigint, version text, snapshot jsonb, note text)
 WHERE o.id = n.id
"""


def record_all(done: Sequence[tuple[OutboundMessage, Request, Done]], *, at: datetime) -> None:
    """Keep their ids, and what they were given; nothing stands in the orders' way any more. The caller has locked the orders."""
    orders = {order_subject(order): (order, request, answer) for message, request, answer in done if (order := message.order) is not None}
    references = {subject: (answer.reference, answer.link) for subject, (_, _, answer) in orders.items()}
    remember_references(done[0][0].connection, "order", references)
    hand_over([(order, "; ".join(answer.warnings)) for order, _, answer in orders.values()], at=at)
    for order, request, _ in orders.values():
        if request.body.on_hold:
            warehouse_has(order, on_hold=True, at=at)
    met_all(Expected.IN_HUB, orders, at=at)
    for subject in with_open_cases(orders):
        order, _, answer = orders[subject]
        proof = {"warehouse order": answer.reference, "found": "it was there already" if answer.found else "created"}
        failures.settled(order, proof=proof, at=at)


def hand_over(orders: Sequence[tuple[SalesOrder, str]], *, at: datetime) -> None:
    """The warehouse has them, as they are now; with a note for each."""
    rows = [{"id": order.pk, "version": order.version, "snapshot": snapshot(order), "note": note} for order, note in orders]
    with database.cursor() as cursor:
        cursor.execute(HAND_OVER, {"further": FURTHER, "at": at, "rows": json.dumps(rows)})
    for order, note in orders:
        order.stage, order.stage_note, order.stage_at = Stage.WITH_HUB, note, at


REMEMBER = """
INSERT INTO sync_externalreference (connection_id, kind, subject, reference, link, created_at)
SELECT %s, %s, n.subject, n.reference, n.link, %s
  FROM unnest(%s::text[], %s::text[], %s::text[]) AS n (subject, reference, link) ORDER BY n.subject
ON CONFLICT (connection_id, kind, subject) DO UPDATE SET reference = excluded.reference, link = excluded.link
"""


def remember_references(connection: Connection, kind: str, references: Mapping[str, tuple[str, str]]) -> None:
    """`confirm.remember_reference` for several subjects (subject → reference and link), in one statement."""
    told, links = ([row[which][:most] for row in references.values()] for which, most in ((0, 160), (1, 500)))
    with database.cursor() as cursor:
        cursor.execute(REMEMBER, [connection.pk, kind, timezone.now(), list(references), told, links])
