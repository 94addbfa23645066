"""ExceptionCase: one cause, however many things it holds up, that a person must look at (`cases.py` alone writes it)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Case, ExpressionWrapper, F, Q, Value, When
from django.db.models.functions import Least
from django.urls import reverse
from django.utils import timezone

from exceptions import worth
from exceptions.kinds import KINDS, Kind, Severity
from portal.accounts.roles import Role
from portal.connections.models import Connection, Integration

NEVER = datetime(2200, 1, 1, tzinfo=UTC)  # where a clock stands that does not run: after everything else


class CaseState(models.TextChoices):
    """Where a case stands; the database works it out from the columns beside it."""

    NEW = "new", "nobody has it yet"
    TAKEN = "taken", "in hand"
    SNOOZED = "snoozed", "snoozed"
    FOLDED = "folded", "waits for an incident"
    RESOLVED = "resolved", "resolved"


class Resolution(models.TextChoices):
    """What resolving means; each must be true (A13)."""

    FIXED = "fixed_verified", "fixed and verified"
    BY_HAND = "done_by_hand", "done by hand"
    STOPPED = "stop_trying", "stopped trying"
    FALSE_ALARM = "false_alarm", "false alarm"
    MERGED = "merged", "merged into another case"


STATE = Case(
    When(is_open=False, then=Value(CaseState.RESOLVED.value)),
    When(incident__isnull=False, then=Value(CaseState.FOLDED.value)),
    When(snoozed_until__isnull=False, then=Value(CaseState.SNOOZED.value)),
    When(assignee__isnull=False, then=Value(CaseState.TAKEN.value)),
    default=Value(CaseState.NEW.value),
)
NEXT_DUE = Least(
    Case(When(acknowledged_at__isnull=True, paused_at__isnull=True, then=F("ack_due_at"))),
    Case(When(paused_at__isnull=True, then=F("resolve_due_at"))),
    F("deadline_at"),
    Value(NEVER),
)


class ExceptionCase(models.Model):
    """`state`, `is_awake` and `due_at` (the nearest of the clocks that run) are columns the database computes."""

    kind = models.CharField(max_length=3)
    fingerprint = models.CharField(max_length=300)
    owner = models.CharField(max_length=3, choices=Role.choices)
    severity = models.PositiveSmallIntegerField()
    is_open = models.BooleanField(default=True)
    connection = models.ForeignKey(Connection, on_delete=models.PROTECT, null=True, related_name="cases", db_index=False)
    integration = models.ForeignKey(Integration, on_delete=models.PROTECT, null=True, related_name="cases", db_index=False)
    cause = models.TextField()
    consequence = models.CharField(max_length=300, blank=True)
    waiting_for = models.CharField(max_length=300, blank=True)
    evidence = models.JSONField(default=dict, encoder=DjangoJSONEncoder)

    items_open = models.PositiveIntegerField(default=0)
    items_total = models.PositiveIntegerField(default=0)
    units = models.IntegerField(default=0)
    value = models.JSONField(default=dict)  # currency → amount, as text
    worth = models.DecimalField(max_digits=18, decimal_places=2, default=0)  # for sorting only (`worth.py`)
    oldest_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    regressions = models.PositiveSmallIntegerField(default=0)

    opened_at = models.DateTimeField()
    ack_due_at = models.DateTimeField()
    resolve_due_at = models.DateTimeField()
    deadline_at = models.DateTimeField(null=True)
    due_at = models.GeneratedField(expression=NEXT_DUE, output_field=models.DateTimeField(), db_persist=True)
    paused_at = models.DateTimeField(null=True)
    paused_reason = models.CharField(max_length=200, blank=True)
    acknowledged_at = models.DateTimeField(null=True)
    assignee = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="cases", db_index=False)
    snoozed_until = models.DateTimeField(null=True)
    snooze_items = models.PositiveIntegerField(null=True)  # wakes when this many are affected
    snooze_if_worse = models.BooleanField(default=False)  # wakes when it gets worse in any way
    incident = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="folded", db_index=False)
    merged_into = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="merged", db_index=False)
    state = models.GeneratedField(expression=STATE, output_field=models.CharField(max_length=10, choices=CaseState.choices), db_persist=True)
    is_awake = models.GeneratedField(
        expression=ExpressionWrapper(Q(is_open=True, incident__isnull=True, snoozed_until__isnull=True), output_field=models.BooleanField()),
        output_field=models.BooleanField(),
        db_persist=True,
    )
    checked_at = models.DateTimeField()  # when the system of record was last asked whether it is solved
    busy_until = models.DateTimeField(null=True)  # an action runs; nobody starts another before this
    busy_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False)

    resolved_at = models.DateTimeField(null=True)
    resolved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="resolved_cases", db_index=False)
    resolution = models.CharField(max_length=16, choices=Resolution.choices, blank=True)
    resolution_note = models.TextField(blank=True)
    proof = models.JSONField(null=True, encoder=DjangoJSONEncoder)

    class Meta:
        ordering = ["due_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "fingerprint"], condition=Q(is_open=True), name="case_open_once"),
            models.CheckConstraint(condition=Q(owner__in=Role.values), name="case_has_owner"),
            models.CheckConstraint(condition=Q(is_open=True) ^ Q(resolved_at__isnull=False), name="case_resolved_at"),
            models.CheckConstraint(condition=Q(is_open=True) ^ ~Q(resolution=""), name="case_resolution_said"),
            models.CheckConstraint(condition=Q(is_open=False) | Q(resolved_by=None), name="case_open_not_resolved_by"),
            models.CheckConstraint(condition=Q(paused_at=None) ^ ~Q(paused_reason=""), name="case_pause_says_why"),
            models.CheckConstraint(
                condition=Q(snoozed_until=None) | Q(deadline_at=None) | Q(snoozed_until__lte=F("deadline_at")), name="case_snooze_before_deadline"
            ),
        ]
        indexes = [
            models.Index(fields=["owner", "due_at", "id"], name="case_owner_due", condition=Q(is_awake=True)),
            models.Index(fields=["due_at", "id"], name="case_due", condition=Q(is_awake=True)),
            models.Index(fields=["kind", "due_at", "id"], name="case_kind_due", condition=Q(is_awake=True)),
            models.Index(fields=["connection", "due_at", "id"], name="case_connection_due", condition=Q(is_awake=True)),
            models.Index(fields=["assignee", "due_at", "id"], name="case_assignee_due", condition=Q(is_open=True, assignee__isnull=False)),
            models.Index(fields=["opened_at", "id"], name="case_opened", condition=Q(is_awake=True)),
            models.Index(fields=["snoozed_until"], name="case_snoozed", condition=Q(is_open=True, snoozed_until__isnull=False)),
            models.Index(fields=["incident"], name="case_incident", condition=Q(is_open=True, incident__isnull=False)),
            models.Index(fields=["checked_at"], name="case_checked", condition=Q(is_open=True)),
            models.Index(fields=["waiting_for"], name="case_waiting", condition=Q(is_open=True) & ~Q(waiting_for="")),
            models.Index(fields=["-resolved_at", "-id"], name="case_resolved", condition=Q(is_open=False)),
            models.Index(fields=["owner", "-resolved_at", "-id"], name="case_owner_resolved", condition=Q(is_open=False)),
            models.Index(fields=["fingerprint", "kind"], name="case_closed_fingerprint", condition=Q(is_open=False)),
        ]

    def __str__(self) -> str:
        return f"{self.kind} #{self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("exceptions:case", args=[self.pk])

    @property
    def rule(self) -> Kind:
        return KINDS[self.kind]

    @property
    def rule_key(self) -> tuple[str, str]:
        return self.kind, self.fingerprint

    @property
    def level(self) -> Severity:
        return Severity(self.severity)

    @property
    def team(self) -> Role:
        return Role(self.owner)

    @property
    def acting_roles(self) -> frozenset[Role]:
        """Who may act: the roles of the kind, and the team it was handed to."""
        return acting_roles(self.kind, self.owner)

    @property
    def value_text(self) -> str:
        return worth.spoken(self.value)

    @property
    def state_label(self) -> str:
        return str(CaseState(self.state).label)

    @property
    def is_acknowledged(self) -> bool:
        return self.acknowledged_at is not None

    @property
    def is_incident(self) -> bool:
        return self.kind == "E32"

    def is_busy(self, at: datetime | None = None) -> bool:
        return self.busy_until is not None and self.busy_until > (at or timezone.now())

    def facts(self) -> dict[str, Any]:
        """What an audit event keeps of the case."""
        return {"owner": self.owner, "severity": self.severity, "assignee": self.assignee_id, "is_open": self.is_open}


def acting_roles(kind: str, owner: str) -> frozenset[Role]:
    """Who may act on a case of this kind that this team has."""
    return KINDS[kind].may_act | {Role(owner)}
