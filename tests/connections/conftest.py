"""Both simulators, for tests that call them."""

from __future__ import annotations

import pytest

from tests.corridor import Corridor, run_simulators


@pytest.fixture(scope="session")
def simulators():
    yield from run_simulators()


@pytest.fixture
def corridor(db, simulators) -> Corridor:
    return Corridor(*simulators)
