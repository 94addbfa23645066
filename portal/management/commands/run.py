"""`make run`: the whole product on one computer, from an empty folder to a page in the browser."""

from __future__ import annotations

import fcntl
import io
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.core.management import call_command, get_commands
from django.core.management.base import BaseCommand, CommandParser
from django.db import OperationalError, connection, connections

from portal import env
from portal.management.commands.sandbox import builders
from portal.sandbox_ports import port_of
from portal.supervisor import Part, StartError, Supervisor, answers, is_free

EVERYWHERE = "0.0.0.0"  # noqa: S104 - only when asked for
GUNICORN = (
    "gunicorn",
    "portal.wsgi",
    "--worker-class",
    "gthread",
    "--workers",
    "2",
    "--threads",
    "8",
    "--no-control-socket",
    "--log-level",
    "warning",
)


def interrupt(*_: Any) -> None:
    raise KeyboardInterrupt


class Command(BaseCommand):
    """`manage.py run`"""

    help = "Prepare the database and run everything: simulators with demo data (unless in production), worker and web server."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8000)

    def handle(self, *args: Any, **options: Any) -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, interrupt)  # SIGINT too: a shell's background job starts with it ignored
        try:
            with alone():
                self.run(host=options["host"], port=options["port"])
        except StartError as error:
            self.stderr.write(str(error))
            sys.exit(1)
        except KeyboardInterrupt:
            pass
        self.say("Lockstep has stopped.")

    def run(self, *, host: str, port: int) -> None:
        demo = not settings.PRODUCTION
        check_ports(host, port, demo=demo)
        logins = self.prepare(demo=demo)
        supervisor = Supervisor(parts(host, port, demo=demo), folder=settings.BASE_DIR, say=self.say)
        supervisor.run(ready=lambda: answers(port, host=here(host)), announce=lambda: self.announce(host, port, logins=logins))

    def prepare(self, *, demo: bool) -> str:
        """Tables, schedules and demo data; returns what the demo says about its logins."""
        self.say("Preparing the database …")
        check_database()
        call_command("migrate", verbosity=0, interactive=False)
        call_command("apply_schedules", stdout=io.StringIO())
        if settings.PRODUCTION:
            call_command("collectstatic", verbosity=0, interactive=False)
        logins = io.StringIO()
        if demo and "demo" in get_commands():
            call_command("demo", stdout=logins)
        connections.close_all()
        return logins.getvalue().strip()

    def announce(self, host: str, port: int, *, logins: str) -> None:
        self.say("")
        self.say(f"Lockstep is at http://{here(host)}:{port}/")
        if logins:
            self.say(logins)
        self.say("Ctrl-C stops it; `make run` goes on from there.")
        self.say("")

    def say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()


@contextmanager
def alone() -> Iterator[None]:
    """Two of these on the same data would run everything twice."""
    settings.DATA_DIR.mkdir(parents=True, exist_ok=True)
    with (settings.DATA_DIR / "run.lock").open("a", encoding="ascii") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise StartError("Lockstep already runs from this folder: stop it first (Ctrl-C where it runs).") from error
        yield


def check_ports(host: str, port: int, *, demo: bool) -> None:
    if not is_free(host, port):
        raise StartError(f"Port {port} is in use: stop what uses it, or choose another with `make run PORT={port + 1}`.")
    for vendor in builders() if demo else ():
        if not is_free("127.0.0.1", port_of(vendor)):
            raise StartError(f"Port {port_of(vendor)}, for the {vendor} simulator, is in use: set LOCKSTEP_SANDBOX_PORT to another number.")


def check_database() -> None:
    try:
        connection.ensure_connection()
    except OperationalError as error:
        reason = str(error).strip().splitlines()[0]
        raise StartError(
            f"The database of DATABASE_URL does not answer ({reason}): start it, or unset DATABASE_URL to use the built-in one."
        ) from error


def here(host: str) -> str:
    """An address at which this computer reaches its own server."""
    return "127.0.0.1" if host == EVERYWHERE else host


def own_address(host: str, port: int) -> dict[str, str]:
    """What links in mails begin with: what was set, or else the address this command announces."""
    if settings.PRODUCTION or env.text("LOCKSTEP_PUBLIC_URL"):
        return {}
    name = here(host)
    return {"LOCKSTEP_PUBLIC_URL": f"http://[{name}]:{port}" if ":" in name else f"http://{name}:{port}"}


def parts(host: str, port: int, *, demo: bool) -> list[Part]:
    """What runs, in the order it starts; the demo's parts not in production."""
    hosts = "*" if host == EVERYWHERE and demo else ",".join(dict.fromkeys([*settings.ALLOWED_HOSTS, host]))
    ours = {"LOCKSTEP_LOG_FORMAT": settings.LOG_FORMAT if settings.PRODUCTION else "text", **own_address(host, port)}
    web = (sys.executable, "-m", *GUNICORN, "--bind", f"{host}:{port}")
    simulators = [port_of(vendor) for vendor in builders()] if demo else []
    found = [
        Part("worker", (sys.executable, "manage.py", "qcluster"), {**ours, "LOCKSTEP_LOG_LEVEL": "WARNING"}, waits_for=simulators),
        Part("web", web, {**ours, "LOCKSTEP_LOG_LEVEL": "WARNING", "LOCKSTEP_HOSTS": hosts}),
    ]
    if demo:
        found.insert(0, Part("sandbox", (sys.executable, "manage.py", "sandbox"), ours))
    if demo and "demo_traffic" in get_commands():
        found.append(Part("traffic", (sys.executable, "manage.py", "demo_traffic"), ours, waits_for=[*simulators, port], may_end=True))
    return found
