"""Tests of mappings.skus."""

from __future__ import annotations

from datetime import timedelta

import pytest

from connectors.canonical import CodeKind
from mappings.errors import UnmappedCode
from mappings.models import SkuAlias, SkuMapping
from mappings.resolve import skus_to_channel, skus_to_hub, to_hub
from portal.ledger.models import CatalogueItem
from tests.mappings.conftest import NOON


def item(connection, sku: str, *, barcode: str = "", reference: str = "") -> CatalogueItem:
    return CatalogueItem.objects.create(connection=connection, reference=reference or f"r-{sku}", sku=sku, barcode=barcode)


def hub_sku(integration, sku: str) -> tuple[str, str] | None:
    answer = skus_to_hub([sku], integration, NOON).get(sku)
    return answer and (answer.value, answer.how)


class TestASku:
    def test_is_the_same_where_the_catalogue_has_it(self, integration, hub):  # R47
        item(hub, "A-1")
        assert hub_sku(integration, "A-1") == ("A-1", "identity")

    def test_is_the_same_while_the_catalogue_was_never_read(self, integration):
        assert hub_sku(integration, "A-1") == ("A-1", "identity")

    def test_is_unknown_when_the_catalogue_lacks_it(self, integration, hub):  # R78
        item(hub, "A-1")
        with pytest.raises(UnmappedCode, match="no counterpart in Veeqo UK"):
            to_hub(CodeKind.SKU, "a-1", integration=integration, at=NOON)

    def test_is_unknown_when_the_catalogue_lost_it(self, integration, hub):
        item(hub, "A-1")
        CatalogueItem.objects.update(gone_at=NOON)
        assert hub_sku(integration, "A-1") is None

    def test_is_nobodys_when_two_products_have_it(self, integration, hub):  # R79
        item(hub, "A-1", reference="1")
        item(hub, "A-1", reference="2")
        with pytest.raises(UnmappedCode, match="more than once"):
            to_hub(CodeKind.SKU, "A-1", integration=integration, at=NOON)

    def test_is_nobodys_when_blank(self, integration):
        assert hub_sku(integration, "") is None

    def test_follows_its_explicit_mapping(self, integration, hub):
        item(hub, "A-1")
        SkuMapping.objects.create(integration=integration, channel_sku="A-1", hub_sku="B-9")
        assert hub_sku(integration, "A-1") == ("B-9", "mapping")

    def test_is_matched_by_barcode_where_that_is_the_rule(self, integration, channel, hub):  # R109
        integration.item_identifier = "barcode"
        item(channel, "SHOP-1", barcode="5012345678900")
        item(channel, "SHOP-2")
        item(hub, "HUB-1", barcode="5012345678900")
        item(hub, "HUB-2")
        assert (hub_sku(integration, "SHOP-1"), hub_sku(integration, "SHOP-2")) == (("HUB-1", "identity"), None)
        assert skus_to_channel(["HUB-1"], integration, NOON)["HUB-1"].value == "SHOP-1"  # R109, the way back

    def test_is_not_matched_by_a_shared_barcode(self, integration, channel, hub):
        integration.item_identifier = "barcode"
        item(channel, "SHOP-1", barcode="5012345678900")
        item(hub, "HUB-1", barcode="5012345678900")
        item(hub, "HUB-2", barcode="5012345678900")
        assert hub_sku(integration, "SHOP-1") is None


class TestARename:
    """R74, D9: old and new stay one product, wherever the new name has arrived."""

    def test_in_the_hub_is_followed(self, integration, hub):
        item(hub, "NEW")
        SkuAlias.objects.create(connection=hub, old="OLD", new="NEW")
        assert hub_sku(integration, "OLD") == ("NEW", "alias")

    def test_in_the_hub_is_followed_back(self, integration, channel, hub):
        item(channel, "OLD")
        SkuAlias.objects.create(connection=hub, old="OLD", new="NEW")
        assert skus_to_channel(["NEW"], integration, NOON)["NEW"].value == "OLD"

    def test_in_the_channel_leads_to_the_name_the_hub_still_has(self, integration, channel, hub):
        item(hub, "OLD")
        SkuAlias.objects.create(connection=channel, old="OLD", new="NEW")
        assert hub_sku(integration, "NEW") == ("OLD", "alias")

    def test_that_arrived_on_both_sides_needs_no_alias(self, integration, channel, hub):
        item(hub, "NEW")
        SkuAlias.objects.create(connection=channel, old="OLD", new="NEW")
        assert hub_sku(integration, "NEW") == ("NEW", "identity")

    def test_still_finds_the_mapping_of_the_old_name(self, integration, channel):
        SkuMapping.objects.create(integration=integration, channel_sku="OLD", hub_sku="H")
        SkuAlias.objects.create(connection=channel, old="OLD", new="NEW")
        assert hub_sku(integration, "NEW") == ("H", "mapping")

    def test_is_followed_through_several_names(self, integration, hub):
        item(hub, "C")
        SkuAlias.objects.create(connection=hub, old="A", new="B")
        SkuAlias.objects.create(connection=hub, old="B", new="C")
        assert hub_sku(integration, "A") == ("C", "alias")

    def test_in_a_circle_comes_to_an_end(self, integration, hub):
        item(hub, "A")
        SkuAlias.objects.create(connection=hub, old="A", new="B")
        SkuAlias.objects.create(connection=hub, old="B", new="A")
        assert hub_sku(integration, "A") == ("A", "identity")

    def test_holds_only_from_its_date(self, integration, hub):
        item(hub, "OLD")
        SkuAlias.objects.create(connection=hub, old="OLD", new="NEW", effective_from=NOON + timedelta(days=1))
        assert hub_sku(integration, "OLD") == ("OLD", "identity")

    def test_is_believed_while_the_catalogue_was_never_read(self, integration, channel):
        SkuAlias.objects.create(connection=channel, old="OLD", new="NEW")
        assert hub_sku(integration, "NEW") == ("OLD", "alias")


class TestABatch:
    def test_takes_the_same_queries_for_any_number(self, integration, hub, django_assert_max_num_queries):
        CatalogueItem.objects.bulk_create([CatalogueItem(connection=hub, reference=str(n), sku=f"S{n}") for n in range(300)])
        SkuMapping.objects.create(integration=integration, channel_sku="S0", hub_sku="OTHER")
        with django_assert_max_num_queries(3):
            answers = skus_to_hub([f"S{n}" for n in range(301)], integration, NOON)
        assert (len(answers), answers["S0"].value, answers["S9"].value) == (300, "OTHER", "S9")
