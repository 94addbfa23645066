"""Who wants to be told of cases, what there is to tell, and the outbox from which it is sent."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import validate_email
from django.db import models
from django.db.models import Q

from exceptions.models.case import ExceptionCase
from portal.accounts.roles import Role


class NoticeWish(models.Model):
    """What one person, or one team, wants to be told. `webhook_sealed`: the address in a chat tool, a secret in itself."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, related_name="notice_wish")
    team = models.CharField(max_length=3, choices=Role.choices, blank=True)
    instant = models.BooleanField("e-mail at once", default=False)
    digest = models.BooleanField("e-mail once a day", default=False)
    severity = models.PositiveSmallIntegerField(
        "how bad at least", default=2, choices=[(1, "S1 only"), (2, "S1 and S2"), (3, "S1 to S3"), (4, "everything")]
    )
    addresses = ArrayField(models.CharField(max_length=254, validators=[validate_email]), default=list, blank=True)
    webhook_sealed = models.TextField(blank=True, editable=False)
    digest_sent_on = models.DateField(null=True, blank=True, editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(user__isnull=False) ^ ~Q(team=""), name="wish_of_person_or_team"),
            models.UniqueConstraint(fields=["team"], condition=~Q(team=""), name="wish_team_once"),
        ]

    def __str__(self) -> str:
        return f"team {Role(self.team).label}" if self.team else str(self.user)


class CaseNotice(models.Model):
    """A case opened, or came back: one row for the change, however many things are behind it. Kept until its end was told as well."""

    case = models.ForeignKey(ExceptionCase, on_delete=models.CASCADE, related_name="notices", db_index=False)
    came_back = models.BooleanField(default=False)
    at = models.DateTimeField()
    not_before = models.DateTimeField()
    folded = models.BooleanField(default=False)  # waited under an incident, whose own notice told of it
    told_at = models.DateTimeField(null=True)  # the opening was told; the end is next

    class Meta:
        indexes = [
            models.Index(fields=["not_before", "id"], name="notice_due", condition=Q(told_at=None)),
            models.Index(fields=["case"], name="notice_case"),
        ]

    def __str__(self) -> str:
        return f"notice of {self.case_id}"


class OutgoingNotice(models.Model):
    """One mail to one address, or one message to one chat tool: written first, sent afterwards, tried until it is gone."""

    key = models.UUIDField(unique=True, default=uuid.uuid4)  # the mail's Message-ID: sent twice by a dying worker, it is still one
    address = models.CharField(max_length=254, blank=True)
    wish = models.ForeignKey(NoticeWish, on_delete=models.CASCADE, null=True, related_name="+", db_index=False)
    subject = models.CharField(max_length=200)
    body = models.TextField()
    created_at = models.DateTimeField()
    not_before = models.DateTimeField()
    claimed_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True)
    given_up_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(address="") ^ Q(wish__isnull=False), name="outgoing_to_mail_or_chat")]
        indexes = [
            models.Index(fields=["not_before", "id"], name="outgoing_due", condition=Q(sent_at=None, given_up_at=None)),
            models.Index(fields=["address", "-id"], name="outgoing_address"),
        ]

    def __str__(self) -> str:
        return self.subject
