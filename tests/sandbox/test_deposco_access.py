"""The Deposco simulator's doors: tokens, scopes, the legacy login, the account's one limit, and faults."""

from __future__ import annotations

import time

import pytest
import requests

from connectors.sandbox.deposco import CLIENT_ID, CLIENT_SECRET, COMPANY, LEGACY_PASSWORD, LEGACY_USER, REFRESH_TOKEN, build
from connectors.sandbox.kit import ADMIN, serve
from tests.sandbox.deposco_tenant import Tenant, sentence


@pytest.fixture
def tenant() -> Tenant:
    return Tenant()


class TestToken:
    def refresh(self, tenant: Tenant, **form) -> object:
        given = {"grant_type": "refresh_token", "refresh_token": REFRESH_TOKEN, "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
        return tenant.client.post("/oauth2/token", data={**given, **form})

    def test_comes_for_client_credentials_and_for_a_refresh_token(self, tenant):
        for answer in (tenant.ask_token(), self.refresh(tenant)):
            assert (answer.status_code, answer.json["token_type"], answer.json["expires_in"]) == (200, "Bearer", 3600)

    def test_is_refused_to_a_wrong_secret(self, tenant):
        answer = self.refresh(tenant, client_secret="nope")

        assert (answer.status_code, answer.json) == (401, {"error": "invalid_client"})

    def test_may_refuse_with_400_instead(self):
        assert self.refresh(Tenant(bad_client_status=400), client_secret="nope").status_code == 400

    @pytest.mark.parametrize(
        ("form", "error"),
        [
            ({"businessUnitId": "3"}, "invalid_request"),
            ({"env": "elsewhere"}, "invalid_request"),
            ({"company": "NOBODY"}, "invalid_request"),
            ({"scope": "salesOrders/destroy"}, "invalid_scope"),
            ({"grant_type": "password"}, "unsupported_grant_type"),
        ],
    )
    def test_is_refused_to_a_wrong_form(self, tenant, form, error):
        answer = tenant.ask_token(**form)

        assert (answer.status_code, answer.json["error"]) == (400, error)

    def test_ends_after_its_time(self):
        tenant = Tenant(expires_in_s=60)

        tenant.wait(61)

        answer = tenant.rest("GET", "/facilities")
        assert (answer.status_code, answer.data) == (401, b"")

    def test_rotates_the_refresh_token_if_so_set(self):
        tenant = Tenant(rotate_refresh=True)

        fresh = self.refresh(tenant).json["refresh_token"]

        assert self.refresh(tenant).json == {"error": "invalid_grant"}
        assert self.refresh(tenant, refresh_token=fresh).status_code == 200

    def test_carries_its_scopes_only(self, tenant):
        tenant.token = tenant.ask_token(scope="salesOrders/read").json["access_token"]

        assert tenant.rest("GET", "/orders/salesOrders").status_code == 200
        assert tenant.send().status_code == 403
        assert sentence(tenant.rest("GET", "/items")) == "The scope items/read is missing"

    def test_sees_its_own_company_only(self, tenant):
        tenant.control("companies", code="OTHER")

        answer = tenant.rest("GET", "/orders/salesOrders", query_string={"businessUnit": "OTHER"})

        assert answer.status_code == 403
        assert [each["code"] for each in tenant.get("/companies")["data"]] == [COMPANY]


class TestLegacyLogin:
    def test_is_basic_and_knows_its_company(self, tenant):
        wrong = tenant.client.get(f"/integration/{COMPANY}/inventory/full", auth=("acme-api", "nope"))
        elsewhere = tenant.client.get("/integration/NOBODY/inventory/full", auth=("acme-api", "acme-secret"))

        assert tenant.legacy("GET", "/inventory/full").status_code == 200
        assert (wrong.status_code, wrong.data, elsewhere.status_code) == (401, b"", 401)

    def test_may_want_a_tenant_code(self):
        assert Tenant(tenant_code="acme").legacy("GET", "/inventory/full").status_code == 403


class TestRate:
    def test_is_four_a_second_for_both_apis_together(self, monkeypatch):
        tenant = Tenant(rate_scale=1.0)
        second = time.monotonic()
        monkeypatch.setattr("connectors.sandbox.kit.time.monotonic", lambda: second)

        statuses = [tenant.rest("GET", "/facilities").status_code for _ in range(3)]
        statuses += [tenant.legacy("GET", "/receiptadvices").status_code for _ in range(2)]

        assert statuses == [200, 200, 200, 200, 429]

    def test_answers_too_many_with_nothing_at_all(self):
        tenant = Tenant(rate_scale=0.01)

        answer = [tenant.rest("GET", "/facilities") for _ in range(2)][-1]

        assert (answer.status_code, answer.data, answer.headers.get("Retry-After")) == (429, b"", None)

    def test_may_say_when_to_come_back(self):
        tenant = Tenant(rate_scale=0.01, retry_after=True)

        assert [tenant.rest("GET", "/facilities") for _ in range(2)][-1].headers["Retry-After"] == "1"

    def test_is_scaled(self):
        tenant = Tenant(rate_scale=10)

        assert {tenant.rest("GET", "/facilities").status_code for _ in range(40)} == {200}


class TestFaults:
    def test_have_no_body(self, tenant):
        for fault in ("429", "500", "503"):
            tenant.control("faults", fault=fault)

            answer = tenant.rest("GET", "/facilities")

            assert (answer.status_code, answer.data) == (int(fault), b"")

    def test_include_a_concurrent_update(self, tenant):
        tenant.control("oddities", name="concurrent_update")

        refused, repeated = tenant.send(), tenant.send()

        assert refused.status_code == 409
        assert sentence(refused).startswith("The resource was updated by a concurrent request.")
        assert repeated.status_code == 201

    def test_include_an_order_in_use_for_a_while(self):
        tenant = Tenant(busy_s=30)

        statuses = [tenant.send().status_code, tenant.send().status_code, tenant.send(number="WEB-2").status_code]

        assert statuses == [201, 409, 201]

    def test_include_a_wrong_content_type(self, tenant):
        tenant.control("oddities", name="wrong_type")

        assert tenant.rest("GET", "/facilities").headers["Content-Type"] == "application/xml"

    @pytest.mark.parametrize("path", ["/latest/nothing/here", "/beta/orders/unknownOrders"])
    def test_do_not_include_unknown_paths(self, tenant, path):
        answer = tenant.client.get(path, headers={"Authorization": f"Bearer {tenant.token}"})

        assert answer.status_code == 404
        assert sentence(answer) == "Not Found"

    def test_are_named_right_or_refused(self, tenant):
        assert "no such oddity" in tenant.control("oddities", name="gremlins")["error"]
        with pytest.raises(ValueError, match="no such setting"):
            build(rate=1)


class TestReset:
    def test_leaves_an_empty_tenant_that_can_be_entered(self, tenant):
        tenant.place()

        tenant.client.post(f"{ADMIN}/reset")

        tenant.token = tenant.ask_token().json["access_token"]
        assert (tenant.summary()["orders"], tenant.summary()["items"]) == (0, 0)
        assert tenant.get("/orders/salesOrders") == {"data": [], "links": [], "complete": True, "pages": 0}

    def test_seeds_the_skus_it_is_given(self, tenant):
        rows = [{"sku": "A-1", "title": "One", "price": "9.50", "stock": {"ATL1": 3, "RNO2": 4}, "packs": {"Case": 6}}]

        made = tenant.control("seed-demo", skus=rows)

        assert list(made["items"]) == ["A-1"]
        assert {name: row["total"] for name, row in tenant.stock("A-1").items()} == {"ATL1": 3, "RNO2": 4}


class TestServed:
    @pytest.fixture
    def url(self, tenant):
        running = serve(tenant.app)
        yield running.url
        running.stop()

    def test_links_lead_back_to_where_it_runs(self, tenant, url):
        tenant.control("place", count=3, sku="MUG-BLU")
        headers = {"Authorization": f"Bearer {tenant.token}"}

        first = requests.get(f"{url}/latest/orders/salesOrders?pageSize=2", headers=headers, timeout=5).json()
        second = requests.get(first["links"][0]["href"], headers=headers, timeout=5).json()

        assert [row["number"] for row in first["data"] + second["data"]] == ["WEB-3", "WEB-2", "WEB-1"]

    def test_gateway_takes_no_space_in_a_path(self, tenant, url):
        answer = requests.get(f"{url}/integration/{COMPANY}/orders/Sales%20Order/WEB-1", auth=(LEGACY_USER, LEGACY_PASSWORD), timeout=5)

        assert (answer.status_code, answer.content) == (400, b"")

    def test_loses_an_answer_after_the_write(self, tenant, url):
        tenant.control("faults", fault="lost_after", method="POST")
        headers = {"Authorization": f"Bearer {tenant.token}"}

        with pytest.raises(requests.ConnectionError):
            requests.post(f"{url}/latest/orders/salesOrders", json=tenant.body(), headers=headers, timeout=5)

        assert tenant.get("/orders/salesOrders", number="WEB-1")["data"][0]["number"] == "WEB-1"
