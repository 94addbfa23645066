"""Connections in the admin: for administrators, and a secret that went in never comes out."""

from __future__ import annotations

import json

import pytest
from django.contrib.admin.models import LogEntry
from django.utils import timezone

from exceptions.cases import CaseEntry, open_case
from exceptions.models import ExceptionCase
from portal.audit.models import AuditEvent
from portal.connections.models import Connection, Integration
from portal.ledger.models import SalesOrder
from portal.sync.models import DeliveryAttempt
from tests.ledger.orders import a_connection, an_integration, kept
from tests.people import person

SECRET = "s3cret-that-nobody-may-see"
LIST, ADD = "/admin/connections/connection/", "/admin/connections/connection/add/"


def url(connection: Connection) -> str:
    return f"{LIST}{connection.pk}/change/"


def act(client, action, *connections, where=LIST):
    return client.post(where, {"action": action, "_selected_action": [one.pk for one in connections]}, follow=True)


def fields(client, connection, **changed) -> dict:
    """The connection's page as the browser would send it back."""
    form = client.get(url(connection)).context["adminform"].form
    sent = {}
    for name, field in form.fields.items():
        value = form.get_initial_for_field(field, name)
        if isinstance(value, bool):
            sent |= {name: "on"} if value else {}
        else:
            sent[name] = "" if value is None else json.dumps(value) if isinstance(value, dict) else str(value)
    return {**sent, **changed}


@pytest.fixture
def ada(client, db):
    client.force_login(person("ada"))
    return client


@pytest.fixture
def hub(db) -> Connection:
    made = a_connection("Warehouse", "veeqo", account="Lockstep")
    made.set_credentials({"api_key": SECRET})
    made.verified_at, made.enabled = timezone.now(), True
    made.save()
    return made


class TestTheConnectionPages:
    @pytest.mark.parametrize("username", ["cora", "finn", "omar", "mira", "aldo", "nell"])
    @pytest.mark.parametrize("page", [LIST, ADD, "/admin/connections/integration/", "/admin/connections/integration/add/"])
    def test_are_closed_to_all_but_administrators(self, client, db, username, page):
        client.force_login(person(username))

        assert client.get(page).status_code in {302, 403}

    @pytest.mark.parametrize("username", ["cora", "omar", "mira", "aldo"])
    def test_take_nothing_from_others(self, client, hub, username):
        client.force_login(person(username))
        client.post(url(hub), {"name": "Taken over"})
        act(client, "remove", hub)

        hub.refresh_from_db()
        assert (hub.name, hub.removed_at) == ("Warehouse", None)

    @pytest.mark.parametrize("page", [LIST, ADD, "/admin/connections/integration/", "/admin/connections/integration/add/"])
    def test_open_for_an_administrator(self, ada, page):
        assert ada.get(page).status_code == 200

    def test_offer_every_vendor_with_its_own_fields(self, ada):  # R101
        ada.post(ADD, {"name": "New", "system": "commercetools", "environment": "test"})
        made = Connection.objects.get(name="New")
        page = ada.get(url(made)).content.decode()

        assert made.base_url == made.vendor.base_url
        assert all(f'name="credential_{field.name}"' in page for field in made.vendor.credential_fields)

    def test_never_delete_a_row(self, ada, hub):  # R103
        assert ada.post(f"{LIST}{hub.pk}/delete/", {"post": "yes"}).status_code == 403


class TestASecret:
    def test_is_never_shown_again(self, ada, hub):
        for page in (LIST, url(hub), f"{LIST}{hub.pk}/history/"):
            assert SECRET not in ada.get(page).content.decode()

    def test_is_kept_when_the_form_is_saved_without_it(self, ada, hub):
        ada.post(url(hub), fields(ada, hub, name="Renamed"))

        hub.refresh_from_db()
        assert (hub.name, hub.as_account().credentials["api_key"], hub.enabled) == ("Renamed", SECRET, True)

    def test_that_is_replaced_must_be_verified_anew(self, ada, hub):  # R100, R102
        sent = fields(ada, hub, credential_api_key="another")
        sent.pop("enabled", None)
        ada.post(url(hub), sent)

        hub.refresh_from_db()
        assert (hub.as_account().credentials["api_key"], hub.enabled, hub.verified_at) == ("another", False, None)

    def test_that_is_replaced_cannot_be_switched_on_in_the_same_breath(self, ada, hub):  # R100
        answer = ada.post(url(hub), fields(ada, hub, credential_api_key="another", enabled="on"))

        hub.refresh_from_db()
        assert "save it, verify it" in answer.content.decode()
        assert hub.as_account().credentials["api_key"] == SECRET

    def test_is_in_no_record_of_the_change(self, ada, hub):
        sent = fields(ada, hub, credential_api_key=SECRET + "-2")
        sent.pop("enabled", None)
        ada.post(url(hub), sent)

        hub.refresh_from_db()
        assert hub.as_account().credentials["api_key"] == SECRET + "-2"
        kept = [*AuditEvent.objects.values_list("old", "new", "reason"), *LogEntry.objects.values_list("change_message", "object_repr")]
        assert kept and SECRET not in str(kept)

    def test_sent_to_another_address_is_verified_anew(self, ada, hub):
        sent = fields(ada, hub, base_url="https://elsewhere.test")
        sent.pop("enabled", None)
        ada.post(url(hub), sent)

        hub.refresh_from_db()
        assert (hub.base_url, hub.verified_at) == ("https://elsewhere.test", None)

    def test_is_not_sent_in_the_clear(self, ada, hub):
        answer = ada.post(url(hub), fields(ada, hub, base_url="http://api.veeqo.com"))

        hub.refresh_from_db()
        assert "Plain http" in answer.content.decode()
        assert hub.base_url == "https://vendor.test"


class TestEvidence:
    def test_of_real_calls_holds_no_credential(self, corridor, caplog, capfd):
        corridor.place(count=2)
        corridor.fault(corridor.warehouse, "500", path="^/orders", method="POST")
        corridor.run()
        secrets = [value for side in (corridor.hub, corridor.channel) for value in side.as_account().credentials.values()]

        evidence = json.dumps([attempt.exchanges for attempt in DeliveryAttempt.objects.all()])
        logged = caplog.text + "".join(capfd.readouterr())
        assert len(evidence) > 500
        assert not [secret for secret in secrets if secret in evidence or secret in logged]
        assert not [secret for secret in secrets if secret in str(list(ExceptionCase.objects.values_list("evidence", "cause")))]


class TestSwitchingOn:
    def test_is_refused_before_it_is_verified(self, ada, hub):  # R100
        Connection.objects.filter(pk=hub.pk).update(enabled=False, verified_at=None)
        answer = act(ada, "switch_on", hub)

        assert "not verified yet" in answer.content.decode()
        assert not Connection.objects.get(pk=hub.pk).enabled

    def test_is_refused_on_the_form_too(self, ada, hub):  # R100
        Connection.objects.filter(pk=hub.pk).update(enabled=False, verified_at=None)
        answer = ada.post(url(hub), fields(ada, hub, enabled="on"))

        assert "only a connection that has been verified" in answer.content.decode()
        assert not Connection.objects.get(pk=hub.pk).enabled

    def test_and_off_is_audited(self, ada, hub):
        act(ada, "switch_off", hub)
        act(ada, "switch_on", hub)

        assert list(AuditEvent.objects.filter(action__startswith="connection.").order_by("pk").values_list("action", flat=True)) == [
            "connection.switched_off",
            "connection.switched_on",
        ]

    def test_follows_a_verification_from_the_list(self, ada, corridor):  # R100, R104
        Connection.objects.filter(pk=corridor.hub.pk).update(enabled=False, verified_at=None)
        answer = act(ada, "verify_credentials", corridor.hub)
        act(ada, "switch_on", corridor.hub)

        corridor.hub.refresh_from_db()
        assert "Warehouse: " in answer.content.decode()
        assert corridor.hub.enabled


class TestRemoving:
    def test_keeps_orders_and_open_cases(self, ada, db):  # R103
        joined = an_integration()
        order = kept(joined.channel)
        open_case(
            "E04",
            fingerprint="x",
            cause="It failed.",
            items=[CaseEntry("order:1", "1", timezone.now())],
            connection=joined.channel,
            at=timezone.now(),
        )
        act(ada, "remove", joined.channel)

        assert SalesOrder.objects.get() == order
        assert ExceptionCase.objects.get().is_open
        assert Integration.objects.present().count() == 0
        assert AuditEvent.objects.filter(action="connection.removed").exists()

    def test_takes_it_off_the_list(self, ada, hub):
        act(ada, "remove", hub)

        assert "Warehouse" not in ada.get(LIST).context["cl"].result_list.values_list("name", flat=True)
        assert Connection.objects.get(pk=hub.pk).credentials_sealed == ""
