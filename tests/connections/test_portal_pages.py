"""Accounts and integrations on the portal's own pages: listed, added, changed, verified, switched and removed (R100-R104, R158)."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from exceptions.cases import CaseEntry, open_case
from exceptions.models import ExceptionCase
from portal.audit.models import AuditEvent
from portal.connections.account_form import AccountForm
from portal.connections.hooks import path_of
from portal.connections.models import Connection, Integration
from tests.ledger.orders import a_connection, an_integration, kept
from tests.people import person

SECRET = "s3cret-that-nobody-may-see"


@pytest.fixture
def ada(client, db):
    client.force_login(person("ada"))
    return client


def page(name: str, *args) -> str:
    return reverse(f"connections:{name}", args=args)


def sent(account: Connection, **changed) -> dict:
    form = AccountForm(instance=account)
    data = {name: form[name].value() for name in form.fields}
    return {**{name: value for name, value in data.items() if value not in (None, False)}, **changed}


class TestTheList:
    def test_shows_every_account_and_integration_with_its_health(self, ada, db):  # R104, R158
        one = an_integration()
        Connection.objects.filter(pk=one.hub_id).update(health="down", credentials_sealed="kept")
        text = ada.get(page("list")).content.decode()

        wanted = {"Shop to warehouse", "Shop ↔ Warehouse", "not answering", "commercetools", "Veeqo"}
        assert {word for word in wanted if word in text} == wanted
        assert page("operations", one.pk) in text
        assert page("integration", one.pk) in text  # R104: the settings are reached from here and from the operations page

    def test_leaves_out_what_was_removed(self, ada, db):  # R103
        an_integration(name="Gone", enabled=False, removed_at=timezone.now())

        assert "Gone" not in ada.get(page("list")).content.decode()

    @pytest.mark.parametrize(("username", "status"), [("cora", 200), ("omar", 200), ("aldo", 200), ("nell", 403)])
    def test_is_for_everybody_with_a_role(self, client, db, username, status):
        client.force_login(person(username))

        assert client.get(page("list")).status_code == status

    def test_asks_as_much_however_many_there_are(self, ada, db, django_assert_max_num_queries):
        hub = a_connection("Warehouse", "veeqo")
        for number in range(12):
            an_integration(name=f"No. {number}", channel=a_connection(f"Shop {number}"), hub=hub)
        with django_assert_max_num_queries(10):
            answer = ada.get(page("list"))

        assert len(answer.context["integrations"]) == 12


class TestAnAccount:
    def test_may_be_a_second_one_at_the_same_vendor(self, ada, db):  # R101
        a_connection("Veeqo live", "veeqo")
        answer = ada.post(page("add-account"), {"system": "veeqo", "environment": "test", "name": "Veeqo test"})
        made = Connection.objects.get(name="Veeqo test")

        assert answer.url == page("account", made.pk)
        assert made.base_url == made.vendor.base_url
        assert AuditEvent.objects.filter(action="connection.added", subject_id=str(made.pk)).exists()

    def test_takes_a_secret_and_never_shows_it(self, ada, db):  # R102
        account = a_connection("Veeqo", "veeqo", account="Lockstep")
        ada.post(page("account", account.pk), sent(account, credential_api_key=SECRET))
        account.refresh_from_db()

        assert account.has_credentials
        assert SECRET not in ada.get(page("account", account.pk)).content.decode()
        assert SECRET not in str(list(AuditEvent.objects.values()))

    def test_with_a_new_secret_must_be_verified_again(self, ada, db):  # R100
        account = a_connection("Veeqo", "veeqo", account="Lockstep")
        ada.post(page("account", account.pk), sent(account, credential_api_key=SECRET))
        ada.post(page("switch", account.pk), {"on": "1"})
        account.refresh_from_db()

        assert (account.verified_at, account.enabled) == (None, False)

    def test_is_verified_and_switched_on(self, ada, corridor):  # R100, R102
        Connection.objects.filter(pk=corridor.hub.pk).update(enabled=False, verified_at=None)
        for name, data in (("verify", {}), ("switch", {"on": "1"})):
            ada.post(page(name, corridor.hub.pk), data)
        corridor.hub.refresh_from_db()

        assert corridor.hub.enabled
        assert AuditEvent.objects.filter(action="connection.switched_on").exists()

    def test_has_a_number_for_each_feed(self, ada, db):
        account = a_connection("Veeqo", "veeqo", account="Lockstep")
        ada.post(page("account", account.pk), sent(account, interval_orders="30"))
        account.refresh_from_db()

        assert account.intervals == {"orders": 30}

    def test_that_goes_takes_its_integrations_and_leaves_the_history(self, ada, db):  # R103
        one = an_integration()
        order = kept(one.channel)
        case = open_case("E04", fingerprint="x", cause="x", items=[CaseEntry(f"order:{order.pk}", "1", timezone.now())], at=timezone.now())
        ada.post(page("remove-account", one.channel_id), {"reason": "closed"})
        one.refresh_from_db()

        assert one.removed_at is not None
        assert Connection.objects.get(pk=one.channel_id).credentials_sealed == ""
        assert ExceptionCase.objects.get(pk=case.pk).is_open
        assert AuditEvent.objects.get(action="connection.removed").reason == "closed"

    @pytest.mark.parametrize("username", ["cora", "finn", "omar", "mira", "aldo", "nell"])
    @pytest.mark.parametrize("name", ["account", "verify", "switch", "remove-account"])
    def test_is_changed_by_admins_alone(self, client, db, username, name):
        account = a_connection("Veeqo", "veeqo", account="Lockstep")
        client.force_login(person(username))

        assert client.post(page(name, account.pk), {}).status_code == 403


class TestAnIntegration:
    def test_is_added_and_starts_switched_off(self, ada, db):  # R99
        from tests.connections.test_settings import sent as settings_sent

        channel, hub = a_connection(), a_connection("Warehouse", "veeqo")
        data = settings_sent(Integration(), name="New", channel=channel.pk, hub=hub.pk)
        answer = ada.post(page("add-integration"), data)
        made = Integration.objects.get(name="New")

        assert answer.url == page("integration", made.pk)
        assert not made.enabled
        assert AuditEvent.objects.filter(action="integration.added").exists()

    def test_goes_and_its_orders_stay(self, ada, db):  # R103
        one = an_integration()
        order = kept(one.channel)
        ada.post(page("remove-integration", one.pk), {"reason": "moved"})
        one.refresh_from_db()
        order.refresh_from_db()

        assert one.removed_at is not None
        assert order.number == "WEB-a"
        assert ada.get(page("integration", one.pk)).status_code == 404


class TestTheWebhookAddress:
    def test_is_shown_to_those_who_register_it_and_opens_the_door(self, ada, client, db):  # R8
        account = a_connection("Warehouse", "veeqo")
        address = f"{settings.PUBLIC_URL}{path_of(account)}"

        assert address in ada.get(page("account", account.pk)).content.decode()
        assert client.post(path_of(account), b"{}", content_type="application/json").status_code == 200
