"""People of each role, a channel and a hub, and a quick way to open a case."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from exceptions import actions, clocks, details, look_again, proof, rules
from exceptions.cases import CaseEntry, open_case
from exceptions.models import ExceptionCase
from portal.accounts.models import User
from portal.connections.models import Connection, Integration
from tests.people import person

NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)  # a Wednesday


TABLES: tuple[dict[str, Any], ...] = (proof.PREDICATES, actions.ACTIONS, details.PANELS, details.LINKS, details.STATES)


@pytest.fixture(autouse=True)
def only_the_inbox() -> Iterator[None]:
    """What other apps registered, and what a process keeps for half a minute, must not reach a test of the inbox alone."""
    clocks.forget_calendars()
    rules.forget_rules()
    kept = [dict(table) for table in TABLES]
    for table in TABLES:
        table.clear()
    look_again.connect()
    yield
    for table, before in zip(TABLES, kept, strict=True):
        table.clear()
        table.update(before)


@pytest.fixture
def cora(db: None) -> User:
    return person("cora")


@pytest.fixture
def finn(db: None) -> User:
    return person("finn")


@pytest.fixture
def omar(db: None) -> User:
    return person("omar")


@pytest.fixture
def mira(db: None) -> User:
    return person("mira")


@pytest.fixture
def ada(db: None) -> User:
    return person("ada")


@pytest.fixture
def aldo(db: None) -> User:
    return person("aldo")


@pytest.fixture
def nell(db: None) -> User:
    return person("nell")


@pytest.fixture
def shop(db: None) -> Connection:
    return Connection.objects.create(name="Shop UK", system="commercetools", base_url="https://api.example.test", account="shop-uk")


@pytest.fixture
def warehouse(db: None) -> Connection:
    return Connection.objects.create(name="Veeqo Leeds", system="veeqo", base_url="https://hub.example.test")


@pytest.fixture
def integration(shop: Connection, warehouse: Connection) -> Integration:
    return Integration.objects.create(name="UK", channel=shop, hub=warehouse)


def entry(number: int, **more: Any) -> CaseEntry:
    given = {"value": Decimal("40.00"), "currency": "GBP", "units": 2, "at": NOON, **more}
    return CaseEntry(subject=f"order:{number}", label=f"SO-{number}", **given)


Opens = Callable[..., ExceptionCase]


@pytest.fixture
def opened(db: None) -> Opens:
    """`opened("E04")`, with anything `open_case` takes."""

    def make(kind: str = "E04", fingerprint: str = "create_order:order:1", **more: Any) -> ExceptionCase:
        given = {"cause": "The warehouse said no.", "items": [entry(1)], "at": NOON, **more}
        return open_case(kind, fingerprint=fingerprint, **given)

    return make
