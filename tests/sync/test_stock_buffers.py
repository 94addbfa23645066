"""Buffers as people keep them: which one counts, what is refused, and what it would change."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from portal.accounts.permissions import NotAllowedError
from portal.audit.models import AuditEvent
from portal.ledger.models import Buffer, StockReplan
from portal.sync.stock_buffer_changes import BufferRefusedError, Wish, add, change, end
from portal.sync.stock_buffers import BufferBook, fits
from portal.sync.stock_outlook import outlook
from tests.people import person

HOUR = timedelta(hours=1)


def book(corridor):
    return BufferBook.of(corridor.integration, timezone.now())


def keep(corridor, username="omar", **wish):
    [row] = add(Wish(**wish), [corridor.integration], by=person(username), at=timezone.now())
    return row


class TestTheBufferThatCounts:
    @pytest.mark.parametrize(
        ("pattern", "sku", "is_meant"),
        [("MUG-*", "MUG-1", True), ("MUG-*", "TEE-1", False), ("*-1", "MUG-1", True), ("M?G-*", "MUG-1", False), ("[M]-*", "[M]-1", True)],
    )
    def test_knows_its_class_by_the_star_alone(self, pattern, sku, is_meant):  # R10
        assert fits(pattern, sku) is is_meant

    def test_is_the_one_with_a_period_before_a_standing_one(self, corridor):  # R26
        keep(corridor, pattern="MUG-1", units=2)
        keep(corridor, units=9, ends_at=timezone.now() + HOUR)

        assert (book(corridor).units("MUG-1"), book(corridor).units("TEE-1")) == (9, 9)

    def test_is_that_of_a_list_before_that_of_a_class(self, corridor):  # R10
        keep(corridor, pattern="MUG-*", units=2)
        keep(corridor, pattern="", skus=("MUG-1", "TEE-1"), units=7)

        assert [book(corridor).units(sku) for sku in ("MUG-1", "MUG-2", "TEE-1")] == [7, 2, 7]

    def test_is_none_where_the_hub_keeps_it_back_itself(self, corridor):  # R11
        keep(corridor, units=4)
        corridor.integration.buffer_at_source = True

        assert book(corridor).units("MUG-1") == 0


class TestKeepingABuffer:
    def test_is_in_the_audit_trail_with_who_and_why(self, corridor):  # R10
        keep(corridor, pattern="MUG-1", units=2, reason="sells fast")
        event = AuditEvent.objects.get(action="buffer.added")

        assert (event.actor, event.reason, event.new["units"]) == (person("omar"), "sells fast", 2)

    @pytest.mark.parametrize("username", ["cora", "finn", "aldo", "nell"])
    def test_is_for_ops_merchandising_and_admins(self, corridor, username):
        with pytest.raises(NotAllowedError):
            keep(corridor, username, units=2)

        assert not Buffer.objects.exists()

    @pytest.mark.parametrize(
        ("wish", "sentence"),
        [
            ({}, "Say how many units"),
            ({"units": 2, "ends_at": timezone.now() - HOUR}, "Choose a later end"),
            ({"units": 2, "interval_s": 30}, "Say when it ends"),
        ],
    )
    def test_is_refused_with_a_sentence_when_it_says_nothing_sound(self, corridor, wish, sentence):
        with pytest.raises(BufferRefusedError, match=sentence):
            keep(corridor, **wish)

    @pytest.mark.parametrize("wish", [{"pattern": "MUG-1"}, {"pattern": "", "skus": ("TEE-1", "MUG-1")}])
    def test_is_refused_when_the_same_sku_has_one_at_the_same_time(self, corridor, wish):  # R26
        ends_at = timezone.now() + HOUR
        keep(corridor, pattern="MUG-1", units=2, ends_at=ends_at)
        with pytest.raises(BufferRefusedError, match="MUG-1 has a buffer of 2 already, until"):
            keep(corridor, units=5, ends_at=ends_at + HOUR, **wish)

    def test_is_welcome_after_the_other_one(self, corridor):  # R26
        ends_at = timezone.now() + HOUR
        keep(corridor, units=2, ends_at=ends_at)
        keep(corridor, units=5, starts_at=ends_at, ends_at=ends_at + HOUR)

        assert Buffer.objects.count() == 2

    def test_is_refused_in_units_where_they_would_not_count(self, corridor):  # R11
        corridor.integration.buffer_at_source = True
        with pytest.raises(BufferRefusedError, match="keeps back the buffer"):
            keep(corridor, units=5)

    def test_moves_its_end(self, corridor):  # R26
        row = keep(corridor, units=5, ends_at=timezone.now() + HOUR)
        later = timezone.now() + 3 * HOUR
        change(row, Wish(units=5, ends_at=later, reason="goes on"), by=person("ada"), at=timezone.now())

        assert list(StockReplan.objects.filter(due_at__gt=timezone.now()).values_list("due_at", flat=True)) == [later]
        assert AuditEvent.objects.get(action="buffer.changed").old["ends_at"] == row.ends_at.isoformat()

    def test_leaves_nothing_of_one_that_had_not_begun(self, corridor):
        now = timezone.now()
        row = keep(corridor, units=5, starts_at=now + HOUR)
        end(row, by=person("omar"), reason="sale cancelled", at=now)

        assert not Buffer.objects.exists() and not StockReplan.objects.exists()
        assert AuditEvent.objects.get(action="buffer.withdrawn").old["units"] == 5

    def test_cannot_be_changed_when_it_is_over(self, corridor):
        row = keep(corridor, units=5)
        end(row, by=person("omar"), reason="enough", at=timezone.now())
        with pytest.raises(BufferRefusedError, match="is over"):
            change(row, Wish(units=9), by=person("omar"), at=timezone.now())


class TestTheOutlook:
    def test_counts_what_is_kept_back_before_and_after(self, corridor):  # R26
        corridor.integration.buffer = 3
        corridor.integration.save()
        corridor.read(corridor.hub, "stock")
        told = outlook(Wish(units=10).row(corridor.integration), at=timezone.now())

        assert (told.skus, told.before, told.after, told.changes) == (3, 9, 30, 3)

    def test_says_what_would_be_sold_out_for_customers(self, corridor):
        corridor.read(corridor.hub, "stock")
        told = outlook(Wish(pattern="MUG-1", units=60).row(corridor.integration), at=timezone.now())

        assert (told.skus, told.after, told.soldout) == (1, 50, 1)

    def test_says_where_another_buffer_counts_instead(self, corridor):  # R10
        keep(corridor, pattern="MUG-1", units=2)
        corridor.read(corridor.hub, "stock")
        told = outlook(Wish(units=10).row(corridor.integration), at=timezone.now())

        assert (told.overruled, told.after) == (1, 22)
