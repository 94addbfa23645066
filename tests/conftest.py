"""What every test stands on: a PostgreSQL of its own session, and no network beyond this computer."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.db import connection

from tests import network
from tests.postgres import Session

SESSION = Session()


def pytest_configure(config: pytest.Config) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # argon2 is slow by design
    SESSION.open()
    network.close()


def pytest_unconfigure(config: pytest.Config) -> None:
    SESSION.close()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """Point Django at this session's server; each xdist worker makes its own database there."""
    chosen = settings.DATABASES["default"]
    chosen["CONN_MAX_AGE"] = 0  # a thread of a test server must not keep the database from being removed
    if SESSION.server is not None:
        chosen["HOST"] = str(SESSION.server.sockets)


@pytest.fixture
def database_url(db: None) -> str:
    """DATABASE_URL of the test's own database, for a process started by a test (use it with transactional_db)."""
    chosen = connection.settings_dict
    place = f"{chosen['USER']}:{chosen['PASSWORD']}@" if chosen["PASSWORD"] else f"{chosen['USER']}@"
    return f"postgresql://{place}/{chosen['NAME']}?host={chosen['HOST']}&port={chosen['PORT'] or 5432}"
