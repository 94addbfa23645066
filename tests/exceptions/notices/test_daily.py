"""The daily summary: one mail a day at seven in its own zone, and none where nothing happened (R127, R128)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from exceptions.cases import clear_items
from exceptions.models import NoticeWish, OutgoingNotice
from exceptions.notices.daily import send_summaries
from exceptions.notices.outbox import send_due
from portal.connections.models import Integration
from tests.exceptions.conftest import NOON
from tests.exceptions.notices.failing import fail

MORNING = datetime(2026, 3, 5, 7, 0, tzinfo=UTC)
LIST = "daily@shop.example"


@pytest.fixture
def daily(integration) -> Integration:
    Integration.objects.update(daily_errors=True, daily_emails=[LIST], instant_errors=False)
    integration.refresh_from_db()
    return integration


def subjects() -> list[str]:
    return list(OutgoingNotice.objects.order_by("pk").values_list("subject", flat=True))


class TestTheDailySummary:
    def test_tells_everything_in_one_mail(self, daily, mail_server):  # R127, R128
        first = fail(daily, fingerprint="a")
        fail(daily, fingerprint="b", cause="WEB-2 was refused.")
        clear_items(subjects=[item.subject for item in first.items.all()], proof={"seen": "there"}, at=NOON + timedelta(hours=1))
        send_summaries(at=MORNING)
        send_due(at=MORNING)

        assert mail_server.post.subjects(LIST) == ["[Lockstep] UK: 2 errors in a day, 1 still open"]
        assert "WEB-2 was refused." in mail_server.post.to(LIST)[0].get_content()

    def test_comes_once_a_day(self, daily):  # R127
        fail(daily)
        made = [send_summaries(at=MORNING + timedelta(hours=hours)) for hours in (-1, 0, 1, 5)]

        assert made == [0, 1, 0, 0]

    def test_comes_the_next_day_again(self, daily):  # R127
        for day in range(2):
            fail(daily, fingerprint=str(day), at=NOON + timedelta(days=day))
            send_summaries(at=MORNING + timedelta(days=day))

        assert len(subjects()) == 2

    def test_keeps_to_the_integrations_zone(self, daily):  # R118, R127
        Integration.objects.update(time_zone="America/Los_Angeles", daily_sent_on=NOON.date())
        fail(daily, at=NOON + timedelta(hours=6))
        made = [send_summaries(at=MORNING + timedelta(hours=hours)) for hours in (0, 7, 8)]

        assert made == [0, 0, 1]

    def test_leaves_out_what_is_excluded(self, daily):  # R129
        Integration.objects.update(exclude_patterns=["*says no*"])
        fail(daily)

        assert send_summaries(at=MORNING) == 0

    def test_does_not_come_without_an_error(self, daily):  # R127
        assert send_summaries(at=MORNING) == 0

    def test_does_not_come_while_it_is_off(self, daily):  # R127
        Integration.objects.update(daily_errors=False)
        fail(daily)

        assert send_summaries(at=MORNING) == 0

    def test_goes_to_a_team_in_its_words(self, daily):
        NoticeWish.objects.create(team="OPS", digest=True, addresses=["team@shop.example"])
        fail(daily)
        send_summaries(at=MORNING)

        assert "[Lockstep] team Operations: 1 error in a day, 1 still open" in subjects()

    def test_goes_to_a_person_for_their_teams(self, daily, omar, finn):
        for user in (omar, finn):
            user.email = f"{user.username}@shop.example"
            user.save()
            NoticeWish.objects.create(user=user, digest=True)
        fail(daily)
        send_summaries(at=MORNING)

        assert set(OutgoingNotice.objects.values_list("address", flat=True)) == {LIST, "omar@shop.example"}
