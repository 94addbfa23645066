"""Tokens, scopes and headers of the commercetools simulator."""

from __future__ import annotations

import gzip

import pytest

from connectors.sandbox.commercetools import PROJECT as PROJECT_KEY
from connectors.sandbox.commercetools import READER_ID, READER_SECRET, ApiClient
from tests.sandbox.commercetools_client import Shop, code_of


@pytest.fixture
def shop() -> Shop:
    return Shop()


class TestTokenEndpoint:
    def test_answers_with_the_lifetime_and_the_scopes(self, shop):
        body = shop.token(scope="manage_orders:demo-shop view_products:demo-shop").json
        assert body["expires_in"] == 172_800
        assert body["scope"] == "manage_orders:demo-shop view_products:demo-shop"

    def test_refuses_a_wrong_secret(self, shop):
        answer = shop.token(secret="wrong")
        assert answer.status_code == 401
        assert answer.json["error"] == "invalid_client"
        assert answer.json["message"] == "Please provide valid client credentials using HTTP Basic Authentication."

    def test_refuses_a_scope_the_client_was_not_given(self, shop):
        answer = shop.token(READER_ID, READER_SECRET, scope="manage_orders:demo-shop")
        assert code_of(answer) == (400, "invalid_scope")
        assert answer.json["message"] == "Malformed parameter: scope: Invalid scope."

    def test_refuses_another_grant(self, shop):
        assert code_of(shop.token(grant_type="password")) == (400, "unsupported_grant_type")

    def test_says_when_the_project_is_suspended(self, shop):
        shop.control("suspend")
        assert shop.token().json["message"] == "Project 'demo-shop' is suspended"


class TestToken:
    def test_is_required(self, shop):
        assert code_of(shop.http.get("/demo-shop/orders")) == (401, "invalid_token")

    def test_that_is_unknown_is_invalid(self, shop):
        answer = shop.http.get("/demo-shop/orders", headers={"Authorization": "Bearer nonsense"})
        assert answer.json == {
            "statusCode": 401,
            "message": "invalid_token",
            "errors": [{"code": "invalid_token", "message": "invalid_token"}],
            "error": "invalid_token",
        }

    def test_ends_after_its_lifetime(self):
        shop = Shop(expires_in_s=60)
        assert shop.get("/orders").status_code == 200
        shop.control("clock", skew_s=61)
        assert shop.get("/orders").status_code == 401

    def test_ends_when_all_are_expired(self, shop):
        shop.control("expire-tokens")
        assert shop.get("/orders").status_code == 401

    def test_of_another_project_is_invalid(self):
        shop = Shop(clients={"ops-client": ApiClient("ops-secret", ("manage_project:other",))})
        assert shop.get("/orders").status_code == 401


class TestScope:
    def test_that_is_missing_is_403(self, shop):
        shop.headers = shop.bearer(READER_ID, READER_SECRET)
        answer = shop.post("/orders/import", {})
        assert code_of(answer) == (403, "insufficient_scope")
        assert answer.json["message"] == "Insufficient scope. One of the following scopes is missing: manage_orders."
        assert answer.json["error_description"] == answer.json["message"]

    def test_to_manage_reads_too(self, shop):
        shop.headers = shop.bearer(scope="manage_orders:demo-shop")
        assert shop.get("/orders").status_code == 200
        assert shop.get("/inventory").status_code == 403

    def test_of_one_store_opens_only_its_orders(self):
        clients = {"ops-client": ApiClient("ops-secret", (f"manage_orders:{PROJECT_KEY}:uk",))}
        shop = Shop(clients=clients)
        mine, other = shop.control("orders", store="uk").json, shop.control("orders", store="eu").json
        assert shop.get("/orders").status_code == 403
        assert shop.ids("/in-store/key=uk/orders") == [mine["orders"][0]["id"]]
        assert shop.get(f"/in-store/key=uk/orders/{other['orders'][0]['id']}").status_code == 404
        assert shop.get("/in-store/key=eu/orders").status_code == 403


class TestAnswer:
    def test_carries_the_correlation_id_that_was_sent(self, shop):
        answer = shop.http.get("/demo-shop/orders", headers={**shop.headers, "X-Correlation-ID": "ops-1234567"})
        assert answer.headers["X-Correlation-ID"] == "ops-1234567"

    def test_carries_a_correlation_id_of_its_own(self, shop):
        assert shop.get("/orders/f00").headers["X-Correlation-ID"].startswith("demo-shop/")

    def test_is_compressed_when_asked(self, shop):
        answer = shop.http.get("/demo-shop/channels", headers={**shop.headers, "Accept-Encoding": "gzip"})
        assert answer.headers["Content-Encoding"] == "gzip"
        assert b'"results"' in gzip.decompress(answer.data)

    def test_is_404_for_another_project_or_path(self, shop):
        assert shop.http.get("/elsewhere/orders", headers=shop.headers).status_code == 404
        assert shop.get("/unicorns").status_code == 404

    def test_names_what_was_not_found(self, shop):
        body = shop.get("/orders/f00").json
        assert body["errors"] == [{"code": "ResourceNotFound", "message": "The Resource with ID 'f00' was not found."}]


class TestFaults:
    @pytest.mark.parametrize(("fault", "status", "code"), [("500", 500, "General"), ("503", 503, "OverCapacity"), ("504", 504, "QueryTimedOut")])
    def test_answer_in_the_vendors_words(self, shop, fault, status, code):
        shop.control("faults", fault=fault)
        assert code_of(shop.get("/orders")) == (status, code)
        assert shop.get("/orders").status_code == 200

    def test_429_says_when_to_come_back(self, shop):
        shop.control("faults", fault="429")
        answer = shop.get("/orders")
        assert (answer.status_code, answer.headers["Retry-After"]) == (429, "1")

    def test_502_is_a_page_and_not_json(self, shop):
        shop.control("faults", fault="502")
        assert shop.get("/orders").content_type.startswith("text/html")

    def test_malformed_json_is_readable_text(self, shop):
        shop.control("faults", fault="malformed")
        answer = shop.http.get("/demo-shop/channels", headers={**shop.headers, "Accept-Encoding": "gzip"})
        assert answer.data.startswith(b'{"limit"')
        assert not answer.data.endswith(b"}]}")

    def test_a_rate_where_one_is_asked_for(self):
        shop = Shop(rate_per_s=2)
        statuses = [shop.get("/orders").status_code for _ in range(5)]
        assert 429 in statuses
