"""The Patchworks simulator's flows: what shapes do, how they fail, and the way from a Shopify shop to a portal and back."""

from __future__ import annotations

import json

import pytest

from connectors.sandbox.kit import serve
from connectors.sandbox.shopify import ACCESS_TOKEN
from portal.api.bodies import LevelBody, OrderBody, RefundBody, ReturnBody
from tests.sandbox.patchworks_company import Company, Portal, wait
from tests.sandbox.shopify_shop import Shop


@pytest.fixture
def portal():
    found = Portal()
    yield found
    found.running.stop()


@pytest.fixture
def company(portal) -> Company:
    found = Company()
    found.control("instances", portal={"url": portal.running.url, "token": "lks_t"})
    return found


POST = ("post_to_portal", {"resource": "orders"})


class TestAShape:
    def test_that_fails_is_tried_three_more_times(self, company):
        company.add("echo", ("fail", {"message": "[500] no"}))
        run = company.run(payload=[1])

        assert (run["status"], run["summary"]) == (3, "[500] no")
        assert company.levels(run) == ["INFO", "INFO", "WARNING", "WARNING", "WARNING", "FATAL"]

    def test_may_pass_some_records_only(self, company):
        company.add(("partial", {"keep": 1}))
        run = company.run(payload=[1, 2, 3])

        assert (run["status"], run["summary"]) == (5, "2 records failed")
        assert company.levels(run).count("ERROR") == 2

    def test_may_never_end(self, company):
        company.add("never_finish")
        told = company.start("Mine").get_json()

        assert company.read(f"flow-runs/{told['data']['flow_run_id']}")["data"]["status"] == 1
        assert company.call("POST", f"/core/api/v1/flow-runs/{told['data']['flow_run_id']}/retry").status_code == 422
        company.control("reset")
        wait(lambda: company.shown("summary")["live"] == 0)
        assert company.shown("summary")["live"] == 0

    def test_waits_while_too_many_runs_are_under_way(self):
        company = Company(concurrent=2)
        company.add(("slow", {"seconds": 0.3}))
        ids = [company.start("Mine").get_json()["data"]["flow_run_id"] for _ in range(5)]
        assert company.shown("summary")["waiting"] == 3

        assert [company.over(id)["status"] for id in ids] == [2] * 5

    def test_swallows_what_it_has_seen_even_when_that_was_lost(self, company):
        company.add(("swallow_duplicates", {"pool": "orders"}), "echo")
        company.control(f"flows/{company.flows['Mine']}/sabotage", step=2)
        lost = company.run(payload=[{"externalId": "1"}])
        again = company.run(payload=[{"externalId": "1"}, {"externalId": "2"}])
        pool = company.read("data-pool")["data"][0]
        passed = company.call("GET", f"/core/api/v1/payload-metadata/{again['logs'][-1]['payload']}/download")

        assert (lost["status"], again["status"]) == (3, 2)
        assert json.loads(passed.data) == [{"externalId": "2"}]
        assert [each["key"] for each in company.read(f"data-pool/{pool['id']}/deduped-data")["data"]] == ["1", "2"]

    @pytest.mark.parametrize(("manner", "status"), [("fail", 3), ("fail_once", 2), ("done_but_failed", 3), ("stop", 4), ("partial", 5), ("slow", 2)])
    def test_is_sabotaged_for_one_run(self, company, portal, manner, status):
        company.add(POST)
        company.control(f"flows/{company.flows['Mine']}/sabotage", manner=manner, seconds=0.1)

        assert company.run(payload=[{"a": 1}])["status"] == status
        assert company.run(payload=[{"a": 1}])["status"] == 2

    def test_sabotaged_after_its_work_has_posted_four_times(self, company, portal):
        company.add(POST)
        company.control(f"flows/{company.flows['Mine']}/sabotage", manner="done_but_failed")
        company.run(payload=[{"a": 1}])

        assert portal.bodies("orders") == [[{"a": 1}]] * 4


class TestPosting:
    def test_sends_the_token_and_what_the_flow_knows(self, company, portal):
        company.add(POST)
        run = company.run(payload={"a": 1})
        _, body, headers = portal.posted[0]

        assert (body, headers["Authorization"]) == ([{"a": 1}], "Bearer lks_t")
        assert (headers["X-Pw-Flow-Id"], headers["X-Pw-Run-Id"]) == (str(company.flows["Mine"]), run["id"])

    def test_may_send_one_at_a_time_with_a_key(self, company, portal):
        company.add(("post_to_portal", {"resource": "orders", "batch": 1, "idempotency_key": True, "api_key_header": True}))
        company.run(payload=[{"a": 1}, {"a": 2}])
        (_, first, headers), (_, _, others) = portal.posted

        assert first == {"a": 1}
        assert headers["Idempotency-Key"] != others["Idempotency-Key"]
        assert headers["X-Api-Key"] == "lks_t"

    @pytest.mark.parametrize("status", [401, 409, 422, 429, 500, 503])
    def test_refused_is_repeated_and_kept_as_evidence(self, company, portal, status):
        portal.answers = [(status, {"title": "no"})] * 4
        company.add(POST)
        run = company.run(payload=[{"a": 1}])
        evidence = next(each for each in run["logs"] if each["level"] == "ERROR")

        assert (run["status"], len(portal.posted)) == (3, 4)
        assert evidence["message"].startswith(f"[{status}]")
        assert company.call("GET", f"/core/api/v1/payload-metadata/{evidence['payload']}/download").get_json() == [{"a": 1}]

    def test_refused_at_first_succeeds_with_a_warning(self, company, portal):
        portal.answers = [(503, {})]
        company.add(POST)
        run = company.run(payload=[{"a": 1}])

        assert run["status"] == 2
        assert company.read("flow-runs", **{"filter[has_warnings]": "true"})["data"][0]["id"] == run["id"]

    def test_taken_in_part_is_a_partial_success(self, company, portal):
        portal.answers = [
            (207, {"results": [{"status": "stored"}, {"status": "error", "code": "invalid", "field": "lineItems[0].id", "message": "no"}]})
        ]
        company.add(POST)
        run = company.run(payload=[{"a": 1}, {"a": 2}])

        assert (run["status"], len(portal.posted)) == (5, 1)
        assert "lineItems[0].id" in next(each for each in run["logs"] if each["level"] == "ERROR")["message"]

    def test_without_an_address_or_an_answer_fails(self, portal):
        company = Company()
        company.add(POST)
        assert "address is not set" in company.run(payload=[1])["summary"]
        company.control("instances", portal={"url": "http://127.0.0.1:9", "token": "t"})

        assert "could not connect" in company.run(payload=[1])["summary"]

    def test_reports_the_run_as_its_last_shape(self, company, portal):
        company.add(POST, "report_run")
        run = company.run(payload=[{"a": 1}])

        assert portal.bodies("run-events") == [
            {"flow_id": company.flows["Mine"], "run_id": run["id"], "event": "finished", "counts": {"in": 1, "failed": 0}}
        ]


class TestPulling:
    def test_pages_to_the_end(self, company, portal):
        portal.rows["stock"] = [{"id": at} for at in range(5)]
        company.add(("pull_from_portal", {"resource": "stock", "since": True}))
        run = company.run()
        told = company.call("GET", f"/core/api/v1/payload-metadata/{run['logs'][-1]['payload']}/download").get_json()

        assert [each["id"] for each in told] == [0, 1, 2, 3, 4]
        company.run()
        assert "since" not in portal.asked[0]
        assert "since" in portal.asked[-1]


@pytest.fixture
def shop(company):
    found = Shop()
    running = serve(found.app)
    company.control("instances", shopify={"url": running.url, "token": ACCESS_TOKEN})
    yield found
    running.stop()


IN, OUT, MONEY, STOCK = "Shopify → portal", "Portal → Shopify", "Shopify refunds and returns → portal", "Portal stock → Shopify"


def shipment(id: int, order: int, *, number: str = "1Z1", units: int = 2, sku: str = "TEE-BLK-S") -> dict:
    parts = [{"sku": sku, "quantity": units}]
    parcel = {"tracking_number": number, "tracking_url": "https://c.example/1", "lines": parts}
    return {"id": id, "external_id": f"S{id}", "order_external_id": str(order), "carrier": "UPS", "lines": parts, "parcels": [parcel]}


def level(available: int, sku: str = "TEE-BLK-S") -> dict:
    return {"id": 1, "sku": sku, "location": "W1", "available": available, "revision": 3}


class TestOrdersOfAShop:
    def test_reach_the_portal_as_its_api_takes_them(self, company, portal, shop):
        shop.place(shipping="4.00")
        shop.place(missing_sku=True, financial="PENDING")
        run = company.run(IN)
        forms = [OrderBody(data=each) for each in portal.bodies("orders")[0]]

        assert run["status"] == 2
        assert [form.is_valid() for form in forms] == [True, True], [form.errors for form in forms]
        assert [each["status"] for each in portal.bodies("orders")[0]] == ["paid", "pending_payment"]
        assert portal.bodies("orders")[0][1]["lineItems"][0]["sku"] == ""

    def test_come_again_when_they_change(self, company, portal, shop):
        id = shop.place()["id"]
        company.run(IN)
        shop.control(f"orders/{id}/edit", quantity=1)
        company.run(IN)

        assert portal.bodies("orders")[1][0]["lineItems"][0] | {} == {**portal.bodies("orders")[0][0]["lineItems"][0], "cancelledQuantity": 1}

    def test_come_again_after_a_failed_run(self, company, portal, shop):
        company.run(IN)
        shop.place()
        company.control(f"flows/{company.flows[IN]}/sabotage", step=3)
        assert company.run(IN)["status"] == 3
        company.control("clock", skew_s=7200)
        company.run(IN)

        assert len(portal.bodies("orders")) == 1

    def test_are_lost_by_a_forgetful_flow(self, company, portal, shop):
        company.control(f"flows/{company.flows[IN]}/steps/1", forgetful=True)
        shop.place()
        company.control(f"flows/{company.flows[IN]}/sabotage", step=3)
        company.control("clock", skew_s=7200)
        company.run(IN)
        company.control("clock", skew_s=14400)
        company.run(IN)

        assert portal.bodies("orders") == []

    def test_refunds_and_returns_follow(self, company, portal, shop):
        id = shop.place()["id"]
        shop.fulfil(id)
        shop.control(f"orders/{id}/refund", quantity=1, with_return=True)
        assert company.run(MONEY)["status"] == 2
        refund, returned = portal.bodies("refunds")[0][0], portal.bodies("returns")[0][0]

        assert RefundBody(data=refund).is_valid()
        assert ReturnBody(data=returned).is_valid()
        assert (refund["amount"], refund["orderExternalId"], returned["status"]) == ("19.50", str(id), "in_transit")

    def test_are_not_read_while_the_shop_is_throttled(self, company, portal, shop):
        shop.control("oddities", name="throttled", times=None)

        assert company.run(IN)["status"] == 3
        shop.client.delete("/__sandbox__/oddities")
        shop.control("oddities", name="throttled", times=1)
        assert company.run(IN)["status"] == 2


class TestDispatchesOfThePortal:
    def test_become_fulfilments_and_are_acknowledged(self, company, portal, shop):
        id = shop.place()["id"]
        portal.rows["shipments"] = [shipment(71, id)]
        assert company.run(OUT)["status"] == 2
        order = shop.order(id)

        assert order["fulfillments"][0]["trackingInfo"] == [{"number": "1Z1", "company": "UPS", "url": "https://c.example/1"}]
        assert portal.bodies("shipments/ack")[0]["ids"] == [71]

    def test_are_written_once_however_often_they_are_pulled(self, company, portal, shop):
        id = shop.place()["id"]
        portal.rows["shipments"] = [shipment(71, id, units=1)]
        company.run(OUT)
        company.run(OUT)

        assert len(shop.order(id)["fulfillments"]) == 1

    def test_that_the_shop_refuses_are_told_and_not_acknowledged(self, company, portal, shop):
        held, good = shop.place()["id"], shop.place()["id"]
        shop.control(f"orders/{held}/hold")
        portal.rows["shipments"] = [shipment(71, held), shipment(72, good)]
        run = company.run(OUT)

        assert run["status"] == 5
        assert portal.bodies("shipments/ack")[0]["ids"] == [72]
        assert "S71" in next(each for each in run["logs"] if each["level"] == "ERROR")["message"]


class TestStockOfThePortal:
    def test_is_shown_by_the_shop_and_told_back(self, company, portal, shop):
        portal.rows["stock"] = [level(17)]
        assert company.run(STOCK)["status"] == 2

        assert shop.level()["available"] == 17
        assert LevelBody(data=portal.bodies("stock")[0][0]).is_valid()

    def test_of_a_sku_that_the_shop_has_not_or_twice_fails_alone(self, company, portal, shop):
        portal.rows["stock"] = [level(17), level(5, "NONE"), level(5, "CAP-BLK-S")]
        run = company.run(STOCK)

        assert run["status"] == 5
        assert [each["sku"] for each in portal.bodies("stock")[0]] == ["TEE-BLK-S"]
