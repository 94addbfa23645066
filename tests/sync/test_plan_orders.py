"""Where an order goes next, and what it takes along."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from connectors.canonical import OrderState
from exceptions.models import ExceptionCase
from mappings.models import ShipServiceMapping
from portal.connections.models import FilterRow, Integration, Mode, Operator
from portal.ledger.models import Expectation, SalesOrder, Stage
from portal.ledger.record_orders import record_order
from portal.sync.models import OutboundMessage, State
from portal.sync.plan_orders import plan_order
from tests.corridor import control
from tests.ledger.orders import ADDRESS, NOON, a_connection, a_line, an_integration, an_order, kept, later


def planned(integration: Integration, **values) -> SalesOrder:
    order = kept(integration.channel, **values)
    plan_order(order, at=NOON)
    order.refresh_from_db()
    return order


def newer(order: SalesOrder, **changes) -> SalesOrder:
    seen = replace(an_order(order.reference), version=str(int(order.version) + 1), changed_at=later(), **changes)
    recorded = record_order(seen, connection=order.connection, at=later())
    plan_order(recorded.order, at=later(), changed=recorded.changed)
    recorded.order.refresh_from_db()
    return recorded.order


def creations(order: SalesOrder) -> list[str]:
    return list(OutboundMessage.objects.filter(kind="create_order", order=order).values_list("state", flat=True))


class TestAnOrder:
    def test_that_is_ready_is_queued_in_its_stores_lane(self, db):  # R39
        order = planned(an_integration())

        assert (order.stage, OutboundMessage.objects.get().lane) == (Stage.QUEUED, "store:uk")

    def test_is_queued_once_however_often_it_is_planned(self, db):  # R35
        order = planned(an_integration())
        plan_order(order, at=later())

        assert creations(order) == [State.QUEUED]

    @pytest.mark.parametrize(
        ("values", "profile", "why"),
        [
            ({"placed_at": NOON - timedelta(days=9)}, {"start_date": date(2026, 3, 1)}, "before the integration's start date"),
            ({"state": OrderState.SHIPPED}, {}, "shipped already"),
            ({"lines": ()}, {}, "nothing to ship"),
            ({"lines": (a_line(cancelled=1),)}, {}, "nothing to ship"),
            ({"lines": (a_line(quantity=0),)}, {}, "nothing to ship"),
            ({}, {"store_codes": ["eu"]}, "No integration"),
            ({}, {"mode": Mode.FETCH}, "another way"),
            ({}, {"enabled": False}, "No integration"),
        ],
    )
    def test_that_takes_no_part_says_why(self, db, values, profile, why):  # R112, R113
        order = planned(an_integration(**profile), **values)

        assert order.stage == Stage.IGNORED
        assert why in order.stage_note
        assert not OutboundMessage.objects.exists()

    def test_that_a_filter_leaves_out_says_which(self, db):  # R112
        integration = an_integration()
        FilterRow.objects.create(integration=integration, field="country", operator=Operator.ONE_OF, value="FR, DE")

        assert "country is one of (comma-separated) FR, DE" in planned(integration).stage_note

    def test_from_before_the_start_date_goes_by_hand(self, db):
        order = kept(an_integration(start_date=date(2026, 3, 9)).channel)
        plan_order(order, at=NOON, by_hand=True)

        assert order.stage == Stage.QUEUED

    def test_goes_by_the_integration_that_names_its_store(self, db):  # R105
        every = an_integration()
        own = an_integration(name="UK", channel=every.channel, hub=a_connection("Other", "veeqo"), store_codes=["uk"])

        assert planned(every).integration == own

    def test_that_becomes_incomplete_while_it_waits_is_not_sent(self, db):  # R28
        order = newer(planned(an_integration()), shipping_address=replace(ADDRESS, postcode=""))

        assert (order.stage, creations(order)) == (Stage.BLOCKED, [State.SUPERSEDED])

    def test_that_becomes_complete_again_is(self, db):
        order = newer(planned(an_integration()), shipping_address=replace(ADDRESS, postcode=""))
        order = newer(order, shipping_address=ADDRESS)

        assert (order.stage, creations(order)) == (Stage.QUEUED, [State.QUEUED])

    def test_whose_last_line_is_taken_off_while_it_waits_is_not_sent(self, db):
        order = newer(planned(an_integration()), lines=())

        assert (order.stage, creations(order)) == (Stage.IGNORED, [State.SUPERSEDED])
        assert not Expectation.objects.filter(met_at=None, dropped_at=None).exists()

    def test_that_takes_no_part_any_more_leaves_no_case_behind(self, db):
        order = planned(an_integration(), shipping_address=None)
        newer(order, lines=())

        case = ExceptionCase.objects.get()
        assert (case.kind, case.is_open) == ("E03", False)
        assert "nothing to ship" in case.proof["takes no part"]


class TestACancelledOrder:
    def test_is_dropped_before_it_was_sent(self, db):
        order = newer(planned(an_integration()), state=OrderState.CANCELLED)

        assert (order.stage, creations(order)) == (Stage.CANCELLED, [State.SUPERSEDED])

    def test_closes_what_stood_in_its_way(self, db):
        newer(planned(an_integration(), shipping_address=None), state=OrderState.CANCELLED)

        assert not ExceptionCase.objects.get(kind="E03").is_open

    def test_goes_after_all_when_it_is_opened_again(self, db):  # R41
        order = newer(planned(an_integration()), state=OrderState.CANCELLED)
        order = newer(order, state=OrderState.OPEN)

        assert (order.stage, creations(order)) == (Stage.QUEUED, [State.QUEUED])

    def test_is_cancelled_in_the_warehouse_too(self, corridor):
        [placed] = corridor.place()
        corridor.run()
        control(corridor.shop, f"orders/{placed['orderNumber']}/cancel")
        corridor.run()

        [there] = corridor.at_warehouse(placed["orderNumber"])
        assert (there["status"], corridor.order(placed).stage) == ("cancelled", Stage.CANCELLED)

    def test_that_the_warehouse_refused_closes_its_case(self, corridor):  # E04
        ShipServiceMapping.objects.filter(channel_code="standard").update(hub_code="999999")
        [placed] = corridor.place()
        corridor.run()
        control(corridor.shop, f"orders/{placed['orderNumber']}/cancel")
        corridor.run()

        assert not ExceptionCase.objects.get(kind="E04").is_open
        assert corridor.order(placed).stage == Stage.CANCELLED

    def test_opened_again_after_the_warehouse_cancelled_it_is_a_case(self, corridor):
        [placed] = corridor.place()
        corridor.run()
        control(corridor.shop, f"orders/{placed['orderNumber']}/cancel")
        corridor.run()
        control(corridor.shop, f"orders/{placed['orderNumber']}/act", actions=[{"action": "changeOrderState", "orderState": "Open"}])
        corridor.run()

        assert "opened it again" in ExceptionCase.objects.get(kind="E20", is_open=True).cause
        assert len(corridor.at_warehouse(placed["orderNumber"])) == 1


class TestAnOrderInTheWarehouse:
    def test_has_what_is_to_be_shipped_and_a_note_of_the_rest(self, corridor):
        [placed] = corridor.place(
            lines=[{"sku": "MUG-1", "quantity": 2}, {"sku": "TEE-1", "quantity": 1, "gift": True}],
            custom_lines=[{"slug": "gift-wrap", "name": "Gift wrap", "amount": 250}],
        )
        corridor.run()

        [there] = corridor.at_warehouse(placed["orderNumber"])
        lines = {line["sellable"]["sku_code"]: (line["quantity"], Decimal(str(line["price_per_unit"]))) for line in there["line_items"]}
        assert {sku: quantity for sku, (quantity, _) in lines.items()} == {"MUG-1": 2, "TEE-1": 1}
        assert lines["TEE-1"][1] == 0
        assert "Gift wrap (2.5" in str(there["employee_notes"])

    def test_is_not_mailed_about_and_counts_as_paid(self, corridor):  # R65: the channel's own mail is the only one
        corridor.place()
        corridor.run()

        [call] = corridor.calls(corridor.warehouse, method="POST", path="/orders")
        assert '"send_notification_email": false' in call["body"]
        assert '"payment_attributes"' in call["body"]
