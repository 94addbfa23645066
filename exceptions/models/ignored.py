"""Findings of the comparisons that a person called a false alarm: not raised again."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from exceptions.models.case import ExceptionCase


class IgnoredFinding(models.Model):
    """`key`: the thing, or the case's fingerprint; `said`: what was found then (empty: whatever is found of it)."""

    kind = models.CharField(max_length=3)
    key = models.CharField(max_length=300)
    said = models.TextField(blank=True)
    label = models.CharField(max_length=160)
    case = models.ForeignKey(ExceptionCase, on_delete=models.PROTECT, related_name="+", db_index=False)
    reason = models.TextField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()
    until = models.DateTimeField(null=True)  # empty: until somebody takes it back
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)

    class Meta:
        ordering = ["-at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "key"], condition=Q(revoked_at=None), name="ignored_once"),
            models.CheckConstraint(condition=Q(revoked_at=None) ^ Q(revoked_by__isnull=False), name="ignored_revoked_by"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.label}"
