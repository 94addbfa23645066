"""Whether a connection works, as its own calls show it."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import F

from connectors.errors import AccessDenied, ConnectorError
from portal.connections.models import Connection, Health

DOWN_AFTER = 3  # failures in a row
FIRST_PROBE_S = 5
FRESH = timedelta(seconds=20)  # an "ok" younger than this is not written again


def saw_ok(connection: Connection, *, at: datetime) -> bool:
    """A call worked. True when the connection was down or denied before: what waits for it may go on."""
    if connection.health == Health.OK and connection.failures_in_a_row == 0 and connection.last_ok_at and at - connection.last_ok_at < FRESH:
        return False
    was_bad = Connection.objects.filter(pk=connection.pk, health__in=(Health.DOWN, Health.DENIED)).update(
        health=Health.OK, health_since=at, health_note="", failures_in_a_row=0, last_ok_at=at, probe_at=None
    )
    if not was_bad:
        Connection.objects.filter(pk=connection.pk).update(health=Health.OK, failures_in_a_row=0, last_ok_at=at, probe_at=None)
    connection.refresh_from_db(fields=["health", "health_since", "failures_in_a_row", "last_ok_at", "probe_at", "health_note"])
    return bool(was_bad)


def saw_failure(connection: Connection, error: ConnectorError, *, at: datetime) -> bool:
    """A call did not get through. True when with it the connection counts as down (or denied)."""
    Connection.objects.filter(pk=connection.pk).update(failures_in_a_row=F("failures_in_a_row") + 1)
    connection.refresh_from_db(fields=["failures_in_a_row", "health"])
    denied = isinstance(error, AccessDenied)
    if not denied and connection.failures_in_a_row < DOWN_AFTER:
        return False
    wait_s = min(FIRST_PROBE_S * 2 ** min(connection.failures_in_a_row - 1, 8), settings.LONGEST_PROBE_S)
    health = Health.DENIED if denied else Health.DOWN
    fresh = connection.health != health
    changes = {"health": health, "health_note": error.sentence, "probe_at": at + timedelta(seconds=wait_s)}
    if fresh:
        changes["health_since"] = at
    Connection.objects.filter(pk=connection.pk).update(**changes)
    connection.refresh_from_db()
    return True


def may_call(connection: Connection, *, at: datetime) -> bool:
    """False while the connection is down and the next probe is not due."""
    return connection.probe_at is None or connection.probe_at <= at


def is_probing(connection: Connection) -> bool:
    """True while one careful call should find out whether it is back."""
    return connection.health in (Health.DOWN, Health.DENIED)
