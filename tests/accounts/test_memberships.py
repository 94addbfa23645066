"""Roles are given and taken in one place, and count from the next request on."""

from __future__ import annotations

import pytest
from django.db import IntegrityError

from portal.accounts.memberships import give, take
from portal.accounts.models import Membership, User
from portal.accounts.permissions import Action, allowed
from portal.accounts.roles import Role
from tests.people import make, person

pytestmark = pytest.mark.django_db


class TestGive:
    def test_adds_a_role_to_those_held(self):
        cora = person("cora")

        give(cora, Role.OPS, lead=True)

        assert cora.roles == {Role.CX, Role.OPS}
        assert cora.leads(Role.OPS)
        assert not cora.leads(Role.CX)

    def test_given_twice_is_held_once(self):
        cora = person("cora")

        give(cora, Role.CX, lead=True)

        assert [(one.role, one.lead) for one in cora.memberships.all()] == [("CX", True)]

    def test_opens_the_admins_pages_to_those_who_set_something_up(self):
        assert person("ada").is_staff
        assert not person("cora").is_staff


class TestTake:
    def test_closes_what_the_role_opened(self):
        ada = person("ada")

        take(ada, Role.ADM)

        again = User.objects.get(pk=ada.pk)
        assert not again.is_staff
        assert not allowed(again, Action.EDIT_CONNECTION).yes

    def test_leaves_a_superuser_in_the_admin(self):
        root = User.objects.create_superuser("root")
        give(root, Role.CX)

        take(root, Role.CX)

        assert root.is_staff


class TestPerson:
    def test_switched_off_holds_nothing(self):
        ada = person("ada")
        ada.is_active = False

        assert ada.roles == frozenset()
        assert not ada.leads(Role.ADM)

    def test_is_called_by_their_name(self):
        assert person("cora").called == "Cora"
        assert make("zed").called == "zed"

    def test_holds_a_role_once(self):
        cora = person("cora")

        with pytest.raises(IntegrityError):
            Membership.objects.create(user=cora, role=Role.CX)

    def test_holds_only_roles_that_exist(self):
        with pytest.raises(IntegrityError):
            Membership.objects.create(user=person("cora"), role="CEO")
