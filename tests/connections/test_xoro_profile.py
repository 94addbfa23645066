"""A profile of a XoroERP account: one direction at a time in every door, and wrong settings refused with a sentence."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse

from portal.connections.models import Connection, Integration, Mode
from portal.connections.settings_form import SettingsForm
from tests.connections.test_settings import ada, complaints, save, sent, url  # noqa: F401 - the fixture is used by name
from tests.ledger.orders import a_connection


@pytest.fixture
def profile(db) -> Integration:
    channel = a_connection("Xoro US", "xoro", account="DMO")
    hub = a_connection("Veeqo Leeds", "veeqo", account="Lockstep")
    return Integration.objects.create(name="Xoro orders", channel=channel, hub=hub, enabled=True, mode=Mode.EXPORT)


class TestTheTwoModes:
    def test_exclude_each_other_on_the_form(self, ada, profile):  # noqa: F811 - R107
        answer = save(ada, profile, export_orders="on", fetch_fulfilments="on")

        assert "XoroERP works in one direction at a time" in complaints(answer)
        assert Integration.objects.get().mode == Mode.EXPORT

    def test_exclude_each_other_in_the_model_and_the_database(self, profile):  # R107
        profile.mode = Mode.BOTH
        with pytest.raises(ValidationError, match="one direction at a time"):
            profile.clean()
        with pytest.raises(IntegrityError), transaction.atomic():
            Integration.objects.update(mode=Mode.BOTH)

    def test_can_be_changed_one_for_the_other(self, ada, profile):  # noqa: F811 - R107, R130
        save(ada, profile, export_orders=None, fetch_fulfilments="on")

        assert Integration.objects.get().mode == Mode.FETCH

    def test_in_two_profiles_on_one_hub_are_warned_of(self, ada, profile):  # noqa: F811 - D12
        Integration.objects.create(name="Dispatches", channel=profile.channel, hub=profile.hub, enabled=True, mode=Mode.FETCH)
        answer = ada.post(url(profile), sent(profile, disable_multishipment="on"), follow=True)

        assert "is also used the other way round by “Dispatches”" in answer.content.decode()


class TestItsSettings:
    def test_are_all_on_the_page(self, ada, profile):  # noqa: F811 - R99, R105-R129
        page = ada.get(url(profile)).content.decode()

        labels = [str(field.label) for field in SettingsForm(instance=profile).fields.values() if field.label]
        assert [label for label in labels if label.lower() not in page.lower()] == []
        assert "Default SKU" in page and "Filter" in page

    @pytest.mark.parametrize(
        ("changed", "sentence"),
        [
            ({"hour": "24"}, "A day has the hours 0 to 23."),  # R122
            ({"offset_min": "30"}, "only starts the job earlier"),  # R124, D14
            ({"instant_errors": "on", "instant_emails": "ops@shop.example, nobody"}, "Not an e-mail address: “nobody”"),  # R126
            ({"exclude_patterns": "*"}, "every message"),  # R129
        ],
    )
    def test_are_refused_with_a_sentence(self, ada, profile, changed, sentence):  # noqa: F811
        assert sentence in complaints(save(ada, profile, **changed))

    def test_of_the_account_take_paths_and_lists(self, profile):  # R99
        names = {field.name for field in Connection.objects.get(system="xoro").vendor.option_fields}

        assert {"path_ship_confirm", "path_so_cancel", "carriers", "ship_services", "sale_stores"} <= names

    def test_lead_to_the_operations_page(self, ada, profile):  # noqa: F811 - R104
        assert reverse("connections:operations", args=[profile.pk]) in ada.get(reverse("connections:list")).content.decode()
