"""Checklists are ticked by their team, signed once, and kept."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from exceptions import checklists
from exceptions.checklists import CHECKLISTS, Every, sign, tick
from exceptions.errors import CaseError
from exceptions.models import ChecklistRun, TeamCalendar
from portal.accounts.models import User
from portal.accounts.permissions import NotAllowedError
from portal.accounts.roles import Role
from portal.audit.models import AuditEvent
from tests.exceptions.conftest import NOON

PAGE = "/checklists/"


class TestChecklists:
    def test_are_there_for_every_team(self) -> None:  # R27 R97
        assert {checklist.team for checklist in CHECKLISTS.values()} == {Role.OPS, Role.MER, Role.CX, Role.ADM, Role.FIN}
        assert CHECKLISTS["week-fin"].every is Every.WEEK

    def test_record_who_completed_them(self, omar: User) -> None:  # R27
        for point in range(len(CHECKLISTS["stock-ops"].points)):
            tick("stock-ops", point, by=omar, at=NOON)
        run = sign("stock-ops", "", by=omar, at=NOON)

        assert (run.signed_by, run.ticks["0"]["by"], run.period_date) == (omar, "Omar", NOON.date())
        assert AuditEvent.objects.filter(action="checklist.signed", actor=omar).exists()

    def test_need_a_word_for_what_is_left_out(self, finn: User) -> None:  # R97
        tick("week-fin", 0, by=finn, at=NOON)
        with pytest.raises(CaseError, match="Everything shipped is paid"):
            sign("week-fin", " ", by=finn, at=NOON)

        assert sign("week-fin", "The rest waits for the bank.", by=finn, at=NOON).note

    def test_do_not_change_after_the_signature(self, finn: User) -> None:
        sign("week-fin", "All left out.", by=finn, at=NOON)

        with pytest.raises(CaseError, match="Finn has signed it"):
            tick("week-fin", 0, by=finn, at=NOON)

    def test_are_for_their_own_team(self, omar: User, aldo: User) -> None:
        for nobody in (omar, aldo):
            with pytest.raises(NotAllowedError):
                tick("week-fin", 0, by=nobody, at=NOON)

    def test_begin_anew_each_day_and_each_monday(self, omar: User, finn: User) -> None:
        tick("stock-ops", 0, by=omar, at=NOON)
        tick("stock-ops", 0, by=omar, at=NOON + timedelta(days=1))
        tick("week-fin", 0, by=finn, at=NOON)
        tick("week-fin", 1, by=finn, at=NOON + timedelta(days=1))

        assert ChecklistRun.objects.filter(checklist="stock-ops").count() == 2
        assert ChecklistRun.objects.get(checklist="week-fin").period_date == date(2026, 3, 2)

    def test_follow_the_teams_own_clock(self, omar: User) -> None:
        TeamCalendar.objects.create(role=Role.OPS, time_zone="Pacific/Auckland")

        assert checklists.period_of(CHECKLISTS["stock-ops"], at=NOON) == NOON.date() + timedelta(days=1)


class TestPage:
    def test_lets_the_team_tick_and_sign(self, client: Client, omar: User) -> None:
        client.force_login(omar)
        client.post("/checklists/stock-ops/tick/", {"point": "0", "done": "1"})
        answer = client.post("/checklists/stock-ops/sign/", {"note": "The rest tomorrow."}, follow=True)

        assert b"Signed. It is kept as it stands." in answer.content
        assert ChecklistRun.objects.filter(signed_by=omar, signed_at__lte=timezone.now()).exists()

    def test_lets_the_others_look(self, client: Client, cora: User) -> None:
        client.force_login(cora)

        assert "For Operations." in client.get(PAGE).content.decode()
        assert client.post("/checklists/stock-ops/tick/", {"point": "0", "done": "1"}).status_code == 403

    def test_is_closed_to_people_without_a_role(self, client: Client, nell: User) -> None:
        client.force_login(nell)
        assert client.get(PAGE).status_code == 403
