"""How often each mapping answered."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from portal.connections.models import Integration


class MappingUse(models.Model):
    """Uses of one mapping, or (mapping_id 0) of a whole kind by `how`. Spread over slots, so that busy workers do not queue for one row."""

    integration = models.ForeignKey(Integration, on_delete=models.CASCADE, related_name="+")
    mapping_kind = models.CharField(max_length=20)
    how = models.CharField(max_length=10)
    mapping_id = models.BigIntegerField(default=0)
    slot = models.PositiveSmallIntegerField(default=0)
    uses = models.PositiveBigIntegerField(default=0)
    last_used_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["mapping_kind", "mapping_id", "integration", "how", "slot"], name="mapping_use_once")]

    def __str__(self) -> str:
        return f"{self.mapping_kind} {self.mapping_id}: {self.uses}"
