"""The Deposco simulator's item master: packs, barcodes, collisions, and the ledger of stock changes."""

from __future__ import annotations

import pytest

from tests.sandbox.deposco_tenant import Tenant, sentence


@pytest.fixture
def tenant() -> Tenant:
    return Tenant()


class TestItems:
    def test_are_changed_by_number_and_keep_their_packs(self, tenant):
        body = {"businessUnit": {"businessKey": {"code": "ACME"}}, "number": "NEW-1", "name": "New", "packs": [{"type": "Each", "quantity": 1}]}

        created = tenant.rest("POST", "/items", json=body)
        changed = tenant.rest("POST", "/items", json={**body, "packs": [{"type": "Case", "quantity": 12, "upcs": {"data": [{"value": "0123"}]}}]})

        assert (created.status_code, changed.status_code) == (201, 200)
        assert [(pack["type"], pack["quantity"]) for pack in changed.json["packs"]] == [("Each", 1), ("Case", 12)]
        assert tenant.get(f"/items/{created.json['self']['id']}/upcs")["data"] == [{"value": "0123"}]

    def test_refuse_a_barcode_of_another_item(self, tenant):
        upc = tenant.get("/items", number="MUG-BLU")["data"][0]["packs"][0]["upcs"]["data"][0]["value"]
        packs = [{"type": "Each", "quantity": 1, "upcs": {"data": [{"value": upc}]}}]

        answer = tenant.rest("POST", "/items", json={"businessUnit": {"businessKey": {"code": "ACME"}}, "number": "NEW-1", "packs": packs})

        assert (answer.status_code, sentence(answer)) == (400, f"UPC {upc} exists for item MUG-BLU")

    def test_lose_a_barcode_that_is_deleted(self, tenant):
        item = tenant.get("/items", number="MUG-BLU")["data"][0]
        pack = item["packs"][0]
        path = f"/items/{item['self']['id']}/packs/{pack['self']['id']}/upcs"

        deleted = tenant.rest("DELETE", f"{path}/{pack['upcs']['data'][0]['value']}")

        assert (deleted.status_code, tenant.get(path)["data"]) == (204, [])

    def test_are_not_found_by_barcode(self, tenant):
        assert len(tenant.get("/items", upc="081234500000", pageSize=100)["data"]) == 60

    @pytest.mark.parametrize(("kind", "number"), [("case", "mug-blu"), ("space", "MUG-BLU "), ("pack", "MUG-BLU-12")])  # R79, R81
    def test_can_collide_by_number(self, tenant, kind, number):
        made = tenant.control("collisions", sku="MUG-BLU", kind=kind)

        assert tenant.get("/items", number=number)["data"][0]["self"]["id"] == made["id"]

    def test_can_collide_by_barcode_and_by_company(self, tenant):
        tenant.control("companies", code="OTHER")
        tenant.control("collisions", sku="MUG-BLU", kind="upc", **{"with": "CAP-RED"})
        twin = tenant.control("collisions", sku="MUG-BLU", kind="company", company="OTHER")

        assert tenant.summary()["shared_upcs"] == 1
        assert (twin["number"], twin["company"]) == ("MUG-BLU", "OTHER")

    def test_can_be_renamed_under_their_orders(self, tenant):
        tenant.place()

        tenant.control("sku", sku="MUG-BLU", new_sku="MUG-AZURE")

        line = tenant.order()["orderLines"]["data"][0]
        assert line["item"]["businessKey"]["number"] == "MUG-AZURE"
        assert tenant.send(number="WEB-2").status_code == 404


class TestAdjustments:
    def test_are_a_ledger_that_filters(self, tenant):
        tenant.control("stock", changes=[{"sku": "MUG-BLU", "facility": "RNO2", "delta": -3, "reason": "Damaged"}])
        tenant.control("stock", changes=[{"sku": "CAP-RED", "facility": "ATL1", "delta": 4}])

        every = tenant.get("/inventory/inventoryAdjustments")["data"]
        one = tenant.get("/inventory/inventoryAdjustments", facilityNumber="RNO2")["data"]

        assert [row["quantity"] for row in every] == [4, -3]
        assert [(row["item"]["businessKey"]["number"], row["reasonCode"]) for row in one] == [("MUG-BLU", "Damaged")]
