"""The supervisor keeps its parts running and leaves nothing behind."""

from __future__ import annotations

import signal
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from portal import supervisor
from portal.supervisor import Part, StartError, Supervisor, answers, is_free
from tests.processes import is_alive

SLEEPER = "import time; print('up', flush=True); time.sleep(60)"
PARENT = (
    "import subprocess, sys, time; print(subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']).pid, flush=True); time.sleep(60)"
)
POLITE = """
import signal, sys, time
signal.signal(signal.SIGTERM, lambda *_: sys.exit(print("bye", flush=True)))
print("up", flush=True)
time.sleep(60)
"""
STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"


def python(code: str, name: str = "part", **changes: object) -> Part:
    return Part(name, [sys.executable, "-c", code], **changes)  # type: ignore[arg-type]


def ends(pid: int) -> bool:
    """A killed process takes a moment to go."""
    give_up_at = time.monotonic() + 5
    while is_alive(pid) and time.monotonic() < give_up_at:
        time.sleep(0.02)
    return not is_alive(pid)


@pytest.fixture(autouse=True)
def signals_restored():
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def run(said, tmp_path, monkeypatch):
    """Run parts until `enough(supervisor)`, as if somebody then pressed Ctrl-C."""
    monkeypatch.setattr(supervisor, "LOOK_EVERY_S", 0.05)

    def run_until(enough: Callable[[Supervisor], bool], *parts: Part) -> Supervisor:
        running = Supervisor(parts, folder=tmp_path, say=said.append)
        give_up_at = time.monotonic() + 20

        def ready() -> bool:
            assert time.monotonic() < give_up_at, said
            if enough(running):
                raise KeyboardInterrupt
            return False

        with pytest.raises(KeyboardInterrupt):
            running.run(ready=ready, announce=lambda: None)
        return running

    return run_until


class TestTheSupervisor:
    def test_shows_what_each_part_says(self, run, said):
        run(lambda _: len(said) >= 2, python(SLEEPER, "worker"), python(SLEEPER, "web"))

        assert {"worker  | up", "web     | up"} <= set(said)

    def test_starts_a_dead_part_again(self, run, said):
        def kill_once(running: Supervisor) -> bool:
            victim = running.lives[0].process
            if said == ["part    | up"] and victim is not None:
                victim.kill()
            return said.count("part    | up") == 2

        run(kill_once, python(SLEEPER))

        assert any("ended (exit code -9) and is started again" in line for line in said)

    def test_ends_what_a_part_started(self, run, said):
        run(lambda _: bool(said), python(PARENT))

        grandchild = int(said[0].partition("| ")[2])
        assert ends(grandchild)

    def test_ends_a_part_that_will_not_listen(self, run, said, monkeypatch):
        monkeypatch.setattr(supervisor, "GRACE_S", 0.3)
        monkeypatch.setattr(supervisor, "LEAST_GRACE_S", 0.1)
        pids: list[int] = []

        def up(running: Supervisor) -> bool:
            pids[:] = [running.lives[0].process.pid] if running.lives[0].process else []
            return bool(said)

        run(up, python(STUBBORN))

        assert ends(pids[0])

    def test_gives_up_on_a_part_that_cannot_live(self, said, tmp_path, monkeypatch):
        monkeypatch.setattr(supervisor, "QUICK_DEATHS", 2)
        monkeypatch.setattr(supervisor, "LOOK_EVERY_S", 0.05)
        running = Supervisor([python("raise SystemExit('no such table')", "worker")], folder=tmp_path, say=said.append)

        with pytest.raises(StartError, match="The worker ended 2 times in a row"):
            running.run(ready=lambda: False, announce=lambda: None)
        assert "worker  | no such table" in said

    def test_lets_a_part_end_that_may(self, run, said):
        run(lambda running: running.lives[0].over, python("print('done')", may_end=True))

        assert said == ["part    | done", "Stopping …"]

    def test_goes_on_without_a_part_that_may_end_and_cannot_live(self, run, said, monkeypatch):
        monkeypatch.setattr(supervisor, "QUICK_DEATHS", 1)

        run(lambda running: running.lives[0].over, python("raise SystemExit(3)", "traffic", may_end=True))

        assert said[-2] == "The traffic ended 1 times in a row; its last lines above say why. Lockstep goes on without it."

    def test_ends_the_last_first(self, run, said):
        run(lambda _: len(said) == 2, python(POLITE, "sandbox"), python(POLITE, "worker"))

        assert said[2:] == ["Stopping …", "worker  | bye", "sandbox | bye"]

    def test_starts_a_part_only_when_what_it_needs_answers(self, run, said):
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
            run(lambda _: bool(said), python(SLEEPER, "ready", waits_for=[port]), python(SLEEPER, "waits", waits_for=[1]))

        assert said == ["ready   | up", "Stopping …"]

    def test_announces_once(self, tmp_path, monkeypatch):
        monkeypatch.setattr(supervisor, "LOOK_EVERY_S", 0.01)
        announced: list[str] = []
        looks = iter(range(100))

        def ready() -> bool:
            return next(looks) >= 0

        running = Supervisor([], folder=tmp_path, say=announced.append)
        monkeypatch.setattr(running, "_listen", lambda _: next(looks) < 50 or (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            running.run(ready=ready, announce=lambda: announced.append("here it is"))

        assert announced == ["here it is", "Stopping …"]


class TestAPort:
    def test_in_use_is_not_free(self):
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]

            assert (is_free("127.0.0.1", port), answers(port)) == (False, True)

    def test_nobody_uses_is_free(self):
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]

        assert (is_free("127.0.0.1", port), answers(port)) == (True, False)


class TestTheFolder:
    def test_is_where_parts_run(self, run, said, tmp_path):
        run(lambda _: bool(said), python("import os; print(os.getcwd(), flush=True)", may_end=True))

        assert Path(said[0].partition("| ")[2]) == tmp_path
