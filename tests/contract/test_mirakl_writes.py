"""Holds the Mirakl connector to what every connector promises about writing, against the simulator."""

from __future__ import annotations

import json
from collections import Counter
from decimal import Decimal

import pytest

from connectors.canonical import LineDecision, OrderDecision, OrderState, Parcel, RefundRequest, ReturnNotice, StockTarget, StockVerdict
from connectors.errors import OutcomeUnknown, RateLimited, Rejected, Unavailable
from tests.contract.mirakl_operator import Operator, items, operator, running, until

__all__ = ["operator", "running"]


def request_for(reference: str, **changes: object) -> RefundRequest:
    values: dict[str, object] = {
        "key": "return-1", "order_reference": reference, "amount": Decimal("25.00"), "currency": "GBP", "order_line": f"{reference}-1",
        "quantity": 1, "reason_code": "19",
    }  # fmt: skip
    return RefundRequest(**{**values, **changes})  # type: ignore[arg-type]


class TestDeciding:
    def test_takes_one_call_with_every_line(self, operator: Operator):  # R51
        [reference] = operator.place()
        decision = operator.decision(reference)
        operator.forget_calls()
        operator.shop.decide_order(decision)

        [call] = operator.calls()
        lines = [{"id": f"{reference}-{number}", "accepted": True} for number in (1, 2)]
        assert (call["method"], json.loads(call["body"])) == ("PUT", {"order_lines": lines})

    def test_refuses_single_lines_where_that_is_allowed(self, operator: Operator):
        [reference] = operator.place()
        operator.shop.decide_order(operator.decision(reference, True, False))

        assert [line.cancelled for line in operator.order(reference).lines] == [0, 1]

    @pytest.mark.parametrize("form", ["list", "message"])
    def test_says_where_it_is_not_allowed(self, operator: Operator, form: str):
        operator.control("settings", partial_acceptance=False, coded_errors=form)
        [reference] = operator.place()

        with pytest.raises(Rejected):
            operator.shop.decide_order(operator.decision(reference, True, False))
        assert operator.there(reference)["order_state"] == "WAITING_ACCEPTANCE"

    def test_twice_is_once(self, operator: Operator):
        [reference] = operator.place()
        decision = operator.decision(reference)

        assert [operator.shop.decide_order(decision).found for _ in range(2)] == [False, True]

    def test_looks_first_after_an_answer_was_lost(self, operator: Operator):
        [reference] = operator.place()
        decision = operator.decision(reference)
        operator.fault("lost_after", method="PUT", path="accept")
        with pytest.raises(OutcomeUnknown):
            operator.shop.decide_order(decision)

        assert operator.shop.decide_order(decision).found
        assert operator.there(reference)["accept_calls"] == 1 and operator.summary()["accepted_twice"] == []

    def test_too_late_is_an_automatic_refusal(self, operator: Operator):
        [reference] = operator.place()
        decision = operator.decision(reference)
        operator.control("move", order_ids=[reference], to="REFUSED")

        with pytest.raises(Rejected) as caught:
            operator.shop.decide_order(decision)
        assert caught.value.code == "auto_refused"

    def test_of_an_unknown_order_is_refused(self, operator: Operator):
        [reference] = operator.place(shop_id=2311)

        with pytest.raises(Rejected):
            operator.shop.decide_order(operator.decision(reference))

    @pytest.mark.parametrize(
        ("fault", "error"), [("429", RateLimited), ("500", OutcomeUnknown), ("502", OutcomeUnknown), ("lost_before", OutcomeUnknown)]
    )
    def test_that_fails_says_how(self, operator: Operator, fault: str, error: type[Exception]):
        [reference] = operator.place()
        operator.fault(fault, method="PUT")

        with pytest.raises(error):
            operator.shop.decide_order(operator.decision(reference))


class TestPublishedFrequencies:
    def test_leave_room_to_accept_and_ship_everything(self, operator: Operator):  # R50, R54
        placed = operator.place(count=120)
        operator.control("settings", rate_scale=1)
        seen = {item.subject: item for item in items(list(operator.shop.poll("orders", "", until=until())))}
        for reference in placed:
            operator.shop.decide_order(operator.decision(reference))
        operator.control("advance", seconds=301)
        shown = {item.subject: item.body for item in items(list(operator.connect().poll("orders", "", until=until())))}
        for reference in placed:
            operator.shop.confirm_shipment(operator.notice(reference, seen=shown[reference]))

        assert seen.keys() == set(placed) and operator.summary()["by_state"] == {"SHIPPED": 120}
        assert not [call for call in operator.calls() if call["status"] == 429]

    def test_leave_room_for_a_thousand_decisions_in_one_sitting(self, operator: Operator):  # R50, R51, R54
        operator.place(count=1000, lines={"MUG-BLU": 1})
        operator.control("settings", rate_scale=1)
        waiting = [item.subject for item in items(list(operator.shop.poll("orders", "", until=until())))]
        for reference in waiting:
            operator.shop.decide_order(OrderDecision(reference, (LineDecision(f"{reference}-1", accept=True),)))

        assert (operator.summary()["by_state"], operator.summary()["accepted_twice"]) == ({"SHIPPING": 1000}, [])
        assert Counter(call["path"].rpartition("/")[2] for call in operator.calls()) == {"accept": 1000, "orders": 10}
        assert not [call for call in operator.calls() if call["status"] == 429]


class TestDispatchOfAWholeOrder:
    def test_is_tracking_and_then_ship(self, operator: Operator):  # R62
        notice = operator.notice(operator.accepted())
        operator.forget_calls()
        done = operator.shop.confirm_shipment(notice)

        assert [call["path"].rpartition("/")[2] for call in operator.calls("PUT")] == ["tracking", "ship"] and not done.found
        [shown] = operator.order(notice.order_reference).shipments
        assert (shown.reference, shown.carrier_code, shown.parcels[0].tracking_number) == (done.reference, "DPD-UK", "15501")

    def test_twice_is_once(self, operator: Operator):  # R65
        notice = operator.notice(operator.accepted())

        assert [operator.shop.confirm_shipment(notice).found for _ in range(2)] == [False, True]
        assert operator.summary()["shipped_twice"] == []

    @pytest.mark.parametrize("seen", [None, b""])
    def test_is_looked_for_after_a_lost_answer(self, operator: Operator, seen: bytes | None):
        notice = operator.notice(operator.accepted(), seen=seen)
        operator.fault("lost_after", method="PUT", path="ship")
        with pytest.raises(OutcomeUnknown):
            operator.shop.confirm_shipment(notice)

        assert operator.shop.confirm_shipment(notice).found
        assert operator.there(notice.order_reference)["ship_calls"] == 1

    @pytest.mark.parametrize("code", ["DPD-UK ", "dpd-uk", "YODEL", ""])
    def test_with_a_carrier_that_is_not_listed_never_leaves(self, operator: Operator, code: str):  # R60, R61
        notice = operator.notice(operator.accepted(), carrier=code)
        operator.forget_calls()

        with pytest.raises(Rejected) as caught:
            operator.shop.confirm_shipment(notice)
        assert caught.value.code == "unknown_carrier" and "EVRI" in caught.value.detail and operator.calls("PUT") == []

    def test_without_tracking_waits_where_the_carrier_needs_it(self, operator: Operator):
        bare = operator.notice(operator.accepted(), number="")
        with pytest.raises(Rejected) as caught:
            operator.shop.confirm_shipment(bare)
        assert caught.value.code == "no_tracking"

    def test_gets_its_tracking_later(self, operator: Operator):
        operator.control("settings", late_tracking="always")
        reference = operator.accepted()
        operator.shop.confirm_shipment(operator.notice(reference, carrier="RM", number=""))

        assert operator.shop.confirm_shipment(operator.notice(reference, carrier="RM", number="TT1")).found
        assert operator.there(reference)["shipping_tracking"] == "TT1" and operator.there(reference)["ship_calls"] == 1

    def test_before_its_payment_is_refused_and_nothing_is_shipped(self, operator: Operator):
        operator.control("settings", debit_delay_s=None)
        [reference] = operator.place()
        operator.shop.decide_order(operator.decision(reference))

        with pytest.raises(Rejected) as caught:
            operator.shop.confirm_shipment(operator.notice(reference))
        assert caught.value.code == "not_shipping" and operator.there(reference)["ship_calls"] == 0

    def test_in_part_waits_where_there_are_no_shipments(self, operator: Operator):  # R64
        notice = operator.notice(operator.accepted(), 1, 0)

        with pytest.raises(Rejected) as caught:
            operator.shop.confirm_shipment(notice)
        assert caught.value.code == "partial_not_supported"

    def test_of_several_parcels_says_which_are_not_shown(self, operator: Operator):
        notice = operator.notice(operator.accepted(), parcels=(Parcel("a", "1"), Parcel("b", "2")))

        assert "2" in operator.shop.confirm_shipment(notice).warnings[0]


class TestShipments:
    @pytest.fixture(autouse=True)
    def several(self, operator: Operator) -> None:
        operator.control("settings", multi_shipment=True)

    def test_show_parts_until_all_is_shipped(self, operator: Operator):
        reference = operator.accepted()
        operator.shop.confirm_shipment(operator.notice(reference, 1, 0, key="part-1"))
        assert operator.order(reference).state is OrderState.OPEN
        operator.shop.confirm_shipment(operator.notice(reference, 1, 1, key="part-2", complete=True))

        assert operator.order(reference).state is OrderState.SHIPPED and operator.summary()["shipments"] == {"SHIPPED": 2}

    def test_are_found_again_by_their_key(self, operator: Operator):
        reference = operator.accepted()
        notice = operator.notice(reference, 1, 0)
        operator.fault("lost_after", method="POST", path="/api/shipments")
        with pytest.raises(OutcomeUnknown):
            operator.shop.confirm_shipment(notice)

        assert operator.shop.confirm_shipment(notice).found and operator.summary()["shipments"] == {"SHIPPED": 1}

    def test_with_errors_inside_a_201_are_errors(self, operator: Operator):
        notice = operator.notice(operator.accepted(), 5, 0)

        with pytest.raises(Rejected, match="quantity"):
            operator.shop.confirm_shipment(notice)

    def test_are_always_used_where_the_connection_says_so(self, operator: Operator):
        notice = operator.notice(operator.accepted())
        operator.connect(multi_shipment="on").confirm_shipment(notice)

        assert operator.summary()["shipments"] == {"SHIPPED": 1} and operator.there(notice.order_reference)["ship_calls"] == 0

    def test_fall_back_where_the_platform_has_none(self, operator: Operator):
        operator.control("settings", multi_shipment=False)
        notice = operator.notice(operator.accepted())
        operator.connect(multi_shipment="on").confirm_shipment(notice)

        assert operator.there(notice.order_reference)["ship_calls"] == 1


class TestStock:
    def publish(self, operator: Operator, *targets: StockTarget, **options: str) -> dict[str, StockVerdict]:
        return {verdict.sku: verdict for verdict in operator.connect(**options).publish_stock(targets)}

    @pytest.mark.parametrize("door", ["auto", "sto01", "of01"])
    def test_goes_in_one_file_with_a_verdict_for_each_line(self, operator: Operator, door: str):  # R21
        found = self.publish(operator, StockTarget("MUG-BLU", 7), StockTarget("NOT-OURS", 1), StockTarget("CAP-RED", 0), stock_import=door)

        assert [found[sku].ok for sku in ("MUG-BLU", "NOT-OURS", "CAP-RED")] == [True, False, True]
        assert found["NOT-OURS"].code == "unknown_sku" and found["NOT-OURS"].sentence
        assert [level.available for level in operator.shop.read_stock(["CAP-RED", "MUG-BLU"])] == [0, 7]
        assert len(operator.calls("POST", "/imports")) == 1

    @pytest.mark.parametrize("door", ["sto01", "of01"])
    def test_leaves_prices_alone(self, operator: Operator, door: str):
        before = operator.shop.find_variants("MUG-BLU")
        self.publish(operator, StockTarget("MUG-BLU", 7), stock_import=door)

        assert operator.shop.find_variants("MUG-BLU") == before

    def test_goes_by_offers_at_an_operator_without_stock_imports_and_resets_nothing(self, operator: Operator):  # R11
        operator.control("settings", stock_imports=False)
        offers = [{**offer, "quantity": 0} for offer in operator.offers()]
        found = self.publish(operator, StockTarget("MUG-BLU", 7), StockTarget("CAP-RED", 3))
        operator.control("settings", stock_imports=True)

        assert [verdict.ok for verdict in found.values()] == [True, True]
        assert [{**offer, "quantity": 0} for offer in operator.offers()] == offers
        assert [call["path"] for call in operator.calls("POST", "/api/offers")] == ["/api/offers/stock/imports", "/api/offers/imports"]

    def test_that_no_file_can_hold_is_refused_alone(self, operator: Operator):
        found = self.publish(operator, StockTarget("A/B", 1), StockTarget("X" * 41, 1), StockTarget("MUG-BLU", -1), StockTarget("CAP-RED", 3))

        assert [verdict.ok for verdict in found.values()] == [False, False, False, True]

    def test_survives_a_broken_line_in_the_report(self, operator: Operator):
        operator.control("oddities", name="broken_report")
        found = self.publish(operator, *(StockTarget(sku, 5) for sku in ("MUG-BLU", "NOT-OURS", "CAP-RED", "TEE-GRN")))

        assert [sku for sku, verdict in found.items() if not verdict.ok] == ["NOT-OURS"]

    def test_that_takes_long_is_followed_later_and_not_sent_twice(self, operator: Operator):
        operator.control("settings", import_wait_s=300)
        with pytest.raises(OutcomeUnknown):
            list(operator.shop.publish_stock([StockTarget("MUG-BLU", 7)]))
        operator.control("advance", seconds=900)

        assert [verdict.ok for verdict in operator.shop.publish_stock([StockTarget("MUG-BLU", 7)])] == [True]
        assert len(operator.calls("POST", "/imports")) == 1

    def test_that_was_overtaken_is_sent_again(self, operator: Operator):
        operator.control("settings", import_wait_s=300)
        with pytest.raises(OutcomeUnknown):
            list(operator.shop.publish_stock([StockTarget("MUG-BLU", 7)]))
        operator.control("advance", seconds=900)
        operator.control("offers", add=[{"sku": "MUG-BLU", "stock": 2}])

        assert list(operator.shop.publish_stock([StockTarget("MUG-BLU", 7)])) == []  # no verdict: the caller sends it again
        operator.control("settings", import_wait_s=0)
        assert [verdict.ok for verdict in operator.shop.publish_stock([StockTarget("MUG-BLU", 7)])] == [True]

    def test_of_ten_thousand_names_the_three_that_fail(self, operator: Operator):  # R11, R21
        bad = {"S-17", "S-4711", "S-9999"}
        operator.control("offers", add=[{"sku": f"S-{number}", "stock": 1} for number in range(10_000) if f"S-{number}" not in bad])
        found = self.publish(operator, *(StockTarget(f"S-{number}", 2) for number in range(10_000)))

        assert {sku for sku, verdict in found.items() if not verdict.ok} == bad and len(found) == 10_000

    @pytest.mark.parametrize(("fault", "error"), [("429", RateLimited), ("500", Unavailable), ("lost_after", Unavailable)])
    def test_that_fails_as_a_whole_says_how(self, operator: Operator, fault: str, error: type[Exception]):
        operator.fault(fault, method="POST", path="/api/offers")

        with pytest.raises(error):
            list(operator.shop.publish_stock([StockTarget("MUG-BLU", 7)]))


class TestRefunds:
    @pytest.fixture(autouse=True)
    def funded(self, operator: Operator) -> None:
        operator.control("settings", balance_check=False, refund_delay_s=0)

    def test_are_paid_once_for_each_key(self, operator: Operator):
        reference = operator.accepted()
        done = [operator.shop.refund(request_for(reference)) for _ in range(2)]

        assert [each.found for each in done] == [False, True] and operator.summary()["refunds"][f"{reference}-1"]["count"] == 1

    def test_are_looked_for_after_a_lost_answer(self, operator: Operator):
        reference = operator.accepted()
        operator.fault("lost_after", method="PUT", path="refund")
        with pytest.raises(OutcomeUnknown):
            operator.shop.refund(request_for(reference))

        assert operator.shop.refund(request_for(reference)).found and operator.summary()["refunds"][f"{reference}-1"]["count"] == 1

    def test_of_the_same_amount_for_another_return_are_made(self, operator: Operator):
        reference = operator.accepted()
        for key in ("return-1", "return-2"):
            assert not operator.shop.refund(request_for(reference, key=key)).found

        assert operator.summary()["refunds"][f"{reference}-1"] == {"count": 2, "amount": 50}

    def test_without_funds_are_refused_in_the_vendors_words(self, operator: Operator):
        reference = operator.accepted()
        operator.control("settings", balance_check=True)
        operator.shop.refund(request_for(reference, amount=Decimal("50.00"), quantity=2))

        with pytest.raises(Rejected):
            operator.shop.refund(request_for(reference, key="return-9", amount=Decimal("49.00")))

    def test_need_a_reason(self, operator: Operator):
        reference = operator.accepted()

        with pytest.raises(Rejected, match="reason"):
            operator.shop.refund(request_for(reference, reason_code=""))
        assert operator.connect(refund_reason="19").refund(request_for(reference, reason_code="")).reference


class TestReturns:
    def returned(self, operator: Operator, **more: object) -> tuple[str, str]:
        reference = operator.accepted()
        operator.control("move", order_ids=[reference], to="SHIPPED")
        operator.control("returns", order_ids=[reference], quantity=1, **more)
        [item] = items(list(operator.shop.poll("returns", "", until=until())))
        return reference, item.subject

    def notice(self, reference: str, id_: str, state: str, **more: str) -> ReturnNotice:
        return ReturnNotice(id_, reference, reference, ((f"{reference}-1", "MUG-BLU", 1), (f"{reference}-2", "CAP-RED", 1)), state=state, **more)

    def state(self, operator: Operator) -> str:
        [item] = items(list(operator.shop.poll("returns", "", until=until())))
        return str(json.loads(item.body)["state"])

    def test_are_accepted_received_and_assessed(self, operator: Operator):  # R84
        reference, id_ = self.returned(operator)
        for state in ("authorised", "received", "assessed"):
            assert operator.connect(close_returns="true").announce_return(self.notice(reference, id_, state)).reference == id_

        assert self.state(operator) == "CLOSED"

    def test_told_twice_are_told_once(self, operator: Operator):
        reference, id_ = self.returned(operator, accepted=True)

        assert [operator.shop.announce_return(self.notice(reference, id_, "received")).found for _ in range(2)] == [False, True]

    def test_in_the_wrong_state_are_errors_though_the_answer_is_200(self, operator: Operator):
        reference, id_ = self.returned(operator)

        with pytest.raises(Rejected, match="invalid state"):
            operator.shop.announce_return(self.notice(reference, id_, "received"))

    def test_new_to_the_marketplace_are_created_once(self, operator: Operator):
        reference = operator.accepted()
        operator.control("move", order_ids=[reference], to="SHIPPED")
        done = [operator.shop.announce_return(self.notice(reference, "VQ-RET 1", "received")) for _ in range(2)]

        assert [each.found for each in done] == [False, True] and self.state(operator) == "IN_PROGRESS"
