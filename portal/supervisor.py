"""Starts the parts of a running Lockstep, shows what they say, restarts what dies, and leaves nothing behind."""

from __future__ import annotations

import os
import selectors
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

LOOK_EVERY_S = 0.5
GRACE_S, LEAST_GRACE_S = 30, 2  # a worker finishes the batch in its hands first
SETTLED_S = 60  # a part that lived this long counts as having started well
QUICK_DEATHS = 5


class StartError(Exception):
    """Lockstep cannot run; the text is a sentence for the person at the terminal."""


@dataclass(frozen=True)
class Part:
    """One process to keep running. `waits_for`: ports of this computer that must answer before it makes sense to start it."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    waits_for: Sequence[int] = ()
    may_end: bool = False


@dataclass
class Life:
    """One part from one start to the next."""

    part: Part
    process: subprocess.Popen[bytes] | None = None
    start_at: float = 0.0
    started_at: float = 0.0
    quick_deaths: int = 0
    unfinished: bytes = b""
    over: bool = False


class Supervisor:
    """Runs until a signal arrives. Single-threaded: one selector reads all output, so nothing is shared and nothing races."""

    def __init__(self, parts: Sequence[Part], *, folder: Path, say: Callable[[str], None]) -> None:
        self.lives = [Life(part) for part in parts]
        self.folder = folder
        self.say = say
        self.selector = selectors.DefaultSelector()

    def run(self, *, ready: Callable[[], bool], announce: Callable[[], None]) -> None:
        """Until KeyboardInterrupt. `announce` is called once, as soon as `ready` is true."""
        announced = False
        try:
            while True:
                for life in self.lives:
                    self._look_after(life)
                self._listen(LOOK_EVERY_S)
                if not announced and ready():
                    announce()
                    announced = True
        finally:
            self.stop()

    def stop(self) -> None:
        """End one part after the other, the last one first: a worker finishes while the simulators still answer. A second Ctrl-C changes nothing."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        self.say("Stopping …")
        grace_until = time.monotonic() + GRACE_S
        for life in reversed(self.lives):
            send(life, signal.SIGTERM)
            until = max(grace_until, time.monotonic() + LEAST_GRACE_S)
            while is_running(life) and time.monotonic() < until:
                self._listen(0.1)
            self._bury(life)
        self.selector.close()

    def _look_after(self, life: Life) -> None:
        if life.over:
            return
        if life.process is None:
            if time.monotonic() >= life.start_at and all(answers(port) for port in life.part.waits_for):
                self._start(life)
            return
        code = life.process.poll()
        if code is not None:
            self._bury(life)
            self._decide(life, code=code)

    def _start(self, life: Life) -> None:
        life.process = subprocess.Popen(  # noqa: S603 - commands of ours
            list(life.part.command),
            cwd=self.folder,
            env={**os.environ, "PYTHONUNBUFFERED": "1", **life.part.environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C reaches us alone, and a whole family can be ended at once
        )
        life.started_at = time.monotonic()
        if life.process.stdout is not None:
            os.set_blocking(life.process.stdout.fileno(), False)
            self.selector.register(life.process.stdout, selectors.EVENT_READ, life)

    def _decide(self, life: Life, *, code: int) -> None:
        """After a death: over, or again a little later, or not at all any more."""
        name = life.part.name
        if life.part.may_end and code == 0:
            life.over = True
            return
        lived_well = time.monotonic() - life.started_at >= SETTLED_S
        life.quick_deaths = 0 if lived_well else life.quick_deaths + 1
        if life.quick_deaths >= QUICK_DEATHS and life.part.may_end:
            life.over = True
            self.say(f"The {name} ended {QUICK_DEATHS} times in a row; its last lines above say why. Lockstep goes on without it.")
            return
        if life.quick_deaths >= QUICK_DEATHS:
            raise StartError(f"The {name} ended {QUICK_DEATHS} times in a row; its last lines above say why. Lockstep stops.")
        wait_s = 2**life.quick_deaths - 1
        life.start_at = time.monotonic() + wait_s
        self.say(f"The {name} ended (exit code {code}) and is started again{f' in {wait_s} s' if wait_s else ''}.")

    def _bury(self, life: Life) -> None:
        """What is left of a family ends too: a worker's children outlive it otherwise."""
        process, life.process = life.process, None
        if process is None:
            return
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        if process.stdout is not None:
            self._read(life, process.stdout.fileno())
            self.selector.unregister(process.stdout)
            process.stdout.close()

    def _listen(self, timeout_s: float) -> None:
        heard = self.selector.select(timeout_s)
        for key, _events in heard:
            self._read(key.data, key.fd)
        if not heard:
            return
        time.sleep(0.02)  # a closed pipe is always readable: do not spin until its process is buried

    def _read(self, life: Life, descriptor: int) -> None:
        try:
            fresh = os.read(descriptor, 1 << 16)
        except BlockingIOError:
            return
        *lines, life.unfinished = (life.unfinished + fresh).split(b"\n")
        for line in lines:
            self.say(f"{life.part.name:<8}| {line.decode(errors='replace').rstrip()}")


def is_running(life: Life) -> bool:
    return life.process is not None and life.process.poll() is None


def send(life: Life, number: signal.Signals) -> None:
    if life.process is not None and is_running(life):
        life.process.send_signal(number)


def answers(port: int, *, host: str = "127.0.0.1") -> bool:
    """Does somebody listen there?"""
    with socket.socket() as door:
        door.settimeout(1)
        return door.connect_ex((host, port)) == 0


def is_free(host: str, port: int) -> bool:
    """May we listen there?"""
    with socket.socket() as door:
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as gunicorn does: a port that is only cooling down is free
        try:
            door.bind((host, port))
        except OSError:
            return False
    return True
