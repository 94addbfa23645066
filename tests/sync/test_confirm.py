"""Their ids tied to our things, and the other side's own word as proof."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from exceptions.models import ExceptionCase
from portal.ledger.models import Stage
from portal.sync.confirm import confirm, order_at_hub, order_with_number, remember_reference
from portal.sync.models import ExternalReference, OutboundMessage, State
from portal.sync.plan_orders import plan_order
from tests.corridor import control
from tests.ledger.orders import NOON, a_connection, an_integration, kept


@pytest.fixture
def joined(db):
    return an_integration(number_prefix="CT-")


class TestAnOrderInTheWarehouse:
    def test_is_known_by_the_id_that_was_kept(self, joined):
        order = kept(joined.channel)
        remember_reference(joined.hub, "order", f"order:{order.pk}", "77")

        assert order_at_hub(joined.hub, reference="77", number="renamed by hand") == order

    def test_is_known_by_the_number_it_would_have_been_given(self, joined):
        order = kept(joined.channel, number="WEB-1")

        assert order_at_hub(joined.hub, reference="78", number="CT-WEB-1") == order

    @pytest.mark.parametrize("number", ["WEB-1", "CT-WEB-10", "CT-web-1", "CT-", "", "CT-CT-WEB-1"])
    def test_is_not_known_by_a_number_that_only_looks_like_it(self, joined, number):
        kept(joined.channel, number="WEB-1")

        assert order_with_number(joined.hub, number) is None

    def test_is_not_guessed_where_two_orders_have_the_number(self, joined):  # only a 1:1 match links by itself
        other = an_integration(name="Other", channel=a_connection("Other"), hub=joined.hub, number_prefix="CT-")
        kept(joined.channel, number="WEB-1")
        kept(other.channel, number="WEB-1")

        assert order_with_number(joined.hub, "CT-WEB-1") is None

    def test_of_another_warehouse_is_another_order(self, joined):
        kept(joined.channel, number="WEB-1")

        assert order_with_number(a_connection("Elsewhere", "veeqo"), "CT-WEB-1") is None


class TestTheirId:
    def test_belongs_to_one_thing_only(self, joined):  # R35
        remember_reference(joined.hub, "order", "order:1", "77")

        with pytest.raises(IntegrityError), transaction.atomic():
            remember_reference(joined.hub, "order", "order:2", "77")

    def test_is_replaced_when_the_thing_was_made_anew(self, joined):
        remember_reference(joined.hub, "order", "order:1", "77")
        remember_reference(joined.hub, "order", "order:1", "78", link="https://app/78")

        assert ExternalReference.objects.get().reference == "78"


class TestConfirming:
    @pytest.mark.parametrize("state", [State.QUEUED, State.PARKED, State.SENT])
    def test_ends_what_waited_for_an_answer(self, joined, state):
        order = kept(joined.channel)
        plan_order(order, at=NOON)
        OutboundMessage.objects.update(state=state, note="why")

        assert confirm("create_order", f"order:{order.pk}", at=NOON) == 1
        assert OutboundMessage.objects.get().state == State.CONFIRMED

    @pytest.mark.parametrize("state", [State.SUPERSEDED, State.ABANDONED, State.CONFIRMED])
    def test_leaves_what_is_over(self, joined, state):
        order = kept(joined.channel)
        plan_order(order, at=NOON)
        OutboundMessage.objects.update(state=state)

        assert confirm("create_order", f"order:{order.pk}", at=NOON) == 0


class TestADuplicate:
    def test_made_by_hand_in_the_warehouse_is_a_case_until_one_is_cancelled(self, corridor):  # E07, R35
        [placed] = corridor.place()
        corridor.run()
        number = f"CT-{placed['orderNumber']}"
        control(corridor.warehouse, "place", prefix=number[:-1], first=int(number[-1]), sku="MUG-1")
        corridor.read_warehouse()
        [case] = ExceptionCase.objects.filter(kind="E07")
        spare = max(one["id"] for one in corridor.at_warehouse(placed["orderNumber"]))
        control(corridor.warehouse, "cancel", ids=[spare])
        corridor.read_warehouse()

        case.refresh_from_db()
        assert (case.owner, case.is_open) == ("OPS", False)
        assert corridor.order(placed).stage == Stage.WITH_HUB
