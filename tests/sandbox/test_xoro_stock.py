"""The Xoro simulator's items, stock, supply, credit memos and stock push."""

from __future__ import annotations

import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from connectors.sandbox.keeping import load, save
from connectors.sandbox.kit import ADMIN
from connectors.sandbox.xoro import build
from tests.sandbox.xoro_tenant import Tenant

STOCK = "inventory/getinventorybyitem"
ITEMS = "product/item/getitem"
MEMO = {
    "creditMemoHeader": {
        "ThirdPartyRefNo": "RMA-3001",
        "TxnDate": "12 June, 2026 10:00:00",
        "CustomerName": "Web Customers US",
        "StoreName": "Main Warehouse",
        "CurrencyCode": "USD",
        "RefNo": "#10021",
        "ThirdPartyTotalRefundAmount": 19.5,
    },
    "creditMemoItemLineArry": [{"ItemNumber": "TEE-BLK-S", "Qty": 1, "InventoryLocChangeList": [{"LocationName": "RETURNS", "DeltaQty": 1}]}],
}


@pytest.fixture
def tenant() -> Tenant:
    return Tenant()


class TestStock:
    def test_adds_up_as_the_vendors_own_example(self, tenant):
        """On hand 120, 19 allocated, 8 not available, 31 ordered: 93 available, 81 to sell, 321 with what is bought."""
        tenant.control("stock", changes=[{"item": "TEE-BLK-S", "on_hand": 120, "not_available": 8}])
        tenant.place("A", lines={"TEE-BLK-S": 19}, wave=True)
        tenant.place("B", lines={"TEE-BLK-S": 12})
        tenant.control("supply", kind="purchase", lines={"TEE-BLK-S": 240})

        row = tenant.row()

        assert (row["AvailableQty"], row["NetAvailable"], row["AllocatedQty"], row["NotAvailableQty"]) == (93, 93, 19, 8)
        assert (row["ATSQty"], row["ATSQtyIncPO"], row["QtyOnSO"], row["QtyOnPO"]) == (81, 321, 31, 240)

    def test_to_sell_falls_when_an_order_is_created(self, tenant):
        before = tenant.row()["ATSQty"]

        tenant.place(released=False)

        assert tenant.row()["ATSQty"] == before - 2

    def test_has_one_row_for_each_item_and_store(self, tenant):
        rows = tenant.read(STOCK, store="Main Warehouse,West Warehouse", item_number="TEE-BLK-S")["Data"]

        assert [row["StoreName"] for row in rows] == ["Main Warehouse", "West Warehouse"]

    def test_pages_over_all_stores(self, tenant):
        rows = []
        for page in range(1, 6):
            rows += tenant.read(STOCK, page=page, per_page=20)["Data"]

        assert len({(row["ItemId"], row["StoreId"]) for row in rows}) == len(rows) == tenant.shown("summary")["stock_rows"] == 77

    @pytest.mark.parametrize(
        ("query", "count"),
        [
            ({"item_id": "5101"}, 2),
            ({"base_part_number": "BELT"}, 18),
            ({"product_id": "711"}, 18),
            ({"store": "Moon"}, 0),
            ({"min_on_hand": "60", "store": "Main Warehouse"}, 6),
            ({"item_number": "NO"}, 0),
        ],
    )
    def test_filters(self, tenant, query, count):
        assert len(tenant.read(STOCK, **query)["Data"]) == count

    def test_may_have_no_row_in_a_store(self, tenant):
        tenant.control("stock", changes=[{"item": "TEE-BLK-S", "missing": True}])

        assert [row["StoreName"] for row in tenant.read(STOCK, item_number="TEE-BLK-S")["Data"]] == ["West Warehouse"]
        assert tenant.read(STOCK, item_number="CAP-RED-S", store="West Warehouse")["Data"] == []

    def test_may_be_read_empty(self, tenant):
        tenant.control("oddities", name="empty_read", times=1)

        assert [len(tenant.read(STOCK, store="Main Warehouse")["Data"]) for _ in range(2)] == [0, 39]

    def test_is_adjusted_by_a_call_that_is_switched_on(self, tenant):
        tenant.control("seed-demo", write_paths=True)
        body = {"StoreName": "Main Warehouse", "ItemNumber": "TEE-BLK-S"}

        changed = [tenant.write("inventory/adjustinventory", body | change)["Data"]["OnHandQty"] for change in ({"OnHandQty": 50}, {"DeltaQty": -3})]

        assert changed == [50, 47]
        assert tenant.write("inventory/adjustinventory", body)["Result"] is False


class TestItems:
    def test_are_listed_flat_and_by_style(self, tenant):
        flat = tenant.read(ITEMS, item_number="TEE-BLK-M")["Data"][0]
        (style,) = tenant.read("product/getproduct", base_part_number="TEE")["Data"]

        assert flat["ItemUpc"] == style["Variants"][1]["UPC"] == "081234500017"
        assert (flat["StandardUnitPrice"], flat["HSCode"], style["Handle"]) == (19.5, "6109.10", "tee")

    def test_of_the_demo_are_damaged_as_real_lists_are(self, tenant):
        upcs = {row["ItemNumber"]: row["ItemUpc"] for row in tenant.read(ITEMS)["Data"]}

        assert upcs["TEE-BLK-M"] == upcs["TEE-RED-M"]
        assert len(upcs["TEE-RED-L"]) == 11
        assert tenant.shown("summary")["duplicate_upcs"] == {"081234500017": 2}

    def test_given_to_the_seed_are_taken_as_they_are(self, tenant):
        rows = [{"sku": "MUG", "title": "Mug", "price": "25.00", "stock": {"West Warehouse": 4}, "barcode": "5012345600001", "product": "Mugs"}]

        tenant.control("seed-demo", skus=rows)

        assert [row["ItemNumber"] for row in tenant.read(ITEMS)["Data"]] == ["MUG"]
        assert tenant.row("MUG", "West Warehouse")["OnHandQty"] == 4

    def test_that_changed_are_found_by_time(self, tenant):
        tenant.wait(3600)
        bound = tenant.app.extensions["bench"].clock.now().isoformat()
        tenant.control("item", item="TEE-BLK-S", new_number="TEE-BLK-XS", upc="81234500017")

        changed = tenant.read(ITEMS, updated_at_min=bound)["Data"]

        assert [(row["ItemNumber"], row["ItemUpc"]) for row in changed] == [("TEE-BLK-XS", "81234500017")]
        assert tenant.read(ITEMS, created_at_min=bound)["Data"] == []

    def test_are_created_as_an_array_of_products(self, tenant):
        product = {"BasePartNumber": "SOCK", "Title": "Sock", "Variants": [{"ItemNumber": "SOCK-S", "UPC": "1", "UnitPrice": "8.5"}]}

        answers = [tenant.write("product/create", [product]) for _ in range(2)]

        assert answers[0]["Data"][0]["Variants"][0]["UnitPrice"] == 8.5
        assert (answers[1]["Result"], answers[1]["Message"]) == (False, "Item SOCK-S already exists.")
        assert tenant.call("POST", "product/create", json=product).status_code == 400


class TestSupply:
    def test_is_announced_then_received(self, tenant):
        before = tenant.row()
        tenant.control("supply", kind="purchase", lines={"TEE-BLK-S": 10})
        notice = tenant.control("supply", kind="notice", lines={"TEE-BLK-S": 10})["number"]
        announced = tenant.read("asn/getasn")["Data"]

        tenant.control("receive", number=notice)
        row = tenant.row()

        assert announced[0]["AsnHeaderData"]["AsnNumber"] == notice
        assert announced[0]["AsnDetailData"] == [{"ItemNumber": "TEE-BLK-S", "BaseQtyToReceive": 10}]
        assert (row["OnHandQty"], row["QtyOnPO"], row["QtyOnASN"]) == (before["OnHandQty"] + 10, 0, 0)
        assert tenant.read("asn/getasn")["Data"] == []

    def test_is_expected_by_item_and_store(self, tenant):
        tenant.control("supply", kind="purchase", lines={"TEE-BLK-S": 10, "CAP-BLK-S": 5})
        tenant.control("supply", kind="purchase", lines={"TEE-BLK-S": 99}, draft=True)

        rows = tenant.read("purchaseorder/getincomingpodeliveries", item_numbers="TEE-BLK-S", store_names="Main Warehouse")["Data"]

        assert [row["Qty"] for row in rows] == [10]


class TestCreditMemos:
    def test_put_units_back_where_a_line_says_so(self, tenant):
        before = tenant.row()["OnHandQty"]

        booked = tenant.write("creditmemo/import", MEMO)["Data"]

        assert booked["creditMemoHeader"]["CreditMemoNumber"] == "DMO-C000100"
        assert booked["creditMemoHeader"]["TxnDate"] == "06/12/2026 10:00:00 AM"
        assert tenant.row()["OnHandQty"] == before + 1

    def test_are_found_by_reference_and_booked_twice_without_a_word(self, tenant):
        for _ in range(2):
            tenant.write("creditmemo/import", MEMO)

        found = tenant.read("creditmemo/getcreditmemo", ref_no="#10021", include_lines="false")["Data"]

        assert [set(each) for each in found] == [{"creditMemoHeader"}] * 2
        assert tenant.shown("summary")["credited_twice"] == {"RMA-3001": 2}

    @pytest.mark.parametrize("change", [{"CustomerName": "Nobody"}, {"StoreName": "Moon"}, {"InvoiceNumber": "DMO-I9"}])
    def test_for_what_does_not_exist_are_refused(self, tenant, change):
        body = MEMO | {"creditMemoHeader": MEMO["creditMemoHeader"] | change}

        assert tenant.write("creditmemo/import", body)["Result"] is False


class Listener:
    """Somebody to tell: answers 500 to the first `failures` posts."""

    def __init__(self, failures: int = 0) -> None:
        self.bodies: list[bytes] = []
        self.secrets: list[str | None] = []
        listener = self

        class Answer(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                listener.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
                listener.secrets.append(self.headers.get("X-Secret"))
                self.send_response(500 if len(listener.bodies) <= failures else 200)
                self.end_headers()

            def log_message(self, *args: object) -> None:
                """The terminal stays readable."""

        self.server = HTTPServer(("127.0.0.1", 0), Answer)
        self.url = f"http://127.0.0.1:{self.server.server_port}/push"
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def wait_for(self, count: int) -> None:
        give_up = time.monotonic() + 5
        while len(self.bodies) < count and time.monotonic() < give_up:
            time.sleep(0.01)

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def listener():
    found = Listener()
    yield found
    found.stop()


class TestThePush:
    def test_tells_an_array_of_rows_after_a_change(self, tenant, listener):
        tenant.control("push", url=listener.url, headers={"X-Secret": "s"})

        number = tenant.place()
        listener.wait_for(1)
        (body,) = tenant.shown("push")

        assert listener.secrets == ["s"]
        assert (body[0]["ItemNumber"], body[0]["RefNo"], body[0]["ATSQty"]) == ("TEE-BLK-S", number, tenant.row()["ATSQty"])

    def test_may_tell_twice(self, tenant, listener):
        tenant.control("push", url=listener.url, duplicate_rate=1.0)

        tenant.place()
        listener.wait_for(2)

        assert len(listener.bodies) == 2
        assert len(set(listener.bodies)) == 1

    def test_may_be_late_and_one_row_at_a_time(self, tenant, listener):
        tenant.control("push", url=listener.url, delay_s=0.2, single=True)

        tenant.place(lines={"TEE-BLK-S": 1, "CAP-BLK-S": 1})
        early = len(listener.bodies)
        listener.wait_for(2)

        assert (early, len(listener.bodies), {body[:1] for body in listener.bodies}) == (0, 2, {b"{"})

    def test_is_no_reason_not_to_keep_the_world(self, tenant, listener, tmp_path):
        tenant.control("push", url=listener.url)
        tenant.place()
        listener.wait_for(1)

        save(tenant.app, tmp_path / "world")
        again = build()

        assert load(again, tmp_path / "world")
        assert again.extensions["state"].push.settings.url == listener.url

    def test_tries_again(self, tenant):
        listener = Listener(failures=2)
        tenant.control("push", url=listener.url, retry_s=0.01)

        tenant.place()
        listener.wait_for(3)
        listener.stop()

        assert len(listener.bodies) == 3


class TestControl:
    def test_resets_to_an_empty_tenant(self, tenant):
        tenant.place()

        assert tenant.client.post(f"{ADMIN}/reset").status_code == 204
        assert (tenant.shown("summary")["orders"], tenant.shown("summary")["items"]) == (0, 0)

    @pytest.mark.parametrize("path", ["stock", "item", "supply", "orders", "receive", "oddities"])
    def test_says_what_is_wrong_with_a_wish(self, tenant, path):
        assert tenant.client.post(f"{ADMIN}/{path}", json={}).status_code == 400

    def test_adds_stores_customers_and_carriers(self, tenant):
        made = tenant.control("reference", stores=["North"], customers=["Shop B"], carriers={"DPD": ["Next Day"]})

        assert made["stores"]["North"] == 3
        assert {"Shop B"} <= set(made["customers"])
        assert made["carriers"]["DPD"] == ["Next Day"]
