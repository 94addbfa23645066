"""What the database itself refuses about connections and integrations."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from portal.connections.changes import remove_connection, remove_integration
from portal.connections.models import Connection, Integration, Mode
from tests.ledger.orders import NOON, a_connection, an_integration
from tests.people import person

pytestmark = pytest.mark.django_db


def refused(change) -> bool:
    try:
        with transaction.atomic():
            change()
    except IntegrityError:
        return True
    return False


class TestTheDatabase:
    def test_refuses_a_connection_that_is_on_but_not_verified(self):  # R100
        shop = a_connection()

        assert refused(lambda: Connection.objects.filter(pk=shop.pk).update(verified_at=None))
        assert refused(lambda: Connection.objects.create(name="New", system="veeqo", base_url="https://x.test", enabled=True))

    def test_refuses_a_removed_connection_that_is_on(self):
        shop = a_connection()

        assert refused(lambda: Connection.objects.filter(pk=shop.pk).update(removed_at=NOON))

    def test_refuses_two_of_one_name_but_lets_a_removed_one_be_followed(self):  # R101, R103
        shop = a_connection()
        second = refused(a_connection)
        remove_connection(shop, by=person("ada"), at=NOON)

        assert second
        assert a_connection().pk != shop.pk

    def test_refuses_an_integration_of_a_connection_with_itself(self):
        shop = a_connection()

        assert refused(lambda: Integration.objects.create(name="Loop", channel=shop, hub=shop))


class TestAConnection:
    def test_may_be_one_of_several_at_a_vendor(self):  # R101
        names = ["UK live", "UK test", "DE live"]
        for name in names:
            a_connection(name, environment="test" if "test" in name else "live")

        assert Connection.objects.working().filter(system="commercetools").count() == 3

    def test_with_a_new_credential_is_off_until_it_is_verified(self):  # R100, R102
        shop = a_connection()
        shop.set_credentials({"client_id": "new"})

        assert (shop.enabled, shop.verified_at) == (False, None)

    def test_says_on_the_form_that_it_must_be_verified_first(self):  # R100
        with pytest.raises(ValidationError, match="Verify the credential first"):
            Connection(name="New", system="veeqo", base_url="https://x.test", enabled=True).clean()

    def test_has_its_own_intervals_and_zero_is_off(self):  # R9
        shop = a_connection(intervals={"orders": 30, "stock": 0})

        assert (shop.interval_s("orders"), shop.interval_s("stock"), shop.interval_s("messages")) == (30, 0, 60)


class TestARemovedConnection:
    def test_loses_its_credential_and_keeps_its_history(self):  # R103
        joined = an_integration()
        joined.hub.set_credentials({"api_key": "secret"})
        remove_connection(joined.hub, by=person("ada"), at=NOON, reason="moved")

        kept = Connection.objects.get(pk=joined.hub.pk)
        joined.refresh_from_db()
        assert (kept.credentials_sealed, kept.enabled, kept.removed_at, str(kept)) == ("", False, NOON, "Warehouse (removed)")
        assert (joined.removed_at, joined.enabled) == (NOON, False)

    def test_is_used_by_nobody(self):
        shop = a_connection()
        remove_connection(shop, by=person("ada"), at=NOON)

        assert not Connection.objects.working().exists()
        assert not Connection.objects.present().exists()

    def test_leaves_the_other_side_as_it_is(self):
        joined = an_integration()
        remove_integration(joined, by=person("ada"), at=NOON)

        assert Connection.objects.working().count() == 2


class TestAnIntegration:
    def test_joins_a_channel_to_a_hub_and_nothing_else(self):
        joined = an_integration()
        with pytest.raises(ValidationError) as told:
            Integration(name="Wrong", channel=joined.hub, hub=joined.channel).clean()

        assert set(told.value.message_dict) == {"channel", "hub"}

    def test_runs_only_when_both_sides_are_verified(self):  # R100
        joined = an_integration()
        Connection.objects.filter(pk=joined.hub_id).update(enabled=False, verified_at=None)
        with pytest.raises(ValidationError, match="verify the credential of Warehouse"):
            Integration.objects.get(pk=joined.pk).clean()

    @pytest.mark.parametrize(("mode", "exports", "fetches"), [(Mode.BOTH, True, True), (Mode.EXPORT, True, False), (Mode.FETCH, False, True)])
    def test_does_what_its_mode_says(self, mode, exports, fetches):
        joined = an_integration(mode=mode)

        assert (joined.exports_orders, joined.fetches_fulfilments) == (exports, fetches)
