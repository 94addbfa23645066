"""A real worker cluster on the test's own database, which a test may kill."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django_q.tasks import async_task

from tests.processes import family


class Worker:
    """`manage.py qcluster`, started, killed without mercy, started again."""

    def __init__(self, database_url: str, log: Path, **more: str) -> None:
        self.log = log
        self.environment = {
            **os.environ,
            "DATABASE_URL": database_url,
            "LOCKSTEP_CREDENTIALS_KEY": ",".join(settings.CREDENTIALS_KEYS),
            "LOCKSTEP_SECRET_KEY": settings.SECRET_KEY,
            "LOCKSTEP_LEASE_S": "6",
            "LOCKSTEP_LONGEST_PROBE_S": "5",
            "LOCKSTEP_WORKERS": "4",
            "LOCKSTEP_LOG_LEVEL": "WARNING",
            **more,
        }
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "qcluster"], cwd=settings.BASE_DIR, env=self.environment, stdout=log, stderr=log, start_new_session=True
            )
        async_task("portal.sync.jobs.pulse")

    def kill(self) -> None:
        """Everything of it at once, as a power cut would."""
        assert self.process is not None
        for pid in [self.process.pid, *family(self.process.pid)]:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        self.process.wait(timeout=10)
        self.process = None

    def stop(self) -> None:
        if self.process is not None:
            self.kill()


def wait_for(condition: Callable[[], bool], *, seconds: float, what: str) -> None:
    """Until the condition holds; fails by saying what never happened."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        if condition():
            return
        time.sleep(0.5)
    raise AssertionError(f"within {seconds:.0f} s it did not happen that {what}")
