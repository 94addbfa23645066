"""Tests of mappings.coverage: rows, what waits, and the share that a row answered."""

from __future__ import annotations

from django.utils import timezone

from connectors.canonical import CodeKind
from mappings.coverage import coverage
from mappings.errors import UnmappedCode
from mappings.models import SkuMapping
from mappings.resolve import skus_to_hub
from mappings.usage import record_uses, seen
from tests.mappings.conftest import NOON


def sku_cover(integration):
    return next(cover for cover in coverage() if cover.kind.slug == "sku" and cover.integration == integration)


class TestCoverage:
    def test_is_nothing_at_first(self, integration):
        cover = sku_cover(integration)
        assert (cover.rows, cover.waiting, cover.uses, cover.explicit_share, cover.on_missing) == (0, 0, 0, None, "hold")

    def test_tells_explicit_answers_from_others(self, integration):  # A10
        SkuMapping.objects.create(integration=integration, channel_sku="A", hub_sku="X")
        record_uses(skus_to_hub(["A", "B", "C", "D"], integration, NOON).values(), at=NOON)
        cover = sku_cover(integration)
        assert (cover.rows, cover.uses, cover.explicit_share, cover.last_used_at) == (1, 4, 25, NOON)

    def test_counts_rows_in_force_only(self, integration):
        SkuMapping.objects.create(integration=integration, channel_sku="A", hub_sku="X", effective_to=timezone.now())
        assert sku_cover(integration).rows == 0

    def test_counts_what_waits(self, integration):
        seen(UnmappedCode(kind=CodeKind.SKU, value="A", integration=integration, direction="to_hub"))
        assert sku_cover(integration).waiting == 1

    def test_leaves_removed_integrations_out(self, integration):
        type(integration).objects.update(removed_at=NOON)
        assert coverage() == []
