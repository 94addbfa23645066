"""A database of the bench's own, made anew and removed afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.test.utils import setup_databases, setup_test_environment, teardown_databases, teardown_test_environment

from tests.postgres import Session


@contextmanager
def own_database() -> Iterator[None]:
    """The test runner's way: a server of this session, a fresh database with every migration."""
    from django.conf import settings

    session = Session()
    session.open()
    if session.server is not None:
        settings.DATABASES["default"]["HOST"] = str(session.server.sockets)
    setup_test_environment()
    old = setup_databases(verbosity=0, interactive=False, serialized_aliases=[])
    try:
        yield
    finally:
        teardown_databases(old, verbosity=0)
        teardown_test_environment()
        session.close()
