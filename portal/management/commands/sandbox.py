"""Runs every vendor's simulator on loopback, each on a port of its own (portal/sandbox_ports.py), until told to stop."""

from __future__ import annotations

import importlib
import pkgutil
import signal
import threading
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from flask import Flask

from connectors import sandbox
from connectors.sandbox.keeping import load, save
from connectors.sandbox.kit import serve
from connectors.sandbox.mirakl import OPERATORS
from portal.sandbox_ports import port_of, url_of

SAVE_EVERY_S = 20
# A second one of a vendor, with rules of its own: its place in sandbox_ports -> the vendor, and what differs
SECONDS: dict[str, tuple[str, dict[str, Any]]] = {"mirakl-fr": ("mirakl", {"name": "Maison Claire", **OPERATORS["Maison Claire"]})}


def builders() -> dict[str, Callable[[], Flask]]:
    """Each vendor under connectors/sandbox/ whose package can build its simulator."""
    found = {}
    for module in pkgutil.iter_modules(sandbox.__path__):
        if module.ispkg:
            build = getattr(importlib.import_module(f"{sandbox.__name__}.{module.name}"), "build", None)
            if build is not None:
                found[module.name] = build
    return {**found, **{name: partial(found[vendor], **settings) for name, (vendor, settings) in SECONDS.items()}}


class Command(BaseCommand):
    """`manage.py sandbox`"""

    help = "Run the simulators of all vendors on this computer."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        ended = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: ended.set())
        running, worlds = [], {}
        for vendor, build in builders().items():
            app = build()
            worlds[settings.DATA_DIR / "sandbox" / f"{vendor}.world"] = app
            load(app, settings.DATA_DIR / "sandbox" / f"{vendor}.world")
            try:
                running.append(serve(app, port=port_of(vendor)))
            except OSError as error:
                raise CommandError(f"Port {port_of(vendor)} for {vendor} is in use: set LOCKSTEP_SANDBOX_PORT to another number.") from error
            self.stdout.write(f"{vendor} at {url_of(vendor)}")
        while not ended.wait(SAVE_EVERY_S):
            save_all(worlds)
        for one in running:
            one.stop()
        save_all(worlds)


def save_all(worlds: Mapping[Path, Flask]) -> None:
    for path, app in worlds.items():
        save(app, path)
