"""`make run`: everything starts, dies alone, comes back, and ends without a trace; whatever prevents it is one sentence."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests

from portal.embedded import Embedded
from tests.processes import family, is_alive
from tests.production import ROOT

pytestmark = pytest.mark.journey


def free_ports(count: int) -> int:
    """The first of so many free ports in a row."""
    for first in range(20_000 + os.getpid() % 10_000, 40_000, count):
        doors = [socket.socket() for _ in range(count)]
        try:
            for place, door in enumerate(doors):
                door.bind(("127.0.0.1", first + place))
        except OSError:
            continue
        else:
            return first
        finally:
            for door in doors:
                door.close()
    raise AssertionError("no ports are free")


class Run:
    """`manage.py run` with data of its own."""

    def __init__(self, data: Path, **changes: str) -> None:
        first = free_ports(20)
        self.port = first + 19
        variables = {**os.environ, "LOCKSTEP_DATA": str(data), "LOCKSTEP_SANDBOX_PORT": str(first), "DATABASE_URL": "", **changes}
        self.output = data.parent / "output.txt"
        with self.output.open("a") as output:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "run", "--port", str(self.port)], cwd=ROOT, env=variables, stdout=output, stderr=output
            )

    def wait_for(self, done: Callable[[], bool], timeout_s: float = 90) -> None:
        give_up_at = time.monotonic() + timeout_s
        while not done():
            assert time.monotonic() < give_up_at and self.process.poll() is None, self.output.read_text()
            time.sleep(0.2)

    def is_healthy(self) -> bool:
        try:
            return requests.get(f"http://127.0.0.1:{self.port}/health/", timeout=5).status_code == 200
        except (requests.ConnectionError, requests.Timeout):
            return False

    def pid_of(self, word: str) -> int | None:
        """The first process of the family with this word in its command."""
        return next((pid for pid, command in sorted(family(self.process.pid).items()) if word in command), None)

    def end(self, number: signal.Signals = signal.SIGINT) -> int:
        self.process.send_signal(number)
        return self.process.wait(timeout=60)


@pytest.fixture(scope="module")
def data(tmp_path_factory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("run of a demo") / "data"
    yield folder
    Embedded(folder / "postgres").erase()


@pytest.fixture
def running(data) -> Iterator[Run]:
    run = Run(data)
    yield run
    if run.process.poll() is None:
        run.end()


class TestRun:
    def test_starts_everything_and_leaves_nothing_behind(self, running):
        running.wait_for(running.is_healthy)
        started = family(running.process.pid)

        code = running.end()

        assert code == 0
        assert [command for pid, command in started.items() if is_alive(pid)] == []
        assert f"Lockstep is at http://127.0.0.1:{running.port}/" in running.output.read_text()

    def test_starts_a_killed_worker_again(self, running):
        running.wait_for(lambda: running.is_healthy() and running.pid_of("qcluster") is not None)
        before = running.pid_of("qcluster")

        os.kill(before, signal.SIGKILL)
        running.wait_for(lambda: running.pid_of("qcluster") not in (None, before) and not is_alive(before))

        assert running.end(signal.SIGTERM) == 0
        assert "The worker ended (exit code -9) and is started again" in running.output.read_text()

    def test_refuses_to_run_twice(self, running, data):
        running.wait_for(running.is_healthy)

        second = Run(data)

        assert second.process.wait(timeout=60) == 1
        assert "Lockstep already runs from this folder" in second.output.read_text()


class TestRunSaysInOneSentence:
    def manage(self, *arguments: str, **changes: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "manage.py", "run", *arguments], cwd=ROOT, env={**os.environ, **changes}, capture_output=True, text=True, check=False
        )

    @pytest.fixture
    def elsewhere(self, tmp_path) -> dict[str, str]:
        """Data of its own, and a database of which only the address matters."""
        return {"LOCKSTEP_DATA": str(tmp_path), "DATABASE_URL": "postgresql://me@127.0.0.1:1/none", "LOCKSTEP_SANDBOX_PORT": str(free_ports(20))}

    def test_that_its_port_is_in_use(self, elsewhere):
        with socket.create_server(("127.0.0.1", 0)) as server:
            result = self.manage("--port", str(server.getsockname()[1]), **elsewhere)

        assert (result.returncode, result.stderr.count("\n")) == (1, 1)
        assert "is in use: stop what uses it, or choose another with `make run PORT=" in result.stderr

    def test_that_the_database_does_not_answer(self, elsewhere):
        result = self.manage("--port", str(free_ports(1)), **elsewhere)

        assert (result.returncode, result.stderr.count("\n")) == (1, 1)
        assert "The database of DATABASE_URL does not answer (" in result.stderr

    def test_that_a_key_is_missing_in_production(self, elsewhere):
        result = self.manage("--port", str(free_ports(1)), **elsewhere, LOCKSTEP_PRODUCTION="true", LOCKSTEP_HOSTS="x.example")

        assert (result.returncode, result.stderr.count("\n")) == (1, 1)
        assert "needs LOCKSTEP_SECRET_KEY, LOCKSTEP_CREDENTIALS_KEY: set them" in result.stderr

    def test_that_the_built_in_database_does_not_start(self, elsewhere, tmp_path):
        (tmp_path / "postgres").write_text("not a folder")

        result = self.manage("--port", str(free_ports(1)), **{**elsewhere, "DATABASE_URL": ""})

        assert (result.returncode, result.stderr.count("\n")) == (1, 1)
        assert "The embedded database does not start" in result.stderr
