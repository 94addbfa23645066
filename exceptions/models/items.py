"""What a case holds up, the words it is found by, and how occurrences are regrouped."""

from __future__ import annotations

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q

from exceptions.models.case import ExceptionCase


class CaseItem(models.Model):
    """One thing a case concerns (“order:12”); cleared when it was seen to be solved, with the reading that shows it."""

    case = models.ForeignKey(ExceptionCase, on_delete=models.CASCADE, related_name="items", db_index=False)
    subject = models.CharField(max_length=160)
    label = models.CharField(max_length=160)
    value = models.DecimalField(max_digits=18, decimal_places=4, null=True)
    currency = models.CharField(max_length=3, blank=True)
    units = models.IntegerField(default=0)
    customer = models.CharField(max_length=160, blank=True)  # a reference, never a name
    channel = models.CharField(max_length=80, blank=True)
    at = models.DateTimeField()
    cleared_at = models.DateTimeField(null=True)
    proof = models.JSONField(null=True, encoder=DjangoJSONEncoder)

    class Meta:
        ordering = ["at", "pk"]
        constraints = [models.UniqueConstraint(fields=["case", "subject"], name="case_item_once")]
        indexes = [
            models.Index(fields=["subject"], name="case_item_subject"),
            models.Index(fields=["case", "at", "id"], name="case_item_open", condition=Q(cleared_at=None)),
        ]

    def __str__(self) -> str:
        return self.label


class CaseKey(models.Model):
    """A word a case is found by (order number, SKU, tracking number, customer reference), in capitals, and backwards for “ends with”."""

    case = models.ForeignKey(ExceptionCase, on_delete=models.CASCADE, related_name="keys", db_index=False)
    key = models.CharField(max_length=160)
    reversed = models.CharField(max_length=160)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "key"], name="case_key_once")]
        indexes = [
            models.Index(fields=["key", "case"], name="case_key_like", opclasses=["varchar_pattern_ops", "int8_ops"]),
            models.Index(fields=["reversed", "case"], name="case_key_reversed_like", opclasses=["varchar_pattern_ops", "int8_ops"]),
        ]

    def __str__(self) -> str:
        return self.key


class Regrouping(models.Model):
    """What happens again under this fingerprint (or, with a subject, to this one thing) belongs to that fingerprint: a merge or a split."""

    kind = models.CharField(max_length=3)
    fingerprint = models.CharField(max_length=300)
    subject = models.CharField(max_length=160, blank=True)
    into_kind = models.CharField(max_length=3)
    into_fingerprint = models.CharField(max_length=300)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "fingerprint", "subject"], name="regrouping_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.fingerprint} → {self.into_kind} {self.into_fingerprint}"
