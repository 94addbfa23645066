"""The system checks find what would only be noticed at night."""

from __future__ import annotations

from math import ceil

import pytest
from cryptography.fernet import Fernet
from hypothesis import given
from hypothesis import strategies as st

from portal import checks, settings


def queue(**changes: object) -> dict[str, object]:
    return {**settings.Q_CLUSTER, **changes}


def longest_wait(*, timeout: int, workers: int, queue_limit: int, bulk: int) -> int:
    """A task taken last, while every place in front of it takes its full time."""
    return timeout * (ceil((queue_limit + bulk) / workers) + 1)


class TestTheQueueCheck:
    def test_accepts_our_settings(self):
        assert checks.queue_waits_long_enough() == []

    def test_finds_a_task_handed_out_while_it_may_still_run(self, settings):
        settings.Q_CLUSTER = queue(workers=2, queue_limit=10, bulk=1, timeout=60, retry=420)

        [found] = checks.queue_waits_long_enough()

        assert found.id == "portal.E001"
        assert "420 s" in found.msg
        assert "= 420 s" in str(found.hint)

    @given(
        timeout=st.integers(1, 3600), workers=st.integers(1, 64), queue_limit=st.integers(1, 500), bulk=st.integers(1, 50), spare=st.integers(-5, 5)
    )
    def test_draws_the_line_at_the_longest_wait(self, timeout, workers, queue_limit, bulk, spare):
        retry = longest_wait(timeout=timeout, workers=workers, queue_limit=queue_limit, bulk=bulk) + spare
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(checks.settings, "Q_CLUSTER", queue(timeout=timeout, workers=workers, queue_limit=queue_limit, bulk=bulk, retry=retry))

            assert bool(checks.queue_waits_long_enough()) is (spare <= 0)

    @pytest.mark.parametrize(("name", "value"), [("ack_failures", False), ("max_attempts", 0), ("save_limit", 250)])
    def test_finds_a_queue_that_repeats_or_remembers(self, settings, name, value):
        settings.Q_CLUSTER = queue(**{name: value})

        assert [found.id for found in checks.queue_never_repeats()] == ["portal.E002"]


class TestTheKeyCheck:
    def test_accepts_several_keys(self, settings):
        settings.CREDENTIALS_KEYS = [Fernet.generate_key().decode(), Fernet.generate_key().decode()]

        assert checks.credentials_keys_are_keys() == []

    def test_names_the_broken_one(self, settings):
        settings.CREDENTIALS_KEYS = [Fernet.generate_key().decode(), "not a key"]

        assert "Key 2" in checks.credentials_keys_are_keys()[0].msg


class TestTheDatabaseCheck:
    def test_accepts_postgresql(self):
        assert checks.database_is_postgresql() == []

    def test_refuses_another_engine(self, monkeypatch, settings):
        monkeypatch.setitem(settings.DATABASES["default"], "ENGINE", "django.db.backends.sqlite3")

        assert checks.database_is_postgresql()[0].id == "portal.E004"
