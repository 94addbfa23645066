"""The Mirakl simulator's shipments: several parcels for an order, with errors inside the 2xx, or 404 for all of it."""

from __future__ import annotations

import pytest

from tests.sandbox.mirakl_shop import Shop

TRACKING = {"carrier_code": "DPD-UK", "tracking_number": "155"}


@pytest.fixture
def shop() -> Shop:
    return Shop(multi_shipment=True)


def create(shop: Shop, order_id: str, quantity: int = 1, **more):
    line = {"order_line_id": f"{order_id}-1", "quantity": quantity, "package_reference": "BOX-1"}
    return shop.call("POST", "/shipments", json={"shipments": [{"order_id": order_id, "shipment_lines": [line], **more}]})


class TestTheFeature:
    @pytest.mark.parametrize(
        ("method", "path"), [("POST", ""), ("GET", ""), ("PUT", "/ship"), ("GET", "/items_to_ship"), ("POST", "/tracking"), ("PUT", "/delete")]
    )
    def test_is_unknown_where_it_is_off(self, method, path):
        answer = Shop().call(method, f"/shipments{path}", json={"shipments": []})

        assert (answer.status_code, answer.json["status"]) == (404, 404)


class TestAShipment:
    def test_carries_a_part_and_leaves_the_order_shipping(self, shop):
        order_id = shop.to_ship(lines={"MUG-BLU": 2})

        answer = create(shop, order_id, shipped=True, tracking=TRACKING, invoice_reference="INV_1")

        (made,) = answer.json["shipment_success"]
        assert (answer.status_code, answer.json["shipment_errors"]) == (201, [])
        assert (made["status"], made["tracking"]["carrier_name"], made["tracking"]["tracking_url"]) == (
            "SHIPPED",
            "DPD (UK)",
            "https://track.dpd.example/155",
        )
        assert made["shipment_lines"] == [{"order_line_id": f"{order_id}-1", "offer_sku": "MUG-BLU", "package_reference": "BOX-1", "quantity": 1}]
        assert shop.order(order_id)["order_state"] == "SHIPPING"

    def test_ships_the_order_when_it_is_the_last(self, shop):
        order_id = shop.to_ship(lines={"MUG-BLU": 2})
        create(shop, order_id, shipped=True, tracking=TRACKING)
        create(shop, order_id, shipped=True, tracking=TRACKING)

        assert shop.order(order_id)["order_state"] == "SHIPPED"
        assert shop.summary()["carriers"] == {"DPD-UK": 2}

    def test_never_holds_more_than_is_left(self, shop):
        order_id = shop.to_ship(lines={"MUG-BLU": 2})
        create(shop, order_id, 2)

        answer = create(shop, order_id)

        assert (answer.status_code, answer.json["shipment_success"]) == (201, [])
        assert answer.json["shipment_errors"] == [{"order_id": order_id, "message": "Shipment quantity is invalid."}]

    def test_is_refused_inside_a_201(self, shop):
        done = shop.shipped()
        unknown = create(shop, shop.to_ship(), tracking={"carrier_code": "XYZ", "tracking_number": "1"})

        assert create(shop, done).json["shipment_errors"][0]["message"] == "The order status must be 'SHIPPING' but it is 'SHIPPED'."
        assert (unknown.status_code, unknown.json["shipment_errors"][0]["message"]) == (201, "Carrier with code XYZ does not exist")

    def test_must_have_its_fields(self, shop):
        no_lines = shop.call("POST", "/shipments", json={"shipments": [{"order_id": "W-1-A"}]})
        too_many = shop.call("POST", "/shipments", json={"shipments": [{}] * 1001})

        assert (no_lines.status_code, no_lines.json["message"]) == (400, "The field shipments.shipment_lines is required.")
        assert too_many.status_code == 400

    def test_is_tracked_and_shipped_later(self, shop):
        order_id = shop.to_ship()
        id = create(shop, order_id).json["shipment_success"][0]["id"]

        tracked = shop.call("POST", "/shipments/tracking", json={"shipments": [{"id": id, "tracking": TRACKING}]})
        sent = shop.call("PUT", "/shipments/ship", json={"shipments": [{"id": id}, {"id": "none"}]})

        assert tracked.json == {"shipment_success": [{"id": id}], "shipment_errors": []}
        assert sent.json == {"shipment_success": [{"id": id}], "shipment_errors": [{"id": "none", "message": "No shipment with id 'none'."}]}
        assert (sent.status_code, shop.order(order_id)["order_state"]) == (200, "SHIPPED")

    def test_can_be_deleted_until_it_left(self, shop):
        order_id = shop.to_ship()
        id = create(shop, order_id).json["shipment_success"][0]["id"]

        deleted = shop.call("PUT", "/shipments/delete", json={"shipments": [{"id": id}]})
        again = create(shop, order_id, shipped=True).json["shipment_success"][0]["id"]
        late = shop.call("PUT", "/shipments/delete", json={"shipments": [{"id": again}]})

        assert deleted.json["shipment_success"] == [{"id": id}]
        assert len(late.json["shipment_errors"]) == 1

    def test_may_answer_a_deletion_in_other_words(self, shop):
        shop.control("settings", deletion_keys="deletion")

        assert len(shop.call("PUT", "/shipments/delete", json={"shipments": [{"id": "x"}]}).json["deletion_errors"]) == 1

    def test_is_listed_with_its_states(self, shop):
        going, waiting = shop.to_ship(), shop.to_ship()
        create(shop, going, shipped=True)
        create(shop, waiting)

        listed = shop.get("/shipments", shipment_state_code="SHIPPING")["data"]

        assert [each["order_id"] for each in listed] == [waiting]
        assert len(shop.get("/shipments", order_id=[going, waiting])["data"]) == 2

    def test_takes_its_units_from_what_is_to_be_shipped(self, shop):
        order_id = shop.to_ship(lines={"MUG-BLU": 3})
        create(shop, order_id, 2)

        (left,) = shop.get("/shipments/items_to_ship")["data"]

        assert (left["order_id"], left["shipment_lines"][0]["quantity"]) == (order_id, 1)
        assert left["shipping_address"]["city"]

    def test_follows_its_order_to_the_end(self, shop):
        order_id = shop.to_ship()
        create(shop, order_id, shipped=True)

        shop.control("move", order_ids=[order_id], to="RECEIVED")

        assert shop.get("/shipments")["data"][0]["status"] == "RECEIVED"

    def test_keeps_origin_and_extra_information(self, shop):
        id = create(shop, shop.to_ship()).json["shipment_success"][0]["id"]
        shop.call("PUT", "/shipments", json={"shipments": [{"id": id, "shipping_from": {"warehouse": {"code": "MAIN"}}}]})
        extra = {"shipments": [{"id": id}, {"id": "none"}]}

        answer = shop.call("PUT", "/shipments/additional_information", json=extra).json

        assert shop.get("/shipments")["data"][0]["shipping_from"]["warehouse"] == {"code": "MAIN"}
        assert answer["shipment_update_errors"][0]["errors"][0]["message"] == "No shipment with id 'none'."

    def test_is_made_ready_for_the_operator_to_pick_up(self, shop):
        id = create(shop, shop.to_ship()).json["shipment_success"][0]["id"]

        shop.call("PUT", "/shipments/ready_for_pick_up", json={"shipments": [{"id": id}]})

        assert shop.get("/shipments")["data"][0]["status"] == "READY_FOR_PICK_UP"
