"""What came in, what must go out, every attempt at it, and the ids that tie the two sides together."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.utils import timezone

from portal.connections.models import Connection, Integration
from portal.ledger.models import SalesOrder


class InboundState(models.TextChoices):
    NEW = "new", "not read yet"
    DONE = "done", "read"
    OLDER = "older", "older than what we know"
    IGNORED = "ignored", "nothing for us"
    FAILED = "failed", "could not be read"


class InboundMessage(models.Model):
    """Bytes as they came through a door (poll, webhook, api), stored before anything is made of them."""

    connection = models.ForeignKey(Connection, on_delete=models.PROTECT, related_name="inbound_messages")
    door = models.CharField(max_length=8, default="poll")
    topic = models.CharField(max_length=40)
    event_id = models.CharField(max_length=200)
    subject = models.CharField(max_length=160, blank=True)
    body = models.BinaryField()
    changed_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField(default=timezone.now)
    state = models.CharField(max_length=8, choices=InboundState.choices, default=InboundState.NEW)
    attempts = models.PositiveIntegerField(default=0)
    not_before = models.DateTimeField(default=timezone.now)
    note = models.TextField(blank=True)
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["connection", "topic", "event_id"], name="inbound_once")]
        indexes = [
            models.Index(fields=["connection", "id"], name="inbound_new", condition=Q(state="new")),
            models.Index(fields=["connection", "subject"], name="inbound_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.topic} {self.subject}"


class State(models.TextChoices):
    QUEUED = "queued", "waiting its turn"
    IN_FLIGHT = "in_flight", "being sent"
    SENT = "sent", "sent"
    CONFIRMED = "confirmed", "confirmed"
    PARKED = "parked", "stopped until a person or a fix releases it"
    SUPERSEDED = "superseded", "overtaken by a newer one"
    ABANDONED = "abandoned", "stopped for good by a person"


class OutboundMessage(models.Model):
    """One thing one target must be told. The queue is only a doorbell: this row is the truth.

    `lane`: rows of one lane never run at the same time, and go in order of `pk`. `waiting_for`: the key of what would release it.
    `looks_first`: an earlier attempt may have done it already.
    """

    connection = models.ForeignKey(Connection, on_delete=models.PROTECT, related_name="outbound_messages")
    integration = models.ForeignKey(Integration, on_delete=models.PROTECT, null=True, related_name="outbound_messages")
    order = models.ForeignKey(SalesOrder, on_delete=models.SET_NULL, null=True, related_name="outbound_messages")
    kind = models.CharField(max_length=30)
    subject = models.CharField(max_length=120)
    version = models.CharField(max_length=120)
    lane = models.CharField(max_length=160)
    rank = models.PositiveSmallIntegerField(default=1)  # 0 orders … 9 bulk
    payload = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    not_before = models.DateTimeField(default=timezone.now)
    attempts = models.PositiveIntegerField(default=0)
    looks_first = models.BooleanField(default=False)
    claimed_at = models.DateTimeField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    called_at = models.DateTimeField(null=True, blank=True)
    waiting_for = models.CharField(max_length=300, blank=True)
    note = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True, blank=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["connection", "kind", "subject", "version"], name="outbound_once"),
            models.CheckConstraint(condition=~Q(state="parked") | ~Q(note=""), name="outbound_parked_says_why"),
            models.CheckConstraint(condition=~Q(state="in_flight") | Q(lease_until__isnull=False), name="outbound_in_flight_has_lease"),
        ]
        indexes = [
            models.Index(fields=["connection", "rank", "id"], name="outbound_due", condition=Q(state="queued")),
            models.Index(fields=["connection", "lane"], name="outbound_in_flight", condition=Q(state="in_flight")),
            models.Index(fields=["lease_until"], name="outbound_lease", condition=Q(state="in_flight")),
            models.Index(fields=["waiting_for"], name="outbound_waiting", condition=Q(state="parked")),
            models.Index(fields=["subject", "kind"], name="outbound_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}"

    def get_kind_label(self) -> str:
        """What it does, for people."""
        from portal.sync.routes import ROUTES

        return ROUTES[self.kind].label if self.kind in ROUTES else self.kind


class DeliveryAttempt(models.Model):
    """One try at one message; `exchanges` are the redacted requests and answers."""

    message = models.ForeignKey(OutboundMessage, on_delete=models.CASCADE, related_name="delivery_attempts")
    number = models.PositiveIntegerField()
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(default=timezone.now)
    outcome = models.CharField(max_length=20)
    sentence = models.TextField(blank=True)
    exchanges = models.JSONField(default=list)
    mapping_uses = models.JSONField(default=list)

    class Meta:
        ordering = ["message_id", "number"]
        indexes = [GinIndex(fields=["mapping_uses"], name="attempt_mapping_uses", opclasses=["jsonb_path_ops"])]

    def __str__(self) -> str:
        return f"attempt {self.number}: {self.outcome}"


class ExternalReference(models.Model):
    """Their id for a thing of ours ("order:12"): what ties the two sides together, kept at once."""

    connection = models.ForeignKey(Connection, on_delete=models.PROTECT, related_name="external_references")
    kind = models.CharField(max_length=30)
    subject = models.CharField(max_length=120)
    reference = models.CharField(max_length=160)
    link = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["connection", "kind", "reference"], name="external_reference_once"),
            models.UniqueConstraint(fields=["connection", "kind", "subject"], name="external_subject_once"),
        ]

    def __str__(self) -> str:
        return self.reference


class Cursor(models.Model):
    """Where a feed was read to. Claimed while a poll runs, so that two never overlap."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="cursors")
    feed = models.CharField(max_length=40)
    value = models.TextField(blank=True)
    claimed_until = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    items = models.PositiveBigIntegerField(default=0)
    note = models.TextField(blank=True)
    run_began_at = models.DateTimeField(null=True, blank=True)  # the reading of a full feed that runs, or ran last; several polls may share one
    compared = models.PositiveBigIntegerField(default=0)  # SKUs that reading held against the ledger …
    corrected = models.PositiveBigIntegerField(default=0)  # … and those the ledger had wrong (R16)
    unreadable = models.PositiveIntegerField(default=0)  # items of it that could not be understood
    first_done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["connection", "feed"], name="cursor_once")]

    def __str__(self) -> str:
        return f"{self.connection_id}/{self.feed}"

    def is_due(self, at: datetime, interval_s: int) -> bool:
        """Not being read by anybody, and its last start is an interval ago."""
        if self.claimed_until is not None and self.claimed_until > at:
            return False
        return self.started_at is None or self.started_at + timedelta(seconds=interval_s) <= at


from portal.sync.flow_models import Flow, FlowRun  # noqa: E402, F401
from portal.sync.run_models import MarkCode, ResolvedMark, Run, RunItem  # noqa: E402, F401 - Django finds an app's models here
