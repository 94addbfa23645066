"""The settings page of an integration: every setting, who may change it, and what is refused with a sentence."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone

from portal.accounts import approvals
from portal.accounts.models import ApprovalRequest
from portal.audit.models import AuditEvent
from portal.connections import default_sku
from portal.connections import settings_form as forms
from portal.connections.changes import opposite_warning, save_integration
from portal.connections.models import Integration, ItemIdentifier, Mode
from portal.connections.models import integration as models
from portal.connections.settings_form import SettingsForm
from tests.ledger.orders import a_connection, an_integration
from tests.people import person


@pytest.fixture
def integration(db) -> Integration:
    return an_integration()


@pytest.fixture
def ada(client, db):
    client.force_login(person("ada"))
    return client


@pytest.fixture
def one_way(monkeypatch) -> None:
    """The shop's system takes one mode at a time, as XoroERP does."""
    for module in (models, forms):
        monkeypatch.setattr(module, "SINGLE_MODE", frozenset({"commercetools"}))


def url(integration: Integration) -> str:
    return reverse("connections:integration", args=[integration.pk])


def sent(integration: Integration, **changed) -> dict:
    """The page as the browser would send it back."""
    form, data = SettingsForm(instance=integration), {}
    for name, bound in ((name, form[name]) for name in form.fields):
        value = form.fields[name].prepare_value(bound.value()) if name in form.initial else bound.value()
        if isinstance(value, bool):
            data |= {name: "on"} if value else {}
        else:
            data[name] = "" if value is None else str(value)
    return {name: value for name, value in {**data, **changed}.items() if value is not None}


def save(ada, integration, **changed):
    answer = ada.post(url(integration), sent(integration, **changed))
    integration.refresh_from_db()
    return answer


def complaints(answer) -> str:
    return str(answer.context["form"].errors) if answer.context else ""


class TestTheSettings:
    def test_come_back_as_they_were_when_nothing_is_changed(self, ada, integration):
        before = Integration.objects.values().get(pk=integration.pk)
        assert save(ada, integration).status_code == 302

        assert Integration.objects.values().get(pk=integration.pk) == before
        assert not AuditEvent.objects.filter(action="integration.changed").exists()

    def test_choose_the_account_of_each_side(self, ada, integration):  # R99, R102
        other = a_connection("Warehouse 2", "veeqo")
        save(ada, integration, hub=other.pk)

        assert integration.hub == other
        assert AuditEvent.objects.get(action="integration.changed").new == {"hub_id": other.pk}

    @pytest.mark.parametrize(
        ("name", "value", "kept"),
        [
            ("item_identifier", "barcode", ItemIdentifier.BARCODE),  # R109
            ("disable_multishipment", "on", True),  # R110, R111
            ("time_zone", "America/Los_Angeles", "America/Los_Angeles"),  # R118
            ("hour", "23", 23),  # R122
            ("minute", "59", 59),  # R123
            ("offset_min", "-30", -30),  # R124
            ("store_codes", "uk, eu", ["uk", "eu"]),  # R105
            ("instant_emails", "a@shop.example, b@shop.example", ["a@shop.example", "b@shop.example"]),  # R126
            ("daily_emails", "c@shop.example", ["c@shop.example"]),  # R128
            ("exclude_patterns", "timeout, *late*", ["timeout", "*late*"]),  # R129
        ],
    )
    def test_are_kept_and_audited(self, ada, integration, name, value, kept):  # R130
        assert save(ada, integration, **{name: value}).status_code == 302

        assert getattr(integration, name) == kept
        assert AuditEvent.objects.get(action="integration.changed").new == {name: kept}

    def test_say_how_long_money_may_take(self, ada, integration):  # R66, R94
        Integration.objects.update(options={"auto_accept": "false"})
        integration.refresh_from_db()
        save(ada, integration, capture_limit_min="90", refund_limit_min="")

        assert integration.options == {"auto_accept": "false", "capture_limit_min": 90}
        assert "1440, a day" in ada.get(url(integration)).content.decode()

    def test_go_back_to_the_usual_time_when_it_is_emptied(self, ada, integration):
        Integration.objects.update(options={"capture_limit_min": 90})
        integration.refresh_from_db()
        save(ada, integration, capture_limit_min="")

        assert integration.options == {}

    def test_refuse_no_time_at_all_for_money(self, ada, integration):
        answer = save(ada, integration, refund_limit_min="0")

        assert "greater than or equal to 1" in complaints(answer)
        assert integration.options == {}

    @pytest.mark.parametrize(
        ("name", "value", "sentence"),
        [
            ("hour", "24", "A day has the hours 0 to 23."),  # R122
            ("minute", "60", "An hour has the minutes 0 to 59."),  # R123
            ("offset_min", "5", "The offset only starts the job earlier"),  # R124, D14
            ("offset_min", "-1440", "At most a day earlier"),  # R124
            ("time_zone", "Mars/Olympus", "Select a valid choice"),  # R118
            ("instant_emails", "a@shop.example, nobody", "nobody"),  # R126
            ("daily_emails", "nobody@", "nobody@"),  # R128
            ("exclude_patterns", "*", "every message"),  # R129
            ("hub", "", "required"),  # R99
        ],
    )
    def test_refuse_what_cannot_be(self, ada, integration, name, value, sentence):
        answer = save(ada, integration, **{name: value})

        assert answer.status_code == 200
        assert sentence in complaints(answer)

    @pytest.mark.parametrize("name", ["instant", "daily"])
    def test_ask_for_an_address_where_mail_is_on(self, ada, integration, name):  # R125, R127
        answer = save(ada, integration, **{f"{name}_errors": "on"})

        assert "Name at least one address" in complaints(answer)

    @pytest.mark.parametrize("broken", [{"hour": 24}, {"minute": 60}, {"offset_min": 1}, {"offset_min": -1440}, {"instant_errors": True}])
    def test_are_guarded_by_the_database_as_well(self, integration, broken):  # R122-R125
        with pytest.raises(IntegrityError), transaction.atomic():
            Integration.objects.filter(pk=integration.pk).update(**broken)

    def test_start_no_run_for_a_time_that_has_passed_today(self, ada, integration):  # R130
        save(ada, integration, hour="1")

        assert timezone.now() - integration.ran_through < timedelta(minutes=1)


class TestTheTwoModes:
    @pytest.mark.parametrize(
        ("switches", "mode"),
        [
            ({"export_orders": "on", "fetch_fulfilments": None}, Mode.EXPORT),  # R105
            ({"export_orders": None, "fetch_fulfilments": "on"}, Mode.FETCH),  # R106
            ({"export_orders": "on", "fetch_fulfilments": "on"}, Mode.BOTH),
        ],
    )
    def test_are_two_switches(self, ada, integration, switches, mode):
        save(ada, integration, **switches)

        assert integration.mode == mode

    def test_are_not_both_off(self, ada, integration):
        answer = save(ada, integration, export_orders=None, fetch_fulfilments=None)

        assert "Choose what this integration does" in complaints(answer)

    def test_exclude_each_other_on_the_form(self, ada, integration, one_way):  # R107
        answer = save(ada, integration, export_orders="on", fetch_fulfilments="on")

        assert "works in one direction at a time" in complaints(answer)

    def test_exclude_each_other_in_the_model(self, integration, one_way):  # R107
        with pytest.raises(ValidationError, match="one direction at a time"):
            integration.clean()

    def test_exclude_each_other_in_the_admin(self, ada, integration, one_way):  # R107
        Integration.objects.filter(pk=integration.pk).update(mode=Mode.EXPORT, single_mode=True)
        page = f"/admin/connections/integration/{integration.pk}/change/"
        form = ada.get(page).context["adminform"].form
        data = {name: form.get_initial_for_field(field, name) for name, field in form.fields.items()}
        formset = {"filters-TOTAL_FORMS": 0, "filters-INITIAL_FORMS": 0}
        data = {name: ",".join(value) if isinstance(value, list) else value for name, value in data.items() if value not in (None, False)}
        answer = ada.post(page, {**data, **formset, "mode": "both"})

        assert "one direction at a time" in answer.content.decode()

    def test_exclude_each_other_in_the_database(self, integration, one_way):  # R107
        integration.mode = Mode.EXPORT
        integration.save()

        assert integration.single_mode
        with pytest.raises(IntegrityError), transaction.atomic():
            Integration.objects.filter(pk=integration.pk).update(mode=Mode.BOTH)

    def test_warn_where_two_profiles_run_opposite_ways_on_one_hub(self, ada, integration):  # D12
        an_integration(name="Other way", channel=a_connection("Shop 2"), hub=integration.hub, mode=Mode.FETCH)
        answer = ada.post(url(integration), sent(integration, fetch_fulfilments=None), follow=True)

        assert "is also used the other way round by “Other way”" in answer.content.decode()
        assert Integration.objects.get(pk=integration.pk).mode == Mode.EXPORT

    def test_do_not_warn_of_the_same_way(self, integration):
        integration.mode = Mode.EXPORT
        an_integration(name="Same way", channel=a_connection("Shop 2"), hub=integration.hub, mode=Mode.EXPORT)

        assert opposite_warning(integration) == ""


class TestAutomatic:
    def test_waits_for_both_credentials_to_be_verified(self, ada, db):  # R100
        integration = an_integration(hub=a_connection("New", "veeqo", verified_at=None, enabled=False), enabled=False)
        answer = save(ada, integration, enabled="on")

        assert "Save and verify the credential of New first." in complaints(answer)
        assert not integration.enabled

    def test_shows_when_it_runs_next(self, ada, integration):  # R119
        assert "The next daily run starts" in ada.get(url(integration)).content.decode()

    def test_off_says_that_nothing_runs(self, ada, integration):  # R120
        answer = ada.post(url(integration), sent(integration, enabled=None), follow=True)

        assert "It is off: nothing runs except by hand." in answer.content.decode()


class TestFilterRows:
    def rows(self, integration, *rows, **more) -> str:
        data = QueryDict(mutable=True)
        data.update({name: str(value) for name, value in sent(integration).items()})
        for field, operator, value in rows:
            data.appendlist("filter_field", field)
            data.appendlist("filter_operator", operator)
            data.appendlist("filter_value", value)
        data.update(more)
        return data.urlencode()

    def post(self, ada, integration, *rows, **more):
        return ada.post(url(integration), self.rows(integration, *rows, **more), content_type="application/x-www-form-urlencoded")

    def test_are_added_and_replaced(self, ada, integration):  # R112, R113
        self.post(ada, integration, ("tag", "contains", "web"), ("", "equals", ""), ("currency", "equals", "GBP"))

        assert [str(row) for row in integration.filters.all()] == ["tag contains web", "currency equals GBP"]
        self.post(ada, integration, ("currency", "equals", "EUR"))
        assert [str(row) for row in integration.filters.all()] == ["currency equals EUR"]

    def test_of_an_unknown_field_are_refused(self, ada, integration):  # R112
        answer = self.post(ada, integration, ("colour", "equals", "red"))

        assert "Orders have no field “colour”" in answer.content.decode()
        assert not integration.filters.exists()

    def test_grow_without_a_script_and_save_nothing_yet(self, ada, integration):  # R112
        answer = self.post(ada, integration, ("tag", "contains", "web"), add_row="1")

        assert len(answer.context["rows"]) == 2
        assert "Not saved yet" in answer.content.decode()
        assert not integration.filters.exists()

    def test_go_without_a_script(self, ada, integration):  # R112
        answer = self.post(ada, integration, ("tag", "contains", "web"), ("city", "equals", "Leeds"), remove_row="0")

        assert [row["field"] for row in answer.context["rows"]] == ["city"]


class TestTheDefaultSku:
    @pytest.fixture
    def fetching(self, db) -> Integration:
        return an_integration(mode=Mode.FETCH)

    def test_is_off_by_default(self, fetching):  # R114, D1
        assert fetching.default_sku == ""

    def test_holds_once_a_second_person_agrees(self, client, fetching):  # R114, D1
        client.force_login(person("mira"))
        client.post(reverse("connections:default-sku", args=[fetching.pk]), {"default_sku": "UNKNOWN-1", "reason": "old stock"})
        asked = ApprovalRequest.objects.get()
        before = Integration.objects.get(pk=fetching.pk).default_sku
        approvals.approve(asked.pk, by=person("ada"))

        assert (before, Integration.objects.get(pk=fetching.pk).default_sku) == ("", "UNKNOWN-1")
        assert AuditEvent.objects.get(action="integration.default_sku").new == {"default_sku": "UNKNOWN-1"}

    def test_is_refused_where_orders_are_exported(self, integration):  # D1
        with pytest.raises(ValidationError, match="only where order fulfilments are fetched"):
            default_sku.want(integration, "UNKNOWN-1", by=person("ada"), reason="old stock")

    def test_is_guarded_by_the_database(self, integration):  # D1
        with pytest.raises(IntegrityError), transaction.atomic():
            Integration.objects.filter(pk=integration.pk).update(default_sku="UNKNOWN-1")

    def test_ends_at_once(self, fetching):  # D1
        Integration.objects.filter(pk=fetching.pk).update(default_sku="UNKNOWN-1")
        fetching.refresh_from_db()
        default_sku.want(fetching, "", by=person("ada"), reason="")

        assert Integration.objects.get(pk=fetching.pk).default_sku == ""

    def test_is_not_for_operations(self, client, fetching):
        client.force_login(person("omar"))
        answer = client.post(reverse("connections:default-sku", args=[fetching.pk]), {"default_sku": "X", "reason": "y"})

        assert answer.status_code == 403

    def test_keeps_the_mode_from_changing_under_it(self, fetching):  # D1
        Integration.objects.filter(pk=fetching.pk).update(default_sku="UNKNOWN-1")
        fetching.refresh_from_db()
        fetching.mode = Mode.EXPORT
        with pytest.raises(ValidationError, match="only where order fulfilments are fetched"):
            save_integration(fetching, by=person("ada"), at=timezone.now())


class TestSomebodyWithoutTheRight:
    @pytest.mark.parametrize("username", ["cora", "finn", "omar", "mira", "aldo"])
    def test_looks_and_changes_nothing(self, client, integration, username):
        client.force_login(person(username))
        seen = client.get(url(integration))
        answer = client.post(url(integration), sent(integration, name="Mine"))

        assert (seen.status_code, answer.status_code) == (200, 403)
        assert "You cannot edit connections" in seen.content.decode()
        assert Integration.objects.get(pk=integration.pk).name != "Mine"

    def test_of_no_role_sees_nothing(self, client, integration):
        client.force_login(person("nell"))

        assert client.get(url(integration)).status_code == 403
