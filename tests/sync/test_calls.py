"""Quick calls of a lane share their commits; what was begun and not called is as if it had not been begun."""

from __future__ import annotations

import pytest

from portal.sync.calls import next_size
from portal.sync.claim import begin_calls, claim_due, give_back, never_called
from portal.sync.models import OutboundMessage, State
from tests.ledger.orders import NOON, an_integration
from tests.sync.test_claim import queue


class TestTheSizeOfAChunk:
    @pytest.mark.parametrize(("size", "took_s", "then"), [(1, 0.01, 2), (16, 0.05, 16), (8, 0.15, 8), (8, 0.3, 4), (1, 3.0, 1)])
    def test_follows_how_long_the_last_one_took(self, size, took_s, then):
        assert next_size(size, took_s, most=16) == then


class TestRowsBegunTogether:
    def test_say_so_before_the_first_call(self, db):  # R35
        joined = an_integration()
        queue(joined.channel, 2)
        begin_calls(claim_due(joined.hub, limit=2, at=NOON), at=NOON)

        assert list(OutboundMessage.objects.values_list("called_at", "attempts")) == [(NOON, 1)] * 2

    def test_go_back_as_new_where_they_were_not_called(self, db):
        joined = an_integration()
        queue(joined.channel, 2)
        begun = begin_calls(claim_due(joined.hub, limit=2, at=NOON), at=NOON)
        never_called(begun[1:])
        give_back(begun, at=NOON)

        rows = OutboundMessage.objects.order_by("pk").values_list("state", "attempts")
        assert list(rows) == [(State.IN_FLIGHT, 1), (State.QUEUED, 0)]
