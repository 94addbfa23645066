"""What people and teams want to be told, at once and in their chat tool."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask, request

from connectors.sandbox.kit import serve
from exceptions.models import NoticeWish, OutgoingNotice
from exceptions.notices import composing, outbox
from portal.accounts import memberships
from portal.accounts.roles import Role
from portal.audit.models import AuditEvent
from tests.exceptions.notices.failing import LATE, fail

PAGE = "/notifications/"


@pytest.fixture
def chat():
    """A chat tool's webhook on loopback; `said` is what came."""
    app, said = Flask("chat"), []

    @app.post("/hooks/secret-word")
    def hook():
        said.append(request.get_json()["text"])
        return ("", app.config.get("STATUS", 200))

    running = serve(app)
    running.said, running.app = said, app  # type: ignore[attr-defined]
    yield running
    running.stop()


def log_in(client, user, **changed):
    for name, value in changed.items():
        setattr(user, name, value)
    user.save()
    client.force_login(user)
    return user


class TestAPersonsWish:
    def test_is_kept_and_audited(self, client, omar):
        log_in(client, omar, email="omar@shop.example")
        client.post(PAGE, {"instant": "on", "severity": "1"})
        wish = NoticeWish.objects.get(user=omar)

        assert (wish.instant, wish.digest, wish.severity) == (True, False, 1)
        assert AuditEvent.objects.filter(action="notifications.changed").exists()

    def test_needs_an_address(self, client, omar):
        log_in(client, omar, email="")
        answer = client.post(PAGE, {"instant": "on", "severity": "1"})

        assert "has no e-mail address yet" in answer.content.decode()

    @pytest.mark.parametrize(("severity", "told"), [(1, True), (4, True)])
    def test_brings_the_cases_of_their_teams(self, integration, omar, finn, severity, told):
        for user in (omar, finn):
            type(user).objects.filter(pk=user.pk).update(email=f"{user.username}@shop.example")
            NoticeWish.objects.create(user=user, instant=True, severity=severity)
        fail(integration)
        composing.compose(at=LATE)

        assert OutgoingNotice.objects.filter(address="omar@shop.example").exists() is told
        assert not OutgoingNotice.objects.filter(address="finn@shop.example").exists()

    def test_leaves_out_what_is_not_bad_enough(self, integration, mira):
        type(mira).objects.filter(pk=mira.pk).update(email="mira@shop.example")
        NoticeWish.objects.create(user=mira, instant=True, severity=2)
        fail(integration, kind="E13", cause="Catalogues differ")
        composing.compose(at=LATE)

        assert not OutgoingNotice.objects.filter(address="mira@shop.example").exists()


class TestATeamsWish:
    def test_is_for_its_lead_and_for_admins(self, client, omar, cora):
        for user, status in ((omar, 403), (cora, 403)):
            client.force_login(user)
            assert client.get(f"{PAGE}OPS/").status_code == status
        memberships.give(omar, Role.OPS, lead=True)
        client.force_login(omar)

        assert client.get(f"{PAGE}OPS/").status_code == 200
        assert client.get(f"{PAGE}FIN/").status_code == 403

    def test_needs_an_address_for_mail(self, client, ada):
        client.force_login(ada)
        answer = client.post(f"{PAGE}OPS/", {"instant": "on", "severity": "2", "addresses": ""})

        assert "Name at least one address" in answer.content.decode()

    def test_of_no_team_is_not_found(self, client, ada):
        client.force_login(ada)

        assert client.get(f"{PAGE}XYZ/").status_code == 404


class TestAChatTool:
    def test_is_told_at_once_and_its_address_is_never_shown(self, client, ada, integration, chat):
        client.force_login(ada)
        client.post(f"{PAGE}OPS/", {"severity": "2", "webhook": f"{chat.url}/hooks/secret-word"})
        fail(integration)
        composing.compose(at=LATE)
        outbox.send_due(at=LATE + timedelta(seconds=1))

        assert chat.said[0].startswith("[Lockstep] S1 Order did not get through")
        assert "secret-word" not in client.get(f"{PAGE}OPS/").content.decode()
        assert "secret-word" not in str(list(NoticeWish.objects.values())) + str(list(AuditEvent.objects.values()))

    def test_that_does_not_take_it_is_asked_again(self, ada, client, integration, chat):
        chat.app.config["STATUS"] = 404
        client.force_login(ada)
        client.post(f"{PAGE}OPS/", {"severity": "2", "webhook": f"{chat.url}/hooks/secret-word"})
        fail(integration)
        composing.compose(at=LATE)
        outbox.send_due(at=LATE + timedelta(seconds=1))
        row = OutgoingNotice.objects.exclude(wish=None).get()

        assert (row.sent_at, row.attempts) == (None, 1)
        assert "did not take the message (HTTP 404)" in row.last_error

    @pytest.mark.parametrize("address", ["http://chat.example/x", "ftp://chat.example", "nothing", "https://me:pw@chat.example/x"])
    def test_has_a_safe_address(self, client, ada, address):
        client.force_login(ada)
        answer = client.post(f"{PAGE}OPS/", {"severity": "2", "webhook": address})

        assert "https://" in answer.content.decode()
        assert not NoticeWish.objects.exists()

    def test_is_forgotten_on_request(self, client, ada, chat):
        client.force_login(ada)
        client.post(f"{PAGE}OPS/", {"severity": "2", "webhook": f"{chat.url}/hooks/secret-word"})
        client.post(f"{PAGE}OPS/", {"severity": "2", "no_webhook": "on"})

        assert NoticeWish.objects.get().webhook_sealed == ""
