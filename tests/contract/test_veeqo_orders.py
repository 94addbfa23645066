"""Holds the Veeqo connector to what a warehouse hub promises, against the simulator."""

from __future__ import annotations

from decimal import Decimal

import pytest

from connectors.canonical import CodeKind, HubState, ReturnOrder, ReturnState, WarehouseLine
from connectors.errors import AccessDenied, OutcomeUnknown, RateLimited, Rejected, Unavailable
from connectors.sandbox.veeqo import API_KEY
from tests.contract.veeqo_account import STORE, VeeqoAccount, account, running

__all__ = ["account", "running"]


class TestCreate:
    def test_makes_a_paid_order_in_one_call(self, account: VeeqoAccount):
        done = account.veeqo.create_order(account.order(note="Ring twice", internal_note="from CT"))

        (there,) = account.there("CT-1")
        assert (str(there["id"]), there["status"], done.warnings) == (done.reference, "awaiting_fulfillment", ())
        assert there["total_price"] == 63.95 and there["customer_note"]["text"] == "Ring twice"
        assert [call["path"] for call in account.calls() if call["method"] == "POST" and call["path"] == "/orders"] == ["/orders"]

    def test_looks_up_skus_and_merges_equal_ones(self, account: VeeqoAccount):
        lines = (WarehouseLine("MUG-RED", 1, Decimal("10")), WarehouseLine("MUG-RED", 3, Decimal("8")), WarehouseLine("CAP-BLU", 1, Decimal("14")))

        done = account.veeqo.create_order(account.order(lines=lines, total_tax=Decimal(0)))

        assert done.warnings == ()
        assert {line.sku: line.quantity for line in account.hub_order(done.reference).lines} == {"MUG-RED": 4, "CAP-BLU": 1}

    @pytest.mark.parametrize(("sku", "code"), [("MUG-NONE", "unknown_sku"), ("mug-red", "unknown_sku"), ("TWIN", "ambiguous_sku")])
    def test_refuses_a_sku_it_cannot_tell(self, account: VeeqoAccount, sku: str, code: str):  # R78, R79
        account.control("skus", skus=[{"sku": "TWIN", "title": "One", "price": "1"}, {"sku": "TWIN", "title": "Two", "price": "1"}])

        with pytest.raises(Rejected) as caught:
            account.veeqo.create_order(account.order(lines=(WarehouseLine(sku, 1, Decimal(1)),)))
        assert caught.value.code == code and account.there("CT-1") == []

    def test_survives_the_same_anonymised_address_twice(self, account: VeeqoAccount):  # R48, R49
        first = account.veeqo.create_order(account.order("MK-1", email="x1y2@notification.mirakl.net"))
        second = account.veeqo.create_order(account.order("MK-2", email="x1y2@notification.mirakl.net"))

        assert first.reference != second.reference
        assert account.there("MK-1")[0]["customer"]["id"] == account.there("MK-2")[0]["customer"]["id"]

    def test_survives_a_missing_address(self, account: VeeqoAccount):
        account.veeqo.create_order(account.order("MK-3", email=""))

        assert account.there("MK-3")[0]["customer"]["email"].endswith("@no-reply.invalid")

    def test_may_use_one_customer_for_a_store(self, account: VeeqoAccount):
        account.veeqo.create_order(account.order("CT-1"))
        standing = account.there("CT-1")[0]["customer"]["id"]

        account.connect(standing_customers=f"{account.made['channels'][STORE]}={standing}").create_order(account.order("CT-2"))

        assert account.there("CT-2")[0]["customer"]["id"] == standing

    def test_reserves_at_the_chosen_warehouse(self, account: VeeqoAccount):
        account.control("settings", auto_allocate=False)
        venlo = str(account.made["warehouses"]["Venlo EU"])

        done = account.connect(allocate="1").create_order(account.order(warehouse_code=venlo))

        assert done.warnings == ()
        assert [str(each["warehouse"]["id"]) for each in account.there("CT-1")[0]["allocations"]] == [venlo]

    @pytest.mark.parametrize("wrong", [{"store_code": "999999"}, {"ship_service_code": "999999"}])
    def test_refuses_ids_veeqo_does_not_know(self, account: VeeqoAccount, wrong: dict):
        with pytest.raises(Rejected) as caught:
            account.veeqo.create_order(account.order(**wrong))
        assert caught.value.code == "unknown_reference" and account.there("CT-1") == []

    @pytest.mark.parametrize("fault", ["500", "502", "503", "504", "lost_before", "lost_after", "malformed", "html"])
    def test_does_not_know_after_a_lost_or_broken_answer_and_finds_what_was_made(self, account: VeeqoAccount, fault: str):  # R35, R41
        account.fault(fault, method="POST", path="^/orders$")

        with pytest.raises(OutcomeUnknown):
            account.veeqo.create_order(account.order())
        assert [done.reference for done in account.veeqo.find_orders("CT-1")] == [str(each["id"]) for each in account.there("CT-1")]

    def test_does_not_know_when_a_gateway_gave_up_after_the_write(self, account: VeeqoAccount):  # R35
        account.control("oddities", name="timeout_after_write")

        with pytest.raises(OutcomeUnknown):
            account.veeqo.create_order(account.order())
        assert len(account.veeqo.find_orders("CT-1")) == 1

    def test_has_done_nothing_when_it_was_too_fast(self, account: VeeqoAccount):
        account.fault("429", method="POST")

        with pytest.raises(RateLimited):
            account.veeqo.create_order(account.order())
        assert account.there("CT-1") == []

    def test_does_not_know_after_an_answer_that_took_too_long(self, account: VeeqoAccount):
        account.fault("slow", method="POST", seconds=2.5)

        with pytest.raises(OutcomeUnknown):
            account.veeqo.create_order(account.order())

    def test_stops_when_the_key_is_refreshed_in_veeqo(self, account: VeeqoAccount):
        account.control("keys", revoke=API_KEY)

        with pytest.raises(AccessDenied):
            account.veeqo.create_order(account.order())


class TestFind:
    def test_sees_exact_numbers_also_cancelled_ones(self, account: VeeqoAccount):
        references = {account.veeqo.create_order(account.order(number)).reference for number in ("#CT-1", "#CT-1")}
        account.veeqo.create_order(account.order("#CT-12"))
        account.control("cancel", ids=[min(references)])

        found = account.veeqo.find_orders("#CT-1")

        assert {done.reference for done in found} == references and all(done.found for done in found)
        assert sum("cancelled" in " ".join(done.warnings) for done in found) == 1

    def test_sees_an_order_the_search_does_not_know_yet(self, account: VeeqoAccount):
        account.control("settings", search_lag_s=600)
        done = account.veeqo.create_order(account.order())

        assert [found.reference for found in account.veeqo.find_orders("CT-1")] == [done.reference]

    def test_finds_nothing_where_nothing_is(self, account: VeeqoAccount):
        assert account.veeqo.find_orders("CT-404") == ()


class TestCancel:
    def test_cancels_once(self, account: VeeqoAccount):
        reference = account.veeqo.create_order(account.order()).reference

        first, second = (account.veeqo.cancel_order(reference, reason="Customer request") for _ in range(2))

        assert (first.found, second.found) == (False, True)
        assert account.hub_order(reference).cancel_reason == "Customer request"

    def test_is_refused_when_it_has_shipped(self, account: VeeqoAccount):
        reference = account.veeqo.create_order(account.order()).reference
        account.control("ship", ids=[reference])

        with pytest.raises(Rejected) as caught:
            account.veeqo.cancel_order(reference, reason="Late")
        assert caught.value.code == "shipped"

    @pytest.mark.parametrize("fault", ["lost_after", "html"])
    def test_looks_when_the_answer_was_lost(self, account: VeeqoAccount, fault: str):
        reference = account.veeqo.create_order(account.order()).reference
        account.fault(fault, method="PUT")

        assert account.veeqo.cancel_order(reference, reason="x").reference == reference

    def test_does_not_know_when_nothing_shows(self, account: VeeqoAccount):
        reference = account.veeqo.create_order(account.order()).reference
        account.fault("500", method="PUT")

        with pytest.raises(OutcomeUnknown):
            account.veeqo.cancel_order(reference, reason="x")


class TestHubOrder:
    def test_follows_the_floor(self, account: VeeqoAccount):
        reference = account.veeqo.create_order(account.order()).reference
        states = [account.hub_order(reference).state]
        for act in ("pick", "pack", "ship"):
            account.control(act, ids=[reference])
            states.append(account.hub_order(reference).state)

        assert states == [HubState.READY, HubState.PICKING, HubState.PACKED, HubState.SHIPPED]

    def test_tells_each_parcel_of_a_part_shipped_order(self, account: VeeqoAccount):  # R63, R64
        reference = account.veeqo.create_order(account.order()).reference
        account.control("ship", ids=[reference], units={"MUG-BLU": 1}, tracking="AB1", carrier_id=4)

        order = account.hub_order(reference)
        (shipment,) = order.shipments

        assert order.state is HubState.PART_SHIPPED
        assert (shipment.carrier_label, shipment.lines[0].quantity, shipment.parcels[0].tracking_number) == ("DPD", 1, "AB1")
        assert shipment.carrier_code == account.code(CodeKind.CARRIER, "DPD").value

    def test_reads_late_and_bare_tracking(self, account: VeeqoAccount):
        reference = account.veeqo.create_order(account.order()).reference
        account.control("ship", ids=[reference], tracking="late")
        assert [parcel.tracking_number for parcel in account.hub_order(reference).shipments[0].parcels] == [""]

        account.control("track", ids=[reference], tracking="ZZ9")
        account.control("oddities", name="plain_tracking")
        assert account.hub_order(reference).shipments[0].parcels[0].tracking_number == "ZZ9"

    def test_shows_a_shipment_taken_back(self, account: VeeqoAccount):
        reference = account.veeqo.create_order(account.order()).reference
        account.control("ship", ids=[reference])
        account.control("unship", ids=[reference])

        order = account.hub_order(reference)
        assert (order.shipments, order.shipments_told) == ((), True)

    @pytest.mark.parametrize("oddity", ["unknown_keys", "no_people", "unknown_status", "no_allocations"])
    def test_survives_what_real_accounts_have_answered(self, account: VeeqoAccount, oddity: str):
        reference = account.veeqo.create_order(account.order()).reference
        account.control("oddities", name=oddity)

        assert account.hub_order(reference).number == "CT-1"

    def test_brings_returns(self, account: VeeqoAccount):  # R84
        reference = account.veeqo.create_order(account.order()).reference
        account.control("ship", ids=[reference])
        account.control("return", ids=[reference], units={"MUG-BLU": 1})
        account.control("receive", ids=[reference])

        received = account.veeqo.fetch_order(reference)
        assert received is not None
        _, returned = account.veeqo.parse(received.topic, received.body)
        assert isinstance(returned, ReturnOrder)
        assert (returned.state, returned.lines[0].received) == (ReturnState.RECEIVED, 1)

    def test_is_unavailable_when_veeqo_is_down(self, account: VeeqoAccount):
        account.fault("down", times=None)

        with pytest.raises(Unavailable):
            account.veeqo.fetch_order("1")
