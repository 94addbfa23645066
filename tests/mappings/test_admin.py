"""Tests of the tables in the admin: the same rights, the same record."""

from __future__ import annotations

import pytest
from django.urls import reverse

from mappings.models import ShipServiceMapping, SkuMapping
from portal.audit.models import AuditEvent

TABLES = ["carriermapping", "shipservicemapping", "storemapping", "warehousemapping", "skumapping", "skualias", "missingrule", "seencode"]


class TestTheAdmin:
    @pytest.mark.parametrize("table", TABLES)
    def test_lists_each_table(self, client, ada, table):
        client.force_login(ada)
        assert client.get(reverse(f"admin:mappings_{table}_changelist")).status_code == 200

    def test_saves_with_history_and_audit(self, client, mira, integration):
        client.force_login(mira)
        url = reverse("admin:mappings_skumapping_add")
        client.post(url, {"integration": integration.pk, "channel_sku": "A ", "hub_sku": "B", "reason": "spring"})
        row = SkuMapping.objects.get()
        assert (row.channel_sku, row.history.get().history_change_reason) == ("A ", "spring")
        assert AuditEvent.objects.get(action="mapping.added").actor == mira

    def test_refuses_an_overlap_on_the_form(self, client, mira, integration):
        SkuMapping.objects.create(integration=integration, channel_sku="A", hub_sku="X")
        client.force_login(mira)
        page = client.post(
            reverse("admin:mappings_skumapping_add"), {"integration": integration.pk, "channel_sku": "A", "hub_sku": "B", "reason": "x"}
        )
        assert "answers the same question" in page.content.decode()

    def test_keeps_the_key(self, client, mira, integration):  # R73
        row = SkuMapping.objects.create(integration=integration, channel_sku="A", hub_sku="X")
        client.force_login(mira)
        client.post(reverse("admin:mappings_skumapping_change", args=[row.pk]), {"channel_sku": "Z", "hub_sku": "Y", "reason": "x"})
        row.refresh_from_db()
        assert (row.channel_sku, row.hub_sku) == ("A", "Y")

    def test_deletes_nothing(self, client, ada, integration):
        row = ShipServiceMapping.objects.create(integration=integration, channel_code="a", hub_code="b")
        client.force_login(ada)
        assert client.post(reverse("admin:mappings_shipservicemapping_delete", args=[row.pk]), {"post": "yes"}).status_code == 403
        assert ShipServiceMapping.objects.exists()

    def test_is_read_only_for_other_teams(self, client, omar, integration):
        client.force_login(omar)
        assert client.get(reverse("admin:mappings_skumapping_changelist")).status_code == 200
        assert client.get(reverse("admin:mappings_skumapping_add")).status_code == 403

    def test_shows_the_history_of_a_row(self, client, ada, integration):
        row = SkuMapping.objects.create(integration=integration, channel_sku="A", hub_sku="X")
        client.force_login(ada)
        assert client.get(reverse("admin:mappings_skumapping_history", args=[row.pk])).status_code == 200
