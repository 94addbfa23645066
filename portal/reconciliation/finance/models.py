"""Entries, the periods they count in, what differs, and what people decided about it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from portal.connections.models import Connection
from portal.ledger.models import SalesOrder
from portal.reconciliation.finance.words import Basis, Match, Part, PeriodState, Reason, Side, Source

ZERO = Decimal(0)


def money(**more: object) -> models.DecimalField:
    return models.DecimalField(max_digits=18, decimal_places=4, **more)  # type: ignore[arg-type]


class Period(models.Model):
    """A month or a settlement cycle of one account in one currency. `transferred`: what the statement says was paid out for a cycle."""

    connection = models.ForeignKey(Connection, on_delete=models.PROTECT, related_name="finance_periods")
    currency = models.CharField(max_length=3)
    basis = models.CharField(max_length=5, choices=Basis.choices)
    key = models.CharField(max_length=120)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    transferred = money(null=True)
    transfer_state = models.CharField(max_length=40, blank=True)
    opening = money(default=ZERO)
    ending = money(default=ZERO)
    entries = models.PositiveBigIntegerField(default=0)
    late = models.PositiveBigIntegerField(default=0)
    state = models.CharField(max_length=8, choices=PeriodState.choices, default=PeriodState.OPEN)
    prepared_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    prepared_at = models.DateTimeField(null=True)
    prepared_sha256 = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ["-ends_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["connection", "currency", "basis", "key"], name="period_once"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="period_has_length"),
        ]
        indexes = [models.Index(fields=["connection", "currency", "basis", "ends_at"], name="period_in_order")]

    def __str__(self) -> str:
        return f"{self.connection}, {self.name}, {self.currency}"

    @property
    def name(self) -> str:
        if self.basis == Basis.MONTH:
            return f"{date.fromisoformat(f'{self.key}-01'):%B %Y}"
        return f"cycle to {self.ends_at.day} {self.ends_at:%b %Y}"


class Figure(models.Model):
    """One sum of a period."""

    period = models.ForeignKey(Period, on_delete=models.CASCADE, related_name="figures")
    part = models.CharField(max_length=8, choices=Part.choices)
    kind = models.CharField(max_length=20)
    amount = money()
    entries = models.PositiveBigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["period", "part", "kind"], name="figure_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.amount}"


class Entry(models.Model):
    """One movement of money or goods as finance counts it; written once. What it counts in is filled in later, never changed after a close."""

    connection = models.ForeignKey(Connection, on_delete=models.PROTECT, related_name="finance_entries")
    source = models.CharField(max_length=8, choices=Source.choices)
    source_id = models.BigIntegerField()
    turn = models.PositiveIntegerField(default=1)  # sums that grow (payments) leave an entry for each change
    kind = models.CharField(max_length=20)
    vendor_kind = models.CharField(max_length=80, blank=True)
    amount = money()
    currency = models.CharField(max_length=3)
    at = models.DateTimeField()
    noted_at = models.DateTimeField()
    order = models.ForeignKey(SalesOrder, on_delete=models.SET_NULL, null=True, related_name="finance_entries", db_index=False)
    tied_by = models.CharField(max_length=20, blank=True)
    cycle = models.CharField(max_length=120, blank=True)
    month = models.ForeignKey(Period, on_delete=models.PROTECT, null=True, related_name="entries_of_month")
    interval = models.ForeignKey(Period, on_delete=models.PROTECT, null=True, related_name="entries_between")
    settled = models.ForeignKey(Period, on_delete=models.PROTECT, null=True, related_name="entries_settled")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "source_id", "turn"], name="entry_once")]
        indexes = [
            models.Index(fields=["month", "kind", "id"], name="entry_of_month"),
            models.Index(fields=["connection", "at"], name="entry_without_interval", condition=Q(interval=None)),
            models.Index(fields=["connection", "cycle"], name="entry_unsettled", condition=Q(settled=None) & ~Q(cycle="")),
            models.Index(fields=["connection", "kind", "id"], name="entry_of_kind"),
            models.Index(
                fields=["order", "currency"], include=["kind", "amount", "at", "connection"], name="entry_of_order"
            ),  # the matching reads it alone
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.amount} {self.currency}"

    @property
    def subject(self) -> str:
        return f"entry:{self.pk}"


class PeriodClose(models.Model):
    """The figures of a closed period as they were signed: `content` in canonical form and its hash. The database refuses to change it."""

    period = models.ForeignKey(Period, on_delete=models.PROTECT, related_name="closes")
    content = models.TextField()
    sha256 = models.CharField(max_length=64)
    prepared_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    prepared_at = models.DateTimeField()
    reviewed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    closed_at = models.DateTimeField()
    reopened_at = models.DateTimeField(null=True)
    reopened_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    reopen_approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    reopen_reason = models.TextField(blank=True)

    class Meta:
        ordering = ["-closed_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["period"], condition=Q(reopened_at=None), name="period_closed_once"),
            models.CheckConstraint(condition=~Q(prepared_by=F("reviewed_by")), name="close_by_two_people"),
            models.CheckConstraint(condition=Q(reopened_at=None) | ~Q(reopened_by=F("reopen_approved_by")), name="reopen_by_two_people"),
        ]

    def __str__(self) -> str:
        return f"{self.period}, closed {self.closed_at:%d %b %Y}"


class Tolerance(models.Model):
    """What finance lets pass in one currency: a difference up to `absolute`, or up to `relative` of what was expected."""

    currency = models.CharField(max_length=3, unique=True)
    absolute = money(default=Decimal("0.01"))
    relative = models.DecimalField(max_digits=7, decimal_places=6, default=ZERO)
    timing_days = models.PositiveSmallIntegerField(default=14)
    write_off_limit = money(default=Decimal("25"))

    class Meta:
        ordering = ["currency"]
        constraints = [models.CheckConstraint(condition=Q(absolute__gte=0, relative__gte=0, relative__lt=1), name="tolerance_sane")]

    def __str__(self) -> str:
        return self.currency

    @property
    def percent(self) -> str:
        return f"{(self.relative * 100).normalize():f}"


class Discrepancy(models.Model):
    """Two sides that are not equal, as the last matching saw them; what agrees to the penny has no row."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="finance_discrepancies")
    side = models.CharField(max_length=10, choices=Side.choices)
    subject = models.CharField(max_length=60)  # "order:12", "entry:5", "period:3"
    label = models.CharField(max_length=160)
    order = models.ForeignKey(SalesOrder, on_delete=models.CASCADE, null=True, related_name="+")
    currency = models.CharField(max_length=3)
    expected = money()
    actual = money()
    difference = money()
    written_off = money(default=ZERO)
    state = models.CharField(max_length=11, choices=Match.choices)
    since = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["connection", "side", "subject", "currency"], name="discrepancy_once")]
        indexes = [models.Index(fields=["state", "id"], name="discrepancy_state"), models.Index(fields=["subject"], name="discrepancy_subject")]

    def __str__(self) -> str:
        return f"{self.label}: {self.difference} {self.currency}"

    @property
    def url(self) -> str:
        """Where the thing itself is looked at, when it is not an order."""
        prefix, _, pk = self.subject.partition(":")
        names = {"period": "reconciliation:period", "entry": "reconciliation:entry"}
        return reverse(names[prefix], args=[int(pk)]) if prefix in names else ""


class MatchTotal(models.Model):
    """How much of one account agrees, side by side, as the last matching saw it."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="finance_totals")
    side = models.CharField(max_length=10, choices=Side.choices)
    currency = models.CharField(max_length=3)
    state = models.CharField(max_length=11, choices=Match.choices)
    number = models.PositiveBigIntegerField()
    expected = money()
    actual = money()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["connection", "side", "currency", "state"], name="match_total_once")]

    def __str__(self) -> str:
        return f"{self.side} {self.state}: {self.number}"


class WriteOff(models.Model):
    """A difference that finance gave up, with its reason; beyond the limit a second person agreed. Never changed."""

    connection = models.ForeignKey(Connection, on_delete=models.PROTECT, related_name="+")
    side = models.CharField(max_length=10, choices=Side.choices)
    subject = models.CharField(max_length=60)
    currency = models.CharField(max_length=3)
    amount = money()
    reason = models.CharField(max_length=10, choices=Reason.choices)
    note = models.CharField(max_length=300)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["connection", "side", "subject"], name="write_off_of")]
        constraints = [models.CheckConstraint(condition=Q(approved_by=None) | ~Q(approved_by=F("by")), name="write_off_by_two_people")]

    def __str__(self) -> str:
        return f"{self.amount} {self.currency} of {self.subject}"


class Cause(models.Model):
    """Why the operator charged a fee or penalty: the order it is tied to, or that we dispute it."""

    entry = models.OneToOneField(Entry, on_delete=models.CASCADE, related_name="cause")
    order = models.ForeignKey(SalesOrder, on_delete=models.SET_NULL, null=True, related_name="+")
    label = models.CharField(max_length=200)
    disputed = models.BooleanField(default=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.label


class Report(models.Model):
    """A report as it was last computed. `totals`: rows of [month, group, currency, number, amount]; `ended_at` empty: being made."""

    name = models.CharField(max_length=30)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    rows = models.PositiveBigIntegerField(default=0)
    totals = models.JSONField(default=list)

    class Meta:
        indexes = [models.Index(fields=["name", "-started_at"], name="report_newest")]

    def __str__(self) -> str:
        return self.name


class ReportRow(models.Model):
    """One line of a report."""

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="lines", db_index=False)
    month = models.CharField(max_length=7)
    grouping = models.CharField(max_length=120)
    subject = models.CharField(max_length=60, blank=True)
    label = models.CharField(max_length=200)
    account = models.CharField(max_length=200)
    currency = models.CharField(max_length=3)
    amount = money()
    other = money(null=True)
    since = models.DateTimeField(null=True)
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        indexes = [models.Index(fields=["report", "id"], name="report_row"), models.Index(fields=["report", "month", "id"], name="report_row_month")]

    def __str__(self) -> str:
        return self.label


__all__ = [
    "Cause", "Discrepancy", "Entry", "Figure", "MatchTotal", "Part", "Period", "PeriodClose", "Report", "ReportRow", "Tolerance", "WriteOff",
]  # fmt: skip
