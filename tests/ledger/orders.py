"""Orders as a channel tells them, and as the ledger keeps them, for tests that need no simulator."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from connectors import canonical
from connectors.canonical import OrderState, PaymentState
from portal.connections.models import Connection, Integration
from portal.ledger.models import SalesOrder
from portal.ledger.record_orders import record_order

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
ADDRESS = canonical.Address(first_name="Ana", last_name="Lee", line1="1 High Street", city="Leeds", postcode="LS1 1AA", country="GB")


def a_connection(name: str = "Shop", system: str = "commercetools", **values: Any) -> Connection:
    """One that is verified and on, though nobody answers there."""
    wanted = {"base_url": "https://vendor.test", "verified_at": NOON, "enabled": True, **values}
    return Connection.objects.create(name=name, system=system, **wanted)


def an_integration(**values: Any) -> Integration:
    """A shop joined to a warehouse, switched on."""
    sides = {"channel": values.pop("channel", None) or a_connection(), "hub": values.pop("hub", None) or a_connection("Warehouse", "veeqo")}
    return Integration.objects.create(**{"name": "Shop to warehouse", "enabled": True, **sides, **values})


def a_line(reference: str = "1", sku: str = "MUG-1", quantity: int = 1, total: str = "12.00", **values: Any) -> canonical.OrderLine:
    return canonical.OrderLine(reference=reference, sku=sku, quantity=quantity, total=Decimal(total), **values)


def an_order(reference: str = "a", **values: Any) -> canonical.SalesOrder:
    """Complete, paid and open, unless the values say otherwise."""
    wanted = {
        "reference": reference, "number": f"WEB-{reference}", "version": "1", "state": OrderState.OPEN, "currency": "GBP", "lines": (a_line(),),
        "placed_at": NOON, "changed_at": NOON, "payment_state": PaymentState.PAID, "total": Decimal("12.00"), "store_code": "uk",
        "ship_service_code": "standard", "shipping_address": ADDRESS, "email": "ana@example.com",
    }  # fmt: skip
    return canonical.SalesOrder(**{**wanted, **values})


def kept(connection: Connection, seen: canonical.SalesOrder | None = None, **values: Any) -> SalesOrder:
    """The order in the ledger."""
    return record_order(seen or an_order(**values), connection=connection, at=NOON).order


def later(seconds: float = 60) -> datetime:
    return NOON + timedelta(seconds=seconds)
