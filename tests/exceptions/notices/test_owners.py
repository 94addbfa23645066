"""The owner of an error is told at once, though nobody has set anything (R30)."""

from __future__ import annotations

import pytest
from django.urls import reverse

from exceptions.models import ExceptionCase, NoticeWish
from exceptions.notices.audience import Audience
from portal.accounts.models import User
from portal.accounts.roles import Role
from portal.connections.models import Integration
from tests import people
from tests.exceptions.notices.failing import fail
from tests.exceptions.notices.test_at_once import BOSS, OPS, tell


@pytest.fixture
def quiet(integration) -> Integration:
    """No list of the integration is told."""
    Integration.objects.update(instant_errors=False)
    return integration


def member(name: str, *roles: Role) -> User:
    user = people.make(name, *roles)
    user.email = f"{name}@shop.example"
    user.save()
    return user


def told(case: ExceptionCase) -> set[str]:
    return {address for address, _ in Audience.now().instant(case)}


class TestTheOwningTeam:
    def test_is_told_by_mail_within_a_minute_of_the_error(self, quiet, mail_server):  # R30
        member("omar", Role.OPS)
        fail(quiet)
        tell()

        assert mail_server.post.subjects("omar@shop.example") == ["[Lockstep] S1 Order did not get through: WEB-1: the warehouse says no."]

    def test_is_told_and_no_other_team(self, quiet):  # R30
        for name, role in (("omar", Role.OPS), ("olga", Role.OPS), ("finn", Role.FIN), ("ada", Role.ADM)):
            member(name, role)

        assert told(fail(quiet)) == {"omar@shop.example", "olga@shop.example"}

    def test_is_told_beside_the_lists_of_the_integration(self, integration):  # R30, R125
        member("omar", Role.OPS)

        assert told(fail(integration)) == {OPS, BOSS, "omar@shop.example"}

    def test_is_not_mailed_one_by_one_once_it_has_an_address_of_its_own(self, quiet):
        member("omar", Role.OPS)
        NoticeWish.objects.create(team="OPS", instant=True, addresses=["desk@shop.example"])

        assert told(fail(quiet)) == {"desk@shop.example"}

    def test_is_left_alone_by_what_is_only_good_to_know(self, quiet):
        member("mira", Role.MER)

        assert told(fail(quiet, kind="E13")) == set()

    def test_may_say_that_it_wants_no_mail(self, quiet):
        NoticeWish.objects.create(user=member("omar", Role.OPS), instant=False)

        assert told(fail(quiet)) == set()

    def test_leaves_out_who_has_left(self, quiet):
        User.objects.filter(pk=member("omar", Role.OPS).pk).update(is_active=False)
        member("ada", Role.ADM)

        assert told(fail(quiet)) == {"ada@shop.example"}


class TestAnErrorOfATeamWithoutPeople:
    def test_is_kept_and_goes_to_the_admins(self, quiet):  # R29, R30
        member("ada", Role.ADM)
        case = fail(quiet)

        assert (case.is_open, case.owner) == (True, "OPS")
        assert told(case) == {"ada@shop.example"}

    def test_is_kept_though_there_is_nobody_at_all(self, quiet, mail_server):  # R29, R30
        case = fail(quiet)

        assert tell() == 0
        assert ExceptionCase.objects.get(pk=case.pk).is_open


class TestThePage:
    def test_says_what_comes_by_default(self, db, client):  # R30
        client.force_login(member("omar", Role.OPS))
        page = client.get(reverse("exceptions:notifications")).content.decode()

        assert "S1 and S2 come to you by mail at once" in page
        assert "checked" in page.split('name="instant"')[1].split(">")[0]
