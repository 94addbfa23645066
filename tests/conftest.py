"""What every test stands on: a PostgreSQL of its own session, and no network beyond this computer."""

from __future__ import annotations

import pytest
from django.conf import settings

from tests import network
from tests.postgres import Session

SESSION = Session()


def pytest_configure(config: pytest.Config) -> None:
    SESSION.open()
    network.close()


def pytest_unconfigure(config: pytest.Config) -> None:
    SESSION.close()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """Point Django at this session's server; each xdist worker makes its own database there."""
    if SESSION.server is not None:
        settings.DATABASES["default"]["HOST"] = str(SESSION.server.sockets)


@pytest.fixture
def database_url(db: None) -> str:
    """DATABASE_URL of the test's own database, for a process started by a test (use it with transactional_db)."""
    chosen = settings.DATABASES["default"]
    place = f"{chosen['USER']}:{chosen['PASSWORD']}@" if chosen["PASSWORD"] else f"{chosen['USER']}@"
    return f"postgresql://{place}/{chosen['NAME']}?host={chosen['HOST']}&port={chosen['PORT'] or 5432}"
