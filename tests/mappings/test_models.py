"""Tests of mappings.models."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from mappings.models import CarrierMapping, ShipServiceMapping, SkuAlias, SkuMapping
from tests.mappings.conftest import NOON


class TestAMapping:
    def test_refuses_a_second_row_for_the_same_time(self, integration):
        SkuMapping.objects.create(integration=integration, channel_sku="A", hub_sku="B")
        with pytest.raises(IntegrityError), transaction.atomic():
            SkuMapping.objects.create(integration=integration, channel_sku="A", hub_sku="C")
        assert SkuMapping.objects.count() == 1

    def test_says_so_before_the_database_has_to(self, integration):
        SkuMapping.objects.create(integration=integration, channel_sku="A", hub_sku="B")
        with pytest.raises(ValidationError, match="answers the same question"):
            SkuMapping(integration=integration, channel_sku="A", hub_sku="C").full_clean()

    def test_follows_another_without_a_gap(self, integration):
        SkuMapping.objects.create(integration=integration, channel_sku="A", hub_sku="B", effective_to=NOON)
        second = SkuMapping(integration=integration, channel_sku="A", hub_sku="C", effective_from=NOON)
        second.full_clean()
        second.save()
        assert SkuMapping.objects.count() == 2

    @pytest.mark.parametrize(("one", "two"), [("007", "7"), ("abc", "ABC"), ("abc", "abc "), ("a\x1eb", "a b")])
    def test_takes_every_difference_seriously(self, integration, one, two):
        for sku in (one, two):
            SkuMapping.objects.create(integration=integration, channel_sku=sku, hub_sku="X")
        assert SkuMapping.objects.count() == 2

    def test_is_for_one_store_or_all(self, integration):
        for store in ("", "uk", "de"):
            ShipServiceMapping.objects.create(integration=integration, store=store, channel_code="express", hub_code="1")
        assert ShipServiceMapping.objects.count() == 3

    def test_ends_after_it_began(self, integration):
        row = SkuMapping(integration=integration, channel_sku="A", hub_sku="B", effective_from=NOON, effective_to=NOON - timedelta(days=1))
        with pytest.raises(ValidationError, match="must be later"):
            row.full_clean()

    def test_keeps_its_key(self, integration):  # R73
        row = SkuMapping.objects.create(integration=integration, channel_sku="A", hub_sku="B")
        row.channel_sku = "Z"
        with pytest.raises(ValidationError, match="keeps its channel SKU"):
            row.full_clean()

    def test_lets_only_one_be_chosen_for_the_way_back(self, integration):
        SkuMapping.objects.create(integration=integration, channel_sku="A", hub_sku="X", way_back=True)
        with pytest.raises(ValidationError, match="way back"):
            SkuMapping(integration=integration, channel_sku="B", hub_sku="X", way_back=True).full_clean()

    def test_remembers_what_it_said_before(self, integration, mira):
        row = SkuMapping.objects.create(integration=integration, channel_sku="A", hub_sku="B")
        row.hub_sku, row._history_user = "C", mira
        row.save()
        newest, first = row.history.all()
        assert (first.hub_sku, newest.hub_sku, newest.history_user) == ("B", "C", mira)


class TestACarrierMapping:
    def test_refuses_a_bare_catch_all(self, integration):  # D11
        with pytest.raises(ValidationError, match="any carrier without a name"):
            CarrierMapping(integration=integration, hub_carrier="3", hub_label="Other", channel_code="evri").full_clean()

    @pytest.mark.parametrize("told", [{"hub_service": "Evri 24"}, {"tracking_pattern": "H0*"}, {"confirmed_catch_all": True}])
    def test_takes_a_catch_all_that_is_told_apart(self, integration, told):  # D11
        CarrierMapping(integration=integration, hub_carrier="3", hub_label="Other", channel_code="evri", **told).full_clean()
        assert told


class TestASkuAlias:
    def test_is_never_rewritten(self, channel):  # R73, D9
        alias = SkuAlias.objects.create(connection=channel, old="A", new="B", effective_from=NOON)
        alias.new = "C"
        with pytest.raises(ValidationError, match="keeps its new SKU"):
            alias.full_clean()

    def test_changes_something(self, channel):
        with pytest.raises(ValidationError, match="the same"):
            SkuAlias(connection=channel, old="A", new="A").full_clean()
