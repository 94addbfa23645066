"""Compares what a channel shows with what was published to it, entry by entry, and has what differs sent again (R16, R22)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from connectors.ports import Ability
from portal.connections.models import Connection, Integration
from portal.ledger.models import StockLevel, StockPublication
from portal.reconciliation.running import Finding, NotReady, Pair
from portal.reconciliation.streams import differences, number
from portal.sync.drift import compare_shown
from portal.sync.models import Cursor, InboundMessage, InboundState
from portal.sync.stock import publish

DIFFERS, LOST, FOREIGN = "shows another level", "shows no level", "shown, but not published from here"
PUBLISHED = """(SELECT id, sku, warehouse_code, wanted, confirmed, confirmed_at FROM ledger_stockpublication
  WHERE connection_id = %(channel)s AND integration_id = %(integration)s AND unknown_since IS NULL)"""
SHOWN = """(SELECT id, sku, warehouse_code, coalesce(on_hand, available) AS units FROM ledger_stocklevel
  WHERE connection_id = %(channel)s AND gone_at IS NULL)"""
QUERY = f"""
SELECT p.id, l.id, l.units FROM {PUBLISHED} AS p FULL JOIN {SHOWN} AS l ON l.sku = p.sku AND l.warehouse_code = p.warehouse_code
 WHERE (p.id IS NULL AND l.units > 0)
    OR (l.id IS NULL AND p.confirmed = p.wanted AND p.wanted > 0 AND p.confirmed_at < %(read_at)s)
    OR (p.confirmed = p.wanted AND abs(l.units - p.wanted) > %(tolerance)s)
"""  # noqa: S608 - put together from the constants above
COUNT = f"SELECT (SELECT count(*) FROM {PUBLISHED} AS p) + (SELECT count(*) FROM {SHOWN} AS l)"  # noqa: S608
Row = tuple[Any, ...]


def compare_stock(pair: Pair, finding: Finding, at: datetime) -> None:
    """NotReady before the channel's stock has been read whole."""
    integration = pair.integration
    assert integration is not None
    if Ability.PUBLISH_STOCK not in integration.channel.vendor.abilities:
        raise NotReady(f"{integration.channel} takes no stock levels.")
    values = {
        "channel": integration.channel_id,
        "integration": integration.pk,
        "read_at": read_whole_at(integration.channel),
        "tolerance": integration.stock_tolerance,
    }
    finding.compared = number(COUNT, values)
    for bunch in differences(QUERY, values):
        for row in bunch:
            judge(row, integration, finding, at=at)


def read_whole_at(channel: Connection) -> datetime:
    """When the last complete reading of its stock began."""
    feeds = [feed.name for feed in channel.vendor.feeds if feed.full and feed.topic == "stock"]
    cursor = Cursor.objects.filter(connection=channel, feed__in=feeds, first_done_at__isnull=False, value="").order_by("-run_began_at").first()
    if cursor is None or cursor.run_began_at is None:
        raise NotReady(f"The stock that {channel} shows has not been read to its end yet.")
    if InboundMessage.objects.filter(connection=channel, topic="stock", state=InboundState.NEW).exists():
        raise NotReady(f"The stock of {channel} is still being read.")
    return cursor.run_began_at


def judge(row: Row, integration: Integration, finding: Finding, *, at: datetime) -> None:
    """Count one difference; what is ours to put right is sent again."""
    publication_pk, level_pk, _ = row
    if publication_pk is None:
        finding.count(FOREIGN)
    elif level_pk is None:
        finding.count(LOST)
        finding.corrected += send_again(publication_pk, integration, at=at)
    else:
        finding.count(DIFFERS)
        with transaction.atomic():
            level = StockLevel.objects.select_related("connection").get(pk=level_pk)
            finding.corrected += compare_shown(level, at=at)


def send_again(publication_pk: int, integration: Integration, *, at: datetime) -> bool:
    """The channel lost the entry: it is made anew, without the id it had."""
    with transaction.atomic():
        row = StockPublication.objects.select_for_update().get(pk=publication_pk)
        row.confirmed, row.reference, row.version, row.revision = None, "", "", row.revision + 1
        row.differs_since = row.differs_since or at
        row.save(update_fields=["confirmed", "reference", "version", "revision", "differs_since"])
        publish(row, integration, at=at)
    return True
