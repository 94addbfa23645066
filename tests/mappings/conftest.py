"""A channel, a hub, the integration that joins them, and the people who keep its mappings."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.core.cache import cache

from connectors.canonical import System
from mappings.signals import mapping_saved
from portal.accounts.memberships import give
from portal.accounts.models import User
from portal.accounts.roles import Role
from portal.connections.models import Connection, Integration

NOON = datetime(2026, 10, 5, 12, 0, tzinfo=UTC)


def connect(name: str, system: System) -> Connection:
    return Connection.objects.create(name=name, system=system.value, base_url="https://example.test", account=name.lower().replace(" ", "-"))


def person(name: str, *roles: Role) -> User:
    user = User.objects.create_user(name.lower(), password="a long passphrase", first_name=name)
    for role in roles:
        give(user, role)
    return user


@pytest.fixture(autouse=True)
def nobody_else_listens(monkeypatch):
    """What the corridor does when a mapping is saved is tested with the corridor."""
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
    return person("Omar", Role.OPS)


@pytest.fixture
def merle(db) -> User:
    return person("Merle", Role.MER)


@pytest.fixture
def ada(db) -> User:
    return person("Ada", Role.ADM)


@pytest.fixture
def nell(db) -> User:
    return person("Nell")
