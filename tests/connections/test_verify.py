"""Verifying makes a real call and says what it found (R100)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from portal.audit.models import AuditEvent
from portal.connections.models import Connection, Health
from portal.connections.verify import connection_verified, verify
from tests.corridor import CREDENTIALS, control
from tests.people import person


def tried(connection: Connection):
    return verify(connection, by=person("ada"), at=timezone.now())


class TestVerifying:
    def test_says_whom_it_found(self, corridor):  # R100
        finding = tried(corridor.hub)

        assert finding.works and finding.sentence
        corridor.hub.refresh_from_db()
        assert (corridor.hub.health, corridor.hub.verified_note.startswith(finding.sentence)) == (Health.OK, True)

    def test_makes_a_cheap_call_that_changes_nothing(self, corridor):
        corridor.mend()
        before = len(corridor.calls(corridor.warehouse))
        tried(corridor.hub)
        new = corridor.calls(corridor.warehouse)[before:]

        assert {call["method"] for call in new} == {"GET"}
        assert 1 <= len(new) <= 5

    def test_is_audited_with_who_did_it(self, corridor):
        tried(corridor.hub)

        event = AuditEvent.objects.filter(action="connection.verified", actor=person("ada")).latest("pk")
        assert event.subject_label == "Warehouse"

    def test_tells_those_who_wait_for_it(self, corridor):
        told = []

        def listen(sender, connection, **_):
            told.append(connection.pk)

        connection_verified.connect(listen)
        tried(corridor.hub)
        connection_verified.disconnect(listen)

        assert told == [corridor.hub.pk]

    @pytest.mark.parametrize(("side", "wrong"), [("hub", {"api_key": "wrong"}), ("channel", {**CREDENTIALS["commercetools"], "client_secret": "no"})])
    def test_a_wrong_credential_switches_the_connection_off(self, corridor, side, wrong):  # R100
        connection = getattr(corridor, side)
        connection.set_credentials(wrong)
        connection.save()
        finding = tried(connection)

        assert (finding.works, connection.enabled, connection.verified_at) == (False, False, None)
        assert AuditEvent.objects.filter(action="connection.not_verified").exists()
        assert not any(value in connection.verified_note for value in wrong.values())

    @pytest.mark.parametrize("fault", ["down", "503", "429"])
    def test_while_the_vendor_is_away_changes_nothing(self, corridor, fault):  # an outage must not undo the set-up
        corridor.fault(corridor.warehouse, fault, times=None)
        Connection.objects.filter(pk=corridor.hub.pk).update(rate_per_s=1000)
        finding = tried(corridor.hub)

        assert (finding.works, finding.away, corridor.hub.enabled) == (False, True, True)
        assert "worked before" in corridor.hub.verified_note

    def test_a_new_credential_while_the_vendor_is_away_stays_unverified(self, corridor):
        corridor.hub.set_credentials(CREDENTIALS["veeqo"])
        corridor.hub.save()
        corridor.fault(corridor.warehouse, "down", times=None)
        tried(corridor.hub)

        assert (corridor.hub.verified_at, corridor.hub.enabled) == (None, False)

    def test_an_address_that_is_somebody_elses_says_so(self, corridor):
        Connection.objects.filter(pk=corridor.hub.pk).update(base_url=corridor.shop.url)
        corridor.hub.refresh_from_db()

        assert not tried(corridor.hub).works

    def test_without_a_credential_asks_for_one(self, corridor):
        Connection.objects.filter(pk=corridor.hub.pk).update(credentials_sealed="", enabled=False)
        corridor.hub.refresh_from_db()

        assert "enter it" in tried(corridor.hub).sentence

    def test_what_cannot_be_opened_asks_for_it_again(self, corridor):
        Connection.objects.filter(pk=corridor.hub.pk).update(credentials_sealed="damaged")
        corridor.hub.refresh_from_db()

        assert "Enter it again" in tried(corridor.hub).sentence

    def test_asks_for_a_fresh_token_so_that_an_old_one_proves_nothing(self, corridor):
        before = len(corridor.calls(corridor.shop, path="/oauth/token"))
        tried(corridor.channel)

        assert len(corridor.calls(corridor.shop, path="/oauth/token")) > before

    def test_wakes_what_waited_for_the_credential(self, corridor):  # E32
        Connection.objects.filter(pk=corridor.hub.pk).update(health=Health.DENIED, probe_at=timezone.now() + timedelta(hours=1))
        corridor.hub.refresh_from_db()
        tried(corridor.hub)

        assert (corridor.hub.health, corridor.hub.probe_at) == (Health.OK, None)

    def test_a_suspended_project_is_told_in_words(self, corridor):
        control(corridor.shop, "suspend")
        finding = tried(corridor.channel)
        control(corridor.shop, "suspend", suspended=False)

        assert not finding.works
        assert finding.sentence.endswith(".")
