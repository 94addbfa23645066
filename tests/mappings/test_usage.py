"""Tests of mappings.usage."""

from __future__ import annotations

from datetime import timedelta

import pytest

from connectors.canonical import CodeKind
from mappings.errors import UnmappedCode
from mappings.models import MappingUse, SeenCode, ShipServiceMapping
from mappings.resolve import skus_to_hub, to_hub
from mappings.usage import record_uses, seen, uses_of
from tests.mappings.conftest import NOON


class TestRecordUses:
    def test_counts_each_mapping(self, integration):  # section 7: a mapping table that no code path reads
        row = ShipServiceMapping.objects.create(integration=integration, channel_code="express", hub_code="77")
        answer = to_hub(CodeKind.SHIP_SERVICE, "express", integration=integration, at=NOON)
        record_uses([answer, answer], at=NOON)
        record_uses([answer], at=NOON + timedelta(hours=1))
        row.refresh_from_db()
        assert uses_of("ship_service", [row.pk]) == {row.pk: (3, NOON + timedelta(hours=1))}
        assert row.used

    def test_counts_the_kind_whatever_answered(self, integration):
        record_uses(skus_to_hub(["A", "B"], integration, NOON).values(), at=NOON)
        total = MappingUse.objects.get()
        assert (total.mapping_id, total.how, total.uses) == (0, "identity", 2)

    def test_takes_one_statement_once_all_are_known(self, integration, django_assert_num_queries):
        answers = list(skus_to_hub([f"S{n}" for n in range(50)], integration, NOON).values())
        with django_assert_num_queries(1):
            record_uses(answers)
        assert MappingUse.objects.count() == 1

    def test_takes_nothing_calmly(self, db, django_assert_num_queries):
        with django_assert_num_queries(0):
            record_uses([])
        assert not MappingUse.objects.exists()


class TestSeen:
    def error(self, integration, label: str = "") -> UnmappedCode:
        return UnmappedCode(kind=CodeKind.SHIP_SERVICE, value="express", label=label, integration=integration, direction="to_hub", store="uk")

    def test_lists_a_code_once(self, integration):  # R159
        seen(self.error(integration, "Express"), at=NOON)
        seen(self.error(integration), at=NOON + timedelta(hours=1))
        row = SeenCode.objects.get()
        assert (row.times, row.label, row.first_seen_at, row.last_seen_at) == (2, "Express", NOON, NOON + timedelta(hours=1))

    def test_puts_an_answered_code_back(self, integration):
        seen(self.error(integration))
        SeenCode.objects.update(answered_at=NOON)
        seen(self.error(integration))
        assert SeenCode.objects.get().answered_at is None

    @pytest.mark.parametrize("value", ["", "x" * 200, "'; drop table", "a:b"])
    def test_takes_any_value(self, integration, value):
        seen(UnmappedCode(kind=CodeKind.STORE, value=value, label="", integration=integration, direction="to_hub"))
        assert SeenCode.objects.get().value == value
