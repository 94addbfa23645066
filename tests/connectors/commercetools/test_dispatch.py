"""Showing a dispatch on an order: once, never too much, and never over somebody else's change."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.canonical import DispatchNotice, Parcel, Shipment, ShipmentLine
from connectors.commercetools.dispatch_plan import Marking, next_state, plan_dispatch
from connectors.commercetools.parcels import safe_key
from connectors.errors import Conflict, OutcomeUnknown, Rejected
from tests.connectors.commercetools.scripted import Asked, Reply, conflict, connector, raw, refusal, sample

ORDER = "6a1c7f0e-6f0f-4c40-9d0e-2d2f0f5c1b11"
SHIRT, SOCKS = "0c5b3f0e-2f7e-4b28-9d4f-0a3fd2a7c001", "0c5b3f0e-2f7e-4b28-9d4f-0a3fd2a7c002"
PARCEL = Parcel("p1", tracking_number="15501234567890", weight_g=850)


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.commercetools.dispatch.PAUSE_S", 0)


def notice(
    *lines: tuple[str, int], key: str = "ful-1", complete: bool = False, seen: dict[str, Any] | None = None, **shipment: Any
) -> DispatchNotice:
    units = tuple(ShipmentLine("", quantity, line) for line, quantity in lines or ((SHIRT, 1),))
    wanted = {"reference": "SHP-77", "lines": units, "parcels": (PARCEL,), "carrier_code": "DPD", **shipment}
    return DispatchNotice(key, ORDER, Shipment(**wanted), complete, raw(seen) if seen else b"")


class Desk:
    """One order that takes updates only at its version and keeps what they do to it."""

    def __init__(self, name: str = "order_paid_with_gift", *, before_update: Iterator[None] | None = None) -> None:
        self.order = sample(name)
        self.before_update = before_update

    def __call__(self, asked: Asked) -> Reply:
        if asked.method == "GET":
            return 200, self.order
        next(self.before_update or iter(()), None)
        if asked.body["version"] != self.order["version"]:
            return conflict(self.order["version"])
        for action in asked.body["actions"]:
            self.apply(copy.deepcopy(action))
        self.order["version"] += 1
        return 200, self.order

    def apply(self, action: dict[str, Any]) -> None:
        deliveries = self.order["shippingInfo"]["deliveries"]
        if action["action"] == "addDelivery":
            parcels = [{"id": f"id-{parcel['key']}", **parcel} for parcel in action.get("parcels", [])]
            deliveries.append({"id": f"d-{len(deliveries)}", "key": action["deliveryKey"], "items": action["items"], "parcels": parcels})
        elif action["action"] == "changeShipmentState":
            self.order["shipmentState"] = action["shipmentState"]


def names(asked: Asked) -> list[str]:
    return [action["action"] for action in asked.body["actions"]]


class TestADispatch:
    def test_is_shown_with_one_update_that_carries_the_version(self) -> None:  # R67
        channel, script = connector(Desk())

        done = channel.confirm_shipment(notice())

        assert [(asked.method, asked.path) for asked in script.asked] == [("GET", f"/orders/{ORDER}"), ("POST", f"/orders/{ORDER}")]
        assert script.writes[0].body["version"] == 4
        assert (done.found, done.version) == (False, "5")

    def test_needs_no_reading_where_the_caller_has_seen_the_present_version(self) -> None:
        desk = Desk()
        channel, script = connector(desk)

        channel.confirm_shipment(notice(seen=desk.order))

        assert [asked.method for asked in script.asked] == ["POST"]

    def test_puts_carrier_and_tracking_into_their_fields(self) -> None:  # R58
        channel, script = connector(Desk())
        channel.confirm_shipment(notice())

        delivery = script.writes[0].body["actions"][0]
        assert (delivery["deliveryKey"], delivery["items"]) == ("ful-1", [{"id": SHIRT, "quantity": 1}])
        assert delivery["parcels"] == [
            {
                "key": "ful-1-p1",
                "measurements": {"weightInGram": 850},
                "trackingData": {"trackingId": "15501234567890", "carrier": "DPD", "isReturn": False},
                "items": [{"id": SHIRT, "quantity": 1}],
            }
        ]

    def test_in_several_parcels_keeps_each_tracking_number(self) -> None:  # R63
        parcels = (
            Parcel("a", "T-1", lines=(ShipmentLine("OXF-BLU-M", 2),)),
            Parcel("b", "T-2", lines=(ShipmentLine("GIFT-SOCKS", 1),)),
        )
        channel, script = connector(Desk())
        channel.confirm_shipment(notice((SHIRT, 2), (SOCKS, 1), complete=True, parcels=parcels))

        sent = script.writes[0].body["actions"][0]["parcels"]
        assert [(parcel["trackingData"]["trackingId"], parcel["items"]) for parcel in sent] == [
            ("T-1", [{"id": SHIRT, "quantity": 2}]),
            ("T-2", [{"id": SOCKS, "quantity": 1}]),
        ]

    def test_of_unknown_line_references_is_matched_by_sku(self) -> None:
        channel, script = connector(Desk())
        channel.confirm_shipment(notice(lines=(ShipmentLine("OXF-BLU-M", 2),)))

        assert script.writes[0].body["actions"][0]["items"] == [{"id": SHIRT, "quantity": 2}]

    def test_writes_sync_info_only_where_the_option_names_a_channel(self) -> None:
        channel, script = connector(Desk(), sync_channel="ops-portal")
        channel.confirm_shipment(notice())

        assert script.writes[0].body["actions"][-1] == {
            "action": "updateSyncInfo",
            "channel": {"typeId": "channel", "key": "ops-portal"},
            "externalId": "SHP-77",
        }

    def test_to_two_addresses_becomes_a_delivery_at_each(self) -> None:
        plan = plan_dispatch(sample("order_to_two_addresses"), notice((SHIRT, 2), (SOCKS, 1)), Marking())

        deliveries = [action for action in plan.actions if action["action"] == "addDelivery"]
        assert {(each["shippingKey"], each["deliveryKey"]) for each in deliveries} == {("home", "ful-1-home"), ("gift", "ful-1-gift")}
        assert sum(item["quantity"] for each in deliveries for item in each["items"]) == 3


class TestTheStates:
    def test_are_partial_until_every_unit_is_on_its_way(self) -> None:
        desk = Desk()
        channel, script = connector(desk)

        channel.confirm_shipment(notice((SHIRT, 1)))
        channel.confirm_shipment(notice((SHIRT, 1), (SOCKS, 1), key="ful-2"))

        assert [asked.body["actions"][1]["shipmentState"] for asked in script.writes] == ["Partial", "Shipped"]

    def test_are_not_set_anew_when_they_stand_already(self) -> None:  # R65
        desk = Desk()
        channel, script = connector(desk)

        channel.confirm_shipment(notice((SHIRT, 1)))
        channel.confirm_shipment(notice((SOCKS, 1), key="ful-2"))

        assert [names(asked) for asked in script.writes] == [["addDelivery", "changeShipmentState"], ["addDelivery"]]

    def test_never_go_back_from_shipped_when_an_earlier_part_arrives_late(self) -> None:
        desk = Desk()
        channel, script = connector(desk)

        channel.confirm_shipment(notice((SHIRT, 1), key="ful-2", complete=True))
        channel.confirm_shipment(notice((SHIRT, 1), key="ful-1"))

        assert desk.order["shipmentState"] == "Shipped"
        assert names(script.writes[1]) == ["addDelivery"]

    @pytest.mark.parametrize("current", ["Shipped", "Delivered"])
    @pytest.mark.parametrize("done", [True, False])
    def test_that_are_final_stay(self, current: str, done: bool) -> None:
        assert next_state(current, Marking(), done=done) == ""

    def test_are_those_of_the_options(self) -> None:
        options = {"shipped_state": "Ready", "complete_order": "true"}
        channel, script = connector(Desk(), **options)
        channel.confirm_shipment(notice((SHIRT, 2), (SOCKS, 1), complete=True))

        assert script.writes[0].body["actions"][1:] == [
            {"action": "changeShipmentState", "shipmentState": "Ready"},
            {"action": "changeOrderState", "orderState": "Complete"},
        ]

    def test_stay_untouched_where_the_option_says_none(self) -> None:
        channel, script = connector(Desk(), shipped_state="none", partial_state="none")
        channel.confirm_shipment(notice())

        assert names(script.writes[0]) == ["addDelivery"]

    def test_of_the_own_workflow_are_named_by_key_and_set_by_id(self) -> None:
        desk = Desk()
        state = {"id": "5a0e0000-0000-4000-8000-000000000001", "key": "sent"}
        channel, script = connector(lambda asked: (200, state) if asked.path.startswith("/states/") else desk(asked), shipped_transition="sent")
        channel.confirm_shipment(notice((SHIRT, 2), (SOCKS, 1), complete=True))

        assert {"action": "transitionState", "state": {"typeId": "state", "id": state["id"]}} in script.writes[0].body["actions"]

    def test_of_the_own_workflow_that_do_not_exist_are_said_so(self) -> None:
        desk = Desk()
        channel, _ = connector(lambda asked: (404, {}) if asked.path.startswith("/states/") else desk(asked), shipped_transition="snt")

        with pytest.raises(Rejected, match="snt"):
            channel.confirm_shipment(notice())


class TestAReplay:
    def test_finds_its_delivery_and_changes_nothing(self) -> None:  # R65
        channel, script = connector(Desk())
        channel.confirm_shipment(notice())

        again = channel.confirm_shipment(notice())

        assert (again.found, again.reference) == (True, "d-0")
        assert len(script.writes) == 1

    def test_after_a_lost_answer_finds_what_was_stored(self) -> None:
        desk = Desk()

        def lose_success(asked: Asked) -> Reply:
            status, body = desk(asked)
            return (500, b"") if asked.method == "POST" and status == 200 else (status, body)

        channel, _ = connector(lose_success)
        seen = copy.deepcopy(desk.order)
        with pytest.raises(OutcomeUnknown):
            channel.confirm_shipment(notice(seen=seen))

        assert channel.confirm_shipment(notice(seen=seen)).found
        assert len(desk.order["shippingInfo"]["deliveries"]) == 1

    def test_fills_in_tracking_that_came_late(self) -> None:
        desk = Desk()
        channel, script = connector(desk)
        channel.confirm_shipment(notice(parcels=(Parcel("p1"),), carrier_code=""))

        done = channel.confirm_shipment(notice())

        assert done.found
        assert script.writes[1].body["actions"] == [
            {
                "action": "setParcelTrackingData",
                "parcelId": "id-ful-1-p1",
                "trackingData": {"trackingId": "15501234567890", "carrier": "DPD", "isReturn": False},
            }
        ]

    def test_adds_a_parcel_that_came_late(self) -> None:
        channel, script = connector(Desk())
        channel.confirm_shipment(notice(parcels=()))
        channel.confirm_shipment(notice())

        [action] = script.writes[1].body["actions"]
        assert (action["action"], action["deliveryId"], action["parcelKey"]) == ("addParcelToDelivery", "d-0", "ful-1-p1")

    def test_says_when_the_delivery_shows_other_units(self) -> None:
        desk = Desk()
        channel, _ = connector(desk)
        channel.confirm_shipment(notice((SHIRT, 1)))

        assert channel.confirm_shipment(notice((SHIRT, 2))).warnings

    def test_leaves_a_state_alone_that_a_person_set_since(self) -> None:
        desk = Desk()
        channel, script = connector(desk)
        channel.confirm_shipment(notice((SHIRT, 2), (SOCKS, 1), complete=True))
        desk.order["shipmentState"] = "Delayed"

        channel.confirm_shipment(notice((SHIRT, 2), (SOCKS, 1), complete=True))

        assert len(script.writes) == 1


class TestAChangeByOthers:
    def test_is_read_and_judged_anew(self) -> None:  # R67
        desk = Desk()

        def somebody() -> Iterator[None]:
            desk.order["version"] = 9
            desk.order["shipmentState"] = "Shipped"
            yield

        desk.before_update = somebody()
        channel, script = connector(desk)

        assert channel.confirm_shipment(notice()).version == "10"
        assert [(asked.body["version"], names(asked)) for asked in script.writes] == [
            (4, ["addDelivery", "changeShipmentState"]),
            (9, ["addDelivery"]),
        ]

    def test_without_end_is_given_up_after_five_attempts(self) -> None:
        channel, script = connector(lambda asked: (200, sample("order_paid_with_gift")) if asked.method == "GET" else conflict(99))

        with pytest.raises(Conflict):
            channel.confirm_shipment(notice())
        assert len(script.writes) == 5

    def test_that_put_our_delivery_there_is_found(self) -> None:
        desk = Desk()

        def reply(asked: Asked) -> Reply:
            if asked.method == "POST":
                desk(Asked("POST", asked.path, [], {**asked.body, "version": desk.order["version"]}, {}))
                return refusal("DuplicateField", "A duplicate value exists for field 'deliveryKey'.", field="deliveryKey")
            return desk(asked)

        assert connector(reply)[0].confirm_shipment(notice()).found

    def test_makes_a_stale_view_no_reason_to_refuse(self) -> None:
        desk = Desk()
        stale = copy.deepcopy(desk.order)
        del stale["shippingInfo"]

        assert connector(desk)[0].confirm_shipment(notice(seen=stale)).version == "5"


class TestADispatchThatCannotBeShown:
    @pytest.mark.parametrize(
        ("wanted", "code"),
        [
            (notice((SHIRT, 3)), "over_delivery"),
            (notice(("l-9", 1)), "unknown_line"),
            (notice(lines=(ShipmentLine("HAT", 1),)), "unknown_line"),
            (notice(lines=(ShipmentLine("OXF-BLU-M", 3),)), "over_delivery"),
            (notice(lines=()), "no_lines"),
            (notice(cancelled=True), "dispatch_cancelled"),
        ],
    )
    def test_is_refused_before_anything_is_written(self, wanted: DispatchNotice, code: str) -> None:
        channel, script = connector(Desk())

        with pytest.raises(Rejected) as caught:
            channel.confirm_shipment(wanted)
        assert (caught.value.code, script.writes) == (code, [])

    def test_counts_what_other_dispatches_delivered(self) -> None:
        channel, _ = connector(Desk("order_shipped_in_part"))

        with pytest.raises(Rejected, match="3 units"):
            channel.confirm_shipment(notice((SHIRT, 2)))

    def test_says_when_the_order_has_no_shipping_information(self) -> None:
        channel, _ = connector(lambda asked: (200, sample("order_imported_in_yen")))

        with pytest.raises(Rejected) as caught:
            channel.confirm_shipment(notice())
        assert caught.value.code == "no_shipping_info"

    def test_says_when_the_order_is_gone(self) -> None:
        with pytest.raises(Rejected, match="does not know this order"):
            connector(lambda asked: (404, b""))[0].confirm_shipment(notice())


class TestAKey:
    @given(st.text(max_size=400))
    def test_is_always_allowed_and_always_the_same(self, wanted: str) -> None:
        key = safe_key(wanted)

        assert key == safe_key(wanted)
        assert 2 <= len(key) <= 256 and all(letter.isascii() and (letter.isalnum() or letter in "_-") for letter in key)

    def test_is_another_for_another_dispatch(self) -> None:
        assert safe_key("veeqo:7/1") != safe_key("veeqo:7-1")
