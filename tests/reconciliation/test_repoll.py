"""Orders the channel lists and the ledger has never seen. R33, R43"""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from portal.ledger.models import SalesOrder
from portal.reconciliation.models import Audit, Run
from portal.reconciliation.repoll import WINDOW, read_again
from portal.reconciliation.running import Pair, run_audit
from portal.sync.interpret import interpret_batch
from portal.sync.models import InboundMessage
from tests.corridor import Corridor, run_simulators


@pytest.fixture(scope="module")
def simulators():
    yield from run_simulators()


@pytest.fixture
def marked(db, simulators) -> Corridor:
    """The orders were read, and a run marked the place."""
    corridor = Corridor(*simulators)
    corridor.place()
    corridor.read_orders()
    assert again(corridor).note == "Marked where the next one begins."
    return corridor


def again(corridor: Corridor) -> Run:
    run = run_audit(Audit.UNSEEN, Pair(corridor.channel), read_again, at=timezone.now())
    assert run is not None
    return run


class TestReadingOrdersAgain:
    def test_finds_nothing_while_nothing_was_missed(self, marked):
        marked.place()
        marked.read_orders()
        run = again(marked)

        assert run.compared >= 1
        assert (run.found, run.corrected) == ({}, 0)

    def test_takes_in_an_order_that_was_never_seen(self, marked):  # R33, R43
        [placed] = marked.place()
        marked.read_orders()
        SalesOrder.objects.filter(reference=placed["id"]).delete()
        InboundMessage.objects.filter(subject=placed["id"]).delete()
        run = again(marked)
        interpret_batch(marked.channel, at=timezone.now())

        assert (run.found, run.corrected) == ({"never seen before": 1}, 1)
        assert marked.order(placed).number == placed["orderNumber"]

    def test_begins_where_the_reading_stood_before_the_window(self, marked):
        Run.objects.update(started_at=timezone.now() - WINDOW - timedelta(hours=1), marker="old")
        Run.objects.create(
            audit=Audit.UNSEEN, connection=marked.channel, label="Shop", started_at=timezone.now(), ended_at=timezone.now(), marker="new"
        )
        from portal.reconciliation.repoll import mark_before

        assert mark_before(marked.channel, at=timezone.now()) == "old"

    def test_breaks_off_with_a_note_when_the_channel_does_not_answer(self, marked):
        marked.fault(marked.shop, "down", times=None)
        run = again(marked)

        assert run.ended_at is None
        assert run.note.startswith("Broke off:")
