"""A flow's account, its token, and a caller."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from portal.api.models import ApiToken
from portal.api.scopes import Scope
from portal.api.tokens import mint
from portal.connections.models import Connection, Integration
from portal.ledger.models import OrderLine, SalesOrder
from tests.people import person

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
ORDER: dict[str, Any] = {
    "externalId": "5551000111",
    "name": "#10021",
    "source": "shopify-us",
    "status": "paid",
    "createdAt": "2026-06-01T14:03:00Z",
    "currency": "USD",
    "totalPrice": "39.00",
    "customer": {"email": "ada@example.test", "firstName": "Ada", "lastName": "Quill"},
    "shippingAddress": {
        "firstName": "Ada",
        "lastName": "Quill",
        "address1": "1 Test St",
        "city": "Austin",
        "zipCodeOrPostalCode": "78701",
        "country": "US",
    },
    "lineItems": [{"id": "7001", "sku": "TEE-BLK-M", "quantity": 2, "unitPrice": "19.50", "totalPrice": "39.00", "name": "Tee black M"}],
    "shippingMethod": "Ground",
}


@pytest.fixture
def account(db) -> Connection:
    return Connection.objects.create(name="Flows", system="patchworks", base_url="http://127.0.0.1:1")


@pytest.fixture
def warehouse(db) -> Connection:
    return Connection.objects.create(name="Warehouse", system="veeqo", base_url="http://127.0.0.1:2")


@pytest.fixture
def integration(account, warehouse) -> Integration:
    return Integration.objects.create(name="Flows to warehouse", channel=account, hub=warehouse)


def token_for(account: Connection | None, *scopes: Scope, **options: Any) -> tuple[ApiToken, str]:
    token = ApiToken(
        name=options.pop("name", f"Token {ApiToken.objects.count()}"), connection=account, scopes=[scope.value for scope in scopes], **options
    )
    return token, mint(token, by=person("ada"))


@pytest.fixture
def caller(account) -> APIClient:
    """One that may do everything for its account."""
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {token_for(account, *Scope)[1]}")
    return client


def sold(account: Connection, reference: str = "1", **fields: Any) -> SalesOrder:
    """An order in the ledger."""
    facts = {"number": f"#{reference}", "version": "1", "state": "open", "payment_state": "paid", "currency": "GBP", "total": Decimal("12.00")}
    moments = {"placed_at": NOON, "changed_at": NOON}
    address = {"first_name": "Ana", "last_name": "Lee", "line1": "1 High Street", "city": "Leeds", "country": "GB"}
    order = SalesOrder.objects.create(connection=account, reference=reference, shipping_address=address, **{**facts, **moments, **fields})
    OrderLine.objects.create(order=order, reference="1", position=1, sku="MUG-1", quantity=1, total=Decimal("12.00"))
    return order


def now() -> datetime:
    return timezone.now()
