"""The corridor of each test: simulators once a session, everything else as new."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from connectors.sandbox import deposco
from connectors.sandbox.kit import serve
from tests.contract.mirakl_record import all_faults
from tests.corridor import Corridor, run_simulators
from tests.deposco_site import Site
from tests.erp import Erp, run_tenants
from tests.marketplace import Marketplace, run_operators


@pytest.fixture(scope="session")
def simulators():
    yield from run_simulators()


@pytest.fixture
def corridor(db, simulators) -> Corridor:
    return Corridor(*simulators)


@pytest.fixture(scope="session")
def operators():
    yield from run_operators()


@pytest.fixture
def marketplace(db, operators, monkeypatch) -> Iterator[Marketplace]:
    """A marketplace and a warehouse; nobody waits between two looks at a stock file, and whatever is sent keeps to the published API."""
    monkeypatch.setattr("connectors.mirakl.stock.pause", lambda seconds: None)
    made = Marketplace(*operators)
    yield made
    assert all_faults(made.calls(made.shop)) == []


@pytest.fixture(scope="session")
def tenant():
    running = serve(deposco.build(rate_scale=0))
    yield running
    running.stop()


@pytest.fixture
def site(corridor, tenant) -> Site:
    return Site(corridor, tenant)


@pytest.fixture(scope="session")
def tenants():
    yield from run_tenants()


@pytest.fixture
def erp(db, tenants) -> Erp:
    """An ERP that exports its orders to a warehouse."""
    return Erp(*tenants)
