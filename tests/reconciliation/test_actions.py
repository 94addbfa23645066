"""What a person can do about a case of the comparisons."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from exceptions.actions import ACTIONS, action_for
from exceptions.errors import CaseError
from exceptions.models import ExceptionCase
from mappings.models import SkuAlias
from portal.accounts.permissions import NotAllowedError
from portal.audit.models import AuditEvent
from portal.ledger.models import HubOrder
from portal.reconciliation.models import Audit
from portal.sync.catalogue.renames import edited_by_hand
from portal.sync.models import OutboundMessage
from tests.people import person
from tests.reconciliation.conftest import Sides, open_cases
from tests.reconciliation.test_completeness import hub_order


def do(name: str, case: ExceptionCase, username: str, **data: Any) -> str:
    action, _ = action_for(case, name, by=person(username))
    return action.run(case, person(username), data)


class TestKeepingAnEditedSku:
    @pytest.fixture
    def edited(self, sides: Sides) -> ExceptionCase:
        item = sides.item(sides.hub, "NEW")
        edited_by_hand(item, "OLD", sides.integration, where=sides.hub, at=timezone.now())
        return open_cases("E15")[0]

    def test_adds_the_alias_and_closes_the_case(self, edited: ExceptionCase):  # R75, D9
        said = do("add_alias", edited, "mira", reason="The factory renamed it")

        assert said.startswith("OLD means NEW in Veeqo Leeds")
        assert SkuAlias.objects.get().old == "OLD"
        assert open_cases("E15") == []

    def test_is_for_merchandising(self, edited: ExceptionCase):
        with pytest.raises(NotAllowedError):
            do("add_alias", edited, "omar", reason="x")


class TestCreatingAProduct:
    def test_sends_every_product_of_the_case(self, sides: Sides):  # R72
        sides.item(sides.hub, "OTHER")
        sides.item(sides.shop, "A")
        sides.run(Audit.CATALOGUE)
        said = do("send_product", open_cases("E13")[0], "mira")

        assert said.startswith("1 product on the way")
        assert OutboundMessage.objects.get().payload["sku"] == "A"

    def test_is_not_offered_where_another_system_is_master(self, sides: Sides):  # D7
        sides.integration.product_master = "external"
        sides.integration.save()
        sides.item(sides.hub, "OTHER")
        sides.item(sides.shop, "A")
        sides.run(Audit.CATALOGUE)

        assert not ACTIONS["send_product"].applies(open_cases("E13")[0])


class TestLinkingAWarehouseOrder:
    @pytest.fixture
    def orphan(self, sides: Sides) -> ExceptionCase:
        sides.integration.number_prefix = "CT-"
        sides.integration.save()
        hub_order(sides, "CT-SO-1x")
        sides.run(Audit.ORPHANS)
        sides.order("SO-1")
        return open_cases("E06")[0]

    def test_ties_it_to_the_sale_and_closes_the_case(self, orphan: ExceptionCase):  # R43
        do("link_counterpart", orphan, "omar", number="SO-1")

        assert HubOrder.objects.get().order is not None
        assert open_cases("E06") == []
        assert AuditEvent.objects.filter(action="hub_order.linked").exists()

    def test_refuses_a_number_nobody_sold(self, orphan: ExceptionCase):
        with pytest.raises(CaseError, match="no sale with the number SO-9"):
            do("link_counterpart", orphan, "omar", number="SO-9")
