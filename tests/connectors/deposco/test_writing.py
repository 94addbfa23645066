"""What Deposco is asked, and what is made of its answers."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.canonical import ShipmentLine
from connectors.deposco.cancelling import cuts_of
from connectors.deposco.creation import service_of, totals
from connectors.deposco.settings import Settings
from connectors.errors import AccessDenied, Conflict, Exchange, OutcomeUnknown, Rejected
from connectors.ports import Account
from tests.connectors.deposco.scripted import CREDENTIALS, Asked, Reply, connector, line, order, sample

MADE = {**sample("order_picking"), "orderStatus": "New", "orderLines": {"data": []}, "updatedDate": "2026-06-01T10:03:05-04:00"}


def says(message: str) -> dict[str, Any]:
    return {"errors": [{"errorMessage": message}]}


class TestCreateOrder:
    def test_sends_references_by_their_dotted_keys(self):
        deposco, http = connector(lambda asked: (201, {"salesOrder": MADE}))

        done = deposco.create_order(order(lines=(line(channel_line="7001"), line(sku="CAP", item_reference="9077"))))

        first, second = http.asked[0].body["orderLines"]["data"]
        assert (done.reference, done.found, http.asked[0].headers["Authorization"]) == ("51001", False, "Bearer eyJ.demo")
        assert first["item"] == {"businessKey": {"number": "TEE-BLK-M", "businessUnit.code": "ACME"}}
        assert first["pack"] == {"businessKey": {"item.number": "TEE-BLK-M", "quantity": 1, "item.businessUnit.code": "ACME"}}
        assert (first["lineNumber"], first["customerLineNumber"], first["unitPrice"], first["taxCost"]) == ("1", "7001", 19.5, 3.12)
        assert (second["lineNumber"], second["item"]) == ("2", {"id": 9077})

    @pytest.mark.parametrize(
        ("status", "body", "code", "fields"),
        [
            (404, says("Item with business key number = [TEE-BLK-M] not found"), "unknown_sku", ("TEE-BLK-M",)),
            (404, says("Pack with business key item.number, quantity = [TEE-BLK-M, 1] not found"), "unknown_pack", ("TEE-BLK-M, 1",)),
            (404, says("Facility with business key number = [XX] not found"), "unknown_reference", ("XX",)),
            (422, says("salesOrder.shipToContact.lastName size must be between 0 and 30"), "422", ()),
            (422, says("Order updates are not accepted for order at this API Endpoint"), "customer_order", ()),
        ],
    )
    def test_says_what_deposco_does_not_take(self, status: int, body: dict, code: str, fields: tuple):  # R46, R47
        with pytest.raises(Rejected) as caught:
            connector(lambda asked: (status, body))[0].create_order(order())
        assert (caught.value.code, caught.value.fields) == (code, fields)

    @pytest.mark.parametrize(("status", "body"), [(200, b""), (200, b"<html>"), (201, {"data": []}), (202, b"")])
    def test_does_not_know_after_an_answer_that_says_nothing(self, status: int, body: Any):
        with pytest.raises(OutcomeUnknown):
            connector(lambda asked: (status, body))[0].create_order(order())

    def test_gives_way_to_somebody_else(self):
        with pytest.raises(Conflict):
            connector(lambda asked: (409, says("The resource was updated by a concurrent request.")))[0].create_order(order())

    def test_tells_that_the_number_was_taken(self):
        there = {**MADE, "updatedDate": "2026-06-03T10:00:00Z"}

        done = connector(lambda asked: (200, there))[0].create_order(order())
        assert done.found and "already" in done.warnings[-1]

    def test_refuses_a_number_that_was_cancelled(self):
        def reply(asked: Asked) -> Reply:
            if asked.method == "POST":
                return 400, says("Order WEB-10021 cannot be updated while in the status of [Canceled].")
            return 200, {"data": [{**MADE, "orderStatus": "Canceled"}], "complete": True}

        with pytest.raises(Rejected) as caught:
            connector(reply)[0].create_order(order())
        assert caught.value.code == "duplicate_number"

    def test_renews_a_token_once_and_no_more(self):
        exchange = Exchange("POST", "https://api.deposco.com", 401)
        deposco, http = connector(lambda asked: AccessDenied("no", exchange=exchange))

        with pytest.raises(AccessDenied):
            deposco.create_order(order())
        assert len(http.asked) == 2

    @pytest.mark.parametrize(("named", "error"), [("OTHER", Rejected), ("ACME", AccessDenied)])
    def test_tells_a_wrong_store_from_a_missing_right(self, named: str, error: type[Exception]):
        refused = AccessDenied("no", detail="Business unit OTHER is not permitted", exchange=Exchange("POST", "https://api.deposco.com", 403))

        with pytest.raises(error):
            connector(lambda asked: refused)[0].create_order(order(store_code=named))

    @given(st.lists(st.tuples(st.decimals("0.01", "999", places=4), st.integers(1, 50)), min_size=1, max_size=8))
    def test_adds_up_to_its_total(self, lines: list[tuple[Decimal, int]]):
        told = totals(order(lines=tuple(line(unit_net=price, quantity=units) for price, units in lines)))

        assert told["orderTotal"] == told["orderSubtotal"] + told["orderShippingTotal"] + told["orderTaxTotal"]
        assert abs(told["orderSubtotal"] - sum(price * units for price, units in lines)) <= Decimal("0.005")

    @pytest.mark.parametrize(
        ("code", "sent"),
        [
            ("UPS|UPS Ground", {"shipVendor": "UPS", "shipVia": "UPS Ground"}),
            ("2DAY", {"shipVia": "2DAY"}),
            ("UPS|", {"shipVendor": "UPS"}),
            ("", {}),
        ],
    )
    def test_names_carrier_and_service(self, code: str, sent: dict):
        assert service_of(code) == sent


class TestTheLegacyImport:
    @pytest.mark.parametrize(
        ("entry", "code", "fields"),
        [
            ({"status": "HTTP/1.1 400 Bad Request", "missingItems": ["A", "B"]}, "unknown_sku", ("A", "B")),
            ({"status": "HTTP/1.1 400 Bad Request", "missingPacks": {"itemNumber": "A"}}, "unknown_pack", ("A",)),
            ({"status": "HTTP/1.1 400 Bad Request", "errors": {"message": "No address"}}, "400", ()),
        ],
    )
    def test_says_what_deposco_does_not_take(self, entry: dict, code: str, fields: tuple):  # R47
        with pytest.raises(Rejected) as caught:
            connector(lambda asked: (207, {"response": entry}), api="legacy")[0].create_order(order())
        assert (caught.value.code, caught.value.fields) == (code, fields)

    def test_reads_a_duplicate_back(self):  # R35
        taken = {"status": "HTTP/1.1 409 Conflict", "description": "Duplicate entry '181-Sales Order-WEB-10021' for key 'ux_oh_bu_type_number'"}
        there = {"order": {"number": "WEB-10021", "type": "Sales Order", "status": "New"}}

        deposco, http = connector(lambda asked: (207, {"response": [taken]}) if asked.method == "POST" else (200, there), api="legacy")
        done = deposco.create_order(order())

        assert (done.reference, done.found) == ("WEB-10021", True)
        assert (http.asked[1].path, http.asked[1].query) == ("/integration/ACME/search/Order", {"type": "Sales Order", "number": "WEB-10021"})

    def test_never_puts_a_blank_into_a_path(self):
        deposco, http = connector(lambda asked: (200, {"order": []}), api="legacy")

        assert deposco.find_orders("WEB 1") == () and deposco.legacy.shipment("SHP 1") is None
        assert all("%20" not in asked.path and " " not in asked.path for asked in http.asked)


PACKS = st.lists(st.tuples(st.sampled_from(["A", "B"]), st.integers(0, 9), st.integers(0, 3)), max_size=6)


class TestLowering:
    @given(PACKS, st.integers(0, 20), st.integers(0, 20))
    def test_leaves_what_is_wanted_and_never_less(self, packs: list[tuple[str, int, int]], a: int, b: int):
        rows = [
            {"lineNumber": str(at), "item": {"businessKey": {"number": sku}}, "orderPackQuantity": open_ + gone, "canceledPackQuantity": gone}
            for at, (sku, open_, gone) in enumerate(packs)
        ]
        cuts = cuts_of(rows, (ShipmentLine("A", a), ShipmentLine("B", b)), what="order")

        cut = {row["orderLine"]["businessKey"]["lineNumber"]: row["canceledPackQuantity"] for row in cuts}
        for sku, wanted in (("A", a), ("B", b)):
            open_now = sum(open_ for name, open_, _ in packs if name == sku)
            taken = sum(cut.get(str(at), 0) for at, (name, _, _) in enumerate(packs) if name == sku)
            assert open_now - taken == min(open_now, wanted)

    def test_does_not_break_a_case(self):
        row = {"lineNumber": "1", "item": {"businessKey": {"number": "A"}}, "pack": {"businessKey": {"quantity": 12}}, "orderPackQuantity": 2}

        with pytest.raises(Rejected) as caught:
            cuts_of([row], (ShipmentLine("A", 18),), what="order")
        assert caught.value.code == "pack_size" and len(cuts_of([row], (ShipmentLine("A", 12),), what="order")) == 1


class TestAddresses:
    @pytest.mark.parametrize(
        ("base", "options", "rest", "legacy", "token"),
        [
            (
                "https://api.deposco.com/latest",
                {},
                "https://api.deposco.com/latest",
                "https://api.deposco.com/integration/ACME",
                "https://auth.deposco.com/oauth2/token",
            ),
            (
                "http://h:1",
                {"legacy_company": "A2"},
                "http://h:1/latest",
                "http://h:1/integration/A2",
                "http://h:1/oauth2/token",
            ),
            (
                "http://h:1/vendors/deposco/beta/",
                {"legacy_url": "https://acme-ua.deposco.com"},
                "http://h:1/vendors/deposco/beta",
                "https://acme-ua.deposco.com/integration/ACME",
                "http://h:1/vendors/deposco/oauth2/token",
            ),
            (
                "https://api.deposco.com/latest",
                {"legacy_url": "https://acme.deposco.com/integration/X9/"},
                "https://api.deposco.com/latest",
                "https://acme.deposco.com/integration/X9",
                "https://auth.deposco.com/oauth2/token",
            ),
        ],
    )
    def test_follow_from_what_is_given(self, base: str, options: dict, rest: str, legacy: str, token: str):
        settings = Settings(Account("k", base, CREDENTIALS, account="ACME", options=options))

        assert (settings.rest_url, settings.legacy_url, settings.token_url) == (rest, legacy, token)
