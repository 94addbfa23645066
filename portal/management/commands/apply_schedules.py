"""Makes the queue's schedules equal to portal/schedules.py; run it after every update."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone
from django_q.tasks import async_task

from portal.schedules import SCHEDULES, apply_schedules


class Command(BaseCommand):
    """`manage.py apply_schedules`"""

    help = "Make the queue's schedules equal to portal/schedules.py."

    def handle(self, *args: Any, **options: Any) -> None:
        count, removed = apply_schedules(at=timezone.now())
        async_task(SCHEDULES["worker heartbeat"].job)  # the health page need not wait for the clock
        self.stdout.write(f"{count} schedules are set, {removed} were removed.")
