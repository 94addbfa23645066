"""Removes the built-in database, the demo's and the tests'; `make clean` calls it."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from portal.embedded import Embedded


class Command(BaseCommand):
    """`manage.py erase`"""

    help = "Stop the built-in database and remove all its data."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        folders = [settings.DATA_DIR / "postgres", *(settings.DATA_DIR / "tests").glob("[0-9]*[0-9]"), *(settings.DATA_DIR / "tests").glob("[0-9]")]
        for folder in folders:
            Embedded(folder).erase()
