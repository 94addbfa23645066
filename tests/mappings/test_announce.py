"""Tests of mappings.announce."""

from __future__ import annotations

from datetime import timedelta

import pytest

from connectors.canonical import CodeKind
from mappings.announce import announce_started
from mappings.errors import UnmappedCode
from mappings.models import CarrierMapping, SeenCode, ShipServiceMapping, SkuAlias, SkuMapping
from mappings.signals import mapping_saved
from mappings.usage import seen
from tests.mappings.conftest import NOON


@pytest.fixture
def heard():
    """The keys of every announcement."""
    told: list[list[str]] = []

    def listen(keys, **_kwargs):
        told.append(keys)

    mapping_saved.connect(listen)
    yield told
    mapping_saved.disconnect(listen)


class TestASavedMapping:
    def test_names_the_question_it_answers(self, integration, heard):
        ShipServiceMapping.objects.create(integration=integration, store="uk", channel_code="express", hub_code="77")
        missing = UnmappedCode(kind=CodeKind.SHIP_SERVICE, value="express", label="", integration=integration, direction="to_hub", store="uk")
        assert missing.key in heard[0]

    def test_for_all_stores_answers_each_store_that_waits(self, integration, heard):  # A1
        missing = UnmappedCode(kind=CodeKind.SHIP_SERVICE, value="express", label="", integration=integration, direction="to_hub", store="uk")
        seen(missing)
        ShipServiceMapping.objects.create(integration=integration, channel_code="express", hub_code="77")
        assert missing.key in heard[0]
        assert SeenCode.objects.get().answered_at is not None

    def test_by_tracking_number_answers_each_service_that_waits(self, integration, heard):
        missing = UnmappedCode(
            kind=CodeKind.CARRIER, value="3", label="Other", integration=integration, direction="to_channel", store="uk", service="Evri 24"
        )
        seen(missing)
        CarrierMapping.objects.create(integration=integration, hub_carrier="3", tracking_pattern="H0*", channel_code="evri")
        assert missing.key in heard[0]

    def test_leaves_other_codes_waiting(self, integration, heard):
        missing = UnmappedCode(kind=CodeKind.SKU, value="B", label="", integration=integration, direction="to_hub")
        seen(missing)
        SkuMapping.objects.create(integration=integration, channel_sku="A", hub_sku="X")
        assert missing.key not in heard[0]
        assert SeenCode.objects.get().answered_at is None

    def test_that_is_an_alias_answers_old_and_new(self, integration, hub, heard):
        SkuAlias.objects.create(connection=hub, old="OLD", new="NEW")
        wanted = {
            UnmappedCode(kind=CodeKind.SKU, value=sku, label="", integration=integration, direction=way).key
            for sku in ("OLD", "NEW")
            for way in ("to_hub", "to_channel")
        }
        assert wanted == set(heard[0])


class TestAMappingWithADate:
    def test_is_announced_when_its_time_comes(self, integration, heard):
        tomorrow = NOON + timedelta(days=1)
        ShipServiceMapping.objects.create(integration=integration, channel_code="express", hub_code="77", effective_from=tomorrow)
        heard.clear()
        assert announce_started(since=NOON, until=tomorrow - timedelta(seconds=1)) == 0
        assert announce_started(since=NOON, until=tomorrow) == 1
        assert f"ship_service:{integration.pk}:to_hub::express" in heard[-1]
