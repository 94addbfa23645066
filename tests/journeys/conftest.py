"""Journeys: both simulators, a real database and a real worker process."""

from __future__ import annotations

import pytest

from tests.corridor import Corridor, run_simulators
from tests.journeys.worker import Worker


@pytest.fixture(scope="session")
def simulators():
    yield from run_simulators()


@pytest.fixture
def corridor(transactional_db, simulators) -> Corridor:
    return Corridor(*simulators)


@pytest.fixture
def worker(database_url, tmp_path, corridor):
    running = Worker(database_url, tmp_path / "worker.log")
    yield running
    running.stop()
