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
        tests = [path for path in (settings.DATA_DIR / "tests").glob("*") if path.is_dir()]
        for folder in (settings.DATA_DIR / "postgres", *tests):
            if folder.exists():
                Embedded(folder).erase()
