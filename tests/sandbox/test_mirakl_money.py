"""The Mirakl simulator's money: refunds, cancelations, the account's lines, billing cycles and invoices."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.sandbox.mirakl_shop import Shop

LOGS = "/sellerpayment/transactions_logs"


@pytest.fixture
def shop() -> Shop:
    return Shop()


def refund(shop: Shop, order_id: str, amount: float = 25, **more):
    item = {"order_line_id": f"{order_id}-1", "amount": amount, "shipping_amount": 0, "reason_code": "19", "quantity": 1, **more}
    return shop.call("PUT", "/orders/refund", json={"order_tax_mode": "TAX_INCLUDED", "refunds": [item]})


def amounts(shop: Shop, **query) -> dict[str, Decimal]:
    return {each["type"]: Decimal(str(each["amount"])) for each in shop.get(LOGS, **query)["data"]}


class TestARefund:
    def test_moves_on_until_it_is_paid(self, shop):
        order_id = shop.shipped(lines={"MUG-BLU": 2})
        answer, states = refund(shop, order_id), []

        for _ in range(3):
            states.append(shop.order(order_id)["order_lines"][0]["refunds"][0]["refund_state"])
            shop.wait(31)

        (made,) = answer.json["refunds"]
        seen = shop.order(order_id)["order_lines"][0]["refunds"][0]
        assert states == ["WAITING_REFUND", "WAITING_REFUND_PAYMENT", "REFUNDED"]
        assert (made["refund_id"], made["taxes"][0]["amount"]) == (seen["id"], 4.17)
        assert seen["transaction_number"]
        assert shop.order(order_id)["fully_refunded"] is False

    def test_is_full_when_nothing_is_left(self, shop):
        order_id = shop.shipped(shipping_price=0)
        refund(shop, order_id)
        shop.wait(61)

        order = shop.order(order_id)

        assert (order["fully_refunded"], order["order_lines"][0]["order_line_state"], order["order_state"]) == (True, "REFUNDED", "SHIPPED")
        assert refund(shop, order_id).status_code == 400

    def test_is_not_made_twice_while_one_is_on_its_way(self, shop):
        order_id = shop.shipped(lines={"MUG-BLU": 2})
        refund(shop, order_id)

        again = refund(shop, order_id)
        shop.wait(61)

        assert (again.status_code, again.json["message"]) == (400, "A refund is already being processed on this order line")
        assert refund(shop, order_id).status_code == 200

    def test_needs_money_on_the_account(self, shop):
        order_id = shop.shipped()
        shop.control("move", order_ids=[order_id], to="RECEIVED")
        shop.control("close-cycle")

        answer = refund(shop, order_id)

        assert (answer.status_code, answer.json["message"]) == (400, "The shop does not have a sufficient payable balance for the refund")

    @pytest.mark.parametrize("more", [{"reason_code": "21"}, {"reason_code": "31"}, {"currency_iso_code": "EUR"}, {"amount": 26}, {"amount": 0}])
    def test_keeps_to_its_terms(self, shop, more):
        assert refund(shop, shop.shipped(), **more).status_code == 400

    def test_is_for_orders_that_were_paid_and_not_closed(self, shop):
        waiting, unpaid, closed = shop.place(), shop.to_ship(payment_workflow="PAY_ON_DELIVERY"), shop.shipped()
        for state in ("RECEIVED", "CLOSED"):
            shop.control("move", order_ids=[closed], to=state)

        assert [refund(shop, each).status_code for each in (waiting, unpaid, closed)] == [400, 400, 400]
        assert refund(shop, "W-0-A").status_code == 404

    def test_before_shipping_leaves_less_to_ship(self, shop):
        order_id = shop.to_ship(shipping_price=0)

        refund(shop, order_id, excluded_from_shipment=True)
        shop.wait(61)

        assert shop.order(order_id)["order_state"] == "CANCELED"

    def test_can_be_the_operators_own(self, shop):
        order_id = shop.shipped(lines={"MUG-BLU": 2})

        shop.control("refund", order_ids=[order_id], quantity=1)

        assert shop.order(order_id)["order_lines"][0]["refunds"][0]["reason_code"] == "21"
        assert shop.summary()["refunds"] == {f"{order_id}-1": {"count": 1, "amount": 25}}


class TestACancelation:
    def cancel(self, shop: Shop, order_id: str, quantity: int, amount: float, reason: str = "31"):
        item = {"order_line_id": f"{order_id}-1", "quantity": quantity, "amount": amount, "shipping_amount": 0, "reason_code": reason}
        return shop.call("PUT", "/orders/cancel", json={"cancelations": [item]})

    def test_takes_units_off_before_shipping(self, shop):
        order_id = shop.to_ship(lines={"MUG-BLU": 2})

        answer = self.cancel(shop, order_id, 1, 25)

        (seen,) = shop.order(order_id)["order_lines"][0]["cancelations"]
        assert answer.json["cancelations"][0]["cancelation_id"] == seen["id"]
        assert (seen["quantity"], seen["amount"]) == (1, 25)
        assert shop.order(order_id)["order_state"] == "SHIPPING"

    def test_of_everything_cancels_the_order(self, shop):
        order_id = shop.to_ship()

        self.cancel(shop, order_id, 1, 25)

        assert shop.order(order_id)["order_state"] == "CANCELED"

    def test_is_too_late_once_shipped(self, shop):
        assert self.cancel(shop, shop.shipped(), 1, 25).status_code == 400
        assert self.cancel(shop, shop.to_ship(), 1, 25, reason="19").status_code == 400


class TestTheAccount:
    def test_gets_its_lines_with_the_debit(self, shop):
        order_id = shop.to_ship()

        entries = shop.get(LOGS)["data"]

        assert amounts(shop) == {
            "ORDER_AMOUNT": Decimal("25"),
            "ORDER_SHIPPING_AMOUNT": Decimal("3.9"),
            "COMMISSION_FEE": Decimal("-4.34"),
            "COMMISSION_VAT": Decimal("-0.87"),
        }
        assert {each["payment_state"] for each in entries} == {"PENDING"}
        assert {each["entities"]["order"]["id"] for each in entries} == {order_id}
        assert all(round(each["amount_credited"] - each["amount_debited"], 2) == each["amount"] for each in entries)

    def test_names_taxes_apart_where_prices_are_without(self):
        shop = Shop(order_tax_mode="TAX_EXCLUDED")
        shop.to_ship()

        assert amounts(shop)["ORDER_AMOUNT_TAX"] == 5

    def test_becomes_payable_when_the_goods_arrive_and_paid_with_the_cycle(self, shop):
        order_id, states = shop.shipped(), []
        for step in ({"path": "move", "order_ids": [order_id], "to": "RECEIVED"}, {"path": "close-cycle"}):
            shop.control(step.pop("path"), **step)
            states.append({each["payment_state"] for each in shop.get(LOGS)["data"]})

        assert states == [{"PAYABLE"}, {"PAID"}]

    def test_gives_the_commission_back_with_a_refund(self, shop):
        order_id = shop.shipped()
        refund(shop, order_id)

        found = {kind: amount for kind, amount in amounts(shop).items() if kind.startswith("REFUND")}

        assert found == {"REFUND_ORDER_AMOUNT": -25, "REFUND_COMMISSION_FEE": Decimal("3.75"), "REFUND_COMMISSION_VAT": Decimal("0.75")}

    def test_is_read_by_last_update_and_in_pages(self, shop):
        for _ in range(3):
            shop.to_ship()
        first = shop.get(LOGS, limit=7, sort="lastUpdated,ASC")
        second = shop.get(LOGS, page_token=first["next_page_token"], sort="dateCreated,DESC", limit=1)

        ids = [each["id"] for each in first["data"] + second["data"]]

        assert (len(ids), len(set(ids)), second["next_page_token"]) == (12, 12, None)

    def test_takes_up_to_two_thousand_a_page(self, shop):
        assert shop.call("GET", LOGS, query={"limit": 2000}).status_code == 200
        assert shop.call("GET", LOGS, query={"limit": 2001}).status_code == 400
        assert shop.call("GET", LOGS, query={"page_token": "nonsense"}).status_code == 400

    def test_filters_by_type_state_and_order(self, shop):
        first, _ = shop.to_ship(), shop.to_ship()

        assert len(shop.get(LOGS, transaction_type=["ORDER_AMOUNT", "COMMISSION_FEE"], payment_state="PENDING")["data"]) == 4
        assert len(shop.get(LOGS, order_id=first)["data"]) == 4


class TestABillingCycle:
    @pytest.fixture
    def cycle(self, shop) -> dict:
        order_id = shop.shipped()
        shop.control("move", order_ids=[order_id], to="RECEIVED")
        shop.control("charge", kind="SELLER_PENALTY_FEE", amount=2, tax="0.40")
        shop.control("close-cycle")
        return shop.get("/seller-billing-cycles")["data"][0]

    def test_adds_up_to_what_is_transferred(self, shop, cycle):
        entries = shop.get(LOGS, seller_billing_cycle_id=cycle["id"], limit=100)["data"]
        own = sum(Decimal(str(each["amount"])) for each in entries if each["type"] != "PAYMENT")

        assert own == Decimal(str(cycle["amount_transferred_to_seller"])) == Decimal("21.29")
        assert amounts(shop, transaction_type="PAYMENT") == {"PAYMENT": -own}
        assert (cycle["pay_out"]["state"], cycle["summary"]["total_seller_penalty_fees_incl_tax"]) == ("PAID", -2.4)

    def test_invoices_what_the_operator_keeps(self, shop, cycle):
        (invoice,) = shop.get("/invoices")["invoices"]

        assert (invoice["type"], invoice["seller_billing_cycle_id"], invoice["total_amount_incl_taxes"]) == ("AUTO_INVOICE", cycle["id"], 7.61)
        assert invoice["total_amount_incl_taxes"] == cycle["amount_transferred_to_operator"]
        assert shop.call("GET", f"/invoices/{invoice['invoice_id']}").data.startswith(b"%PDF")

    def test_can_wait_for_its_pay_out_or_fail(self, shop):
        shop.control("charge", kind="MANUAL_CREDIT", amount=10)
        id = shop.control("close-cycle", pay_out="TO_PAY")["id"]

        shop.control("pay-out", cycle_id=id, state="FAILED", failure_reason="INCOMPLETE_KYC")

        assert shop.get("/seller-billing-cycles", pay_out_state="FAILED")["data"][0]["pay_out"]["failure_reason"] == "INCOMPLETE_KYC"
        assert shop.get("/seller-billing-cycles", pay_out_state="PAID")["data"] == []

    def test_leaves_what_is_still_pending(self, shop):
        shop.to_ship()
        shop.control("close-cycle")

        assert {each["payment_state"] for each in shop.get(LOGS)["data"]} == {"PENDING"}

    def test_shows_credits_by_hand_only_when_asked(self, shop):
        shop.control("charge", kind="MANUAL_CREDIT", amount=10, tax=2)

        assert shop.get("/invoices")["total_count"] == 0
        assert shop.get("/invoices", type="MANUAL_CREDIT")["invoices"][0]["total_amount_incl_taxes"] == 12

    def test_moves_the_shops_balances(self, shop, cycle):
        shop.shipped()

        details = shop.get("/account")["payment_details"]

        assert (details["payable_balance"], details["pending_balance"]) == (0, 23.69)
