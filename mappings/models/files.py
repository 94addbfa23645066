"""Files of mappings that people brought."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone


class ImportState(models.TextChoices):
    CHECKED = "checked", "checked, nothing changed yet"
    ASKED = "asked", "waiting for a second person"
    APPLIED = "applied", "applied"


class ImportFile(models.Model):
    """One file, kept as it came: what was previewed is what is applied, and later what was applied can be read again."""

    kind = models.CharField(max_length=20)
    name = models.CharField(max_length=200)
    content = models.TextField()
    sha256 = models.CharField(max_length=64)
    reason = models.CharField(max_length=300, blank=True, default="")
    state = models.CharField(max_length=10, choices=ImportState.choices, default=ImportState.CHECKED)
    outcome = models.CharField(max_length=300, blank=True, default="")
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField(default=timezone.now)
    applied_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.name
