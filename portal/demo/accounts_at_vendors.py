"""The demo's connections, pointing at the simulators, and the integration between them."""

from __future__ import annotations

from datetime import datetime

from connectors.sandbox.commercetools import CLIENT_ID, CLIENT_SECRET, PROJECT
from connectors.sandbox.veeqo import API_KEY
from portal.connections.models import Connection, Integration
from portal.connections.verify import verify
from portal.sandbox_ports import url_of

FAST = {"orders": 10, "stock": 20, "snapshot": 600, "catalogue": 600, "messages": 0, "payments": 20}
ACCOUNTS: tuple[tuple[str, str, str, dict[str, str], dict[str, str]], ...] = (
    ("Shop (commercetools)", "commercetools", PROJECT, {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}, {}),
    ("Warehouse (Veeqo)", "veeqo", "Lockstep Ltd", {"api_key": API_KEY}, {"settle_s": "5"}),
)


def create_connections() -> None:
    """Add the connections that are missing; nothing is verified yet, because the simulators may not run yet."""
    for name, system, account, credentials, options in ACCOUNTS:
        connection, created = Connection.objects.get_or_create(
            name=name,
            removed_at=None,
            defaults={"system": system, "environment": "test", "base_url": url_of(system), "auth_url": auth_url(system), "account": account},
        )
        if created:
            known = {feed.name for feed in connection.vendor.feeds}
            connection.intervals = {feed: seconds for feed, seconds in FAST.items() if feed in known}
            connection.options = dict(options)
            connection.set_credentials(credentials)
            connection.save()


def auth_url(system: str) -> str:
    return url_of(system) if system == "commercetools" else ""


def switch_on(*, at: datetime) -> tuple[Connection, Connection]:
    """Verify both against the running simulators and switch them on; the channel and the hub."""
    found = []
    for name, *_ in ACCOUNTS:
        connection = Connection.objects.present().get(name=name)
        if connection.verified_at is None:
            finding = verify(connection, by="demo", at=at)
            if not finding.works:
                raise RuntimeError(f"{connection}: {finding.sentence}")
            Connection.objects.filter(pk=connection.pk).update(enabled=True)
            connection.refresh_from_db()
        found.append(connection)
    return found[0], found[1]


def join(channel: Connection, hub: Connection, *, at: datetime) -> Integration:
    """The integration of the two, running."""
    integration, _ = Integration.objects.get_or_create(
        name="Shop orders to the warehouse",
        removed_at=None,
        defaults={
            "channel": channel,
            "hub": hub,
            "enabled": True,
            "number_prefix": "CT-",
            "buffer": 2,
            "transfer_limit_min": 10,
            "hold_limit_min": 15,
            "dispatch_window_min": 15,
            "time_zone": "Europe/London",
        },
    )
    return integration
