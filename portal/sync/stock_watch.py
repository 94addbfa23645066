"""Watches published stock by the clock: what the channel shows late, or shows wrong for too long (R22, R25)."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import F, Q

from exceptions.cases import CaseEntry, NewCase, open_cases
from portal.connections.models import Integration
from portal.ledger.models import StockPublication
from portal.sync.raising import is_down
from portal.sync.subjects import stock_subject

BATCH = 500
LOOK_EVERY_S = 15


def watch_stock(*, at: datetime) -> int:
    """E22 for every level that is late or wrong beyond the integration's window; how many. Rows that have their own case already add nothing."""
    if int(at.timestamp()) % LOOK_EVERY_S:
        return 0
    late = [case for integration in Integration.objects.running().select_related("channel") for case in late_in(integration, at=at)]
    open_cases(late)
    return len(late)


def late_in(integration: Integration, *, at: datetime) -> list[NewCase]:
    before = at - timedelta(minutes=integration.stock_window_min)
    rows = StockPublication.objects.filter(integration=integration, unknown_since=None)
    unconfirmed = Q(truth_changed_at__lt=before) & (Q(confirmed=None) | ~Q(confirmed=F("wanted")))
    found = list(rows.filter(unconfirmed | Q(differs_since__lt=before)).order_by("truth_changed_at")[:BATCH])
    if found and is_down(integration.channel):
        return [
            case_of(
                integration,
                found,
                f"{integration.channel} is not answering, so its stock is out of date.",
                f"channel-down:{integration.channel_id}",
                at,
            )
        ]
    return [case_of(integration, [row], sentence(row, integration), stock_subject(row), at) for row in found]


def sentence(row: StockPublication, integration: Integration) -> str:
    shown = "nothing we know of" if row.confirmed is None else str(row.confirmed)
    window = f"for more than {integration.stock_window_min} minutes"
    if row.differs_since is not None:
        return f"{integration.channel} has shown {shown} of {row.sku} instead of {row.wanted} {window}, though it was corrected."
    return f"{row.sku} changed to {row.wanted} and {integration.channel} has not confirmed it {window}; it shows {shown}."


def case_of(integration: Integration, rows: list[StockPublication], cause: str, fingerprint: str, at: datetime) -> NewCase:
    items = [
        CaseEntry(stock_subject(row), row.sku, row.truth_changed_at, units=abs(row.wanted - (row.confirmed or 0)), keys=(row.sku,)) for row in rows
    ]
    return NewCase("E22", fingerprint, cause, at, items, connection=integration.channel, integration=integration)
