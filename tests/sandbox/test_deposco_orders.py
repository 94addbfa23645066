"""The Deposco simulator's orders over REST: the upsert, its lock, cancellations, lists and returns."""

from __future__ import annotations

import pytest

from tests.sandbox.deposco_tenant import Tenant, sentence


@pytest.fixture
def tenant() -> Tenant:
    return Tenant()


class TestUpsert:
    def test_creates_and_then_changes_by_number(self, tenant):
        created = tenant.send()
        again = tenant.send(customAttribute1="gift")

        assert (created.status_code, again.status_code) == (201, 200)
        assert created.json["self"]["id"] == again.json["self"]["id"]
        assert (again.json["customAttribute1"], again.json["orderStatus"]) == ("gift", "New")
        assert tenant.summary()["orders"] == 1

    def test_keeps_the_lines_it_does_not_name_and_adds_those_it_does(self, tenant):
        tenant.place(tenant.line(1))

        answer = tenant.send(tenant.line(2, sku="CAP-RED"))

        assert [line["lineNumber"] for line in answer.json["orderLines"]["data"]] == ["1", "2"]

    def test_raises_a_quantity_and_never_lowers_it(self, tenant):
        tenant.place(tenant.line(packs=2))

        raised, lowered = tenant.send(tenant.line(packs=5)), tenant.send(tenant.line(packs=1))

        assert raised.json["orderLines"]["data"][0]["orderPackQuantity"] == 5
        assert lowered.status_code == 400
        assert "Use cancellations" in sentence(lowered)

    def test_takes_references_by_id_too(self, tenant):
        item = tenant.get("/items", number="MUG-BLU")["data"][0]
        case = next(pack for pack in item["packs"] if pack["type"] == "Case")

        order = tenant.place(tenant.line(item={"id": item["self"]["id"]}, pack={"id": case["self"]["id"]}))

        assert order["orderLines"]["data"][0]["pack"]["businessKey"]["quantity"] == 12

    @pytest.mark.parametrize(
        ("change", "status", "told"),
        [
            ({"businessUnit": {"businessKey": {"code": "NOPE"}}}, 404, "Company with business key code = [NOPE]"),
            ({"shipToContact": None}, 400, "salesOrder.shipToContact must not be null"),
            ({"shipToContact": {"lastName": "x" * 31}}, 400, "salesOrder.shipToContact.lastName size must be between 0 and 30"),
            ({"shipToContact": {"email": "x" * 51}}, 400, "salesOrder.shipToContact.email size must be between 0 and 50"),
            ({"orderStatus": "Released"}, 400, "orderStatus must be one of"),
            ({"placedDate": "yesterday"}, 400, "salesOrder.placedDate is not a valid date"),
            ({"orderTotal": "39.00"}, 400, "salesOrder.orderTotal is not a number"),
            ({"shipFromFacility": {"businessKey": {"number": "NYC9"}}}, 404, "Facility with business key number = [NYC9]"),
            ({"orderLines": [{"lineNumber": "1"}]}, 400, "salesOrder.orderLines is not an object"),
        ],
    )
    def test_refuses_a_header_that_is_wrong(self, tenant, change, status, told):
        answer = tenant.send(**change)

        assert answer.status_code == status
        assert told in sentence(answer)
        assert tenant.summary()["orders"] == 0

    def test_does_not_know_a_sku_it_was_never_told(self, tenant):  # R47
        answer = tenant.send(tenant.line(sku="SKU-9"))

        assert answer.status_code == 404
        assert sentence(answer).startswith("Item with business key number = [SKU-9]")

    @pytest.mark.parametrize(("given", "status"), [({"size": 7}, 404), ({"packs": 0}, 400), ({"packs": 1.5}, 400), ({"packs": "2"}, 400)])
    def test_refuses_a_line_that_is_wrong(self, tenant, given, status):
        assert tenant.send(tenant.line(**given)).status_code == status

    def test_takes_a_hundred_lines_at_once_and_more_in_further_pieces(self, tenant):
        many = [tenant.line(at) for at in range(1, 131)]

        whole = tenant.send(*many)
        parts = [tenant.send(*many[:100]).status_code, tenant.send(*many[100:]).status_code]

        assert (whole.status_code, parts) == (400, [201, 200])
        assert len(tenant.order()["orderLines"]["data"]) == 130

    def test_counts_packs_and_not_units(self, tenant):
        before = tenant.stock()["ATL1"]["availableToPromise"]

        tenant.place(tenant.line(packs=2, size=12))

        assert before - tenant.stock()["ATL1"]["availableToPromise"] == 24


class TestLock:
    @pytest.fixture
    def released(self, tenant) -> Tenant:
        tenant.place(tenant.line(packs=2))
        tenant.floor("wave")
        return tenant

    def test_refuses_the_same_order_again(self, released):
        answer = released.send(released.line(packs=2))

        assert answer.status_code == 400
        assert sentence(answer).startswith("Order WEB-1 cannot be updated while in the status of [Released].")

    def test_still_lets_a_quantity_rise(self, released):
        answer = released.send(released.line(packs=3))

        assert (answer.status_code, answer.json["orderStatus"]) == (200, "Partially Released")

    def test_refuses_even_that_once_picking_began(self, released):
        released.floor("pick", units={"MUG-BLU": 1})

        assert released.send(released.line(packs=3)).status_code == 400

    def test_refuses_a_cancellation(self, released):
        released.floor("pick")

        answer = released.rest("POST", f"{released.path()}/cancellations")

        assert answer.status_code == 400
        assert sentence(answer) == "Order WEB-1 cannot be canceled while in the status of [Pick Complete]."

    def test_refuses_a_new_status(self, released):
        assert released.rest("POST", f"{released.path()}/status?value=Hold").status_code == 400

    def test_leaves_a_wave_that_is_only_built_open(self, tenant):
        tenant.place()
        tenant.floor("wave", release=False)

        answer = tenant.send(customAttribute1="late")

        assert (answer.status_code, answer.json["orderStatus"]) == (200, "Wave Built")
        assert answer.json["pickWave"]

    def test_sends_orders_of_a_customer_order_elsewhere(self, tenant):
        tenant.control("place", sku="MUG-BLU", customer_order=True)

        answers = [tenant.rest("POST", f"{tenant.path()}/status?value=Hold"), tenant.send(), tenant.rest("POST", f"{tenant.path()}/cancellations")]

        assert [answer.status_code for answer in answers] == [400, 400, 400]
        assert sentence(answers[0]) == "Order status updates are not accepted for order at this API Endpoint"


class TestStatus:
    def test_moves_between_new_and_hold(self, tenant):
        tenant.place()

        held = tenant.rest("POST", f"{tenant.path()}/status?value=Hold")
        back = tenant.rest("POST", f"{tenant.path()}/status?value=New")

        assert (held.json, back.json) == ({"orderStatus": "Hold"}, {"orderStatus": "New"})
        assert tenant.get(f"{tenant.path()}/status") == {"orderStatus": "New"}

    def test_takes_an_order_out_of_its_wave(self, tenant):
        tenant.place()
        tenant.floor("wave", release=False)

        tenant.rest("POST", f"{tenant.path()}/status?value=Hold")

        assert (tenant.status(), tenant.order()["pickWave"], tenant.summary()["allocated"]) == ("Hold", None, 0)

    def test_refuses_what_is_not_on_its_list(self, tenant):
        tenant.place()

        assert tenant.rest("POST", f"{tenant.path()}/status?value=Released").status_code == 400
        assert tenant.rest("POST", f"{tenant.path()}/status").status_code == 400


class TestCancellation:
    def cancel(self, tenant: Tenant, *rows: tuple[str, int]) -> object:
        lines = [{"orderLine": {"businessKey": {"lineNumber": number}}, "canceledPackQuantity": packs} for number, packs in rows]
        return tenant.rest("POST", f"{tenant.path()}/cancellations", json={"orderLines": lines})

    def test_of_everything_gives_the_stock_back(self, tenant):
        before = tenant.stock()
        tenant.place()

        answer = tenant.rest("POST", f"{tenant.path()}/cancellations")

        assert (answer.status_code, answer.json["orderStatus"]) == (200, "Canceled")
        assert tenant.stock() == before

    def test_of_a_part_leaves_the_rest(self, tenant):
        tenant.place(tenant.line(packs=3))

        line = self.cancel(tenant, ("1", 1)).json["orderLines"]["data"][0]

        assert (line["orderPackQuantity"], line["canceledPackQuantity"], line["orderLineStatus"]) == (3, 1, "New")

    def test_of_every_pack_cancels_the_order(self, tenant):
        tenant.place(tenant.line(packs=3))

        assert self.cancel(tenant, ("1", 3)).json["orderStatus"] == "Canceled"

    def test_of_a_draft_takes_the_whole_of_it_only(self, tenant):
        tenant.control("place", sku="MUG-BLU", status="Draft")

        part, whole = self.cancel(tenant, ("1", 1)), tenant.rest("POST", f"{tenant.path()}/cancellations")

        assert (part.status_code, whole.status_code, tenant.status()) == (400, 200, "Canceled")

    def test_is_all_or_nothing(self, tenant):
        tenant.place(tenant.line(1, packs=3), tenant.line(2, sku="CAP-RED", packs=1))

        answer = self.cancel(tenant, ("1", 1), ("2", 5))

        assert answer.status_code == 400
        assert tenant.order()["orderLines"]["data"][0]["canceledPackQuantity"] == 0

    def test_of_a_partly_released_order_takes_only_what_is_not_released(self, tenant):
        tenant.control("stock", changes=[{"sku": "APR-YEL", "facility": "ATL1", "on_hand": 2}])
        tenant.place(tenant.line(sku="APR-YEL", packs=5))
        tenant.floor("wave")

        whole = tenant.rest("POST", f"{tenant.path()}/cancellations")
        too_many, rest = self.cancel(tenant, ("1", 4)), self.cancel(tenant, ("1", 3))

        assert [whole.status_code, too_many.status_code, rest.status_code] == [400, 400, 200]
        assert rest.json["orderStatus"] == "Released"


class TestDetail:
    def test_cuts_nested_lines_at_ten_with_a_link_that_leads_nowhere(self, tenant):
        tenant.place(*[tenant.line(at) for at in range(1, 13)])

        shown = tenant.get(tenant.path())["orderLines"]
        link = shown["links"][0]["href"].split("/latest")[1]

        assert (len(shown["data"]), shown["complete"]) == (10, False)
        assert tenant.rest("GET", link).status_code == 400
        assert len(tenant.get(f"{tenant.path()}/orderLines")["data"]) == 12

    def test_is_bare_or_wrapped(self):
        tenant = Tenant(detail="mixed")
        ids = [tenant.send(number=f"WEB-{at}").json for at in (1, 2)]

        assert sorted(("salesOrder" in each) for each in ids) == [False, True]

    def test_points_at_a_trip_where_a_shipment_is_meant(self, tenant):
        tenant.place()
        tenant.floor("ship")

        ref = tenant.get(tenant.path())["shipments"]["data"][0]

        assert "/trips/" in ref["href"]
        assert tenant.get(f"/shipments/outboundShipments/{ref['id']}")["self"]["id"] == ref["id"]

    def test_may_show_words_and_keys_nobody_knows(self, tenant):
        tenant.place()
        path = tenant.path()
        for name in ("unknown_status", "unknown_keys"):
            tenant.control("oddities", name=name)

        shown = tenant.get(path)

        assert shown["orderStatus"] == "Awaiting Appointment"
        assert "experiments" in shown

    def test_of_one_line_can_be_read_and_raised(self, tenant):
        line = tenant.place()["orderLines"]["data"][0]
        path = f"{tenant.path()}/orderLines/{line['self']['id']}"

        raised = tenant.rest("POST", path, json={"orderPackQuantity": 4})
        lowered = tenant.rest("POST", path, json={"orderPackQuantity": 1})

        assert (raised.status_code, lowered.status_code, tenant.get(path)["orderPackQuantity"]) == (200, 400, 4)


class TestList:
    def test_is_newest_first_and_continued_by_its_link(self, tenant):
        tenant.control("place", count=60, sku="MUG-BLU")

        page, numbers, pages = tenant.get("/orders/salesOrders"), [], 0
        while True:
            numbers += [row["number"] for row in page["data"]]
            pages += 1
            if page["complete"]:
                break
            page = tenant.get(page["links"][0]["href"].split("/latest")[1])

        assert numbers == [f"WEB-{at}" for at in range(60, 0, -1)]
        assert (pages, page["pages"], page["links"]) == (3, 3, [])

    def test_keeps_what_it_found_while_orders_arrive(self, tenant):
        tenant.control("place", count=4, sku="MUG-BLU")
        first = tenant.get("/orders/salesOrders", pageSize=2)

        tenant.control("place", first=5, sku="MUG-BLU")
        second = tenant.get(first["links"][0]["href"].split("/latest")[1])

        assert [row["number"] for row in second["data"]] == ["WEB-2", "WEB-1"]

    def test_finds_by_number_status_and_change(self, tenant):
        tenant.control("place", count=3, sku="MUG-BLU")
        moment = tenant.wait(600)
        tenant.floor("hold", "WEB-2")

        def numbers(**query: str) -> list[str]:
            return [row["number"] for row in tenant.get("/orders/salesOrders", **query)["data"]]

        assert numbers(number="WEB-3") == ["WEB-3"]
        assert numbers(orderStatus="Hold") == ["WEB-2"]
        assert numbers(updatedAfter=moment) == ["WEB-2"]
        assert numbers(updatedAfter="2020-01-01T00:00:00-04:00", number="WEB-9") == []

    def test_ignores_a_filter_it_does_not_know(self, tenant):
        tenant.control("place", count=3, sku="MUG-BLU")

        assert len(tenant.get("/orders/salesOrders", nubmer="WEB-1")["data"]) == 3

    def test_refuses_a_date_or_a_search_it_cannot_read(self, tenant):
        assert tenant.rest("GET", "/orders/salesOrders?updatedAfter=2026-01-01T00:00:00+01:00").status_code == 400
        assert tenant.rest("GET", "/orders/salesOrders?searchId=gone-2").status_code == 400

    def test_may_repeat_a_page_or_forget_its_link(self, tenant):
        tenant.control("place", count=4, sku="MUG-BLU")
        first = tenant.get("/orders/salesOrders", pageSize=2)
        tenant.control("oddities", name="repeated_page")

        again = tenant.get(first["links"][0]["href"].split("/latest")[1])
        tenant.control("oddities", name="no_next_link")
        cut = tenant.get("/orders/salesOrders", pageSize=2)

        assert again["data"] == first["data"]
        assert (cut["links"], cut["complete"]) == ([], False)
