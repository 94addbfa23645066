"""The Xoro simulator's sales orders: reading one status at a time, creating, and the calls that nobody has seen."""

from __future__ import annotations

import pytest

from tests.sandbox.xoro_tenant import Tenant, order_body

ORDERS = "salesorder/getsalesorder"
CREATE = "salesorder/create"


@pytest.fixture
def tenant() -> Tenant:
    return Tenant()


@pytest.fixture
def open_tenant(tenant: Tenant) -> Tenant:
    """With the proposed calls switched on."""
    tenant.control("seed-demo", write_paths=True)
    return tenant


class TestReading:
    def test_without_a_status_is_an_empty_success(self, tenant):
        tenant.place()

        assert (tenant.read(ORDERS)["Result"], tenant.numbers(third_party_ref_no="5551")) == (True, [])

    def test_finds_by_status_whatever_its_case(self, tenant):
        number = tenant.place()

        assert tenant.numbers(status="released") == [number]
        assert tenant.numbers(status="Shipped") == tenant.numbers(status="No Such Status") == []

    def test_finds_by_number_alone(self, tenant):
        number = tenant.place()

        assert tenant.numbers(order_number=number) == [number]
        assert tenant.numbers(order_number="DMO-S999999") == []

    @pytest.mark.parametrize(
        ("name", "hit", "miss"),
        [
            ("third_party_ref_no", "A", "X"),
            ("store_name", "Main Warehouse", "West Warehouse"),
            ("sale_store_name", "Shopify US", "Wholesale US"),
            ("customer_name", "Web Customers US", "Nobody"),
            ("ref_no", "R-1", "R-2"),
            ("id", "88121", "88122"),
            ("since_id", "88120", "88121"),
        ],
    )
    def test_filters_beside_the_status(self, tenant, name, hit, miss):
        number = tenant.place("A", header={"RefNo": "R-1"})

        assert tenant.numbers(status="Released", **{name: hit}) == [number]
        assert tenant.numbers(status="Released", **{name: miss}) == []

    @pytest.mark.parametrize("form", ["%m/%d/%Y %I:%M:%S %p", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%SZ"])
    def test_takes_both_date_formats(self, tenant, form):
        early = tenant.place("A")
        tenant.wait(1800)
        bound = tenant.app.extensions["bench"].clock.now().strftime(form)
        tenant.wait(3600)
        late = tenant.place("B")

        assert tenant.numbers(status="Released", created_at_max=bound) == [early]
        assert tenant.numbers(status="Released", updated_at_min=bound) == [late]
        tenant.control("edit", refs=["A"], header={"Memo": "changed"})
        assert tenant.numbers(status="Released", updated_at_min=bound) == [early, late]

    def test_reads_dates_in_the_tenants_zone(self):
        tenant = Tenant(time_zone="America/Los_Angeles")
        number = tenant.place()

        assert tenant.numbers(status="Released", created_at_min="2001-01-01T00:00:00") == [number]
        assert tenant.call("GET", ORDERS, query_string={"status": "Released", "created_at_min": "soon"}).status_code == 400

    def test_does_not_remember_an_answer_that_has_changed(self, tenant):
        first = tenant.place("A")
        before = tenant.numbers(status="Released", store_name="Main Warehouse")
        second = tenant.place("B")

        assert (before, tenant.numbers(status="Released", store_name="Main Warehouse")) == ([first], [first, second])

    def test_may_not_show_what_is_not_released(self):
        tenant = Tenant(open_readable=False)
        tenant.place(released=False)

        assert tenant.numbers(status="Open") == []


class TestARow:
    def row(self, tenant: Tenant, number: str) -> tuple[dict, dict]:
        found = tenant.read(ORDERS, order_number=number)["Data"][0]
        return found["SoEstimateHeader"], found["SoEstimateItemLineArr"][0]

    def test_has_us_dates_and_the_sentinel(self, tenant):
        created = tenant.write(CREATE, order_body(DateToBeShipped="2026-06-02T09:30:00"))

        header = created["Data"]["SoEstimateHeader"]

        assert (header["DateOrder"], header["DateToBeShipped"]) == ("06/01/2026", "06/02/2026 09:30:00 AM")
        assert header["DateToBeCancelled"] == "01/01/0001 12:00:00 AM"

    def test_counts_open_units(self, tenant):
        number = tenant.place(wave=True)

        _, line = self.row(tenant, number)

        assert (line["Qty"], line["QtyShipped"], line["QtyRemainingToShip"], line["QtyAllocated"], line["CancelQty"]) == (2, 0, 2, 2, 0)

    def test_may_use_the_other_spelling(self):
        tenant = Tenant(spelling="QtyOrdered")

        header, line = self.row(tenant, tenant.place())

        assert "OrderDate" in header
        assert (line["QtyOrdered"], line["QtyCommitted"], line["TotalAmount"]) == (2, 0, 39.0)
        assert not {"Qty", "QtyAllocated", "LineAmount"} & set(line)

    def test_may_have_numbers_as_text(self):
        tenant = Tenant(text_numbers=True)

        _, line = self.row(tenant, tenant.place())

        assert (line["Qty"], line["UnitPrice"]) == ("2", "19.5")

    def test_may_contradict_itself(self, tenant):
        number = tenant.place()
        tenant.control("oddities", name="remaining_differs")
        tenant.control("oddities", name="unknown_status")

        header, line = self.row(tenant, number)

        assert line["QtyRemainingToShip"] != line["Qty"]
        assert header["StatusName"] == "Awaiting Proforma"


class TestCreating:
    def test_answers_with_the_order_and_its_number(self, tenant):
        answer = tenant.write(CREATE, order_body())

        assert answer["Data"]["SoEstimateHeader"]["OrderNumber"] == "DMO-S000426"
        assert answer["Data"]["SoEstimateHeader"]["StatusName"] == "Open"
        assert (answer["Data"]["SoEstimateEdiLogArr"], answer["Data"]["ThirdPartyRequestRawData"]) == ([], None)

    def test_releases_when_told(self, tenant):
        answer = tenant.write(CREATE, order_body(AutoReleaseSalesOrder=True))

        assert answer["Data"]["SoEstimateHeader"]["StatusName"] == "Released"

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"CustomerName": "Nobody"}, "Customer not found."),
            ({"StoreName": "Moon"}, "Store Moon not found."),
            ({"StoreName": None}, "Store is required."),
            ({"SaleStoreName": "Moon"}, "Sale store Moon not found."),
            ({"CarrierName": "Pigeon"}, "Carrier Pigeon not found."),
            ({"CurrencyCode": "XXX"}, "Currency XXX not found."),
            ({"lines": []}, "Sales order has no lines."),
            ({"lines": [{"ItemNumber": "NO", "Qty": 1}]}, "Item NO not found."),
            ({"lines": [{"ItemNumber": "TEE-BLK-S", "Qty": 0}]}, "Quantity of item TEE-BLK-S must be greater than zero."),
            ({"lines": [{"ItemNumber": "TEE-BLK-S", "Qty": 1, "ItemIdentifierCode": 9}]}, "Item identifier code 9 is not supported."),
        ],
    )
    def test_refuses_what_it_does_not_know_with_200_and_a_sentence(self, tenant, change, message):
        answer = tenant.write(CREATE, order_body(**change))

        assert (answer["Result"], answer["Message"], answer["Data"]) == (False, message, None)
        assert answer["ErrorCode"] != 0
        assert tenant.shown("summary")["orders"] == 0

    @pytest.mark.parametrize("line", [{"Qty": "many"}, {"Qty": 1.5}, {"Qty": 1, "UnitPrice": "free"}, {"Qty": 1, "ItemNumber": {}}])
    def test_cannot_read_what_has_the_wrong_type(self, tenant, line):
        assert tenant.call("POST", CREATE, json=order_body(lines=[{"ItemNumber": "TEE-BLK-S", **line}])).status_code == 400

    def test_reads_an_item_number_as_a_upc_when_told(self, tenant):
        upc = tenant.read("product/item/getitem", item_number="TEE-BLK-S")["Data"][0]["ItemUpc"]

        line = {"ItemNumber": upc, "ItemIdentifierCode": 2, "Qty": 1}
        created = tenant.write(CREATE, order_body(lines=[line]))["Data"]

        assert created["SoEstimateItemLineArr"][0]["ItemNumber"] == "TEE-BLK-S"
        assert tenant.write(CREATE, order_body(lines=[line | {"ItemIdentifierCode": 1}]))["Result"] is False

    @pytest.mark.parametrize(("setting", "works"), [("first", True), ("refuse", False)])
    def test_of_a_upc_that_two_items_share(self, setting, works):
        tenant = Tenant(ambiguous_upc=setting)

        line = {"ItemNumber": "081234500017", "ItemIdentifierCode": 2, "Qty": 1}

        assert tenant.write(CREATE, order_body(lines=[line]))["Result"] is works

    def test_twice_makes_two_orders_of_one_reference(self, tenant):
        for _ in range(2):
            tenant.write(CREATE, order_body())

        assert len(tenant.numbers(status="Open", third_party_ref_no="C-1")) == 2
        assert tenant.shown("summary")["duplicate_refs"] == {"C-1": 2}

    def test_twice_may_be_refused(self):
        tenant = Tenant(duplicate_refs="refuse")

        assert [tenant.write(CREATE, order_body())["Result"] for _ in range(2)] == [True, False]

    def test_uses_the_items_own_price_unless_given(self, tenant):
        created = tenant.write(CREATE, order_body(lines=[{"ItemNumber": "HOOD-BLK-S", "Qty": 1}]))["Data"]

        assert created["SoEstimateItemLineArr"][0]["UnitPrice"] == 48.0


class TestUpdating:
    def test_changes_what_is_sent_and_keeps_the_rest(self, open_tenant):
        number = open_tenant.place()

        body = {"SoEstimateHeader": {"OrderNumber": number, "ShipToCity": "Dallas"}, "SoEstimateItemLineArr": [{"ItemNumber": "TEE-BLK-S", "Qty": 3}]}
        changed = open_tenant.write("salesorder/update", body)["Data"]

        assert (changed["SoEstimateHeader"]["ShipToCity"], changed["SoEstimateHeader"]["ShipToState"]) == ("Dallas", "TX")
        assert changed["SoEstimateItemLineArr"][0]["Qty"] == 3
        assert open_tenant.row()["QtyOnSO"] == 3

    def test_gives_back_units_that_are_no_longer_wanted(self, open_tenant):
        number = open_tenant.place(wave=True)

        open_tenant.control("edit", numbers=[number], lines={"TEE-BLK-S": 1})

        assert open_tenant.order(number)["lines"][0]["allocated"] == open_tenant.row()["AllocatedQty"] == 1

    def test_moves_an_order_to_another_store_only_before_its_wave(self, open_tenant):
        free, waved = open_tenant.place("A"), open_tenant.place("B", wave=True)
        body = {"StoreName": "West Warehouse"}

        results = [open_tenant.write("salesorder/update", {"SoEstimateHeader": body | {"OrderNumber": each}})["Result"] for each in (free, waved)]

        assert results == [True, False]
        assert open_tenant.row(store="West Warehouse")["QtyOnSO"] == 2

    def test_of_a_locked_wave_changes_nothing(self, open_tenant):
        number = open_tenant.place(lines={"TEE-BLK-S": 2, "CAP-BLK-S": 2})
        open_tenant.control("waves", numbers=[number], locked=True)

        answer = open_tenant.control("edit", numbers=[number], header={"Memo": "x"}, lines={"CAP-BLK-S": 3, "TEE-BLK-S": 1})

        assert "locked" in answer["refused"][number]
        assert [line["qty"] for line in open_tenant.order(number)["lines"]] == [2, 2]

    def test_takes_its_order_from_the_path_if_the_path_says_so(self, tenant):
        tenant.control("settings", write_paths={"so_cancel": "salesorder/{order_number}/cancel"})
        number = tenant.place()

        answer = tenant.call("POST", f"salesorder/{number}/cancel")

        assert answer.json["Data"]["SoEstimateHeader"]["StatusName"] == "Cancelled"


class TestCancelling:
    def test_frees_stock_and_demand(self, open_tenant):
        number = open_tenant.place(wave=True)

        answer = open_tenant.write("salesorder/cancel", {"OrderNumber": number})

        assert answer["Data"]["SoEstimateHeader"]["StatusName"] == "Cancelled"
        assert (open_tenant.row()["AllocatedQty"], open_tenant.row()["QtyOnSO"]) == (0, 0)
        assert open_tenant.order(number)["waves"][0]["status"] == "Void"

    def test_twice_or_after_shipping_is_refused(self, open_tenant):
        gone, shipped = open_tenant.place("A"), open_tenant.place("B", wave=True)
        open_tenant.control("cancel", numbers=[gone])
        open_tenant.control("ship", numbers=[shipped], units={"TEE-BLK-S": 1})

        answers = [open_tenant.write("salesorder/cancel", {"OrderNumber": number})["Result"] for number in (gone, shipped, "DMO-S1")]

        assert answers == [False, False, False]

    def test_leaves_a_locked_wave_alone_unless_forced(self, open_tenant):
        number = open_tenant.place()
        open_tenant.control("waves", numbers=[number], locked=True)

        refused = open_tenant.write("salesorder/cancel", {"OrderNumber": number})
        open_tenant.control("settings", force_void_wave=True)

        assert refused["Result"] is False
        assert open_tenant.write("salesorder/cancel", {"OrderNumber": number})["Result"] is True


class TestReleasing:
    def test_is_a_step_of_its_own(self, open_tenant):
        number = open_tenant.place(released=False)

        answers = [open_tenant.write("salesorder/release", {"OrderNumber": number})["Result"] for _ in range(2)]

        assert (answers, open_tenant.order(number)["status"]) == ([True, False], "Released")

    def test_and_waves_may_come_by_themselves(self):
        tenant = Tenant(auto_release_s=10, auto_wave_s=5)
        number = tenant.place(released=False)

        seen = []
        for seconds in (0, 11, 16):
            tenant.wait(seconds)
            seen.append((tenant.order(number)["status"], len(tenant.order(number)["waves"])))

        assert seen == [("Open", 0), ("Released", 0), ("Released", 1)]
