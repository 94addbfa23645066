"""What a marketplace operator asks of its sellers: the window for acceptance, the calendar it runs by, and the limits of their rates (D4).

No API tells any of it, so it is entered with the connection. What is missing or unreadable falls to the reading that ends sooner.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation

from portal.connections.calendars import Calendar, CalendarError, read_days, read_holidays, read_hours
from portal.connections.models import Connection

DEFAULT_WINDOW_H = Decimal(24)
DEFAULT_PERIOD_DAYS = 30
ALWAYS, BY_DAY, BY_HOUR = "always", "days", "hours"
# option → the rate it limits
LIMITS = {
    "limit_late_acceptance": "late_acceptance",
    "limit_refusal": "refusal",
    "limit_late_shipment": "late_shipment",
    "limit_unshipped": "unshipped",
    "limit_incident": "incident",
    "limit_stock_refund": "stock_refund",
}


@dataclass(frozen=True)
class OperatorProfile:
    """The rules of one operator. `calendar` None: the window runs day and night. `limits`: rate → percent."""

    window: timedelta
    calendar: Calendar | None = None
    limits: dict[str, Decimal] = field(default_factory=dict)
    period_days: int = DEFAULT_PERIOD_DAYS

    def accept_by(self, placed_at: datetime, *, share: float = 1.0) -> datetime:
        """When the window (or a share of it) has run out for an order placed then."""
        span = self.window * share
        if self.calendar is None:
            return placed_at + span
        try:
            return self.calendar.after(placed_at, span)
        except CalendarError:
            return placed_at + span


def profile_of(connection: Connection) -> OperatorProfile:
    """The profile as it was entered with the connection."""
    told = {name: str(value).strip() for name, value in connection.options.items()}
    hours = number(told.get("acceptance_hours", "")) or DEFAULT_WINDOW_H
    limits = {rate: limit for name, rate in LIMITS.items() if (limit := number(told.get(name, ""))) is not None}
    days = number(told.get("kpi_days", "")) or Decimal(DEFAULT_PERIOD_DAYS)
    return OperatorProfile(
        window=timedelta(seconds=float(hours * 3600)),
        calendar=calendar_of(told, zone=connection.time_zone),
        limits=limits,
        period_days=max(1, int(days)),
    )


def calendar_of(told: dict[str, str], *, zone: str) -> Calendar | None:
    """The calendar the window runs by; None for day and night, and for one that cannot be read."""
    runs = told.get("window_runs") or ALWAYS
    if runs not in (BY_DAY, BY_HOUR):
        return None
    try:
        days, holidays = read_days(told.get("working_days") or "Mon-Fri"), read_holidays(told.get("holidays", ""))
        opens, closes = read_hours(told.get("working_hours") or "09:00-17:00" if runs == BY_HOUR else "00:00-24:00")
        return Calendar(zone, days, opens, closes, holidays)
    except CalendarError:
        return None


def number(written: str) -> Decimal | None:
    """A number that is not negative; None for anything else."""
    try:
        found = Decimal(written)
    except InvalidOperation:
        return None
    return found if found.is_finite() and found >= 0 else None
