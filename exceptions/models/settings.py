"""What a lead or an admin changed about a kind: owner, time limits, playbook."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone

from portal.accounts.roles import Role


class KindSetting(models.Model):
    """Overrides of one kind; an empty text means the words that came with the portal. A kind always has an owner (R150)."""

    kind = models.CharField(max_length=3, unique=True)
    owner = models.CharField(max_length=3, choices=Role.choices)
    ack_min = models.PositiveIntegerField("acknowledge within (minutes)")
    resolve_min = models.PositiveIntegerField("resolve within (minutes)")
    what_to_do = models.TextField(blank=True)
    steps = ArrayField(models.CharField(max_length=300), default=list, blank=True)
    cx = models.CharField("line for CX", max_length=300, blank=True)
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["kind"]
        constraints = [
            models.CheckConstraint(
                condition=Q(owner__in=Role.values),
                name="kind_has_owner",
                violation_error_message="Name the team that owns these cases; a case of nobody is a case nobody looks at.",
            ),
            models.CheckConstraint(
                condition=Q(ack_min__gt=0) & Q(resolve_min__gte=models.F("ack_min")),
                name="kind_limits_in_order",
                violation_error_message="The time to resolve cannot be shorter than the time to acknowledge.",
            ),
        ]

    def __str__(self) -> str:
        return self.kind
