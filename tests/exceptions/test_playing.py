"""Playbooks that measure themselves, evidence that can be taken along, and what gets worse with age."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.test import Client

from exceptions import ageing, bundle, jobs, playing
from exceptions.cases import clear_case
from exceptions.models import ExceptionCase, StepMark
from portal.accounts.models import User
from portal.audit.models import AuditEvent
from tests.exceptions.conftest import NOON, Opens, entry


class TestSteps:
    def test_tell_how_long_each_usually_takes(self, opened: Opens, omar: User) -> None:  # A12
        for number, minutes in enumerate((2, 4, 30)):
            case = opened("E04", f"order:{number}")
            playing.tick(case, 1, by=omar, at=NOON + timedelta(minutes=minutes))
            playing.tick(case, 2, by=omar, at=NOON + timedelta(minutes=minutes + 1))

        first, second, *_ = playing.steps_of(opened("E04", "another"), at=NOON)
        assert (first.usual, first.times, first.mark) == (timedelta(minutes=4), 3, None)
        assert second.usual == timedelta(minutes=1), "measured from the step before"

    def test_are_done_once(self, opened: Opens, omar: User, ada: User) -> None:
        case = opened()
        playing.tick(case, 1, by=omar, at=NOON)
        playing.tick(case, 1, by=ada, at=NOON + timedelta(hours=1))

        assert StepMark.objects.get().by == omar

    def test_are_ticked_on_the_page(self, opened: Opens, client: Client, omar: User) -> None:
        case = opened()
        client.force_login(omar)
        assert "Step 2 done." in client.post(f"/inbox/{case.pk}/step/", {"step": "2"}, follow=True).content.decode()
        client.post(f"/inbox/{case.pk}/unstep/", {"step": "2"})

        assert not StepMark.objects.exists()

    def test_refuse_a_step_that_is_not_there(self, opened: Opens, client: Client, omar: User) -> None:
        client.force_login(omar)
        answer = client.post(f"/inbox/{opened().pk}/step/", {"step": "42"}, follow=True)

        assert b"no such step any more" in answer.content


@pytest.fixture
def exchanged() -> Iterator[None]:
    bundle.add_source("order", lambda case, subject: {"attempt 1.json": {"status": 422}})
    yield
    bundle.SOURCES.pop("order")


class TestBundle:
    def unpack(self, client: Client, user: User, case: ExceptionCase) -> zipfile.ZipFile:
        client.force_login(user)
        answer = client.post(f"/inbox/{case.pk}/bundle/")
        assert answer.status_code == 200
        return zipfile.ZipFile(io.BytesIO(answer.content))

    @pytest.mark.usefixtures("exchanged")
    def test_holds_the_whole_story(self, opened: Opens, client: Client, omar: User) -> None:  # A11
        case = opened(items=[entry(1), entry(2)], evidence={"detail": "HTTP 422"})
        archive = self.unpack(client, omar, case)

        assert json.loads(archive.read("case.json"))["cause"] == "The warehouse said no."
        assert json.loads(archive.read("timeline.json"))[0]["what"] == "opened"
        assert archive.read("items.csv").decode().count("SO-") == 2
        assert json.loads(archive.read("order-1/attempt-1.json")) == {"status": 422}
        assert AuditEvent.objects.filter(action="case.exported", actor=omar).exists()

    @pytest.mark.usefixtures("exchanged")
    def test_leaves_the_exchanges_out_for_other_teams(self, opened: Opens, client: Client, finn: User) -> None:
        names = self.unpack(client, finn, opened(evidence={"detail": "x"})).namelist()

        assert "evidence.json" not in names
        assert "order-1/attempt-1.json" not in names

    def test_is_for_the_own_team_in_cx(self, opened: Opens, client: Client, cora: User) -> None:
        client.force_login(cora)
        assert client.post(f"/inbox/{opened('E28').pk}/bundle/").status_code == 403

    def test_keeps_spreadsheets_from_running_it(self, opened: Opens, client: Client, omar: User) -> None:
        case = opened(items=[entry(1, customer="x"), bundle_entry("=cmd()")])

        assert "'=cmd()" in self.unpack(client, omar, case).read("items.csv").decode()


def bundle_entry(label: str) -> object:
    from exceptions.cases import CaseEntry

    return CaseEntry("order:7", label, NOON)


class TestAgeing:
    def test_raises_a_refund_that_waits_too_long(self, opened: Opens) -> None:  # E26
        case = opened("E26", at=NOON)

        assert ageing.raise_severity(at=NOON + timedelta(days=4)) == 0
        assert ageing.raise_severity(at=NOON + timedelta(days=6)) == 1
        case.refresh_from_db()
        assert (case.severity, case.is_open) == (1, True)

    def test_is_part_of_the_minutes_tidying(self, opened: Opens) -> None:
        case = opened("E26", at=NOON - timedelta(days=4000))
        clear_case(opened("E26", "other"), {"seen": "it"}, at=NOON)

        jobs.tidy()

        case.refresh_from_db()
        assert case.severity == 1
