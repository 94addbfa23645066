"""Holds the Deposco connector's polls, codes and catalogue to their promises, against the simulator."""

from __future__ import annotations

import itertools
from datetime import timedelta

import pytest

from connectors.canonical import CodeKind, HubOrder, HubState, ReturnNotice, ReturnOrder, ReturnState, StockLevel, Variant
from connectors.errors import AccessDenied, ContractError, RateLimited, Rejected, Unavailable
from connectors.http import Http
from connectors.ports import Account, Connector
from connectors.registry import vendor
from tests.contract.deposco_tenant import DeposcoTenant, items, line, running, since, tenant, until

__all__ = ["running", "tenant"]
MANY = [{"sku": f"X-{number}", "title": f"X {number}", "price": 1, "stock": 3} for number in range(230)]


class TestTheFloor:
    def test_is_followed_from_wave_to_truck(self, tenant: DeposcoTenant):  # R45, R68
        reference = tenant.deposco.create_order(tenant.order()).reference
        told = [tenant.hub_order(reference)]
        for action in ("hold", "unhold", "wave", "pick", "pack", "load", "ship"):
            tenant.floor(action, **({"release": False} if action == "wave" else {}))
            told.append(tenant.hub_order(reference))

        assert [order.state.value for order in told] == ["received", "on_hold", "received", "ready", "picking", "packed", "packed", "shipped"]
        assert [order.locked for order in told] == [False, False, False, False, True, True, True, True]

    def test_may_lock_with_the_wave(self, tenant: DeposcoTenant):  # R44
        reference = tenant.deposco.create_order(tenant.order()).reference
        tenant.floor("wave", release=False)

        assert tenant.hub_order(reference, tenant.connect(lock_from="waved")).locked

    def test_waits_for_stock(self, tenant: DeposcoTenant):
        reference = tenant.deposco.create_order(tenant.order(lines=(line("APR-YEL", 1),))).reference
        tenant.floor("wave")

        assert tenant.hub_order(reference).state is HubState.AWAITING_STOCK

    def test_does_not_guess_a_status_nobody_knows(self, tenant: DeposcoTenant):
        reference = tenant.deposco.create_order(tenant.order()).reference
        tenant.control("oddities", name="unknown_status")

        order = tenant.hub_order(reference)
        assert (order.state, order.vendor_state, order.locked) == (HubState.UNKNOWN, "Awaiting Appointment", False)

    def test_tells_each_package_with_its_tracking(self, tenant: DeposcoTenant):  # R63
        reference = tenant.deposco.create_order(tenant.order(lines=(line("MUG-BLU", 3), line("CAP-BLU", 1)))).reference
        tenant.floor("ship", packages=[{"MUG-BLU": 2}, {"MUG-BLU": 1, "CAP-BLU": 1}], tracking=["T1", "T2"], carrier="FEDEX", service="2DAY")

        (shipment,) = tenant.hub_order(reference).shipments
        assert [(parcel.tracking_number, [(each.sku, each.quantity) for each in parcel.lines]) for parcel in shipment.parcels] == [
            ("T1", [("MUG-BLU", 2)]),
            ("T2", [("MUG-BLU", 1), ("CAP-BLU", 1)]),
        ]
        assert (shipment.carrier_code, shipment.service_code, shipment.warehouse_code) == ("FEDEX", "2DAY", "ATL1")
        assert shipment.parcels[1].tracking_url.endswith("n=T2")

    def test_tells_what_each_facility_sent(self, tenant: DeposcoTenant):  # R64
        reference = tenant.deposco.create_order(tenant.order(lines=(line("MUG-BLU", 3),))).reference
        tenant.floor("split", over={"RNO2": {"MUG-BLU": 2}})
        tenant.floor("ship", facility="RNO2")

        part = tenant.hub_order(reference)
        tenant.floor("cancel", facility="ATL1")
        whole = tenant.hub_order(reference)

        assert (part.state, [(each.warehouse_code, each.lines[0].quantity) for each in part.shipments]) == (HubState.PART_SHIPPED, [("RNO2", 2)])
        assert (whole.state, sum(each.quantity for each in whole.lines)) == (HubState.SHIPPED, 2)

    def test_does_not_tell_a_label_that_nobody_used(self, tenant: DeposcoTenant):
        reference = tenant.deposco.create_order(tenant.order()).reference
        tenant.floor("label")

        assert tenant.hub_order(reference).shipments == ()

    def test_shows_a_shipment_taken_back(self, tenant: DeposcoTenant):
        reference = tenant.deposco.create_order(tenant.order()).reference
        tenant.floor("ship")
        tenant.floor("roll-back")

        order = tenant.hub_order(reference)
        assert [shipment.cancelled for shipment in order.shipments] == [True] and order.state is HubState.PICKING

    def test_reads_lists_beyond_the_ten_that_are_shown(self, tenant: DeposcoTenant):
        lines = tuple(line(sku, 1) for sku in itertools.islice(tenant.made["items"], 14))
        reference = tenant.deposco.create_order(tenant.order(lines=lines)).reference
        tenant.floor("ship", packages=14)

        order = tenant.hub_order(reference)
        (shipment,) = order.shipments
        assert (len(order.lines), len(shipment.lines), len({parcel.tracking_number for parcel in shipment.parcels})) == (14, 14, 14)

    def test_finds_more_shipments_than_an_order_shows(self, tenant: DeposcoTenant):
        tenant.control("place", count=3, sku="CAP-BLU")
        tenant.control("ship", numbers=["WEB-1", "WEB-2", "WEB-3"])
        reference = tenant.deposco.create_order(tenant.order(lines=(line("MUG-BLU", 12),))).reference
        for _ in range(12):
            tenant.floor("ship", units={"MUG-BLU": 1})

        order = tenant.hub_order(reference)
        assert (len(order.shipments), order.shipments_told, order.state) == (12, True, HubState.SHIPPED)

    @pytest.mark.parametrize("settings", [{"detail": "bare"}, {"detail": "wrapped"}, {"external_line_numbers": "blank"}])
    def test_is_read_however_it_is_told(self, tenant: DeposcoTenant, settings: dict):
        tenant.control("settings", **settings)
        tenant.control("oddities", name="unknown_keys", times=None)
        reference = tenant.deposco.create_order(tenant.order()).reference
        tenant.floor("ship", packages=2)

        (shipment,) = tenant.hub_order(reference).shipments
        assert (len(shipment.parcels), shipment.lines[0].order_line, shipment.lines[0].quantity) == (2, "1", 2)


class TestOrdersFeed:
    def test_sees_every_order_over_many_pages_and_then_only_what_changed(self, tenant: DeposcoTenant):  # R33
        tenant.control("place", count=320, sku="MUG-BLU")
        deposco = tenant.connect(**since(hours=1))
        pages = list(deposco.poll("orders", "", until=until()))
        first = {item.event_id for item in items(pages)}
        tenant.floor("ship", "WEB-7")

        again = {item.event_id for item in items(list(deposco.poll("orders", pages[-1].cursor, until=until())))}

        assert len(first) == 320 and len(pages) > 3
        assert len(again - first) == 1

    def test_asks_once_for_orders_and_once_for_shipments(self, tenant: DeposcoTenant):  # R17
        tenant.control("place", count=40, sku="MUG-BLU")
        tenant.control("ship", status="New")
        tenant.forget_calls()

        orders = tenant.read("orders", tenant.connect(**since(hours=1)))

        assert sum(len(order.shipments) for order in orders if isinstance(order, HubOrder)) == 40
        assert len(tenant.calls("/latest")) == 2

    def test_goes_on_from_any_cursor(self, tenant: DeposcoTenant):  # R15
        tenant.control("place", count=250, sku="CAP-BLU")
        deposco = tenant.connect(**since(hours=1))
        before = next(deposco.poll("orders", "", until=until()))
        tenant.control("place", count=30, first=900, sku="MUG-RED")

        rest = list(deposco.poll("orders", before.cursor, until=until()))
        later = list(deposco.poll("orders", rest[-1].cursor, until=until()))

        assert len(rest) < 8 and len({item.subject for item in items([before, *rest, *later])}) == 280

    def test_starts_over_where_deposco_forgot_the_search(self, tenant: DeposcoTenant):
        tenant.control("place", count=120, sku="CAP-BLU")
        deposco = tenant.connect(**since(hours=1))
        before = next(deposco.poll("orders", "", until=until()))
        stale = before.cursor.replace("searchId=", "searchId=0")

        assert len({item.subject for item in items(list(deposco.poll("orders", stale, until=until())))}) == 120

    def test_sees_a_shipment_that_did_not_move_its_order(self, tenant: DeposcoTenant, running):
        reference = tenant.deposco.create_order(tenant.order()).reference
        tenant.control("clock", skew_s=3 * 86_400)
        tenant.floor("ship")
        state = running.server.app.extensions["state"]
        state.orders_changed.stamps[int(reference)] -= timedelta(days=3)
        deposco = tenant.connect(start_at=(until() + timedelta(days=2)).isoformat())

        found = items(list(deposco.poll("orders", "", until=until() + timedelta(days=3))))

        assert [item.subject for item in found] == [reference]

    def test_looks_itself_where_the_filter_is_ignored(self, tenant: DeposcoTenant):
        tenant.control("settings", ignored_filters=["salesOrders.updatedAfter", "outboundShipments.updatedAfter"])
        tenant.control("clock", skew_s=-60 * 86_400)
        tenant.control("place", count=150, sku="CAP-BLU")
        tenant.control("clock", skew_s=0)
        tenant.control("place", count=2, first=900, sku="CAP-BLU")
        tenant.forget_calls()

        found = items(list(tenant.connect(**since(hours=1)).poll("orders", "", until=until())))

        assert len(found) == 2 and len(tenant.calls("/orders/salesOrders")) == 2

    def test_refuses_a_list_that_does_not_go_on(self, tenant: DeposcoTenant):
        tenant.control("place", count=120, sku="CAP-BLU")
        tenant.control("oddities", name="no_next_link")

        with pytest.raises(ContractError):
            tenant.read("orders")

    @pytest.mark.parametrize(("times", "gives_up"), [(1, False), (None, True)])
    def test_asks_once_more_when_a_page_repeats(self, tenant: DeposcoTenant, times: int | None, gives_up: bool):
        tenant.control("place", count=160, sku="CAP-BLU")
        tenant.control("oddities", name="repeated_page", times=times)
        if gives_up:
            with pytest.raises(ContractError):
                tenant.read("orders")
        else:
            assert len(tenant.read("orders")) == 160

    @pytest.mark.parametrize(
        ("fault", "error"),
        [
            ("429", RateLimited),
            ("500", Unavailable),
            ("502", Unavailable),
            ("down", Unavailable),
            ("malformed", ContractError),
            ("html", ContractError),
        ],
    )
    @pytest.mark.parametrize("feed", ["orders", "returns", "snapshot", "catalogue"])
    def test_names_what_went_wrong(self, tenant: DeposcoTenant, feed: str, fault: str, error: type[Exception]):
        tenant.deposco.verify()
        tenant.fault(fault, times=None)

        with pytest.raises(error):
            list(tenant.deposco.poll(feed, "", until=until()))

    def test_works_by_the_legacy_api_alone(self, tenant: DeposcoTenant):
        tenant.deposco.create_order(tenant.order())
        tenant.floor("ship")
        deposco = tenant.connect(api="legacy", **since(hours=20))

        pages = list(deposco.poll("orders", "", until=until()))
        (order,) = [thing for item in items(pages)[:1] for thing in deposco.parse(item.topic, item.body)]

        assert isinstance(order, HubOrder) and (order.reference, order.state, len(order.shipments)) == ("CT-1", HubState.SHIPPED, 1)
        assert len(pages) >= 4


class TestReturns:
    def test_tell_what_came_back_and_what_is_broken(self, tenant: DeposcoTenant):  # R84
        reference = tenant.deposco.create_order(tenant.order()).reference
        tenant.floor("ship")
        rma = tenant.floor("return")
        announced = tenant.read("returns")
        tenant.control("receive", numbers=[rma], units={"MUG-BLU": 2}, damaged={"MUG-BLU": 1})
        received = tenant.read("returns")

        assert isinstance(announced[0], ReturnOrder) and isinstance(received[0], ReturnOrder)
        assert (announced[0].state, announced[0].order_reference, announced[0].rma) == (ReturnState.AUTHORISED, reference, rma)
        (back,) = received[0].lines
        assert (received[0].state, back.received, back.sellable, back.damaged, back.missing) == (ReturnState.ASSESSED, 2, 1, 1, 0)

    def test_can_be_announced_once(self, tenant: DeposcoTenant):
        reference = tenant.deposco.create_order(tenant.order()).reference
        tenant.floor("ship")
        notice = ReturnNotice("RMA-1", reference, "CT-1", (("1", "MUG-BLU", 1),))
        deposco = tenant.connect(returns_facility="RNO2")

        first, again = deposco.announce_return(notice), deposco.announce_return(notice)

        assert first.reference == again.reference and len(tenant.read("returns")) == 1
        with pytest.raises(Rejected):
            tenant.deposco.announce_return(notice)

    def test_are_none_where_they_were_not_bought(self, tenant: DeposcoTenant):
        tenant.control("settings", returns_licensed=False)

        assert tenant.read("returns") == []
        assert any("Customer returns" in warning for warning in tenant.deposco.verify().warnings)


def levels(tenant: DeposcoTenant, feed: str, **options: str) -> dict[tuple[str, str], int]:
    found = tenant.read(feed, tenant.connect(**options))
    return {(level.sku, level.warehouse_code): level.available for level in found if isinstance(level, StockLevel)}


class TestStock:
    def test_snapshot_has_every_sku_at_every_facility(self, tenant: DeposcoTenant):  # R16, R19, R20
        tenant.control("settings", inventory_page_size=100)
        tenant.control("skus", skus=MANY)

        found = levels(tenant, "snapshot")

        assert len(found) == 580 and (found["X-229", "ATL1"], found["X-229", "RNO2"]) == (2, 1)

    def test_snapshot_goes_on_where_it_was(self, tenant: DeposcoTenant):  # R15
        tenant.control("settings", inventory_page_size=20)
        pages = tenant.deposco.poll("snapshot", "", until=until())
        first, second = next(pages), next(pages)

        rest = list(tenant.deposco.poll("snapshot", second.cursor, until=until()))

        assert len({item.subject for item in items([first, *rest])}) == 60 and rest[-1].cursor == ""

    def test_change_is_seen(self, tenant: DeposcoTenant):  # R8, R9
        tenant.control("clock", skew_s=-7200)
        tenant.control("seed-demo")
        tenant.control("clock", skew_s=0)
        tenant.control("stock", changes=[{"sku": "MUG-BLU", "facility": "RNO2", "on_hand": 7}])

        found = levels(tenant, "stock", **since(hours=1))

        assert found == {("MUG-BLU", "ATL1"): 27, ("MUG-BLU", "RNO2"): 7}

    def test_falls_below_nothing_when_oversold(self, tenant: DeposcoTenant):  # R24
        tenant.control("place", lines={"APR-YEL": 4})

        assert levels(tenant, "snapshot")["APR-YEL", "ATL1"] == -4
        assert min(level.available for level in tenant.deposco.read_stock(["APR-YEL", "NONE"])) == -4

    def test_absent_measure_is_not_zero(self, tenant: DeposcoTenant):
        tenant.control("oddities", name="absent_measure")

        with pytest.raises(ContractError):
            tenant.read("snapshot")

    @pytest.mark.parametrize(("facilities", "available", "level"), [("RNO2", "availableToPromise", 11), ("", "unallocated", 13), ("", "total", 13)])
    def test_is_counted_as_chosen(self, tenant: DeposcoTenant, facilities: str, available: str, level: int):
        tenant.control("place", lines={"MUG-BLU": 2}, facility="RNO2")

        found = levels(tenant, "snapshot", facilities=facilities, available=available)
        assert found["MUG-BLU", "RNO2"] == level and len(found) == (60 if facilities else 120)

    @pytest.mark.parametrize("settings", [{"legacy_singles": "object"}, {"legacy_nulls": "null"}])
    def test_is_read_however_it_is_told(self, tenant: DeposcoTenant, settings: dict):
        tenant.control("settings", **settings)
        tenant.control("seed-demo", skus=[{"sku": "ONE", "title": "One", "price": 1, "stock": {"ATL1": 5}}])

        assert levels(tenant, "snapshot") == {("ONE", "ATL1"): 5}

    @pytest.mark.parametrize("times", [2, None])
    def test_empty_answer_is_no_empty_stock(self, tenant: DeposcoTenant, times: int | None):
        tenant.control("oddities", name="blank_200", times=times)
        if times:
            assert len(levels(tenant, "snapshot")) == 120
        else:
            with pytest.raises(Unavailable):
                tenant.read("snapshot")

    def test_needs_its_own_login(self, tenant: DeposcoTenant):
        with pytest.raises(AccessDenied):
            tenant.read("snapshot", tenant.connect(credentials={"legacy_password": "wrong"}))


class TestCatalogue:
    def test_lists_every_item_with_its_pack_size(self, tenant: DeposcoTenant):  # R77, R79
        tenant.control("collisions", sku="MUG-BLU", kind="space")
        tenant.control("skus", skus=MANY)

        found = {one.sku: one for one in tenant.read("catalogue") if isinstance(one, Variant)}

        assert len(found) == 291 and {"MUG-BLU", "MUG-BLU "} <= set(found)
        assert (found["MUG-BLU"].barcode, found["MUG-BLU"].pack_size, found["MUG-BLU"].price) == ("081234500000", 1, 25)

    def test_finds_exact_numbers(self, tenant: DeposcoTenant):
        tenant.control("settings", ignored_filters=["items.number"])

        assert [one.sku for one in tenant.deposco.find_variants("MUG-BLU")] == ["MUG-BLU"]
        assert tenant.deposco.find_variants("mug-blu") == ()


class TestCodes:
    @pytest.mark.parametrize(
        ("kind", "values"),
        [
            (CodeKind.STORE, {"ACME"}),
            (CodeKind.WAREHOUSE, {"ATL1", "RNO2"}),
            (CodeKind.CARRIER, {"UPS", "DHL"}),
            (CodeKind.SHIP_SERVICE, {"UPS|UPS Ground", "DHL|Express"}),
        ],
    )
    def test_list_what_lives_there(self, tenant: DeposcoTenant, kind: CodeKind, values: set[str]):
        tenant.deposco.create_order(tenant.order())
        deposco = tenant.connect(ship_services="DHL|Express")

        assert isinstance(deposco, Connector) and {code.value for code in deposco.codes(kind)} == values


class TestTheLimit:
    def test_is_kept_by_both_apis_together(self, tenant: DeposcoTenant):  # R17
        taken: list[str] = []
        card = vendor("deposco")
        account = Account("limits", f"{tenant.url}/latest", tenant.connect().settings.account.credentials, account="ACME", options={"env": "acme-ua"})

        class Counting:
            def acquire(self, priority: str) -> None:
                taken.append(priority)

            def penalise(self, seconds: float | None) -> None:
                taken.append("penalised")

        tenant.forget_calls()
        card.connect(account, Http(account.base_url, limiter=Counting())).verify()

        assert len(taken) == len(tenant.calls()) >= 6 and card.rate_per_s < 4
