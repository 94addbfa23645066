"""AuditEvent: one thing somebody did. Rows are added and never touched again; a trigger of the database sees to it."""

from __future__ import annotations

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils import timezone


class AuditEvent(models.Model):
    """Who did what to what, what it was before, why, and in which request (`trail.record` alone writes it)."""

    at = models.DateTimeField(default=timezone.now)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="audit_events")
    actor_label = models.CharField(max_length=150, help_text="Their name at that moment, or the job that did it.")
    action = models.CharField(max_length=60, help_text="subject.verb, for example case.resolved")
    subject_type = models.CharField(max_length=60)
    subject_id = models.CharField(max_length=64)
    subject_label = models.CharField(max_length=200)
    old = models.JSONField(null=True, encoder=DjangoJSONEncoder)
    new = models.JSONField(null=True, encoder=DjangoJSONEncoder)
    reason = models.TextField(blank=True)
    request_id = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ("-pk",)
        indexes = (
            models.Index(fields=("actor", "-id"), name="audit_by_actor"),
            models.Index(fields=("subject_type", "subject_id", "-id"), name="audit_by_subject"),
            models.Index(fields=("action", "-id"), name="audit_by_action"),
            models.Index(fields=("at",), name="audit_by_time"),
        )

    def __str__(self) -> str:
        return f"{self.actor_label}: {self.action} {self.subject_label}"

    @property
    def changes(self) -> list[tuple[str, object, object]]:
        """Field, before, after: what the page shows in a row."""
        old, new = (value if isinstance(value, dict) else {"value": value} for value in (self.old or {}, self.new or {}))
        return [(name, old.get(name), new.get(name)) for name in dict.fromkeys((*old, *new)) if old.get(name) != new.get(name)]
