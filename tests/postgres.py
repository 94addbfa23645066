"""The embedded PostgreSQL of one pytest session, shared by its xdist workers and by nobody else."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import IO

from django.conf import settings

from portal.embedded import Embedded

SLOT = "LOCKSTEP_TEST_SLOT"
SLOTS = 50


class Session:
    """Takes the first free slot under .data/tests/, so that two sessions at the same time do not meet; a slot is used again and again."""

    def __init__(self) -> None:
        self.server: Embedded | None = None
        self._claim: IO[str] | None = None

    def open(self) -> None:
        if settings.DATABASE_URL:
            return
        folder = settings.DATA_DIR / "tests"
        folder.mkdir(parents=True, exist_ok=True)
        if SLOT not in os.environ:  # xdist's workers inherit it from the process that starts them
            os.environ[SLOT] = self._claim_slot(folder)
        self.server = Embedded(folder / os.environ[SLOT], forgetful=True)
        self.server.hold()

    def close(self) -> None:
        if self.server is not None:
            self.server.release()
        if self._claim is not None:
            del os.environ[SLOT]
            self._claim.close()

    def _claim_slot(self, folder: Path) -> str:
        for number in range(SLOTS):
            claim = (folder / f"{number}.claim").open("a", encoding="ascii")
            try:
                fcntl.flock(claim, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                claim.close()
                continue
            self._claim = claim
            return str(number)
        raise RuntimeError(f"{SLOTS} test sessions are running already")
