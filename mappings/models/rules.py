"""What happens to a message whose code has no mapping."""

from __future__ import annotations

from django.db import models
from simple_history.models import HistoricalRecords

from connectors.canonical import CodeKind
from mappings.models.seen import KINDS
from portal.connections.models import Integration

PASSABLE = frozenset({CodeKind.CARRIER, CodeKind.SHIP_SERVICE})  # an order without a store or a SKU is no order


class OnMissing(models.TextChoices):
    HOLD = "hold", "hold: it waits and goes by itself once mapped"
    FAIL = "fail", "fail: it stops until a person sends it again"
    PASS = "pass", "pass: it goes on without a mapping"


class MissingRule(models.Model):
    """Where the answer is not “hold”, or somebody made sure that it is."""

    integration = models.ForeignKey(Integration, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=20, choices=KINDS)
    on_missing = models.CharField("when a code is missing", max_length=8, choices=OnMissing.choices, default=OnMissing.HOLD)
    history = HistoricalRecords()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["integration", "kind"], name="missing_rule_once")]

    def __str__(self) -> str:
        return f"{self.integration}: {self.get_kind_display()}, {self.on_missing}"
