"""What happened to a case, who looks at it now, and what somebody set in motion from it."""

from __future__ import annotations

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from exceptions.models.case import ExceptionCase


class CaseEvent(models.Model):
    """One line of a case's timeline; nobody (`by` empty) is the portal itself."""

    case = models.ForeignKey(ExceptionCase, on_delete=models.CASCADE, related_name="events", db_index=False)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    verb = models.CharField(max_length=20)
    text = models.TextField()
    data = models.JSONField(null=True, encoder=DjangoJSONEncoder)

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["case", "-at", "-id"], name="case_event_case")]

    def __str__(self) -> str:
        return self.text


class CaseRun(models.Model):
    """One press of an action's button. The page's token makes the second click the same press."""

    token = models.UUIDField(unique=True)
    case = models.ForeignKey(ExceptionCase, on_delete=models.CASCADE, related_name="runs")
    name = models.CharField(max_length=40)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    outcome = models.TextField(blank=True)

    def __str__(self) -> str:
        return f"{self.name} of {self.case_id}"


class CasePresence(models.Model):
    """Somebody has the case on their screen."""

    case = models.ForeignKey(ExceptionCase, on_delete=models.CASCADE, related_name="presences", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    seen_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "user"], name="case_presence_once")]

    def __str__(self) -> str:
        return f"{self.user_id} at {self.case_id}"


class StepMark(models.Model):
    """A playbook step done on a case; the playbooks measure themselves by these (A12)."""

    case = models.ForeignKey(ExceptionCase, on_delete=models.CASCADE, related_name="step_marks", db_index=False)
    kind = models.CharField(max_length=3)
    step = models.PositiveSmallIntegerField()
    text = models.CharField(max_length=300)  # the step's words at that moment
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()
    took_s = models.PositiveIntegerField()  # since the step before it, or since the case was opened

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "step"], name="step_mark_once")]
        indexes = [models.Index(fields=["kind", "at"], name="step_mark_kind")]

    def __str__(self) -> str:
        return f"step {self.step} of {self.case_id}"
