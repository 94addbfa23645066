"""Fills the simulators, joins them through Lockstep, and keeps orders coming."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from portal.connections.connect import connect
from portal.connections.models import Connection
from portal.demo.accounts_at_vendors import join, switch_on
from portal.demo.codes import create_mappings
from portal.demo.erp import open_erp
from portal.demo.marketplaces import open_marketplaces
from portal.demo.money import settle
from portal.demo.second_site import open_site
from portal.demo.traffic import post, summary, trickle


class Command(BaseCommand):
    """`manage.py demo_traffic`"""

    help = "Seed the simulators where they are empty, then place demo orders until stopped."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--orders", type=int, default=None, help="Stop after so many; default: never.")

    def handle(self, *args: Any, **options: Any) -> None:
        if not summary("commercetools")["counts"]["products"]:
            post("commercetools", "seed-demo", {})
        channel, hub = switch_on(at=timezone.now())
        variants = catalogue(channel)
        seeded, rows = None, [{"sku": sku, "title": title or sku, "price": price, "stock": 40} for sku, title, price in variants]
        if not summary("veeqo").get("sellables"):
            seeded = post("veeqo", "seed-demo", {"skus": rows})
            post("veeqo", "settings", {"auto_ship_s": 45, "tracking_delay_s": 15})
            create_mappings(join(channel, hub, at=timezone.now()), seeded)
        open_site(channel, hub, rows, at=timezone.now())
        open_marketplaces(hub, rows, seeded, at=timezone.now())
        open_erp(hub, rows, at=timezone.now())
        self.stdout.write(f"Demo orders are coming in ({len(variants)} SKUs).")
        trickle([sku for sku, _, _ in variants], seed=int(datetime.now(UTC).timestamp()), orders=options["orders"], after_each=settle)


def catalogue(channel: Connection) -> list[tuple[str, str, str]]:
    """(SKU, title, price) of everything the shop sells, read through our own connector."""
    connector = connect(channel)
    found = []
    for page in connector.poll("catalogue", "", until=timezone.now()):
        for item in page.items:
            found += [(one.sku, one.title, str(one.price or "10.00")) for one in connector.parse(item.topic, item.body) if one.sku]
    return found
