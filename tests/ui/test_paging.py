"""Keyset paging."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import BadRequest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from portal.audit.models import AuditEvent
from portal.audit.trail import event, record_all
from portal.ui.paging import page_of

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
ORDER = ["-at", "-id"]


@pytest.fixture
def events():
    """Ten, of which each two share a moment."""
    made = [event("order.corrected", ("order", number, "one"), by="job") for number in range(10)]
    for number, one in enumerate(made):
        one.at = NOON + timedelta(microseconds=number // 2)
    return record_all(made)


def numbers(page) -> list[int]:
    return [int(row["subject_id"] if isinstance(row, dict) else row.subject_id) for row in page.rows]


class TestPages:
    def test_follow_each_other_without_gap_or_repetition(self, events):
        seen, cursor = [], ""
        while True:
            page = page_of(AuditEvent.objects.all(), order=ORDER, size=3, cursor=cursor)
            seen += numbers(page)
            if not (cursor := page.older):
                break

        assert seen == list(range(9, -1, -1))

    def test_lead_back_the_way_they_came(self, events):
        first = page_of(AuditEvent.objects.all(), order=ORDER, size=4)
        second = page_of(AuditEvent.objects.all(), order=ORDER, size=4, cursor=first.older)
        back = page_of(AuditEvent.objects.all(), order=ORDER, size=4, cursor=second.newer)

        assert numbers(back) == numbers(first)
        assert (first.newer, back.newer) == ("", "")
        assert back.older

    def test_stay_in_place_while_rows_arrive(self, events):
        first = page_of(AuditEvent.objects.all(), order=ORDER, size=3)
        record_all([event("order.corrected", ("order", 99, "new"), by="job")])

        assert numbers(page_of(AuditEvent.objects.all(), order=ORDER, size=3, cursor=first.older)) == [6, 5, 4]

    def test_go_up_as_well_as_down(self, events):
        first = page_of(AuditEvent.objects.all(), order=["at", "id"], size=3)

        assert numbers(page_of(AuditEvent.objects.all(), order=["at", "id"], size=3, cursor=first.older)) == [3, 4, 5]

    def test_are_made_of_plain_values_too(self, events):
        rows = AuditEvent.objects.values("at", "id", "subject_id")
        first = page_of(rows, order=ORDER, size=3)

        assert numbers(page_of(rows, order=ORDER, size=3, cursor=first.older)) == [6, 5, 4]

    def test_compare_whole_rows_in_the_database(self, events):
        first = page_of(AuditEvent.objects.all(), order=ORDER, size=3)
        with CaptureQueriesContext(
            connection,
        ) as asked:
            page_of(AuditEvent.objects.all(), order=ORDER, size=3, cursor=first.older)

        assert '("audit_auditevent"."at", "audit_auditevent"."id") < (' in asked[0]["sql"]
        assert "OFFSET" not in asked[0]["sql"]

    def test_of_nothing_are_empty(self):
        page = page_of(AuditEvent.objects.all(), order=ORDER)

        assert (page.rows, page.older, page.newer) == ([], "", "")

    def test_refuse_an_order_of_two_directions(self):
        with pytest.raises(ValueError, match="one direction"):
            page_of(AuditEvent.objects.all(), order=["-at", "id"])


class TestCursor:
    @pytest.mark.parametrize(
        "text", ["[0]", "[0, 1, 2, 3]", '[0, "yesterday", 5]', "[0, null, 5]", '{"a": 1}', "not json", '[0, "2026-03-02", "x\\u0000"]']
    )
    def test_that_is_broken_is_a_bad_request(self, text):
        cursor = base64.urlsafe_b64encode(text.encode()).decode()

        with pytest.raises(BadRequest, match="broken"):
            page_of(AuditEvent.objects.all(), order=ORDER, cursor=cursor)

    @pytest.mark.parametrize("cursor", ["é", "====", "a", "\x00"])
    def test_that_is_no_cursor_is_a_bad_request(self, cursor):
        with pytest.raises(BadRequest):
            page_of(AuditEvent.objects.all(), order=ORDER, cursor=cursor)
