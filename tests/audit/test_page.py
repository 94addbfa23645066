"""The page at /audit/."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from portal.audit import views
from portal.audit.models import AuditEvent
from portal.audit.trail import event, record, record_all
from tests.people import person

pytestmark = pytest.mark.django_db


@pytest.fixture
def two_events():
    record("order.corrected", ("ledger.salesorder", 7, "Order UK-7"), by=person("omar"), old={"method": "POST"}, new={"method": "DPD"})
    record("mapping.added", ("mappings.code", 9, "DPD Local"), by=person("mira"), reason="New carrier")


def page(client, username: str, **query: str):
    client.force_login(person(username))
    return client.get("/audit/", query)


def shown(answer) -> list[str]:
    return [one.action for one in answer.context["rows"] if not one.action.startswith("person.")]


class TestTrail:
    @pytest.mark.parametrize("username", ["finn", "ada", "aldo"])
    def test_is_whole_for_those_who_watch(self, client, two_events, username):  # 4.2
        assert shown(page(client, username)) == ["mapping.added", "order.corrected"]

    @pytest.mark.parametrize(("username", "own"), [("omar", ["order.corrected"]), ("mira", ["mapping.added"]), ("cora", [])])
    def test_is_their_own_for_the_others(self, client, two_events, username, own):  # 4.2
        assert shown(page(client, username)) == own

    def test_shows_nobody_elses_to_a_person_who_asks_for_it(self, client, two_events):
        assert shown(page(client, "omar", person="mira")) == ["order.corrected"]

    def test_is_closed_to_nell(self, client, two_events):
        assert page(client, "nell").status_code == 403

    def test_cannot_be_written_to(self, client):
        client.force_login(person("ada"))

        assert client.post("/audit/", {"action": "x"}).status_code == 405

    def test_shows_before_and_after(self, client, two_events):
        assert "<del>POST</del> → <ins>DPD</ins>" in page(client, "ada").text

    def test_escapes_what_people_wrote(self, client):
        record("case.noted", ("case", 1, "<script>alert(1)</script>"), by=person("omar"))

        assert "<script>alert" not in page(client, "ada").text


class TestFilter:
    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ({"person": "omar"}, ["order.corrected"]),
            ({"action": "mapping."}, ["mapping.added"]),
            ({"subject": "7"}, ["order.corrected"]),
            ({"until": "2000-01-01"}, []),
            ({"since": "2000-01-01"}, ["mapping.added", "order.corrected"]),
        ],
    )
    def test_narrows(self, client, two_events, query, found):
        assert shown(page(client, "aldo", **query)) == found

    def test_says_what_is_wrong_with_it(self, client, two_events):
        answer = page(client, "aldo", since="2026-02-01", until="2026-01-01")

        assert "before the first one" in answer.text
        assert shown(answer) == []

    def test_counts_days_in_the_readers_zone(self, client):
        late = event("order.corrected", ("order", 1, "one"), by="job")
        late.at = datetime(2026, 1, 1, 20, tzinfo=UTC)
        record_all([late])
        aldo = person("aldo")
        aldo.time_zone = "Asia/Tokyo"  # there it is 2 January already
        aldo.save()

        assert shown(page(client, "aldo", since="2026-01-02", until="2026-01-02")) == ["order.corrected"]
        assert shown(page(client, "aldo", until="2026-01-01")) == []


class TestPages:
    def test_follow_each_other_without_a_gap(self, client, monkeypatch):
        monkeypatch.setattr(views, "ROWS", 3)
        aldo = person("aldo")
        client.force_login(aldo)
        record_all([event("order.corrected", ("order", number, "one"), by="job") for number in range(7)])
        seen, oldest = [], ""
        while oldest is not None:
            answer = client.get("/audit/", {"before": oldest, "action": "order"})
            seen += [int(one.subject_id) for one in answer.context["rows"]]
            oldest = answer.context["oldest"]

        assert seen == [6, 5, 4, 3, 2, 1, 0]

    @pytest.mark.parametrize("cursor", ["x", "-1", "9" * 40])
    def test_begin_at_the_newest_when_the_place_makes_no_sense(self, client, two_events, cursor):
        assert shown(page(client, "aldo", before=cursor)) == ["mapping.added", "order.corrected"]

    def test_cost_the_same_however_many_rows(self, client, django_assert_max_num_queries):
        client.force_login(person("aldo"))
        record_all([event("order.corrected", ("order", number, "one"), by="job") for number in range(200)])

        with django_assert_max_num_queries(5):
            client.get("/audit/")

        assert AuditEvent.objects.count() > 200
