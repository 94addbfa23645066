"""A channel, a hub, the integration that joins them, and the people who keep its mappings."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.core.cache import cache

from connectors.canonical import System
from mappings import live, orders, whatif
from mappings.orders import NoOrders
from mappings.signals import mapping_saved
from portal.accounts.models import User
from portal.connections.models import Connection, Integration
from tests.people import person

NOON = datetime(2026, 10, 5, 12, 0, tzinfo=UTC)


def connect(name: str, system: System) -> Connection:
    return Connection.objects.create(name=name, system=system.value, base_url="https://example.test", account=name.lower().replace(" ", "-"))


@pytest.fixture(autouse=True)
def nobody_else_listens(monkeypatch):
    """What the corridor does when a mapping is saved, and what it answers, is tested with the corridor."""
    monkeypatch.setattr(live, "_providers", [])
    monkeypatch.setattr(whatif, "_providers", [])
    monkeypatch.setattr(orders, "_answering", [NoOrders()])
    monkeypatch.setattr(mapping_saved, "receivers", [])
    mapping_saved.sender_receivers_cache.clear()
    cache.clear()


@pytest.fixture
def channel(db) -> Connection:
    return connect("Shop UK", System.COMMERCETOOLS)


@pytest.fixture
def hub(db) -> Connection:
    return connect("Veeqo UK", System.VEEQO)


@pytest.fixture
def integration(channel, hub) -> Integration:
    return Integration.objects.create(name="UK", channel=channel, hub=hub)


@pytest.fixture
def omar(db) -> User:
    return person("omar")


@pytest.fixture
def mira(db) -> User:
    return person("mira")


@pytest.fixture
def ada(db) -> User:
    return person("ada")


@pytest.fixture
def nell(db) -> User:
    return person("nell")
