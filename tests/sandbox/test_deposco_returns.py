"""The Deposco simulator's returns and receipts, and its bulk imports."""

from __future__ import annotations

import pytest

from connectors.sandbox.deposco import COMPANY
from tests.sandbox.deposco_tenant import UNIT, Tenant


@pytest.fixture
def tenant() -> Tenant:
    return Tenant()


class TestReturn:
    def body(self, tenant: Tenant, **more) -> dict:
        parent = {"businessKey": {"number": "WEB-1", "businessUnit.code": COMPANY}}
        facility = {"businessKey": {"number": "RNO2"}}
        own = {"businessUnit": UNIT, "number": "RMA-1", "orderStatus": "New", "parentOrder": parent, "shipToFacility": facility}
        return {**own, "orderLines": {"data": [tenant.line(packs=2)]}, **more}

    @pytest.fixture
    def sold(self, tenant) -> Tenant:
        tenant.place()
        tenant.floor("ship")
        return tenant

    def test_is_announced_and_received_in_part_with_damage(self, sold):
        created = sold.rest("POST", "/orders/customerReturns", json=self.body(sold))
        before = sold.stock()["RNO2"]["total"]

        sold.floor("receive", "RMA-1", units={"MUG-BLU": 1}, damaged={"MUG-BLU": 1})
        partly = sold.get(sold.path("RMA-1", family="customerReturns"))
        sold.floor("receive", "RMA-1")
        wholly = sold.get(sold.path("RMA-1", family="customerReturns"))

        line = wholly["orderLines"]["data"][0]
        assert (created.status_code, partly["orderStatus"], wholly["orderStatus"]) == (201, "Partial Receipt", "Received")
        assert (line["receivedPackQuantity"], line["receivedDamagedPackQuantity"]) == (2, 1)
        assert sold.stock()["RNO2"]["total"] == before + 1

    def test_shows_on_the_order_it_came_from(self, sold):
        sold.floor("return", rma="RMA-1", units={"MUG-BLU": 1}, received=True)

        line = sold.order()["orderLines"]["data"][0]

        assert (line["returnedPackQuantity"], line["orderLineStatus"]) == (1, "Partial Returned")

    def test_needs_a_facility_and_a_parent_that_exists(self, sold):
        no_facility = sold.rest("POST", "/orders/customerReturns", json=self.body(sold, shipToFacility=None))
        orphan = sold.rest("POST", "/orders/customerReturns", json=self.body(sold, parentOrder={"businessKey": {"number": "WEB-9"}}))

        assert (no_facility.status_code, orphan.status_code) == (400, 404)

    def test_can_be_changed_until_cancelled_and_cancelled_until_received(self, sold):
        sold.rest("POST", "/orders/customerReturns", json=self.body(sold))
        path = sold.path("RMA-1", family="customerReturns")
        sold.floor("receive", "RMA-1", units={})

        changed = sold.rest("POST", "/orders/customerReturns", json=self.body(sold, customAttribute1="box 7"))
        moved = sold.rest("POST", f"{path}/status?value=Canceled")
        late = sold.rest("POST", "/orders/customerReturns", json=self.body(sold))

        assert (changed.status_code, changed.json["orderStatus"]) == (200, "Receiving")
        assert (moved.json, late.status_code) == ({"orderStatus": "Canceled"}, 400)

    def test_may_not_be_part_of_the_subscription(self):
        tenant = Tenant(returns_licensed=False)

        assert tenant.rest("GET", "/orders/customerReturns").status_code == 403
        assert tenant.rest("POST", "/orders/customerOrders", json={}).status_code == 403

    def test_logs_receipts_line_by_line_or_not_at_all(self, sold):
        sold.floor("return", rma="RMA-1", received=True)
        order = sold.order("RMA-1")
        query = {"orderId": order["self"]["id"], "orderLineId": order["orderLines"]["data"][0]["self"]["id"]}

        logged = sold.get("/receipts", **query)["data"]
        sold.control("settings", receipts_log=False)

        assert (logged[0]["receivedPackQuantity"], logged[0]["disposition"]) == (2, "Stock")
        assert sold.get("/receipts", **query)["data"] == []
        assert sold.rest("GET", "/receipts", query_string={"orderId": query["orderId"]}).status_code == 400


class TestBulkImport:
    def start(self, tenant: Tenant, *bodies: dict) -> object:
        return tenant.rest("POST", "/async/bulkImports", json={"entityType": "Sales Order", "entities": list(bodies)})

    def test_tells_each_row_apart(self, tenant):
        id = self.start(tenant, tenant.body("WEB-1"), tenant.body("WEB-2", tenant.line(sku="NOPE"))).json["request"]["id"]

        told = tenant.get(f"/async/{id}")

        assert (told["status"], told["successes"], told["failures"]) == ("Partially Failed", 1, 1)
        assert told["results"][1]["errors"] == [{"errorMessage": "Item with business key number = [NOPE] not found"}]

    def test_runs_one_at_a_time(self):
        tenant = Tenant(bulk_takes_s=60)

        first, second = self.start(tenant, tenant.body("WEB-1")), self.start(tenant, tenant.body("WEB-2"))

        assert (first.status_code, second.status_code) == (202, 400)
        assert tenant.get(f"/async/{first.json['request']['id']}")["status"] == "Processing"
