"""User, Membership and ApprovalRequest."""

from __future__ import annotations

from functools import cached_property
from zoneinfo import available_timezones

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from portal.accounts.permissions import Action
from portal.accounts.roles import Role


def check_time_zone(name: str) -> None:
    if name not in available_timezones():
        raise ValidationError(f"“{name}” is not a time zone. Choose a name such as Europe/London.")


class User(AbstractUser):
    """A person. What they may do comes from their memberships alone; `is_superuser` opens nothing but the admin's own pages."""

    time_zone = models.CharField(
        max_length=64, default="UTC", validators=[check_time_zone], help_text="Times are shown in it, for example Europe/London."
    )
    single_keys = models.BooleanField("single-key shortcuts", default=True, help_text="Off: letters typed outside a field do nothing.")

    @cached_property
    def leading(self) -> dict[Role, bool]:
        """Each role held, and whether this person leads its team; read once a request."""
        return {Role(role): lead for role, lead in self.memberships.values_list("role", "lead")}

    @property
    def roles(self) -> frozenset[Role]:
        return frozenset(self.leading) if self.is_active else frozenset()

    @property
    def called(self) -> str:
        """How pages and the audit trail name them."""
        return self.get_full_name() or self.username

    def leads(self, role: Role) -> bool:
        return self.is_active and self.leading.get(role, False)


class Membership(models.Model):
    """One role of one person."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=3, choices=Role.choices)
    lead = models.BooleanField("leads the team", default=False)

    class Meta:
        ordering = ("role",)
        constraints = (
            models.UniqueConstraint(fields=("user", "role"), name="membership_once", violation_error_message="This person holds that role already."),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="membership_role_known"),
        )

    def __str__(self) -> str:
        return f"{Role(self.role).label}, lead" if self.lead else str(Role(self.role).label)


class ApprovalState(models.TextChoices):
    WAITING = "waiting", "waiting for a second person"
    APPROVED = "approved", "approved and done"
    REFUSED = "refused", "refused"
    WITHDRAWN = "withdrawn", "withdrawn"


class ApprovalRequest(models.Model):
    """Something one person asked for that a second one must approve before it happens (`approvals.py` alone writes it)."""

    action = models.CharField(max_length=40, choices=Action.choices)
    arguments = models.JSONField(default=dict, help_text="What the registered function is called with on approval.")
    fingerprint = models.CharField(max_length=64, editable=False, help_text="The same wish twice is one request.")
    summary = models.CharField(max_length=300, help_text="What will happen, in one sentence, for the person who decides.")
    reason = models.TextField()
    requester = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="asked_approvals")
    approver_roles = ArrayField(models.CharField(max_length=3, choices=Role.choices))
    asked_at = models.DateTimeField(default=timezone.now)
    state = models.CharField(max_length=10, choices=ApprovalState.choices, default=ApprovalState.WAITING)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="decided_approvals")
    decided_at = models.DateTimeField(null=True, blank=True)
    note = models.TextField(blank=True, help_text="Why it was refused, or what the approver checked.")
    outcome = models.CharField(max_length=300, blank=True, help_text="What happened on approval.")

    class Meta:
        ordering = ("-asked_at", "-pk")
        constraints = (
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("requester")),
                name="approval_by_another_person",
                violation_error_message="The approver is never the person who asked.",
            ),
            models.CheckConstraint(condition=Q(state=ApprovalState.WAITING) ^ Q(decided_at__isnull=False), name="approval_decided_at"),
            models.CheckConstraint(
                condition=Q(state__in=(ApprovalState.APPROVED, ApprovalState.REFUSED)) ^ Q(decided_by=None), name="approval_decided_by"
            ),
            models.UniqueConstraint(fields=("fingerprint",), condition=Q(state=ApprovalState.WAITING), name="approval_waits_once"),
        )

    def __str__(self) -> str:
        return self.summary

    @property
    def approvers(self) -> frozenset[Role]:
        return frozenset(Role(role) for role in self.approver_roles)

    @property
    def is_waiting(self) -> bool:
        return self.state == ApprovalState.WAITING
