"""A buffer that holds for a period."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from portal.ledger.models import Buffer
from portal.sync.stock import BufferBook


class TestABufferWithAPeriod:
    def test_holds_only_within_it(self, corridor):  # R26: the period; nothing republishes at its edges yet
        now = timezone.now()
        hour = timedelta(hours=1)
        period = {"starts_at": now - hour, "ends_at": now + hour}
        Buffer.objects.create(integration=corridor.integration, pattern="MUG-1", units=20, **period)
        at = {moment: len(BufferBook.of(corridor.integration, now + moment).rows) for moment in (-2 * hour, timedelta(), 2 * hour)}

        assert list(at.values()) == [0, 1, 0]
