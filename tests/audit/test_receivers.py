"""What is recorded without being asked: logins, lockouts, passwords and second approvals."""

from __future__ import annotations

import pytest

from portal.accounts import approvals
from portal.accounts.permissions import Action, allowed
from portal.audit.models import AuditEvent
from tests.people import PASSWORD, person

pytestmark = pytest.mark.django_db


def recorded() -> list[tuple[str, str]]:
    return list(AuditEvent.objects.order_by("pk").values_list("actor_label", "action"))


class TestLogin:
    def test_and_logout_are_recorded(self, client):
        person("cora")
        client.post("/login/", {"username": "cora", "password": PASSWORD})
        client.post("/logout/")

        assert recorded() == [("Cora", "person.logged_in"), ("Cora", "person.logged_out")]

    def test_that_is_guessed_at_is_recorded_once_locked(self, client, settings):
        settings.AXES_FAILURE_LIMIT = 2
        person("cora")
        for _ in range(2):
            client.post("/login/", {"username": "cora", "password": "wrong"})

        assert ("login page", "person.locked_out") in recorded()

    def test_under_a_name_that_does_not_exist_keeps_no_name(self, client, settings):
        settings.AXES_FAILURE_LIMIT = 1
        client.post("/login/", {"username": "my secret password", "password": "wrong"})

        assert recorded() == []


class TestPassword:
    def test_change_is_recorded_without_it(self, client):
        client.force_login(person("cora"))
        new = "a longer way to say it"

        client.post("/profile/password/", {"old_password": PASSWORD, "new_password1": new, "new_password2": new})

        kept = AuditEvent.objects.get(action="person.changed_password")
        assert (kept.old, kept.new) == (None, None)


class TestApproval:
    def test_records_each_step(self, monkeypatch):
        monkeypatch.setitem(approvals.ON_APPROVAL, Action.WRITE_OFF, lambda wish: "Done.")
        omar, finn = person("omar"), person("finn")
        verdict = allowed(omar, Action.WRITE_OFF)
        wish = approvals.ask(Action.WRITE_OFF, by=omar, verdict=verdict, arguments={"case": 7}, summary="Write off", reason="Lost")

        approvals.approve(wish.pk, by=finn, note="Checked")

        assert recorded() == [("Omar", "approval.asked"), ("Finn", "approval.approved")]
        assert list(AuditEvent.objects.order_by("pk").values_list("reason", flat=True)) == ["Lost", "Checked"]
