"""What is read out of Deposco's bodies."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.canonical import HubOrder, HubState, ReturnOrder, ReturnState, StockLevel, Variant
from connectors.deposco.shapes import nested, rows, unwrapped, without_nils
from connectors.deposco.shipments import tracking_url
from connectors.errors import ContractError
from tests.connectors.deposco.scripted import bare, raw, sample


def gathered(*shipments: dict[str, Any], **changes: Any) -> dict[str, Any]:
    order = {**sample("order_picking"), **changes}
    return {"api": "rest", "order": order, "lines": order["orderLines"]["data"], "shipments": list(shipments), "told": True}


def parsed(*shipments: dict[str, Any], options: dict[str, str] | None = None, **changes: Any) -> HubOrder:
    (order,) = bare(**(options or {})).parse("orders", raw(gathered(*shipments, **changes)))
    assert isinstance(order, HubOrder)
    return order


class TestAnOrder:
    def test_counts_units_and_not_packs(self):
        order = parsed()

        assert [(each.sku, each.quantity, each.order_line) for each in order.lines] == [("TEE-BLK-M", 2, "1"), ("TEE-BLK-M", 24, "2")]
        assert (order.reference, order.number, order.store_code, order.changed_at.isoformat()) == (
            "51001",
            "WEB-10021",
            "ACME",
            "2026-06-01T20:40:00+00:00",
        )

    @pytest.mark.parametrize(
        ("word", "state", "locked"),
        [
            ("Draft", HubState.RECEIVED, False),
            ("New", HubState.RECEIVED, False),
            ("Hold", HubState.ON_HOLD, False),
            ("Ready for Fulfillment", HubState.READY, False),
            ("Wave Built", HubState.READY, False),
            ("Back Ordered", HubState.AWAITING_STOCK, False),
            ("Partially Released", HubState.PICKING, True),
            ("Released", HubState.PICKING, True),
            ("Pick Complete", HubState.PICKING, True),
            ("Staged", HubState.PACKED, True),
            ("Partially Loaded", HubState.PACKED, True),
            ("Partially Shipped", HubState.PART_SHIPPED, True),
            ("Ship Complete", HubState.SHIPPED, True),
            ("Canceled", HubState.CANCELLED, True),
            ("Awaiting Appointment", HubState.UNKNOWN, True),  # it is on a wave
        ],
    )
    def test_says_where_the_warehouse_is_and_whether_it_is_too_late(self, word: str, state: HubState, locked: bool):  # R45
        order = parsed(orderStatus=word)

        assert (order.state, order.locked, order.vendor_state) == (state, locked, word)

    def test_has_a_version_for_each_thing_seen(self):
        first, again, shipped = parsed(), parsed(), parsed(sample("shipment_two_packages"))

        assert first.version == again.version != shipped.version

    def test_takes_the_order_source_for_its_store_where_so_chosen(self):
        assert parsed(options={"store_as": "order_source"}).store_code == "Shopify US"

    @pytest.mark.parametrize("broken", [{"self": None, "id": None}, {"updatedDate": None, "createdDate": "yesterday"}])
    def test_without_id_or_time_cannot_be_read(self, broken: dict):
        with pytest.raises(ContractError):
            parsed(**broken)


class TestAShipment:
    def test_has_a_parcel_for_each_package(self):  # R63
        (shipment,) = parsed(sample("shipment_two_packages")).shipments

        assert [(each.reference, each.tracking_number, each.weight_g) for each in shipment.parcels] == [
            ("C-1", "1Z999AA10123456784", 454),
            ("C-2", "1Z999AA10123456793", None),
        ]
        assert [each.lines[0].order_line for each in shipment.parcels] == ["1", "1"]
        assert (shipment.lines[0].quantity, shipment.carrier_code, shipment.service_code, shipment.warehouse_code) == (2, "UPS", "UPS Ground", "ATL1")

    @pytest.mark.parametrize("status", ["New", "Shipping", "Something"])
    def test_has_not_left_before_it_says_so(self, status: str):
        assert parsed({**sample("shipment_two_packages"), "status": status}).shipments == ()

    def test_without_units_is_a_label_nobody_used(self):
        body = sample("shipment_two_packages")
        body["shipmentLines"]["data"][0]["shippedPackQuantity"] = 0

        assert parsed(body).shipments == ()

    def test_of_cases_counts_units(self):
        body = sample("shipment_two_packages")
        body["shipmentLines"]["data"][0] |= {"orderLine": {"id": 61002}, "pack": {"id": 9102}}

        assert parsed(body).shipments[0].lines[0].quantity == 24

    def test_of_two_orders_tells_each_its_own(self):
        body = sample("shipment_two_packages")
        body["orderHeaders"]["data"].append({"id": 51002})
        other = {**body["shipmentLines"]["data"][0], "orderLine": {"id": 69999}, "shippedPackQuantity": 5}
        body["shipmentLines"]["data"].append(other)

        (shipment,) = parsed(body).shipments
        assert (shipment.reference, shipment.lines[0].quantity) == ("77001/51001", 2)

    def test_without_packages_has_its_own_tracking_number(self):
        body = {name: value for name, value in sample("shipment_two_packages").items() if name != "shippedContainers"}

        (parcel,) = parsed(body).shipments[0].parcels
        assert (parcel.tracking_number, parcel.weight_g) == ("1Z999AA10123456784", 862)

    def test_makes_an_order_part_shipped_before_its_status_says_so(self):
        assert parsed(sample("shipment_two_packages")).state is HubState.PART_SHIPPED

    @pytest.mark.parametrize(
        ("base", "own", "number", "url"),
        [
            ("https://c.example/?n=", "A1", "A2", "https://c.example/?n=A2"),
            ("https://c.example/?n=A1", "A1", "A2", "https://c.example/?n=A2"),
            ("https://c.example/?n=A2", "A1", "A2", "https://c.example/?n=A2"),
            ("", "A1", "A2", ""),
            ("https://c.example/?n=", "A1", "", ""),
        ],
    )
    def test_is_tracked_where_the_carrier_says(self, base: str, own: str, number: str, url: str):
        assert tracking_url({"trackingUrl": base, "trackingNumber": own}, number) == url


class TestStock:
    def test_is_told_by_facility_and_may_be_negative(self):  # R20, R24
        found = [level for row in without_nils(sample("inventory_full"))["itemInventory"] for level in bare().parse("stock", raw(row))]

        assert [(each.warehouse_code, each.available, each.on_hand) for each in found if isinstance(each, StockLevel)] == [
            ("ATL1", 93, 120),
            ("RNO2", -4, 0),
        ]

    def test_of_one_facility_may_come_without_a_list(self):
        body = {"itemNumber": "A", "facilityInventory": {"facility": "ATL1", "inventory": {"availableToPromise": "7"}}}

        assert [level.available for level in bare().parse("stock", raw(body)) if isinstance(level, StockLevel)] == [7]


class TestAnItem:
    def test_is_known_by_its_smallest_pack(self):
        (item,) = bare().parse("catalogue", raw(sample("item_each_and_case")))

        assert isinstance(item, Variant)
        assert (item.sku, item.pack_size, item.barcode, item.weight_g, str(item.price)) == ("TEE-BLK-M", 1, "081234500017", 181, "19.5")

    def test_sold_by_the_case_says_so(self):  # R79
        body = sample("item_each_and_case")
        body["packs"] = body["packs"][:1]

        (item,) = bare().parse("catalogue", raw(body))
        assert isinstance(item, Variant) and (item.pack_size, item.barcode) == (12, "181234500014")


class TestAReturn:
    @pytest.mark.parametrize(
        ("status", "received", "damaged", "state", "sellable"),
        [
            ("New", 0, 0, ReturnState.AUTHORISED, None),
            ("Partial Receipt", 1, 0, ReturnState.RECEIVED, 1),
            ("Received", 2, 1, ReturnState.ASSESSED, 1),
            ("Received", 2, None, ReturnState.RECEIVED, None),
            ("Canceled", 0, None, ReturnState.CANCELLED, None),
            ("Mislaid", 0, None, ReturnState.UNKNOWN, None),
        ],
    )
    def test_goes_as_far_as_its_lines(self, status: str, received: int, damaged: int | None, state: ReturnState, sellable: int | None):  # R84
        row = {"self": {"id": 1}, "item": {"businessKey": {"number": "A"}}, "orderPackQuantity": 2, "receivedPackQuantity": received}
        header = {"self": {"id": 5}, "number": "RMA-1", "orderStatus": status, "updatedDate": "2026-06-01T10:00:00Z", "customerOrderNumber": "#1"}
        body = {"order": header, "lines": [{**row, "receivedDamagedPackQuantity": damaged}]}

        (found,) = bare().parse("returns", raw(body))
        assert isinstance(found, ReturnOrder) and (found.state, found.lines[0].sellable, found.order_number) == (state, sellable, "#1")


class TestShapes:
    def test_are_read_wrapped_or_bare(self):
        assert unwrapped({"salesOrder": {"self": {"id": 1}}}, name="salesOrder") == unwrapped({"self": {"id": 1}}, name="salesOrder")

    @pytest.mark.parametrize(
        ("body", "complete"),
        [
            ({"data": [{"id": 1}], "complete": True}, True),
            ({"data": [{"id": 1}], "complete": False}, False),
            ({"data": [{"id": at} for at in range(10)]}, False),
            (None, True),
            ([{"id": 1}], True),
        ],
    )
    def test_say_whether_a_list_was_cut(self, body: Any, complete: bool):
        assert nested({"orderLines": body}, "orderLines")[1] is complete
        assert nested({}, "orderLines") == ([], False)

    def test_know_null_in_every_form(self):
        assert without_nils({"a": {"@nil": "true"}, "b": [{"@nil": "true"}, {"c": 1}]}) == {"a": None, "b": [None, {"c": 1}]}
        assert rows({"a": 1}) == [{"a": 1}] and rows(None) == rows("x") == []

    @pytest.mark.parametrize(("topic", "body"), [("orders", b"{"), ("stock", b"[]"), ("stock", b"{}"), ("catalogue", b"{}"), ("news", b"{}")])
    def test_that_nobody_knows_are_refused(self, topic: str, body: bytes):
        with pytest.raises(ContractError):
            bare().parse(topic, body)
