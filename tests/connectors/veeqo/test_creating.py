"""What Veeqo is asked to create, and what is made of its answer."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.errors import OutcomeUnknown, RateLimited, Rejected
from connectors.ports import Account
from connectors.veeqo.creation import PLACES, merged, money
from connectors.veeqo.customers import email_for, placeholder
from tests.connectors.veeqo.scripted import Asked, Reply, connector, line, order, sample

TAKEN = (422, {"error_messages": ["Email has already been taken"]})


def made(**changes: Any) -> dict[str, Any]:
    return {**sample("order_ready"), **changes}


def posts(http: Any) -> list[dict[str, Any]]:
    return [asked.body["order"] for asked in http.asked if asked.method == "POST"]


class TestCreateOrder:
    def test_takes_one_call(self):
        veeqo, http = connector(lambda asked: (201, made()))

        done = veeqo.create_order(order())

        assert (done.reference, done.link, done.found, done.warnings) == ("91500321", "https://app.veeqo.com/orders/91500321", False, ())
        assert [(asked.method, asked.path) for asked in http.asked] == [("POST", "/orders")]
        assert http.asked[0].headers["x-api-key"] == "Vqt/key"

    def test_sends_net_prices_tax_and_payment_as_veeqo_names_them(self):
        veeqo, http = connector(lambda asked: (201, made()))

        veeqo.create_order(order(note="Leave with neighbour", internal_note="from CT"))

        sent = posts(http)[0]
        assert sent["line_items_attributes"] == [{"sellable_id": 13847534, "quantity": 2, "price_per_unit": "25.00", "tax_rate": 0.2}]
        assert (sent["delivery_cost"], sent["total_tax"], sent["total_discounts"]) == ("3.95", "10.00", "0.00")
        assert sent["payment_attributes"] == {"payment_type": "online_finance", "reference_number": "CT-PAY-9"}
        assert sent["send_notification_email"] is False
        assert sent["customer_note_attributes"] == {"text": "Leave with neighbour"}
        assert sent["employee_notes_attributes"] == [{"text": "from CT"}]
        assert (sent["channel_id"], sent["delivery_method_id"], sent["deliver_to_attributes"]["zip"]) == (35250, 4411, "LS1 1AA")

    @pytest.mark.parametrize("changes", [{"paid": False}, {"on_hold": True}])
    def test_sends_no_payment_for_an_order_that_must_wait(self, changes):  # R37
        veeqo, http = connector(lambda asked: (201, made(status="awaiting_payment")))

        veeqo.create_order(order(**changes))

        assert "payment_attributes" not in posts(http)[0]

    def test_uses_a_payment_kind_veeqo_lists(self):
        veeqo, http = connector(lambda asked: (201, made()), payment_type="bank_transfer")

        veeqo.create_order(order(payment_method="paypal"))
        veeqo.create_order(order(payment_method="klarna"))

        assert [sent["payment_attributes"]["payment_type"] for sent in posts(http)] == ["paypal", "bank_transfer"]

    def test_warns_of_everything_veeqo_stored_otherwise(self):
        other = made(total_price=99.0, currency_code="EUR", status="awaiting_payment", number="#P-1")
        other["line_items"][0] |= {"quantity": 1, "price_per_unit": 20.0}
        veeqo, _ = connector(lambda asked: (201, other))

        told = " ".join(veeqo.create_order(order()).warnings)

        assert all(
            word in told for word in ("order number", "currency", "total is 99", "quantity of MUG-BLU is 1", "price of MUG-BLU is 20", "payment")
        )

    @pytest.mark.parametrize("answer", [(201, b'{"id": 9150'), (200, b"<html>Sign in</html>"), (201, b""), (302, b""), (408, {"error": "Timeout"})])
    def test_does_not_know_what_an_unreadable_answer_means(self, answer):  # R35
        veeqo, http = connector(lambda asked: answer)

        with pytest.raises(OutcomeUnknown):
            veeqo.create_order(order())
        assert len(http.asked) == 1

    def test_lets_a_lost_answer_through(self):
        veeqo, http = connector(lambda asked: OutcomeUnknown("lost"))

        with pytest.raises(OutcomeUnknown):
            veeqo.create_order(order())
        assert len(http.asked) == 1

    def test_tells_the_vendors_words_when_it_is_refused(self):
        veeqo, _ = connector(lambda asked: (400, {"error_messages": ["Deliver to can't be blank"]}))

        with pytest.raises(Rejected) as caught:
            veeqo.create_order(order())
        assert "Deliver to can't be blank" in caught.value.sentence and caught.value.code == "400"

    def test_names_what_may_be_unknown_when_veeqo_says_not_found(self):
        veeqo, _ = connector(lambda asked: (404, {"error_messages": "Not found"}))

        with pytest.raises(Rejected) as caught:
            veeqo.create_order(order())
        assert caught.value.code == "unknown_reference" and "store 35250" in caught.value.sentence

    @pytest.mark.parametrize("changes", [{"store_code": "Main"}, {"ship_service_code": "Express"}])
    def test_sends_nothing_for_a_code_that_is_no_id(self, changes):
        veeqo, http = connector(lambda asked: (201, made()))

        with pytest.raises(Rejected) as caught:
            veeqo.create_order(order(**changes))
        assert caught.value.code == "bad_code" and not http.asked

    @pytest.mark.parametrize("options", [{}, {"delivery_method": "77"}])
    def test_gives_an_order_without_a_delivery_method_one_of_veeqos(self, options):  # R116
        veeqo, http = connector(lambda asked: (200, [{"id": 55, "name": "Standard"}]) if asked.method == "GET" else (201, made()), **options)

        veeqo.create_order(order(ship_service_code=""))
        assert http.asked[-1].body["order"]["delivery_method_id"] == (77 if options else 55)

    def test_passes_on_that_it_was_too_fast(self):
        veeqo, _ = connector(lambda asked: RateLimited("slow down"))

        with pytest.raises(RateLimited):
            veeqo.create_order(order())

    def test_reserves_at_the_mapped_warehouse_when_wanted(self):
        veeqo, http = connector(lambda asked: (201, made()), allocate="1")

        veeqo.create_order(order(warehouse_code="1784"))

        assert http.asked[1].path == "/orders/91500321/allocations"
        assert http.asked[1].body == {"allocation": {"warehouse_id": 1784, "line_items_attributes": [{"sellable_id": 13847534, "quantity": 2}]}}

    def test_has_created_the_order_even_when_reserving_fails(self):
        answers = {"/orders": (201, made()), "/orders/91500321/allocations": OutcomeUnknown("lost")}
        veeqo, _ = connector(lambda asked: answers[asked.path], allocate="1")

        done = veeqo.create_order(order(warehouse_code="1784"))

        assert done.reference == "91500321" and "warehouse 1784" in done.warnings[0]


class TestItems:
    def test_are_looked_up_by_exact_sku_once(self):  # R109
        def reply(asked: Asked) -> Reply:
            return (201, made()) if asked.method == "POST" else (200, [sample("product")])

        veeqo, http = connector(reply)
        veeqo.create_order(order(lines=(line(item_reference=""),)))
        veeqo.create_order(order(lines=(line(item_reference=""),)))

        assert [asked.value("query") for asked in http.asked if asked.method == "GET"] == ["MUG-BLU"]
        assert posts(http)[1]["line_items_attributes"][0]["sellable_id"] == 13847534

    @pytest.mark.parametrize("sku", ["mug-blu", "MUG", "MUG-BLU-2"])
    def test_are_refused_when_only_a_similar_sku_is_found(self, sku):  # R78
        veeqo, http = connector(lambda asked: (200, [sample("product")]))

        with pytest.raises(Rejected) as caught:
            veeqo.create_order(order(lines=(line(item_reference="", sku=sku),)))
        assert caught.value.code == "unknown_sku" and sku in caught.value.sentence
        assert not posts(http)

    def test_are_refused_when_two_have_the_sku(self):  # R79
        twin = sample("product") | {"id": 1}
        twin["sellables"][0]["id"] = 99
        veeqo, http = connector(lambda asked: (200, [sample("product"), twin]))

        with pytest.raises(Rejected) as caught:
            veeqo.create_order(order(lines=(line(item_reference=""),)))
        assert caught.value.code == "ambiguous_sku" and caught.value.fields == ("MUG-BLU",) and not posts(http)

    def test_ignore_deleted_products(self):
        veeqo, _ = connector(lambda asked: (200, [sample("product") | {"deleted_at": "2026-01-01T00:00:00Z"}]))

        with pytest.raises(Rejected) as caught:
            veeqo.create_order(order(lines=(line(item_reference=""),)))
        assert caught.value.code == "unknown_sku"


class TestCustomer:
    def test_is_made_with_the_order(self):
        veeqo, http = connector(lambda asked: (201, made()))

        veeqo.create_order(order())

        customer = posts(http)[0]["customer_attributes"]
        assert customer["email"] == "ana@example.com" and customer["billing_address_attributes"]["last_name"] == "Lee"

    def test_keeps_an_anonymised_address(self):  # R48
        veeqo, http = connector(lambda asked: (201, made()))

        veeqo.create_order(order(email="abc123@notification.mirakl.net"))

        assert posts(http)[0]["customer_attributes"]["email"] == "abc123@notification.mirakl.net"

    def test_is_a_guest_for_the_domains_the_connection_names(self):  # R48
        veeqo, http = connector(lambda asked: (201, made()), guest_domains="notification.mirakl.net", placeholder_domain="no-reply.shop.example")

        veeqo.create_order(order(email="abc123@notification.mirakl.net"))

        assert posts(http)[0]["customer_attributes"]["email"] == "order+35250-CT-100045@no-reply.shop.example"
        assert "email" not in posts(http)[0]["deliver_to_attributes"]

    @pytest.mark.parametrize("email", ["", "  ", "j***@shop.example", "no address"])
    def test_has_a_stand_in_address_when_there_is_none_to_use(self, email):
        veeqo, http = connector(lambda asked: (201, made()))

        veeqo.create_order(order(email=email))

        assert posts(http)[0]["customer_attributes"]["email"] == "order+35250-CT-100045@no-reply.invalid"

    def test_is_found_when_the_address_is_taken(self):  # R49
        def reply(asked: Asked) -> Reply:
            if asked.method == "GET":
                return 200, [{"id": 1, "email": "diana@example.com"}, {"id": 5501, "email": "ANA@example.com"}]
            return (201, made()) if "customer_id" in asked.body["order"] else TAKEN

        veeqo, http = connector(reply)
        first, second = veeqo.create_order(order()), veeqo.create_order(order(number="CT-100046"))

        assert posts(http)[1]["customer_id"] == 5501 and "customer_attributes" not in posts(http)[1]
        assert first.reference == second.reference == "91500321"
        assert [asked.method for asked in http.asked] == ["POST", "GET", "POST", "POST"]

    def test_gets_a_stand_in_when_the_address_is_taken_by_nobody_to_be_found(self):  # R49
        def reply(asked: Asked) -> Reply:
            if asked.method == "GET":
                return 200, []
            return (201, made()) if asked.body["order"]["customer_attributes"]["email"].startswith("order+") else TAKEN

        veeqo, _ = connector(reply)

        assert "order+35250-CT-100045@no-reply.invalid" in veeqo.create_order(order()).warnings[0]

    def test_may_be_one_for_a_store(self):
        veeqo, http = connector(lambda asked: (201, made()), standing_customers="1=2, 35250=5501")

        veeqo.create_order(order())

        assert posts(http)[0]["customer_id"] == 5501 and "customer_attributes" not in posts(http)[0]


class TestPlaceholder:
    @given(st.text(min_size=1, max_size=80))
    def test_is_always_an_address_of_our_own(self, number):
        account = Account("a", "https://api.veeqo.com", {})
        address = placeholder(order(number=number), account)
        local, _, domain = address.partition("@")

        assert domain == "no-reply.invalid" and len(local) <= 64
        assert email_for(order(number=number, email=address), account) == address


quantities = st.integers(1, 500)
prices = st.decimals(0, 5000, places=4)


class TestMergedLines:
    def test_become_one_at_the_weighted_price(self):
        one, other = line(quantity=1, unit_net=Decimal("10.00")), line(quantity=3, unit_net=Decimal("8.00"))

        assert [(item.quantity, item.unit_net) for item in merged([(1, one), (1, other)])] == [(4, Decimal("8.5000"))]

    @given(st.lists(st.tuples(quantities, prices), min_size=1, max_size=6))
    def test_keep_units_and_net_to_the_last_place(self, told):
        items = merged([(1, line(quantity=quantity, unit_net=price)) for quantity, price in told])
        units = sum(quantity for quantity, _ in told)
        net = sum(quantity * price for quantity, price in told)

        assert [item.quantity for item in items] == [units]
        assert abs(items[0].net - net) <= PLACES / 2 * units

    @given(st.lists(st.tuples(st.integers(1, 4), quantities), min_size=1, max_size=10))
    def test_never_mix_items(self, told):
        items = merged([(sellable, line(quantity=quantity)) for sellable, quantity in told])

        assert {item.sellable_id for item in items} == {sellable for sellable, _ in told}
        assert len(items) == len({sellable for sellable, _ in told})

    @given(st.decimals(0, 100_000, places=4))
    def test_are_written_with_two_to_four_places(self, amount):
        written = money(amount)

        assert Decimal(written) == amount and 2 <= len(written.partition(".")[2]) <= 4
