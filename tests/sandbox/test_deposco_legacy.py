"""The Deposco simulator's integration API: imports in 207, the stock snapshot, searches, and its ways with XML."""

from __future__ import annotations

import pytest

from tests.sandbox.deposco_tenant import Tenant


@pytest.fixture
def tenant() -> Tenant:
    return Tenant()


def flat(number: str = "WEB-1", *, sku: str = "MUG-BLU", quantity: int = 1, **more) -> dict:
    line = {
        "lineNumber": f"{number}--1",
        "itemNumber": sku,
        "pack": {"type": "Each", "quantity": quantity},
        "orderPackQuantity": 2,
        "unitPrice": "19.50",
    }
    address = {"name": "Ada Quill", "addressLine1": "1 Test St", "city": "Austin", "stateProvinceCode": "TX", "countryCode": "US"}
    own = {"businessUnit": "ACME", "type": "Sales Order", "number": number, "status": "New", "shipToAddress": address}
    return {**own, "orderLines": {"orderLine": [line]}, **more}


def post(tenant: Tenant, *orders: dict, path: str = "/orders") -> list[dict]:
    answer = tenant.legacy("POST", path, json={"order": list(orders)})
    assert answer.status_code == 207
    return answer.json["response"]


def search(tenant: Tenant, **query) -> list[dict]:
    return tenant.legacy("GET", "/search/Order", query_string=query).json["order"]


class TestImport:
    def test_answers_207_for_success_and_duplicate_alike(self, tenant):
        (created,), (twice,) = post(tenant, flat()), post(tenant, flat())

        assert (created["status"], created["entity"]) == ("HTTP/1.1 201 Created", "WEB-1")
        assert twice["status"] == "HTTP/1.1 409 Conflict"
        assert twice["description"] == "Duplicate entry '181-Sales Order-WEB-1' for key 'ORDER_HEADER.ux_oh_bu_type_number'"
        assert tenant.summary()["refused_duplicates"] == {"WEB-1": 1}

    def test_tells_each_order_apart(self, tenant):
        entries = post(tenant, flat("WEB-1", sku="NOPE"), flat("WEB-2", quantity=7), flat("WEB-3"), flat("WEB-4", type="Event Order"))

        assert [entry["status"].split()[1] for entry in entries] == ["400", "400", "201", "400"]
        assert (entries[0]["missingItems"], entries[1]["missingPacks"]) == (["NOPE"], ["MUG-BLU"])
        assert entries[3]["errors"]["message"] == ["Order type [Event Order] is not supported"]

    def test_makes_the_order_that_rest_shows(self, tenant):
        post(tenant, flat(facility="RNO2", shipVendor="UPS"))

        order = tenant.order()

        assert (order["shipToContact"]["lastName"], order["shipFromFacility"]["businessKey"]["number"]) == ("Quill", "RNO2")
        assert order["orderLines"]["data"][0]["unitPrice"] == 19.5

    def test_has_an_upsert_beside_it(self, tenant):
        first = post(tenant, flat(), path="/orders/updates")
        second = post(tenant, flat(shipVendor="DHL"), path="/orders/updates")

        assert [entry["status"] for entry in (*first, *second)] == ["HTTP/1.1 201 Created", "HTTP/1.1 200 OK"]
        assert tenant.order()["shipVendor"] == "DHL"

    def test_may_answer_200_with_nothing_and_do_nothing(self, tenant):
        tenant.control("oddities", name="blank_200")

        answer = tenant.legacy("POST", "/orders", json={"order": [flat()]})

        assert (answer.status_code, answer.data) == (200, b"")
        assert tenant.summary()["orders"] == 0

    def test_may_answer_200_with_nothing_and_have_done_it(self, tenant):
        tenant.control("oddities", name="blank_after_write")

        answer = tenant.legacy("POST", "/orders", json={"order": [flat()]})

        assert (answer.status_code, answer.data) == (200, b"")
        assert post(tenant, flat())[0]["status"] == "HTTP/1.1 409 Conflict"


class TestOneOrder:
    def test_has_a_space_in_its_path_that_the_gateway_refuses(self, tenant):
        post(tenant, flat())

        answer = tenant.legacy("GET", "/orders/Sales%20Order/WEB-1")

        assert (answer.status_code, answer.data) == (400, b"")

    def test_can_be_read_replaced_and_changed_on_the_tenants_own_host(self):
        tenant = Tenant(gateway=False)
        path = "/orders/Sales Order/WEB-1"

        made = tenant.legacy("PUT", path, json=flat())
        replaced = tenant.legacy("PUT", path, json=flat(shipVia="Ground"))
        changed = tenant.legacy("POST", path, data={"customAttribute1": "gift"})

        assert (made.status_code, made.headers["Location"]) == (201, "/orders/Sales%20Order/WEB-1")
        assert (replaced.status_code, changed.status_code) == (200, 200)
        read = tenant.legacy("GET", path).json["order"][0]
        assert (read["shipVia"], read["customAttribute1"], len(read["orderLines"]["orderLine"])) == ("Ground", "gift", 1)

    def test_is_locked_like_any_other(self):
        tenant = Tenant(gateway=False)
        post(tenant, flat())
        tenant.floor("wave")

        assert tenant.legacy("PUT", "/orders/Sales Order/WEB-1", json=flat()).status_code == 400
        assert post(tenant, flat(), path="/orders/updates")[0]["status"] == "HTTP/1.1 400 Bad Request"

    def test_is_cancelled_through_a_form(self, tenant):
        post(tenant, flat())
        form = {"status": "Canceled", "type[]": ["Sales Order", "Sales Order"], "number[]": ["WEB-1", "WEB-9"]}

        entries = tenant.legacy("POST", "/orders/statusUpdates", data=form).json["response"]

        assert [entry["status"].split()[1] for entry in entries] == ["200", "404"]
        assert tenant.status() == "Canceled"


class TestSearch:
    def test_finds_by_number_and_speaks_its_own_words(self, tenant):
        post(tenant, flat("WEB-1"), flat("WEB-2"))
        tenant.floor("ship", "WEB-2")

        found = search(tenant, type="Sales Order", number="WEB-2")

        assert [(order["number"], order["status"]) for order in found] == [("WEB-2", "Complete")]
        assert search(tenant, number="WEB-9") == []

    def test_finds_between_two_moments(self, tenant):
        post(tenant, flat("WEB-1"))
        moment = tenant.wait(600)
        post(tenant, flat("WEB-2"))

        found = search(tenant, updatedDateTime=f"{moment},2099-01-01T00:00:00Z", updatedDateTimeOps="BETWEEN")

        assert [order["number"] for order in found] == ["WEB-2"]

    def test_refuses_what_is_not_configured(self, tenant):
        field = tenant.legacy("GET", "/search/Order?colour=red")
        entity = tenant.legacy("GET", "/search/receiptLine?number=1")

        assert (field.status_code, entity.status_code) == (400, 400)
        assert entity.json["errors"]["message"][0].endswith("not found or configured for entity [receiptLine]")

    def test_shows_packages_with_their_tracking_numbers(self, tenant):
        post(tenant, flat())
        tenant.floor("ship", packages=2, tracking=["1Z-A", "1Z-B"])
        window = {"actualShipDate": "2020-01-01T00:00:00Z,2099-01-01T00:00:00Z", "actualShipDateOps": "BETWEEN"}

        (found,) = tenant.legacy("GET", "/search/shipment", query_string=window).json["shipment"]

        lines = found["orders"]["order"][0]["lines"]["line"]
        assert [(line["trackingNumber"], line["shippedPackQuantity"]) for line in lines] == [("1Z-A", 1), ("1Z-B", 1)]
        assert tenant.legacy("GET", f"/shipments/ACME/{found['shipmentNumber']}").json["shipment"][0] == found

    def test_digests_by_type_and_never_by_number(self, tenant):
        post(tenant, flat("WEB-1"), flat("WEB-2"))

        found = tenant.legacy("GET", "/status/order/search?type=Sales Order&number=WEB-1").json["orders"]["orderStatus"]

        assert [row["orderNumber"] for row in found] == ["WEB-1", "WEB-2"]

    def test_digests_by_days(self, tenant):
        post(tenant, flat())

        assert len(tenant.legacy("GET", "/status/order/20200101,20991231").json["orders"]["orderStatus"]) == 1
        assert tenant.legacy("GET", "/status/order/20200101,20200102").json["orders"]["orderStatus"] == []


class TestStockSnapshot:
    def pages(self, tenant: Tenant, **query) -> list[list[str]]:
        found, number = [], 1
        while True:
            rows = tenant.legacy("GET", "/inventory/full", query_string={"pageNo": number, **query}).json["itemInventory"]
            if not rows:
                return found
            found.append([row["itemNumber"] for row in rows])
            number += 1

    def test_ends_with_an_empty_page(self):  # R16
        found = self.pages(Tenant(inventory_page_size=25))

        assert [len(page) for page in found] == [25, 25, 10]
        assert len({number for page in found for number in page}) == 60

    def test_leaves_only_what_moved_since(self, tenant):
        moment = tenant.wait(600)
        tenant.control("stock", changes=[{"sku": "CAP-RED", "facility": "RNO2", "delta": 1}])
        tenant.place(number="WEB-1")

        assert self.pages(tenant, startActivityTime=moment) == [["MUG-BLU", "CAP-RED"]]

    def test_tells_four_measures_for_each_facility(self, tenant):  # R18, R19
        tenant.control("stock", changes=[{"sku": "MUG-BLU", "facility": "ATL1", "on_hand": 120}])
        tenant.place(tenant.line(packs=19))
        tenant.floor("wave")
        tenant.place(tenant.line(packs=8), number="WEB-2")

        assert tenant.stock()["ATL1"] == {"total": 120, "availableToPromise": 93, "unallocated": 101, "allocated": 19}

    def test_goes_below_zero(self, tenant):
        tenant.place(tenant.line(packs=500))

        assert tenant.stock()["ATL1"]["availableToPromise"] < 0
        assert tenant.summary()["negative_promises"] == 1

    def test_depends_on_how_the_tenant_promises(self):
        tenant = Tenant(atp_counts_demand=False)

        tenant.place(tenant.line(packs=5))

        assert tenant.stock()["ATL1"]["availableToPromise"] == tenant.stock()["ATL1"]["total"]

    def test_may_leave_a_measure_out(self, tenant):
        tenant.control("oddities", name="absent_measure")

        assert set(tenant.stock()["ATL1"]) == {"total", "unallocated", "allocated"}

    def test_is_there_by_location(self, tenant):
        rows = tenant.legacy("GET", "/inventory/ACME/facility/ATL1/location/STOCK-01").json["itemInventory"]

        assert (len(rows), rows[0]["itemNumber"]) == (60, "MUG-BLU")
        assert tenant.legacy("GET", "/inventory/facility/ATL1/location/NOWHERE").status_code == 404


class TestAvailability:
    def ask(self, tenant: Tenant, **query) -> object:
        return tenant.legacy("GET", "/enterpriseinventory/ACME/availability", query_string=query)

    def test_says_xml_and_means_json(self, tenant):
        answer = self.ask(tenant, pageSize=1)

        assert answer.headers["Content-Type"] == "application/xml"
        assert answer.get_json(force=True)["enterpriseInventory"][0]["itemNumber"] == "MUG-BLU"

    def test_is_in_a_list_when_items_are_named(self, tenant):
        (found,) = self.ask(tenant, itemNumbers="CAP-RED,MUG-BLU,NOPE", measures="atpQty", facilityNumbers="ATL1").get_json(force=True)

        rows = found["enterpriseInventory"]
        assert [row["itemNumber"] for row in rows] == ["CAP-RED", "MUG-BLU"]
        assert [list(row) for row in rows[0]["facilities"]] == [["facility", "atpQty"]]

    def test_adds_up_its_facilities(self, tenant):
        (found,) = self.ask(tenant, itemNumbers="MUG-BLU").get_json(force=True)

        row = found["enterpriseInventory"][0]
        assert row["totalOnHandQty"] == sum(each["totalOnHandQty"] for each in row["facilities"]) > 0


class TestFormat:
    def test_is_xml_unless_json_is_asked_for(self, tenant):
        answer = tenant.legacy("GET", "/inventory/full", accept="*/*")

        assert answer.mimetype == "application/xml"
        assert "<itemNumber>MUG-BLU</itemNumber>" in answer.text

    def test_shows_nothing_as_an_object_or_as_null(self, tenant):
        post(tenant, flat())
        nil = search(tenant, number="WEB-1")[0]["facility"]
        tenant.control("settings", legacy_nulls="null")

        assert (nil, search(tenant, number="WEB-1")[0]["facility"]) == ({"@nil": "true"}, None)

    def test_may_show_a_list_of_one_as_its_element(self, tenant):
        post(tenant, flat())
        tenant.control("settings", legacy_singles="object")

        assert search(tenant, number="WEB-1")["orderLines"]["orderLine"]["itemNumber"] == "MUG-BLU"

    def test_carries_an_offset(self, tenant):
        assert post(tenant, flat())[0]["processedDate"].endswith("-04:00")


class TestReceiptAdvices:
    def test_tell_what_came_back(self, tenant):
        post(tenant, flat())
        tenant.floor("ship")
        tenant.floor("return", rma="RMA-1", received=True, damaged={"MUG-BLU": 1}, facility="RNO2")

        (advice,) = tenant.legacy("GET", "/receiptadvices/ACME").json["receivingAdvice"]["receiptAdvice"]

        (line,) = advice["receiptItems"]["receiptItem"]
        assert (advice["orderNumber"], advice["receivingFacility"], advice["status"]) == ("RMA-1", "RNO2", "Received")
        assert (line["receivedPackQuantity"], line["receivedDamagedPackQuantity"]) == (2, 1)
        assert tenant.legacy("GET", f"/receiptlines/ACME/{advice['receiptAdviceNumber']}").json["receiptLine"] == [line]

    def test_belong_to_a_business_unit(self, tenant):
        assert tenant.legacy("GET", "/receiptadvices/OTHER").status_code == 403


class TestItem:
    def test_shows_its_packs(self, tenant):
        (item,) = tenant.legacy("GET", "/items/ACME/MUG-BLU").json["item"]

        assert [(pack["type"], pack["quantity"]) for pack in item["packs"]["pack"]] == [("Each", 1), ("Case", 12)]
        assert tenant.legacy("GET", "/items/ACME/NOPE").status_code == 404
