"""A changed SKU in the master: every flow's account follows the same list, and who has not fetched it is listed (R74, R80)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from mappings.models import SkuAlias
from portal.ledger.models import SkuChange
from portal.reconciliation.sku_changes import FETCHED, UNFETCHED, with_reach

ALIASES = "/api/v1/mappings/sku_alias"


@pytest.fixture
def change(integration, warehouse) -> SkuChange:
    """The warehouse is master, and a product of it has another SKU."""
    integration.product_master = "hub"
    integration.save()
    SkuAlias.objects.create(connection=warehouse, old="MUG-1", new="MUG-2")
    return SkuChange.objects.create(connection=warehouse, reference="1", old="MUG-1", new="MUG-2", at=timezone.now() - timedelta(minutes=5))


def word_of(change: SkuChange) -> str:
    return with_reach([change])[0].reaches[0].word


class TestAChangedSku:
    def test_is_on_the_list_of_every_joined_account(self, caller, change):  # R74
        (row,) = caller.get(ALIASES).json()["data"]
        assert (row["fields"]["old"], row["fields"]["new"]) == ("MUG-1", "MUG-2")

    def test_has_not_reached_an_account_that_did_not_fetch_it(self, caller, change):  # R80
        assert word_of(change) == UNFETCHED
        caller.get(ALIASES)
        assert word_of(change) == FETCHED
        assert with_reach([change])[0].reached

    def test_has_not_reached_one_that_fetched_the_list_before(self, caller, change):
        caller.get(ALIASES)
        change.at = timezone.now() + timedelta(minutes=1)
        assert word_of(change) == UNFETCHED

    def test_counts_only_when_the_list_was_read_to_its_end(self, caller, change, warehouse):
        SkuAlias.objects.create(connection=warehouse, old="TEE-1", new="TEE-2")
        first = caller.get(ALIASES, {"limit": 1}).json()
        assert word_of(change) == UNFETCHED
        caller.get(ALIASES, {"limit": 1, "cursor": first["next_cursor"]})
        assert word_of(change) == FETCHED
