"""When a team works."""

from __future__ import annotations

from datetime import time

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q

from portal.accounts.models import check_time_zone
from portal.accounts.roles import Role

WEEKDAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]


def office_days() -> list[int]:
    return [0, 1, 2, 3, 4]


class TeamCalendar(models.Model):
    """A team's business hours; a team without a row works Monday to Friday, 09:00 to 17:30 UTC."""

    role = models.CharField("team", max_length=3, choices=Role.choices, unique=True)
    time_zone = models.CharField(max_length=64, default="UTC", validators=[check_time_zone])
    opens = models.TimeField(default=time(9, 0))
    closes = models.TimeField(default=time(17, 30))
    weekdays = ArrayField(models.PositiveSmallIntegerField(), default=office_days, help_text="0 is Monday, 6 is Sunday.")

    class Meta:
        ordering = ["role"]
        constraints = [models.CheckConstraint(condition=Q(closes__gt=F("opens")), name="calendar_closes_after_opening")]

    def __str__(self) -> str:
        return f"{Role(self.role).label}: {self.opens:%H:%M}-{self.closes:%H:%M} {self.time_zone}"

    def clean(self) -> None:
        if not self.weekdays or not set(self.weekdays) <= set(range(7)):
            raise ValidationError({"weekdays": "Name at least one working day, 0 (Monday) to 6 (Sunday)."})


class Holiday(models.Model):
    """A day on which a team, or everybody, does not work."""

    day = models.DateField()
    name = models.CharField(max_length=80)
    role = models.CharField("team", max_length=3, choices=Role.choices, blank=True, help_text="Empty: every team.")

    class Meta:
        ordering = ["-day"]
        constraints = [models.UniqueConstraint(fields=["day", "role"], name="holiday_once")]

    def __str__(self) -> str:
        return f"{self.name}, {self.day:%d %b %Y}"
