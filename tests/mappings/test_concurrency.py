"""Tests with several connections: the database is the judge."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from connectors.canonical import CodeKind
from mappings import changes
from mappings.errors import UnmappedCode
from mappings.models import MappingUse, SeenCode, SkuMapping
from mappings.resolved import Resolved
from mappings.usage import record_uses, seen, uses_of

pytestmark = pytest.mark.django_db(transaction=True)
WORKERS, TIMES = 4, 25


def at_once(work) -> list:
    def closing(number: int):
        try:
            return work(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(WORKERS) as pool:
        return list(pool.map(closing, range(WORKERS)))


class TestManyWorkers:
    def test_lose_no_count(self, integration):
        answers = [Resolved("x", "", "carrier", pk, None, "mapping", integration.pk) for pk in (1, 2, 3)]

        def work(number: int) -> None:
            for _ in range(TIMES):
                record_uses(answers if number % 2 else answers[::-1])

        at_once(work)
        assert {pk: uses for pk, (uses, _) in uses_of("carrier", [1, 2, 3]).items()} == dict.fromkeys((1, 2, 3), WORKERS * TIMES)
        assert sum(MappingUse.objects.filter(mapping_id=0).values_list("uses", flat=True)) == 3 * WORKERS * TIMES

    def test_list_a_code_once(self, integration):
        at_once(lambda _: seen(UnmappedCode(kind=CodeKind.SKU, value="A", integration=integration, direction="to_hub")))
        assert SeenCode.objects.get().times == WORKERS

    def test_save_one_of_two_equal_rows(self, integration, mira):
        def work(number: int) -> bool:
            try:
                changes.save(SkuMapping(integration=integration, channel_sku="A", hub_sku=str(number)), by=mira, reason="x")
            except ValidationError:
                return False
            return True

        assert sum(at_once(work)) == 1
        assert SkuMapping.objects.count() == 1
