"""The Mirakl simulator's returns: opened by either side, taken step by step, and never a refund by themselves."""

from __future__ import annotations

from uuid import uuid4

import pytest

from tests.sandbox.mirakl_shop import Shop


@pytest.fixture
def shop() -> Shop:
    return Shop()


@pytest.fixture
def order_id(shop) -> str:
    return shop.shipped(lines={"MUG-BLU": 2})


def act(shop: Shop, verb: str, *items: dict) -> dict:
    answer = shop.call("PUT", f"/returns{verb}", json={"returns": list(items)})
    assert answer.status_code == 200, answer.text
    return answer.json


def opened(shop: Shop, order_id: str, **more) -> str:
    return shop.control("returns", order_ids=[order_id], **more)["return_ids"][0]


def only(shop: Shop) -> dict:
    return shop.get("/returns")["data"][0]


class TestAReturn:
    def test_is_seen_as_the_customer_opened_it(self, shop, order_id):
        id = opened(shop, order_id, rma="RMA-1", description="Lid cracked")

        found = only(shop)

        assert (found["id"], found["state"], found["order_id"], found["rma"]) == (id, "WAITING_ACCEPTANCE", order_id, "RMA-1")
        assert found["return_lines"] == [{"order_line_id": f"{order_id}-1", "quantity": 2, "reason_code": "RETURN_CHANGED_MIND", "compliance": None}]
        assert "street1" in found["return_address"]

    def test_goes_from_acceptance_to_its_close(self, shop, order_id):
        id, states = opened(shop, order_id), []
        judged = {"order_line_id": f"{order_id}-1", "compliant": True}

        for verb, more in (("/accept", {"accepted": True}), ("/receive", {}), ("/compliance", {"return_lines": [judged]}), ("/close", {})):
            assert act(shop, verb, {"id": id, **more})["return_success"] == [{"id": id}]
            states.append(only(shop)["state"])

        assert states == ["IN_PROGRESS", "RECEIVED", "RECEIVED", "CLOSED"]
        assert only(shop)["return_lines"][0]["compliance"][0]["compliant"] is True
        assert shop.order(order_id)["order_lines"][0]["refunds"] == []

    def test_is_refused_with_a_reason_that_exists(self, shop, order_id):
        id = opened(shop, order_id)

        wrong = act(shop, "/accept", {"id": id, "accepted": False, "rejection_reason_code": "NO"})
        right = act(shop, "/accept", {"id": id, "accepted": False, "rejection_reason_code": "RETURN_REJECTION_NOT_ELIGIBLE"})

        assert (len(wrong["return_errors"]), right["return_success"], only(shop)["state"]) == (1, [{"id": id}], "REFUSED")

    def test_tells_its_errors_inside_a_200(self, shop, order_id):
        waiting, unknown = opened(shop, order_id), str(uuid4())

        errors = act(shop, "/receive", {"id": waiting}, {"id": unknown}, {"id": "R-1"})["return_errors"]

        assert [each["message"] for each in errors] == ["Return is in invalid state", "The return does not exist.", "The return id is incorrect."]

    def test_needs_every_line_judged(self, shop, order_id):
        id = opened(shop, order_id, accepted=True)
        act(shop, "/receive", {"id": id})

        (error,) = act(shop, "/compliance", {"id": id, "return_lines": []})["return_errors"]

        assert error["message"] == f"The compliance has not been specified on the following order lines: {order_id}-1"

    def test_is_amended_without_losing_what_is_absent(self, shop, order_id):
        id = opened(shop, order_id, rma="RMA-1")

        (changed,) = act(shop, "", {"id": id, "tracking": {"carrier_code": "RM", "tracking_number": "TT1"}})["return_success"]

        assert (changed["rma"], changed["tracking"]["carrier_name"], changed["tracking"]["tracking_number"]) == ("RMA-1", "Royal Mail", "TT1")

    def test_is_canceled_or_never_arrives(self, shop, order_id):
        first = opened(shop, order_id)
        act(shop, "/cancel", {"id": first})
        second = opened(shop, order_id)

        shop.control("returns/move", return_ids=[second], to="NO_RECEPTION")

        assert [each["state"] for each in shop.get("/returns")["data"]] == ["CANCELED", "NO_RECEPTION"]

    def test_may_be_accepted_judged_closed_and_refunded_by_the_operator(self):
        shop = Shop(return_auto_accept=True, compliance_in_progress=True, compliance_closes=True, compliance_refunds=True)
        order_id = shop.shipped()
        id = opened(shop, order_id)

        act(shop, "/compliance", {"id": id, "return_lines": [{"order_line_id": f"{order_id}-1", "compliant": True}]})

        assert only(shop)["state"] == "CLOSED"
        assert shop.order(order_id)["order_lines"][0]["refunds"][0]["amount"] == 25

    def test_is_found_by_its_order_and_state(self, shop, order_id):
        opened(shop, order_id)
        commercial_id = shop.order(order_id)["commercial_id"]

        assert len(shop.get("/returns", order_commercial_id=commercial_id, return_state=["IN_PROGRESS", "WAITING_ACCEPTANCE"])["data"]) == 1
        assert shop.get("/returns", return_state="CLOSED")["data"] == []
        assert shop.get("/returns", order_line_id=f"{order_id}-1")["data"] == shop.get("/returns")["data"]

    def test_leaves_fewer_units_to_return(self, shop, order_id):
        opened(shop, order_id, quantity=1)

        (left,) = shop.get("/returns/items_to_return")["data"]

        assert (left["order_line_id"], left["returnable_quantity"]) == (f"{order_id}-1", 1)


class TestOpeningOne:
    def item(self, shop: Shop, order_id: str, **more) -> dict:
        line = {"order_line_id": f"{order_id}-1", "quantity": 1, "reason_code": "RETURN_DEFECTIVE_ITEM"}
        commercial_id = shop.order(order_id)["commercial_id"]
        return {"order_commercial_id": commercial_id, "method_code": "RETURN_METHOD_BY_MAIL", "return_lines": [line], **more}

    def test_gives_the_whole_return_back(self, shop, order_id):
        answer = shop.call("POST", "/returns", json={"returns": [self.item(shop, order_id, accepted=True)]})

        assert (answer.json["return_success"][0]["state"], answer.json["return_errors"]) == ("IN_PROGRESS", [])

    @pytest.mark.parametrize(
        ("more", "message"),
        [
            ({"order_commercial_id": "W-0"}, "The order does not exist."),
            ({"method_code": "BY_PIGEON"}, "The return method is incorrect."),
            ({"rma": "RMA 1"}, "The RMA is incorrect."),
        ],
    )
    def test_names_what_is_wrong(self, shop, order_id, more, message):
        answer = shop.call("POST", "/returns", json={"returns": [self.item(shop, order_id, **more)]})

        assert [each["message"] for each in answer.json["return_errors"]] == [message]

    def test_waits_until_the_order_was_shipped(self, shop):
        answer = shop.call("POST", "/returns", json={"returns": [self.item(shop, shop.to_ship())]})

        assert answer.json["return_errors"][0]["message"] == "Order is in invalid state"

    @pytest.mark.parametrize("status", [403, 404])
    def test_is_unknown_where_returns_are_off(self, status):
        shop = Shop(returns=False, returns_off_status=status)

        assert shop.call("GET", "/returns").status_code == status
