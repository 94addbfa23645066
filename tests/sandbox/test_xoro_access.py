"""The Xoro simulator's doors: credentials and scopes, throttling that looks like bad data, unknown calls, pages."""

from __future__ import annotations

import pytest

from connectors.sandbox.kit import ADMIN
from connectors.sandbox.xoro import API_KEY, API_SECRET, APPS, INBOUND_KEY, INBOUND_SECRET, ORDERS_KEY, ORDERS_SECRET
from tests.sandbox.xoro_tenant import PREFIX, Tenant, order_body

ORDERS = "salesorder/getsalesorder"


@pytest.fixture
def tenant() -> Tenant:
    return Tenant()


class TestAKey:
    @pytest.mark.parametrize("auth", [None, (API_KEY, "wrong"), ("nobody", API_SECRET)])
    def test_that_is_wrong_is_401(self, tenant, auth):
        answer = tenant.call("GET", ORDERS, auth=auth)

        assert (answer.status_code, answer.is_json) == (401, True)

    def test_that_is_wrong_may_be_sent_to_a_login_page(self):
        tenant = Tenant(bad_key="redirect")

        answer = tenant.call("GET", ORDERS, auth=None)

        assert (answer.status_code, answer.headers["Location"]) == (302, "/login")
        assert tenant.client.get("/login").mimetype == "text/html"

    def test_that_is_wrong_may_be_answered_by_the_login_page_itself(self):
        answer = Tenant(bad_key="html").call("GET", ORDERS, auth=None)

        assert (answer.status_code, answer.mimetype) == (200, "text/html")

    def test_without_the_scope_is_500(self, tenant):
        answer = tenant.call("GET", ORDERS, auth=(INBOUND_KEY, INBOUND_SECRET))

        assert (answer.status_code, answer.json) == (500, {"Message": "An error has occurred."})

    def test_with_the_scope_reads(self, tenant):
        assert tenant.call("GET", ORDERS, auth=(ORDERS_KEY, ORDERS_SECRET)).json["Result"] is True
        assert tenant.call("GET", "asn/getasn", auth=(INBOUND_KEY, INBOUND_SECRET)).json["Result"] is True

    def test_can_be_added_and_revoked(self, tenant):
        tenant.control("apps", add={"key": "k", "secret": "s", "controllers": ["wave"]})
        scoped = [tenant.call("GET", action, auth=("k", "s")).status_code for action in ("wave/getwave", ORDERS)]
        tenant.control("apps", revoke="k")

        assert scoped == [200, 500]
        assert tenant.call("GET", "wave/getwave", auth=("k", "s")).status_code == 401

    def test_comes_in_five_scopes(self):
        assert len(APPS) == 5


class TestACall:
    @pytest.mark.parametrize(
        ("method", "action", "status"),
        [
            ("GET", "nothing/getnothing", 404),
            ("GET", "salesorder/getall", 400),
            ("GET", "product/item/getall", 400),
            ("GET", "salesorder/create", 405),
            ("POST", ORDERS, 405),
            ("GET", "SalesOrder/GetSalesOrder", 404),
        ],
    )
    def test_that_does_not_exist_says_so_by_status(self, tenant, method, action, status):
        assert tenant.call(method, action).status_code == status

    @pytest.mark.parametrize(
        "action", ["salesorder/update", "salesorder/cancel", "wave/voidwave", "wave/confirmshipment", "inventory/adjustinventory"]
    )
    def test_that_nobody_has_seen_does_not_exist_until_its_path_is_set(self, tenant, action):
        before = tenant.call("POST", action, json={})
        tenant.control("seed-demo", write_paths=True)

        assert (before.status_code, before.json) == (400, {"Message": "The request is invalid."})
        assert tenant.write(action, {})["Result"] is False

    def test_lives_under_a_prefix_that_may_differ(self):
        tenant = Tenant(path_prefix="/xerp")

        assert tenant.client.get(f"/xerp/{ORDERS}", auth=(API_KEY, API_SECRET)).status_code == 200
        assert tenant.client.get(PREFIX + ORDERS, auth=(API_KEY, API_SECRET)).status_code == 404

    @pytest.mark.parametrize("body", ["{", "[]", '"text"'])
    def test_with_an_unreadable_body_is_400(self, tenant, body):
        assert tenant.call("POST", "salesorder/create", data=body).status_code == 400

    def test_answers_in_the_envelope(self, tenant):
        assert tenant.read(ORDERS, status="Released") == {
            "Result": True,
            "ErrorCode": 0,
            "Message": "",
            "MessageTitle": None,
            "Page": 1,
            "TotalPages": 0,
            "Data": [],
            "ConfirmFlag": False,
            "ConfirmValue": None,
            "ConfirmValueData": None,
            "EndRequest": False,
            "Exceptions": [],
            "IsForwardRequest": False,
            "LogFlag": False,
            "MetaData": None,
            "SelectorErrorCode": 0,
        }

    def test_may_be_answered_by_a_question(self, tenant):
        tenant.control("oddities", name="ask_confirm")

        asked = tenant.write("salesorder/create", order_body())

        assert (asked["ConfirmFlag"], asked["Data"]) == (True, None)
        assert tenant.shown("summary")["orders"] == 0

    def test_may_be_done_and_answered_by_a_page(self, tenant):
        tenant.control("oddities", name="blank_after_write")

        answer = tenant.call("POST", "salesorder/create", json=order_body())

        assert (answer.status_code, answer.mimetype) == (200, "text/html")
        assert tenant.shown("summary")["orders"] == 1


class TestTooManyCalls:
    def burst(self, tenant: Tenant, count: int) -> list:
        return [tenant.call("GET", ORDERS, query_string={"status": "Released"}) for _ in range(count)]

    def test_are_answered_by_turns_with_what_looks_like_bad_data(self):
        tenant = Tenant(rate_scale=0.001)
        tenant.place()

        good, _, refused, empty, page, unavailable = self.burst(tenant, 6)

        assert len(good.json["Data"]) == 1
        assert (refused.status_code, refused.json["Result"]) == (200, False)
        assert (empty.json["Result"], empty.json["Data"]) == (True, [])
        assert (page.status_code, page.mimetype) == (200, "text/html")
        assert unavailable.status_code == 503

    def test_that_write_are_never_done_nor_answered_by_an_empty_success(self):
        tenant = Tenant(rate_scale=0.001, burst=0, throttle_as=["empty", "refused"])

        answer = tenant.call("POST", "salesorder/create", json=order_body())

        assert answer.json["Result"] is False
        assert tenant.shown("summary")["orders"] == 0

    def test_are_counted_for_the_tenant_or_for_each_key(self):
        others = (ORDERS_KEY, ORDERS_SECRET)
        found = []
        for whose in ("tenant", "key"):
            tenant = Tenant(rate_scale=0.001, burst=1, throttle_by=whose, throttle_as=["unavailable"])
            self.burst(tenant, 1)
            found.append(tenant.call("GET", ORDERS, auth=others).status_code)

        assert found == [503, 200]

    def test_look_like_a_true_empty_read(self):
        tenant = Tenant(rate_scale=0.001, burst=1, throttle_as=["empty"])

        true, throttled = self.burst(tenant, 2)

        assert true.json == throttled.json

    def test_do_not_concern_the_control_endpoints(self):
        tenant = Tenant(rate_scale=0.001, burst=0)

        assert tenant.client.get(f"{ADMIN}/summary").status_code == 200


class TestPages:
    @pytest.fixture
    def tenant(self) -> Tenant:
        tenant = Tenant()
        tenant.control("orders", count=7, lines={"TEE-BLK-S": 1})
        return tenant

    def page(self, tenant: Tenant, page: object, **more: object) -> tuple[int, int, list[int]]:
        answer = tenant.read(ORDERS, **{"status": "Released", "page": page, "per_page": 3, **more})
        return answer["Page"], answer["TotalPages"], [each["SoEstimateHeader"]["Id"] for each in answer["Data"]]

    def test_follow_each_other_and_end(self, tenant):
        pages = [self.page(tenant, number) for number in (1, 2, 3, 4)]

        assert [(number, total, len(ids)) for number, total, ids in pages] == [(1, 3, 3), (2, 3, 3), (3, 3, 1), (4, 3, 0)]
        assert len({id for _, _, ids in pages for id in ids}) == 7

    @pytest.mark.parametrize(("lie", "told"), [("one", 1), ("more", 5), ("zero", 0)])
    def test_may_be_miscounted(self, tenant, lie, told):
        tenant.control("settings", total_pages=lie)

        assert self.page(tenant, 2)[1] == told

    def test_may_repeat_after_the_end(self, tenant):
        tenant.control("settings", past_the_end="repeat")

        assert self.page(tenant, 9)[2] == self.page(tenant, 3)[2]

    @pytest.mark.parametrize(("per_page", "rows"), [("0", 7), ("x", 7), ("2", 2), ("9999", 4)])
    def test_have_a_size_within_bounds(self, tenant, per_page, rows):
        tenant.control("settings", max_per_page=7 if per_page != "9999" else 4)

        assert len(self.page(tenant, "nonsense", per_page=per_page)[2]) == rows

    def test_of_wide_rows_weigh_twelve_megabytes(self):
        tenant = Tenant(wide_rows=True, row_bytes=60_000)
        tenant.control("orders", count=200, lines={"TEE-BLK-S": 1, "HOOD-BLK-S": 1})

        answer = tenant.call("GET", ORDERS, query_string={"status": "Released", "per_page": 200})

        assert len(answer.data) > 12_000_000
        assert len(answer.json["Data"][0]["SoEstimateHeader"]) > 150


class TestSettings:
    @pytest.mark.parametrize("wanted", [{"no_such": 1}, {"bad_key": "403"}, {"write_paths": {"fly": "x"}}, {"throttle_as": ["429"]}])
    def test_that_do_not_exist_are_refused(self, tenant, wanted):
        assert tenant.client.post(f"{ADMIN}/settings", json=wanted).status_code == 400
