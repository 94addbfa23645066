"""What is sent when we decide, ship and refund, byte for byte, and what is made of odd answers."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from connectors.canonical import DispatchNotice, LineDecision, OrderDecision, Parcel, RefundRequest, Shipment, ShipmentLine, StockTarget
from connectors.errors import OutcomeUnknown, Rejected
from connectors.mirakl.refunding import entry, tax_shares
from connectors.mirakl.shipments import drafts, is_own
from connectors.mirakl.stock import fault
from tests.connectors.mirakl.scripted import Asked, Reply, connector, raw, sample

ORDER = "W-48213377-A"
FIRST, SECOND = f"{ORDER}-1", f"{ORDER}-2"


def notice(*lines: ShipmentLine, parcels: tuple[Parcel, ...] = (), seen: bytes = b"", complete: bool = True, key: str = "k1") -> DispatchNotice:
    shipped = lines or (ShipmentLine("KET-1L-RED", 2, FIRST), ShipmentLine("MUG-SET4", 1, SECOND))
    shipment = Shipment("S1", shipped, parcels or (Parcel("p", "1550"),), carrier_code="DPD-UK")
    return DispatchNotice(key, ORDER, shipment, complete=complete, seen=seen)


class Marketplace:
    """One order; remembers what was asked, refuses what it is told to refuse."""

    def __init__(self, refuse: dict[str, Reply] | None = None, **order: Any) -> None:
        self.order, self.refuse = sample("order", **order), refuse or {}

    def __call__(self, asked: Asked) -> Reply:
        last = asked.path.rpartition("/")[2]
        if last in self.refuse:
            return self.refuse[last]
        if asked.method == "GET":
            return self.read(last)
        return (204, None)

    def read(self, last: str) -> Reply:
        answers: dict[str, Any] = {
            "orders": {"orders": [self.order], "total_count": 1},
            "carriers": sample("carriers"),
            "configuration": {"features": {}},
        }
        return (200, answers[last]) if last in answers else (404, {})


class TestDecision:
    def decide(self, reply: Any, *accept: bool, **options: str) -> Any:
        shop, _ = connector(reply, **options)
        lines = tuple(LineDecision(line, yes) for line, yes in zip((FIRST, SECOND), accept or (True, True), strict=True))
        return shop.decide_order(OrderDecision(ORDER, lines))

    def test_mixed_is_not_even_sent_where_the_connection_says_no(self):
        with pytest.raises(Rejected) as caught:
            self.decide(lambda asked: (500, None), True, False, partial_acceptance="false")
        assert caught.value.code == "ORDER_PARTIAL_ACCEPTANCE_DISABLED"

    def test_refused_for_a_published_reason_is_said_plainly(self):
        refuse: Reply = (400, {"errors": [{"code": "ORDER_LINE_ACCEPTANCE_DECISION_MISSING", "message": "x"}]})

        with pytest.raises(Rejected, match="every line"):
            self.decide(Marketplace({"accept": refuse}))

    def test_taken_otherwise_before_is_told(self):
        order = {"order_state": "SHIPPING", "order_lines": [{"order_line_id": FIRST, "order_line_state": "REFUSED"}, {"order_line_id": SECOND, "order_line_state": "SHIPPING"}]}  # fmt: skip  # noqa: E501

        with pytest.raises(Rejected) as caught:
            self.decide(Marketplace({"accept": (400, {"message": "no"})}, **order))
        assert (caught.value.code, caught.value.fields) == ("decided_otherwise", (FIRST,))

    def test_on_a_cancelled_order_is_done_with_a_warning(self):
        done = self.decide(Marketplace({"accept": (400, b"")}, order_state="CANCELED"))

        assert done.found and "cancelled" in done.warnings[0]


class TestDispatch:
    def test_sends_tracking_then_ship_without_a_body(self):
        shop, script = connector(Marketplace())
        shop.confirm_shipment(notice(seen=raw(sample("order", order_state="SHIPPING", can_shop_ship=True))))
        track, ship = [asked for asked in script.asked if asked.method == "PUT"]

        assert track.json == {"carrier_code": "DPD-UK", "tracking_number": "1550"}
        assert (ship.path, ship.body, ship.headers["Content-Length"]) == (f"/api/orders/{ORDER}/ship", b"", "0")

    def test_is_not_shipped_when_its_tracking_is_refused(self):
        shop, script = connector(Marketplace({"tracking": (400, {"message": "No such carrier"})}, order_state="SHIPPING", can_shop_ship=True))

        with pytest.raises(Rejected, match="No such carrier"):
            shop.confirm_shipment(notice())
        assert not [asked for asked in script.asked if asked.path.endswith("/ship")]

    def test_seen_as_shipped_with_the_same_tracking_asks_nothing(self):
        shop, script = connector(Marketplace())
        shown = sample("order", order_state="SHIPPED", shipping_carrier_code="DPD-UK", shipping_tracking="1550")

        assert shop.confirm_shipment(notice(seen=raw(shown))).found
        assert [asked.path for asked in script.asked] == ["/api/shipping/carriers"]

    def test_seen_with_other_tracking_is_left_and_told(self):
        shop, _ = connector(Marketplace())
        done = shop.confirm_shipment(notice(seen=raw(sample("order", order_state="RECEIVED", shipping_tracking="9"))))

        assert done.found and "9" in done.warnings[0]

    def test_that_the_operator_makes_is_not_ours(self):
        shop, _ = connector(Marketplace())

        with pytest.raises(Rejected) as caught:
            shop.confirm_shipment(notice(seen=raw(sample("order", order_state="SHIPPING", can_shop_ship=False))))
        assert caught.value.code == "not_ours_to_ship"

    def test_of_a_line_that_is_not_there_is_refused(self):
        shop, _ = connector(Marketplace())

        with pytest.raises(Rejected) as caught:
            shop.confirm_shipment(notice(ShipmentLine("X", 1, "other-line")))
        assert caught.value.code == "unknown_line"


class TestDrafts:
    def test_make_one_shipment_for_each_parcel_whose_units_are_known(self):
        parcels = (Parcel("p/1", "1", lines=(ShipmentLine("A", 1, FIRST),)), Parcel("p2", "2", lines=(ShipmentLine("A", 1, FIRST),)))
        made = list(drafts(notice(parcels=parcels), {FIRST: 2, SECOND: 1}, tracking={"carrier_code": "RM", "tracking_number": "1"}, taken=0))

        assert [each["tracking"].get("tracking_number") for each in made] == ["1", "2", "1"]
        assert sum(line["quantity"] for each in made for line in each["shipment_lines"]) == 3
        assert all(is_own(each, "k1") and not is_own(each, "k") for each in made)


class TestRefund:
    def request(self, **changes: Any) -> RefundRequest:
        values = {
            "key": "k",
            "order_reference": ORDER,
            "amount": Decimal("24.90"),
            "currency": "GBP",
            "order_line": FIRST,
            "quantity": 1,
            "reason_code": "19",
        }
        return RefundRequest(**{**values, **changes})

    def made(self, **changes: Any) -> dict[str, Any]:
        order = sample("order", **changes)
        return entry(order, order["order_lines"][0], self.request(), reason="19")

    def test_leaves_proportional_taxes_to_mirakl(self):
        assert self.made() == {
            "order_line_id": FIRST, "amount": Decimal("24.90"), "shipping_amount": Decimal("0.00"), "reason_code": "19", "quantity": 1,
            "currency_iso_code": "GBP", "excluded_from_shipment": False,
        }  # fmt: skip

    def test_without_tax_in_prices_sends_the_net(self):
        assert self.made(order_tax_mode="TAX_EXCLUDED")["amount"] == Decimal("20.75")

    def test_shares_fixed_taxes_by_amount(self):
        taxes = [{"code": "ECO", "amount": 1, "tax_calculation_rule": "NONE"}]

        assert tax_shares(taxes, Decimal(25), Decimal(50), currency="GBP") == [{"code": "ECO", "amount": Decimal("0.50")}]

    def test_in_another_currency_is_refused(self):
        with pytest.raises(Rejected, match="GBP"):
            entry(sample("order"), sample("order")["order_lines"][0], self.request(currency="EUR"), reason="19")

    def test_that_the_line_does_not_allow_is_not_sent(self):
        shop, script = connector(Marketplace())

        with pytest.raises(Rejected) as caught:
            shop.refund(self.request())
        assert caught.value.code == "cannot_refund" and [asked.method for asked in script.asked] == ["GET"]

    def test_taken_without_an_answer_may_have_been_made(self):
        marketplace = Marketplace()
        marketplace.order["order_lines"][0]["can_refund"] = True
        shop, _ = connector(marketplace)

        with pytest.raises(OutcomeUnknown):
            shop.refund(self.request())


class TestStockTarget:
    @pytest.mark.parametrize("target", [StockTarget("", 1), StockTarget("A/B", 1), StockTarget("A" * 41, 1), StockTarget("A\nB", 1), StockTarget("Č", 1), StockTarget("A", -1)])  # fmt: skip  # noqa: E501
    def test_that_no_file_can_hold_is_told(self, target: StockTarget):
        assert fault(target, encoding="iso-8859-1")

    def test_that_a_file_can_hold_is_fine(self):
        assert fault(StockTarget("KET-1L-RED ", 0), encoding="utf-8") == ""


class TestStockFile:
    def reply(self, asked: Asked) -> Reply:
        if asked.path == "/api/offers":
            return 200, {
                "offers": [{"offer_id": 1, "shop_sku": asked.query["sku"], "quantity": 7 if asked.query["sku"] == "A" else 3}],
                "total_count": 1,
            }
        if asked.path.endswith("error_report"):
            return 200, b'"4";"broken "here;"'
        if asked.method == "POST":
            return 201, {"import_id": "3f6a"}
        return 200, {"import_id": "3f6a", "status": "COMPLETE", "has_error_report": True, "lines_in_error": 1}

    def test_whose_report_names_nobody_is_judged_by_what_the_offers_show(self, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr("connectors.mirakl.stock.pause", lambda seconds: None)
        shop, _ = connector(self.reply)
        a, b = shop.publish_stock([StockTarget("A", 7), StockTarget("B", 9)])

        assert a.ok and not b.ok and "shows 3 instead of 9" in b.sentence

    def test_that_could_not_be_worked_off_refuses_every_line(self, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr("connectors.mirakl.stock.pause", lambda seconds: None)
        shop, _ = connector(
            lambda asked: (201 if asked.method == "POST" else 200, {"import_id": 5, "status": "FAILED", "reason_status": "bad header"})
        )
        verdicts = list(shop.publish_stock([StockTarget("A", 7), StockTarget("B", 9)]))

        assert [verdict.code for verdict in verdicts] == ["import_failed"] * 2 and "bad header" in verdicts[0].sentence

    def test_goes_by_offers_where_stock_imports_are_missing(self, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr("connectors.mirakl.stock.pause", lambda seconds: None)

        def reply(asked: Asked) -> Reply:
            return (404, {}) if "stock" in asked.path else (201 if asked.method == "POST" else 200, {"import_id": 5, "status": "COMPLETE"})

        shop, script = connector(reply)
        by_place = {verdict.warehouse_code: verdict for verdict in shop.publish_stock([StockTarget("A", 7), StockTarget("A", 7, "LEEDS")])}

        assert by_place[""].ok and by_place["LEEDS"].code == "no_warehouses"
        assert b'name="import_mode"\r\n\r\nNORMAL' in script.asked[1].body and b'"sku";"update-delete";"quantity"\n"A";"";"7"' in script.asked[1].body
