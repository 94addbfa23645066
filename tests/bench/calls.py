"""Vendor calls per order, per dispatch and per stock change, against the fewest the vendors' APIs allow."""

from __future__ import annotations

from portal.ledger.models import Shipment
from tests.bench.table import Row, row
from tests.corridor import Corridor, control, run_simulators

ORDERS = 50


def rows(scale: int) -> list[Row]:
    simulators = run_simulators()
    shop, warehouse = next(simulators)
    corridor = Corridor(shop, warehouse)
    placed = corridor.place(count=ORDERS)
    corridor.read_orders()
    warm(corridor)
    before = writes(corridor, warehouse)
    corridor.send()
    orders = writes(corridor, warehouse) - before
    control(warehouse, "ship", numbers=[f"CT-{order['orderNumber']}" for order in placed], carrier_id=1)
    corridor.read_warehouse()
    before = writes(corridor, shop)
    corridor.send()
    dispatches = writes(corridor, shop) - before
    found = [
        row("warehouse calls per order / fewest possible", orders / ORDERS, 1.0, unit="", goal=1.0, limit=1.2),
        row("shop calls per dispatch / fewest possible", dispatches / max(1, Shipment.objects.count()), 1.0, unit="", goal=1.0, limit=1.2),
        stock_row(corridor, shop, warehouse),
    ]
    next(simulators, None)
    return found


def warm(corridor: Corridor) -> None:
    """The access token and the first look-ups are not part of an order."""
    corridor.read(corridor.hub, "catalogue", "stock")


def stock_row(corridor: Corridor, shop: object, warehouse: object) -> Row:
    corridor.read(corridor.hub, "stock")
    corridor.send()
    changes = [{"sku": sku, "warehouse": "Leeds Main", "physical": 33} for sku in ("MUG-1", "TEE-1", "CAP-1")]
    control(warehouse, "stock", changes=changes)  # type: ignore[arg-type]
    corridor.read(corridor.hub, "stock")
    before = writes(corridor, shop)
    corridor.send()
    return row("shop calls per stock change / fewest possible", (writes(corridor, shop) - before) / len(changes), 1.0, unit="", goal=1.0, limit=2.0)


def writes(corridor: Corridor, running: object) -> int:
    """Calls so far, without the sign-in and the control calls."""
    calls = corridor.calls(running)  # type: ignore[arg-type]
    return len([call for call in calls if "/oauth/" not in call["path"] and "__sandbox__" not in call["path"]])
