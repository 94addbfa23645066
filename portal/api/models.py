"""Tokens, and the answers kept under idempotency keys."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone

from portal.api.scopes import Scope
from portal.connections.models import Connection

PER_MINUTE = 240


class ApiToken(models.Model):
    """One integration's way in. The token itself is shown once and never kept: only its digest is.

    `connection`: the account in whose name it hands things in; what it reads is limited to that account where it is set.
    """

    name = models.CharField(max_length=80, help_text="Who uses it, for example “Patchworks: Shopify orders in”.")
    connection = models.ForeignKey(
        Connection, on_delete=models.PROTECT, null=True, blank=True, related_name="api_tokens", help_text="The account it speaks for."
    )
    scopes = ArrayField(models.CharField(max_length=20, choices=Scope.choices), default=list, blank=True)
    per_minute = models.PositiveIntegerField(
        "calls a minute", default=PER_MINUTE, validators=[MinValueValidator(1), MaxValueValidator(6000)], help_text="More are told to wait."
    )
    digest = models.CharField(max_length=64, unique=True, editable=False)
    hint = models.CharField(max_length=12, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", editable=False)
    expires_at = models.DateTimeField("valid until", null=True, blank=True, help_text="Empty: until it is revoked.")
    last_used_at = models.DateTimeField(null=True, editable=False)
    window_at = models.DateTimeField(null=True, editable=False)  # the minute that is being counted …
    window_calls = models.PositiveIntegerField(default=0, editable=False)  # … and the calls in it
    revoked_at = models.DateTimeField(null=True, editable=False)
    revoked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", editable=False)

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(revoked_at=None) ^ Q(revoked_by__isnull=False), name="api_token_revoked_by"),
            models.UniqueConstraint(fields=["name"], condition=Q(revoked_at=None), name="api_token_name_once"),
        ]

    def __str__(self) -> str:
        return self.name

    def state(self, at: datetime) -> str:
        """One word for the list."""
        if self.revoked_at is not None:
            return "revoked"
        return "expired" if self.expires_at is not None and self.expires_at <= at else "in use" if self.last_used_at else "not used yet"

    @property
    def scope_labels(self) -> list[str]:
        return [Scope(scope).label for scope in self.scopes if scope in Scope.values]


class KeptAnswer(models.Model):
    """The answer given under an idempotency key; `status` 0 while the first call still runs."""

    token = models.ForeignKey(ApiToken, on_delete=models.CASCADE, related_name="kept_answers")
    key = models.CharField(max_length=200)
    call = models.CharField(max_length=200)
    digest = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(default=0)
    body = models.TextField(blank=True, default="")  # JSON as text: a key may hold what jsonb cannot
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["token", "key"], name="api_answer_once")]
        indexes = [models.Index(fields=["at"], name="api_answer_at")]

    def __str__(self) -> str:
        return f"{self.call} {self.key}"
