"""The Mirakl simulator's order documents and custom fields, whose 200s hide errors."""

from __future__ import annotations

import io
import json
import zipfile

import pytest

from tests.sandbox.mirakl_shop import Shop


@pytest.fixture
def shop() -> Shop:
    return Shop()


def upload(shop: Shop, order_id: str, name: str = "inv.pdf", code: str = "CUSTOMER_INVOICE", described: str = ""):
    part = {"order_documents": [{"file_name": described or name, "type_code": code}]}
    files = {"files": (io.BytesIO(b"%PDF"), name), "order_documents": (io.BytesIO(json.dumps(part).encode()), "blob", "application/json")}
    return shop.call("POST", f"/orders/{order_id}/documents", data=files)


class TestDocuments:
    def test_are_uploaded_listed_read_and_deleted(self, shop):
        order_id = shop.place()

        assert upload(shop, order_id).json == {"errors_count": 0, "order_documents": []}
        (seen,) = shop.get("/orders/documents", order_ids=order_id)["order_documents"]
        assert (seen["file_name"], seen["type"], shop.order(order_id)["has_invoice"]) == ("inv.pdf", "CUSTOMER_INVOICE", True)
        assert shop.call("GET", "/orders/documents/download", query={"document_ids": seen["id"]}).data == b"%PDF"
        assert shop.call("DELETE", f"/orders/documents/{seen['id']}").status_code == 204
        assert shop.get("/orders/documents", order_ids=order_id)["order_documents"] == []

    def test_of_an_order_come_in_an_archive(self, shop):
        order_id = shop.place()
        upload(shop, order_id)

        packed = shop.call("GET", "/orders/documents/download", query={"order_ids": order_id}).data

        assert zipfile.ZipFile(io.BytesIO(packed)).namelist() == [f"{order_id}/inv.pdf"]

    @pytest.mark.parametrize("wrong", [{"code": "LOVE_LETTER"}, {"name": "inv.exe"}, {"described": "other.pdf"}])
    def test_fail_inside_a_200(self, shop, wrong):
        answer = upload(shop, shop.place(), **wrong)

        assert (answer.status_code, answer.json["errors_count"]) == (200, 1)

    def test_must_name_their_orders(self, shop):
        assert shop.call("GET", "/orders/documents").status_code == 400


class TestCustomFields:
    def write(self, shop: Shop, order_id: str, code: str, value):
        body = {"order_additional_fields": [{"code": code, "type": "STRING", "value": value}]}
        return shop.call("PUT", f"/orders/{order_id}/additional_fields", json=body)

    def test_are_written_and_cleared(self, shop):
        order_id = shop.place()

        written = self.write(shop, order_id, "wms-ref", "VQ-1").json
        cleared = self.write(shop, order_id, "wms-ref", "").json

        assert written["order_update_result"]["order_additional_fields"] == [{"code": "wms-ref", "type": "STRING", "value": "VQ-1"}]
        assert cleared["order_update_result"]["order_additional_fields"] == []

    @pytest.mark.parametrize(("code", "value"), [("nothing", "x"), ("gift-note", "x"), ("wms-ref", 7)])
    def test_fail_inside_a_200(self, shop, code, value):
        answer = self.write(shop, shop.place(), code, value)

        assert (answer.status_code, len(answer.json["order_update_errors"]["errors"])) == (200, 1)

    def test_of_lines_may_hold_several_values(self, shop):
        order_id = shop.place()
        field = {"code": "serials", "type": "MULTIPLE_VALUES_LIST", "value": ["S1", "S2"]}
        line = {"order_line_id": f"{order_id}-1", "order_line_additional_fields": [field]}

        shop.call("PUT", f"/orders/{order_id}/additional_fields", json={"order_lines": [line]})

        assert shop.order(order_id)["order_lines"][0]["order_line_additional_fields"] == [field]

    def test_leave_origins_to_another_call(self, shop):
        order_id = shop.place()
        body = {"order_lines": [{"order_line_id": f"{order_id}-1", "shipping_from": {"warehouse": {"code": "MAIN"}}}, {"order_line_id": "none"}]}

        answer = shop.call("PUT", "/orders/shipping_from", json=body)

        assert [len(each["errors"]) for each in answer.json["updated_order_lines"]] == [0, 1]
        assert shop.order(order_id)["order_lines"][0]["shipping_from"]["warehouse"] == {"code": "MAIN"}
