"""A marketplace order is not accepted while one of its SKUs stands for two products."""

from __future__ import annotations

from django.utils import timezone

from exceptions.cases import CaseEntry, clear_case, open_case
from portal.sync.catalogue.subjects import sku_subject
from tests.sync.test_acceptance import case, decisions


class TestAnOrderWithASkuThatIsTwoProducts:
    def test_is_not_accepted_until_that_is_put_right(self, marketplace):  # E12, R79, R81
        hub = marketplace.hub
        subject = sku_subject(hub.pk, "MUG-1")
        open_case("E12", fingerprint="c", cause="MUG-1 twice", items=[CaseEntry(subject, "MUG-1", timezone.now())], connection=hub, at=timezone.now())
        [reference] = marketplace.place()
        marketplace.read_orders()
        marketplace.send()
        before = (marketplace.state(reference), decisions(marketplace), "more than one product" in case("E11").cause)
        clear_case(case("E12"), {"listed": "once"}, at=timezone.now())
        marketplace.send()

        assert before == ("WAITING_ACCEPTANCE", 0, True)
        assert decisions(marketplace) == 1
