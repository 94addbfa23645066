"""How many cases there are of each sort, kept by triggers of the database (migration 0002), so that nobody counts a million rows."""

from __future__ import annotations

from django.db import models


class CaseCounter(models.Model):
    """A number of cases of one sort; several rows of a sort add up, and `counters.fold` makes one of them."""

    owner = models.CharField(max_length=3)
    kind = models.CharField(max_length=3)
    severity = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=10)
    connection_id = models.BigIntegerField(default=0)  # 0: none
    number = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.owner} {self.kind} {self.state}: {self.number}"
