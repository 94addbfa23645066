"""The check that every call of the Mirakl contract tests goes through must itself find what is wrong."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.contract.mirakl_record import all_faults, faults


def call(method: str, path: str, body: Any = None, query: str = "shop_id=2310") -> dict[str, str]:
    return {"method": method, "path": f"/api{path}", "query": query, "body": "" if body is None else json.dumps(body)}


class TestACall:
    @pytest.mark.parametrize(
        "sent",
        [
            call("GET", "/orders", query="start_update_date=2026-08-01T00%3A00%3A00Z&sort=dateCreated&order=asc&max=100&offset=0&shop_id=2310"),
            call("PUT", "/orders/W-1-A/accept", {"order_lines": [{"id": "W-1-A-1", "accepted": True}]}),
            call("PUT", "/orders/W-1-A/tracking", {"carrier_code": "DPD-UK", "tracking_number": "1550"}),
            call("PUT", "/orders/W-1-A/ship"),
            call("GET", "/shipments", query="order_id=A&order_id=B&limit=100&shop_id=2310"),
        ],
    )
    def test_as_the_vendor_shows_it_is_fine(self, sent: dict[str, str]):
        assert faults(sent) == []

    @pytest.mark.parametrize(
        ("sent", "problem"),
        [
            (call("PUT", "/orders/W-1-A/accept", {"order_lines": [{"id": "W-1-A-1", "accepted": "yes"}]}), "not a boolean"),
            (call("PUT", "/orders/W-1-A/accept", {"order_lines": [{"id": "W-1-A-1"}]}), "accepted is missing"),
            (call("PUT", "/orders/W-1-A/tracking", {"carrier_code": "RM", "tracking_url": "x"}), "tracking_url is not a field"),
            (call("PUT", "/orders/W-1-A/ship", {}), "has no body"),
            (call("GET", "/orders", query="max=200"), "not a whole number from 1 to 100"),
            (call("GET", "/orders", query="start_update_date=2026-08-01"), "not a date-time"),
            (call("GET", "/orders", query=f"order_ids={','.join(['A'] * 101)}"), "101 values"),
            (call("GET", "/orders/W-1-A"), "no operation that a seller should call"),
            (call("GET", "/returns", query="page_token=abc&limit=100"), "everything else is ignored"),
            (call("PUT", "/returns/receive", {"returns": [{"id": "7"}]}), "not a UUID"),
        ],
    )
    def test_that_departs_from_the_record_says_where(self, sent: dict[str, str], problem: str):
        [found] = faults(sent)
        assert problem in found

    def test_is_told_once_however_often_it_was_made(self):
        assert len(all_faults([call("GET", "/orders", query="max=0")] * 3)) == 1
