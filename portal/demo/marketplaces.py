"""The demo's two marketplace operators: each a simulator with rules of its own, joined to the same warehouse."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from connectors.sandbox import mirakl
from mappings.models import CarrierMapping, ShipServiceMapping, StoreMapping, WarehouseMapping
from portal.connections.models import Connection, Integration
from portal.connections.verify import verify
from portal.demo.money import charge
from portal.demo.traffic import UNKNOWN_SKU, post, summary
from portal.sandbox_ports import url_of

UNKNOWN = {"sku": UNKNOWN_SKU, "title": "Oak lamp, only in this marketplace", "price": "49.00", "stock": 9}
FAST = {"orders": 10, "sweep": 600, "returns": 60, "payouts": 60, "cycles": 120, "snapshot": 600, "catalogue": 600}
QUICK = {"overlap_s": "5", "stock_every_s": "10", "status_every_s": "1", "import_wait_s": "15"}
# The published frequencies sixty times as fast, and an order's life in seconds, so that something moves while one looks.
PACE = {"rate_scale": 60, "debit_delay_s": 4, "import_wait_s": 1, "receive_after_s": 60}


@dataclass(frozen=True)
class DemoOperator:
    """One operator. `simulator` is its place in sandbox_ports; `carriers` maps the warehouse's carrier to the operator's code."""

    name: str
    simulator: str
    prefix: str
    store: tuple[str, str]
    rules: dict[str, str]
    carriers: dict[str, tuple[str, str]]
    window_s: float
    past: int
    services: dict[str, str] = field(default_factory=lambda: {"STD": "Standard"})


OPERATORS = (
    DemoOperator(
        "Harbour & Home (Mirakl)",
        "mirakl",
        "HH-",
        ("UK", "Trade Orders"),
        {"acceptance_hours": "24", "limit_refusal": "2", "limit_late_shipment": "4", "limit_incident": "3", "kpi_days": "30"},
        {"9": ("DHL", "EVRI")},  # Royal Mail, which the warehouse ships with, is left out: somebody has something to fix
        24 * 3600,
        24,
    ),
    DemoOperator(
        "Maison Claire (Mirakl)",
        "mirakl-fr",
        "MC-",
        ("FR", "Mirakl FR"),
        {
            "acceptance_hours": "0.5", "partial_acceptance": "false", "address_at": "shipping", "kpi_days": "14", "limit_refusal": "10",
            "limit_late_acceptance": "5", "limit_unshipped": "3",
        },
        {"1": ("Royal Mail", "CHRONO"), "4": ("DPD", "DPDFR")},
        1800,
        16,
    ),
)  # fmt: skip


def create_marketplaces() -> None:
    """Add the connections that are missing; nothing is verified yet."""
    for operator in OPERATORS:
        connection, created = Connection.objects.get_or_create(
            name=operator.name,
            removed_at=None,
            defaults={"system": "mirakl", "environment": "test", "base_url": url_of(operator.simulator), "account": str(mirakl.SHOP_ID)},
        )
        if created:
            connection.intervals = {feed.name: FAST[feed.name] for feed in connection.vendor.feeds if feed.name in FAST}
            connection.options, connection.time_zone = {**QUICK, **operator.rules}, "Europe/Paris" if operator.store[0] == "FR" else "Europe/London"
            connection.set_credentials({"api_key": mirakl.API_KEY})
            connection.save()


def open_marketplaces(hub: Connection, goods: Sequence[dict[str, Any]], seeded: dict[str, dict[str, Any]] | None, *, at: datetime) -> None:
    """Seed the operators where they are new, verify and join them; `seeded` is what the hub's simulator made, None when it was there before."""
    for operator in OPERATORS:
        post(operator.simulator, "settings", {**PACE, "acceptance_window_s": operator.window_s})
        fresh = not summary(operator.simulator).get("offers")
        if fresh:
            post(operator.simulator, "seed-demo", {"skus": [*goods, UNKNOWN]})
        connection = switched_on(operator, at=at)
        integration, created = Integration.objects.get_or_create(
            name=f"{operator.name} to the warehouse",
            removed_at=None,
            defaults={
                "channel": connection, "hub": hub, "enabled": True, "number_prefix": operator.prefix, "transfer_limit_min": 10,
                "dispatch_window_min": 15, "time_zone": connection.time_zone,
            },
        )  # fmt: skip
        if created and seeded is not None:
            map_codes(integration, operator, seeded)
        if fresh:
            begin(operator, [str(row["sku"]) for row in goods])


def switched_on(operator: DemoOperator, *, at: datetime) -> Connection:
    connection = Connection.objects.present().get(name=operator.name)
    if connection.verified_at is None:
        finding = verify(connection, by="demo", at=at)
        if not finding.works:
            raise RuntimeError(f"{connection}: {finding.sentence}")
        Connection.objects.filter(pk=connection.pk).update(enabled=True)
        connection.refresh_from_db()
    return connection


def map_codes(integration: Integration, operator: DemoOperator, seeded: dict[str, dict[str, Any]]) -> None:
    """What a careful person would have entered, but for what the demo leaves to fix."""
    code, store = operator.store
    StoreMapping.objects.create(integration=integration, channel_code=code, hub_code=str(seeded["channels"][store]), hub_label=store)
    for service, name in operator.services.items():
        hub_code = str(seeded["delivery_methods"][name])
        ShipServiceMapping.objects.create(integration=integration, channel_code=service, channel_label=service, hub_code=hub_code, hub_label=name)
    for name, hub_code in seeded["warehouses"].items():
        WarehouseMapping.objects.create(integration=integration, hub_code=str(hub_code), hub_label=name, channel_code="")
    for hub_carrier, (label, channel_code) in operator.carriers.items():
        CarrierMapping.objects.create(
            integration=integration, hub_carrier=hub_carrier, hub_label=label, channel_code=channel_code, channel_label=channel_code
        )


def begin(operator: DemoOperator, skus: Sequence[str]) -> None:
    """A morning's orders, all of which wait for acceptance but one, which was missed."""
    chance = random.Random(operator.name)
    for _ in range(operator.past):
        place(operator, lines=chosen(chance, skus))
    place(operator, lines=chosen(chance, skus), accept_within_s=0)
    charge(operator.simulator)


def place(operator: DemoOperator, **wish: Any) -> list[str]:
    made: list[str] = post(operator.simulator, "place", wish)["order_ids"]
    return made


def chosen(chance: random.Random, skus: Sequence[str]) -> dict[str, int]:
    return {sku: chance.choice((1, 1, 2)) for sku in chance.sample(list(skus), chance.choice((1, 1, 2)))}
