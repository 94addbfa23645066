"""Writes what channels should show, many levels in a few statements, and queues what changed; the newest wins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection as database

from portal.connections.models import Integration
from portal.ledger.models import Buffer, StockPublication
from portal.sync.models import OutboundMessage, State
from portal.sync.routes import ROUTES
from portal.sync.subjects import stock_subject

KIND = "publish_stock"
OVERTAKEN = "A newer value took its place."
# One statement of arrays: Django's bulk_update builds a CASE for each row and column, which is most of the cost of 100,000 SKUs.
SAVE = """
UPDATE ledger_stockpublication AS kept
SET wanted = told.wanted, withheld = told.withheld, buffer_id = told.buffer, revision = told.revision, truth_changed_at = told.truth_at
FROM unnest(%s::bigint[], %s::int[], %s::int[], %s::bigint[], %s::int[], %s::timestamptz[])
  AS told (id, wanted, withheld, buffer, revision, truth_at)
WHERE kept.id = told.id
"""


@dataclass(frozen=True)
class Wanted:
    """The level one place of the channel should show. `sku` is the channel's; `truth_at`: when the truth changed to it."""

    sku: str
    place: str
    level: int
    withheld: int
    truth_at: datetime
    buffer: Buffer | None = None


def want_all(integration: Integration, wanted: Sequence[Wanted], *, at: datetime) -> int:
    """Make these the wanted levels and queue those that changed; how many did. Rows are locked in one order, always the same."""
    if not integration.channel.owns_stock:
        return 0  # another account tells this shop its stock (R1)
    rows = known(integration, wanted)
    fresh = [one for one in wanted if (one.sku, one.place) not in rows]
    StockPublication.objects.bulk_create(
        [
            StockPublication(
                integration=integration,
                connection=integration.channel,
                sku=one.sku,
                warehouse_code=one.place,
                wanted=one.level,
                withheld=one.withheld,
                buffer=one.buffer,
                truth_changed_at=at,  # what was never shown cannot have been late before it was known
            )
            for one in fresh
        ],
        ignore_conflicts=True,
    )
    rows = known(integration, wanted) if fresh else rows
    made = {(one.sku, one.place) for one in fresh}
    before = {key: (row.wanted, row.withheld, row.buffer_id) for key, row in rows.items()}
    changed = [row for one in wanted if lay_over(row := rows[one.sku, one.place], one, new=(one.sku, one.place) in made, at=at)]
    touched = [row for key, row in rows.items() if before[key] != (row.wanted, row.withheld, row.buffer_id)]
    save_all(touched)
    publish_all(integration, changed, at=at)
    return len(changed)


def save_all(rows: Sequence[StockPublication]) -> None:
    columns = zip(*((row.pk, row.wanted, row.withheld, row.buffer_id, row.revision, row.truth_changed_at) for row in rows), strict=True)
    if rows:
        with database.cursor() as cursor:
            cursor.execute(SAVE, [list(column) for column in columns])


def known(integration: Integration, wanted: Sequence[Wanted]) -> dict[tuple[str, str], StockPublication]:
    rows = StockPublication.objects.select_for_update().filter(connection=integration.channel, sku__in={one.sku for one in wanted})
    places = {(one.sku, one.place) for one in wanted}
    return {(row.sku, row.warehouse_code): row for row in rows.order_by("pk") if (row.sku, row.warehouse_code) in places}


def lay_over(row: StockPublication, one: Wanted, *, new: bool, at: datetime) -> bool:
    """Put the wanted level on the row; True when it must be published."""
    row.withheld, row.buffer = one.withheld, one.buffer
    if new:
        return row.wanted == one.level or move(row, one, at=at)
    return row.wanted != one.level and move(row, one, at=at)


def move(row: StockPublication, one: Wanted, *, at: datetime) -> bool:
    """The level changed when the hub's did; where the hub's did not, a sale, a buffer or a setting changed it just now (R25)."""
    truth_at = one.truth_at if one.truth_at > row.truth_changed_at else at
    row.wanted, row.revision, row.truth_changed_at = one.level, row.revision + 1, truth_at
    return True


def publish_all(integration: Integration, rows: Sequence[StockPublication], *, at: datetime) -> None:
    """Queue the rows' wanted levels. The payload is what the stock timeline is drawn from."""
    route = ROUTES[KIND]
    subjects = [stock_subject(row) for row in rows]
    waiting = OutboundMessage.objects.filter(connection=integration.channel, kind=KIND, subject__in=subjects, state__in=(State.QUEUED, State.PARKED))
    waiting.update(state=State.SUPERSEDED, note=OVERTAKEN, waiting_for="")
    messages = [
        OutboundMessage(
            connection=integration.channel,
            integration=integration,
            kind=KIND,
            subject=subject,
            version=str(row.revision),
            lane=route.lane.format(store="", order="", subject=subject, product=""),
            rank=route.rank,
            payload={"sku": row.sku, "level": row.wanted, "withheld": row.withheld, "truth_at": row.truth_changed_at.isoformat()},
            not_before=at,
            created_at=at,
        )
        for row, subject in zip(rows, subjects, strict=True)
    ]
    OutboundMessage.objects.bulk_create(messages, batch_size=500, ignore_conflicts=True)
