"""Marketplace orders are accepted before the operator's clock runs out, once, and what cannot be is a case in time."""

from __future__ import annotations

from datetime import timedelta

import pytest
import requests

from connectors.sandbox import veeqo
from exceptions.models import ExceptionCase
from mappings.models import SkuMapping
from mappings.signals import mapping_saved
from portal.ledger.models import SalesOrder, Stage
from portal.sync.case_actions.decide_lines import RefuseForm, refuse
from portal.sync.models import OutboundMessage, State
from tests.corridor import control
from tests.people import person

HOLD = {"address_available_at": "created"}


def case(kind: str) -> ExceptionCase:
    return ExceptionCase.objects.get(kind=kind, is_open=True)


def decisions(marketplace) -> int:
    return len(marketplace.calls(marketplace.shop, method="PUT", path="/accept"))


class TestAnOrderWithoutAnAddress:
    def test_is_accepted_before_the_warehouse_hears_of_it(self, marketplace):  # R51, D2
        [reference] = marketplace.place()
        marketplace.read_orders()
        marketplace.send()

        assert marketplace.state(reference) == "SHIPPING"
        assert marketplace.at_hub(reference) == []

    def test_reaches_the_warehouse_when_the_address_is_there(self, marketplace):  # R50, R51, D2
        [reference] = marketplace.place()
        marketplace.round()

        [there] = marketplace.at_hub(reference)
        assert there["status"] == "awaiting_fulfillment"
        assert marketplace.known(reference).stage == Stage.WITH_HUB

    def test_waits_for_the_payment_after_acceptance(self, marketplace):  # R38
        marketplace.shop_settings(debit_delay_s=None)
        [reference] = marketplace.place()
        marketplace.round()

        assert marketplace.state(reference) in ("WAITING_DEBIT", "WAITING_DEBIT_PAYMENT")
        assert (marketplace.known(reference).stage, marketplace.at_hub(reference)) == (Stage.HELD, [])


class TestAnOrderWithItsAddress:
    def test_is_held_in_the_warehouse_first_and_accepted_then(self, marketplace):  # R51, D2
        marketplace.shop_settings(**HOLD, debit_delay_s=None)
        [reference] = marketplace.place()
        marketplace.read_orders()
        marketplace.send(marketplace.hub)
        before = marketplace.state(reference)
        marketplace.send()

        assert (before, marketplace.state(reference)[:13]) == ("WAITING_ACCEPTANCE", "WAITING_DEBIT")
        assert [one["status"] for one in marketplace.at_hub(reference)] == ["awaiting_payment"]

    def test_is_released_when_the_marketplace_clears_it(self, marketplace):  # R38, D2
        marketplace.shop_settings(**HOLD, debit_delay_s=None)
        [reference] = marketplace.place()
        marketplace.round()
        marketplace.debit(reference)
        marketplace.round()

        [there] = marketplace.at_hub(reference)
        assert (there["status"], marketplace.known(reference).stage) == ("awaiting_fulfillment", Stage.WITH_HUB)

    def test_is_released_though_it_was_cleared_while_it_was_created(self, marketplace):
        marketplace.shop_settings(**HOLD)
        [reference] = marketplace.place()
        marketplace.read_orders()
        marketplace.send(marketplace.hub)
        marketplace.send(marketplace.channel)
        marketplace.round()

        assert [one["status"] for one in marketplace.at_hub(reference)] == ["awaiting_fulfillment"]

    def test_is_accepted_though_the_warehouses_answer_was_lost(self, marketplace):  # R51
        marketplace.shop_settings(**HOLD)
        [reference] = marketplace.place()
        marketplace.fault(marketplace.warehouse, "lost_after", path="^/orders", method="POST")
        marketplace.round()
        marketplace.round()

        assert marketplace.state(reference) == "SHIPPING"
        assert [one["status"] for one in marketplace.at_hub(reference)] == ["awaiting_fulfillment"]

    def test_is_cancelled_in_the_warehouse_when_it_is_refused(self, marketplace):  # D2
        marketplace.shop_settings(**HOLD)
        [reference] = marketplace.place(accept_within_s=60)
        marketplace.read_orders()
        marketplace.send(marketplace.hub)
        marketplace.operator_later(minutes=2)
        marketplace.round()

        assert marketplace.hub_states(reference) == ["cancelled"]
        assert marketplace.known(reference).stage == Stage.CANCELLED


class TestAcceptance:
    def test_is_sent_once(self, marketplace):  # R51
        marketplace.place()
        for _ in range(3):
            marketplace.round()

        assert (decisions(marketplace), marketplace.summary()["accepted_twice"]) == (1, [])

    def test_is_not_repeated_after_a_lost_answer(self, marketplace):  # R51
        [reference] = marketplace.place()
        marketplace.fault(marketplace.shop, "lost_after", path="/accept")
        marketplace.round()
        marketplace.round()

        assert (marketplace.state(reference), marketplace.there(reference)["accept_calls"]) == ("SHIPPING", 1)

    def test_goes_again_after_a_429(self, marketplace):  # R54
        [reference] = marketplace.place()
        marketplace.fault(marketplace.shop, "429", path="/accept", times=2)
        marketplace.round()
        for _ in range(3):
            marketplace.later_send(seconds=10)

        assert marketplace.state(reference) == "SHIPPING"

    def test_is_not_undone_by_a_warehouse_that_rejects_the_order(self, marketplace):  # R52
        [reference] = marketplace.place(lines={"MUG-1": 1}, no_address=True)
        marketplace.round()

        assert marketplace.state(reference) == "SHIPPING"
        assert (marketplace.known(reference).stage, case("E03").items_open) == (Stage.BLOCKED, 1)

    def test_does_not_wait_for_a_warehouse_that_is_down(self, marketplace):  # R52, R54
        marketplace.shop_settings(**HOLD)
        marketplace.fault(marketplace.warehouse, "down", times=None)
        [reference] = marketplace.place()
        marketplace.read_orders()
        for _ in range(4):
            marketplace.later_send(minutes=10)
        marketplace.clock(hours=3)
        marketplace.later_send(hours=3)

        assert marketplace.state(reference) == "SHIPPING"

    def test_waits_for_stock_that_is_not_there(self, marketplace):  # D2
        marketplace.read(marketplace.hub, "snapshot")
        [reference] = marketplace.place(lines={"MUG-1": 80})
        marketplace.round()

        assert marketplace.state(reference) == "WAITING_ACCEPTANCE"
        assert "80" in OutboundMessage.objects.get(kind="decide_order").note


class TestTheClock:
    def test_makes_a_case_with_the_deadline_and_what_it_costs(self, marketplace):  # R53, A2, E01
        [reference] = marketplace.place()
        marketplace.fault(marketplace.shop, "429", path="/accept", times=None)
        marketplace.round()
        marketplace.clock(hours=3)

        order, found = marketplace.known(reference), case("E01")
        assert found.deadline_at == order.placed_at + timedelta(hours=24)
        assert f"{order.total:.2f} GBP are lost" in found.consequence

    def test_is_never_noticed_later_than_a_quarter_of_the_window(self, marketplace):  # E01
        marketplace.set_options(acceptance_hours="2")
        [reference] = marketplace.place()
        marketplace.fault(marketplace.shop, "429", path="/accept", times=None)
        marketplace.round()
        marketplace.clock(minutes=13)

        assert case("E01").resolve_due_at <= marketplace.known(reference).placed_at + timedelta(minutes=30)

    def test_is_one_case_whether_the_marketplace_or_time_says_no(self, marketplace):  # R53
        marketplace.place()
        marketplace.fault(marketplace.shop, "500", path="/accept", times=None)
        marketplace.round()
        for _ in range(8):
            marketplace.later_send(minutes=10)
        marketplace.clock(hours=3)

        assert ExceptionCase.objects.filter(kind="E01").count() == 1

    def test_closes_the_case_when_the_marketplace_shows_it_accepted(self, marketplace):  # E01
        [reference] = marketplace.place()
        marketplace.fault(marketplace.shop, "429", path="/accept", times=None)
        marketplace.round()
        marketplace.clock(hours=3)
        marketplace.mend()
        marketplace.later_send(hours=3)
        marketplace.round()

        found = ExceptionCase.objects.get(kind="E01")
        assert (marketplace.state(reference), found.is_open, found.resolution) == ("SHIPPING", False, "fixed_verified")


class TestAutoRefusal:
    def refused(self, marketplace, **wish) -> SalesOrder:
        [reference] = marketplace.place(**wish)
        marketplace.fault(marketplace.shop, "429", path="/accept", times=None)
        marketplace.round()
        marketplace.clock(hours=3)
        marketplace.operator_later(hours=25)
        marketplace.round()
        return marketplace.known(reference)

    def test_is_a_case_with_the_lost_revenue(self, marketplace):  # R54, E02
        self.refused(marketplace, lines={"MUG-1": 2})

        found = case("E02")
        assert [(str(round(item.value, 2)), item.currency) for item in found.items.all()] == [("23.90", "GBP")]
        assert "23.90 GBP" in found.cause

    def test_ends_the_case_of_the_clock(self, marketplace):  # E01
        order = self.refused(marketplace)

        assert not ExceptionCase.objects.filter(kind="E01", is_open=True).exists()
        assert order.stage == Stage.CANCELLED

    def test_is_noticed_though_the_order_was_never_seen_before(self, marketplace):  # R54
        marketplace.place(accept_within_s=30)
        marketplace.operator_later(minutes=1)
        marketplace.round()

        assert case("E02").items_open == 1

    def test_sends_nothing_any_more(self, marketplace):
        self.refused(marketplace)
        marketplace.mend()
        marketplace.later_send(hours=30)

        assert not OutboundMessage.objects.filter(kind="decide_order", state__in=(State.QUEUED, State.PARKED)).exists()


class TestCustomers:
    def test_with_an_anonymised_address_are_created_with_it(self, marketplace):  # R48
        [reference] = marketplace.place(email="a1b2.xyz@notification.mirakl.net")
        marketplace.round()

        [there] = marketplace.at_hub(reference)
        assert there["customer"]["email"] == "a1b2.xyz@notification.mirakl.net"

    def test_without_any_address_are_guests(self, marketplace):  # R48
        marketplace.set_options(customer_email="none")
        [reference] = marketplace.place()
        marketplace.round()

        [there] = marketplace.at_hub(reference)
        assert there["customer"]["email"].endswith("@no-reply.invalid")

    def test_may_order_again_with_the_same_anonymised_address(self, marketplace):  # R49
        marketplace.shop_settings(emails="customer")
        references = marketplace.place(count=3, customer=1)
        marketplace.round()

        assert [len(marketplace.at_hub(one)) for one in references] == [1, 1, 1]


class TestAnUnknownSku:
    @pytest.fixture
    def case_of(self, marketplace):
        """The case of orders with a SKU the warehouse does not know; the catalogue was read, so that identity is not assumed."""

        def place(**wish) -> ExceptionCase:
            marketplace.read(marketplace.hub, "catalogue")
            marketplace.place(**{"lines": {"MUG-1": 1, "OLD-MUG": 1}, **wish})
            marketplace.round()
            return case("E11")

        return place

    def test_is_a_case_with_the_countdown(self, marketplace, case_of):  # R55, R78, A2
        found = case_of()

        order = SalesOrder.objects.get()
        assert (found.deadline_at, found.severity) == (order.placed_at + timedelta(hours=24), 1)
        assert "OLD-MUG" in found.cause
        assert "are lost" in found.consequence
        assert order.vendor_state == "WAITING_ACCEPTANCE"

    def test_mapped_now_accepts_every_order_that_waited(self, marketplace, case_of):  # R55, D5
        found = case_of(count=2)
        SkuMapping.objects.create(integration=marketplace.integration, channel_sku="OLD-MUG", hub_sku="TEE-1")
        mapping_saved.send(SkuMapping, keys=[found.waiting_for], by=None)
        marketplace.round()

        assert {order.vendor_state for order in SalesOrder.objects.all()} == {"SHIPPING"}
        assert not ExceptionCase.objects.filter(kind="E11", is_open=True).exists()

    def test_lets_somebody_refuse_the_line(self, marketplace, case_of):  # D5
        found = case_of()
        order = SalesOrder.objects.get()
        refuse(found, person("omar"), {"line": f"{order.pk}:{order.reference}-2", "reason": "not ours any more"})
        marketplace.round()

        states = [line["order_line_state"] for line in marketplace.there(order.reference)["order_lines"]]
        assert states == ["SHIPPING", "REFUSED"]
        assert [len(one["line_items"]) for one in marketplace.at_hub(order.reference)] == [1]
        assert not ExceptionCase.objects.filter(kind="E11", is_open=True).exists()

    def test_lets_somebody_refuse_the_order(self, marketplace, case_of):  # D5
        found = case_of()
        order = SalesOrder.objects.get()
        refuse(found, person("omar"), {"line": f"{order.pk}:every", "reason": "not ours any more"})
        marketplace.round()

        order.refresh_from_db()
        assert (order.vendor_state, order.stage, marketplace.at_hub(order.reference)) == ("REFUSED", Stage.CANCELLED, [])
        assert not ExceptionCase.objects.filter(is_open=True).exists()

    def test_offers_each_line_and_each_order_that_waits(self, marketplace, case_of):  # D5
        form = RefuseForm(case=case_of(count=2))

        words = [words for _, words in form.fields["line"].choices]
        assert [("whole order" in word, "OLD-MUG" in word) for word in words] == [(False, True), (True, False)] * 2

    def test_offers_no_single_lines_where_the_operator_takes_all_or_none(self, marketplace, case_of):  # D4, D5
        marketplace.set_options(partial_acceptance="false")
        form = RefuseForm(case=case_of())

        assert [words.partition(", ")[2] for _, words in form.fields["line"].choices] == ["the whole order (23.90 GBP)"]

    def test_of_an_order_on_hold_first_can_be_refused_too(self, marketplace, case_of):  # D2, D5
        marketplace.shop_settings(**HOLD)
        found = case_of()
        order = SalesOrder.objects.get()
        refuse(found, person("omar"), {"line": f"{order.pk}:{order.reference}-2", "reason": "not ours any more"})
        marketplace.round()

        assert [len(one["line_items"]) for one in marketplace.at_hub(order.reference)] == [1]
        assert marketplace.state(order.reference) == "SHIPPING"


class TestALineRefusedAfterTheWarehouseHasTheOrder:
    @pytest.fixture
    def held(self, marketplace) -> str:
        """On hold in the warehouse with two lines, of which somebody refused one before the marketplace was told."""
        marketplace.shop_settings(**HOLD)
        [reference] = marketplace.place(lines={"MUG-1": 2, "TEE-1": 1})
        marketplace.fault(marketplace.shop, "429", path="/accept", times=None)
        marketplace.read_orders()
        marketplace.send()
        marketplace.clock(hours=3)
        order = marketplace.known(reference)
        refuse(case("E01"), person("omar"), {"line": f"{order.pk}:{reference}-2", "reason": "broken"})
        marketplace.mend()
        marketplace.later_send(minutes=10)
        marketplace.round()
        return str(reference)

    def amend(self, marketplace, reference: str) -> None:
        """Somebody takes the line off in the warehouse."""
        [there] = marketplace.at_hub(reference)
        kept = [{"sellable_id": line["sellable"]["id"], "quantity": 2, "price_per_unit": line["price_per_unit"], "tax_rate": line["tax_rate"]}
                for line in there["line_items"] if line["sellable"]["sku_code"] == "MUG-1"]  # fmt: skip
        control(marketplace.warehouse, "settings", put_lines="replace")  # as its own screens do it; what its API does is not known
        self.put(marketplace, there, line_items_attributes=kept)
        control(marketplace.warehouse, "settings", put_lines="merge")

    def put(self, marketplace, there: dict, **changes) -> None:
        url = f"{marketplace.warehouse.url}/orders/{there['id']}"
        answer = requests.put(url, json={"order": changes}, headers={"x-api-key": veeqo.API_KEY}, timeout=5)
        assert answer.ok, answer.text

    def test_is_a_case_that_says_what_to_take_off_there(self, marketplace, held):  # D2, D5, R44
        found = case("E09")

        assert marketplace.state(held) == "SHIPPING"
        assert "does not want 1 × TEE-1 any more" in found.cause
        assert found.evidence["in the channel now"]["lines"] == [["MUG-1", 2]]

    def test_is_not_released_with_it_however_often_the_warehouse_is_read(self, marketplace, held):  # D5, R38
        self.put(marketplace, marketplace.at_hub(held)[0], total_discounts="0.50")
        marketplace.round()

        assert marketplace.hub_states(held) == ["awaiting_payment"]
        assert not OutboundMessage.objects.filter(kind="release_order").exists()

    def test_is_released_when_the_warehouse_shows_the_right_lines(self, marketplace, held):  # D5, R38
        self.amend(marketplace, held)
        marketplace.round()
        marketplace.round()

        assert marketplace.hub_states(held) == ["awaiting_fulfillment"]
        assert not ExceptionCase.objects.filter(kind="E09", is_open=True).exists()
