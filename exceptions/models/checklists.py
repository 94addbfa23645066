"""Who went through which checklist, and signed it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q


class ChecklistRun(models.Model):
    """One day's (or week's) checklist of a team: what was ticked by whom, and who signed it."""

    checklist = models.CharField(max_length=30)
    period_date = models.DateField(help_text="The day, or the Monday of the week.")
    ticks = models.JSONField(default=dict)  # point → {"by": name, "at": time, "note": text}
    signed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="signed_checklists")
    signed_at = models.DateTimeField(null=True)
    note = models.TextField(blank=True)

    class Meta:
        ordering = ["-period_date", "checklist"]
        constraints = [
            models.UniqueConstraint(fields=["checklist", "period_date"], name="checklist_once"),
            models.CheckConstraint(condition=Q(signed_by=None) ^ Q(signed_at__isnull=False), name="checklist_signed_by_and_at"),
        ]

    def __str__(self) -> str:
        return f"{self.checklist} of {self.period_date:%d %b %Y}"
