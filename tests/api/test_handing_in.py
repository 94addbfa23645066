"""What a flow hands in: stored before it is answered, once, with a result for each item."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections
from rest_framework.test import APIClient

from portal.api.models import KeptAnswer
from portal.api.scopes import Scope
from portal.sync.models import InboundMessage
from tests.api.conftest import ORDER, sold, token_for

ORDERS = "/api/v1/orders"


def post(caller: APIClient, body, path: str = ORDERS, **headers: str):
    return caller.post(path, body, format="json", **headers)


class TestAnOrder:
    def test_is_stored_as_it_came(self, caller, account):
        answer = post(caller, ORDER)
        kept = InboundMessage.objects.get()
        assert (answer.status_code, answer.json()) == (201, {"external_id": "5551000111", "status": "stored", "id": f"in_{kept.pk}"})
        assert (kept.connection, kept.door, kept.topic, json.loads(bytes(kept.body))["item"]) == (account, "api", "orders", ORDER)

    def test_handed_in_twice_is_a_duplicate_and_one_row(self, caller):  # R35
        post(caller, ORDER)
        again = post(caller, ORDER)
        assert (again.status_code, again.json()["status"]) == (200, "duplicate")
        assert InboundMessage.objects.count() == 1

    def test_that_changed_is_news(self, caller):
        post(caller, ORDER)
        assert post(caller, {**ORDER, "status": "cancelled"}).status_code == 201
        assert InboundMessage.objects.count() == 2

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"currency": "usd"}, "currency"),
            ({"lineItems": []}, "lineItems"),
            ({"lineItems": [{"id": "1", "sku": "A", "quantity": 0}]}, "lineItems[0].quantity"),
            ({"shipingMethod": "Ground"}, "shipingMethod"),
            ({"externalId": "a\x00b"}, "externalId"),
            ({"createdAt": "yesterday"}, "createdAt"),
            ({"totalPrice": "NaN"}, "totalPrice"),
            ({"totalPrice": 1e300}, "totalPrice"),
        ],
    )
    def test_that_is_wrong_names_the_field_and_leaves_no_row(self, caller, change, field):
        answer = post(caller, {**ORDER, **change})
        assert (answer.status_code, list(answer.json()["errors"])) == (422, [field])
        assert not InboundMessage.objects.exists()

    def test_needs_an_account_that_takes_it(self, db, warehouse):
        client = APIClient()
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {token_for(None, *Scope)[1]}")
        assert post(client, ORDER).status_code == 409
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {token_for(warehouse, *Scope)[1]}")
        assert "Patchworks" in post(client, ORDER).json()["detail"]


class TestAList:
    def test_has_a_result_for_each_item(self, caller):
        answer = post(caller, [ORDER, {**ORDER, "externalId": "2", "currency": "?"}, ORDER])
        told = answer.json()
        assert (answer.status_code, told["stored"], told["failed"]) == (207, 2, 1)
        assert [one["status"] for one in told["results"]] == ["stored", "error", "duplicate"]
        assert told["results"][1]["field"] == "currency"

    def test_may_be_answered_with_200_where_a_flow_takes_207_for_a_failure(self, caller):
        answer = post(caller, [ORDER, {}], f"{ORDERS}?partial_as_200=true")
        assert (answer.status_code, answer.json()["failed"]) == (200, 1)

    def test_is_refused_where_all_of_it_is_wrong(self, caller):
        assert post(caller, [{}, 1, None]).status_code == 422

    @pytest.mark.parametrize("body", [[], 1, "text", None, [{}] * 501])
    def test_that_is_none_is_refused(self, caller, body):
        assert post(caller, body).status_code == 422


class TestBadBodies:
    @pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b'{"a": NaN}', b"[" * 5000])
    def test_that_are_not_json_are_refused(self, caller, body):
        answer = caller.post(ORDERS, body, content_type="application/json")
        assert answer.status_code in (400, 422)
        assert not InboundMessage.objects.exists()

    def test_that_are_too_large_are_refused(self, caller, settings):
        settings.API_MOST_BYTES = 100
        assert post(caller, ORDER).status_code == 413

    def test_of_another_type_are_refused(self, caller):
        assert caller.post(ORDERS, "<order/>", content_type="application/xml").status_code == 415


class TestAnIdempotencyKey:
    def test_gives_the_first_answer_again(self, caller):
        first = post(caller, ORDER, HTTP_IDEMPOTENCY_KEY="run-1")
        again = post(caller, ORDER, HTTP_IDEMPOTENCY_KEY="run-1")
        assert (again.status_code, again.json(), again["Idempotent-Replayed"]) == (201, first.json(), "true")

    def test_is_refused_for_another_body(self, caller):
        post(caller, ORDER, HTTP_IDEMPOTENCY_KEY="run-1")
        assert post(caller, {**ORDER, "name": "other"}, HTTP_IDEMPOTENCY_KEY="run-1").status_code == 422
        assert InboundMessage.objects.count() == 1

    def test_may_be_used_again_after_a_refusal(self, caller):
        assert post(caller, {**ORDER, "currency": "?"}, HTTP_IDEMPOTENCY_KEY="run-1").status_code == 422
        assert post(caller, ORDER, HTTP_IDEMPOTENCY_KEY="run-1").status_code == 201

    def test_of_a_call_that_still_runs_says_so(self, caller, account):
        post(caller, ORDER, HTTP_IDEMPOTENCY_KEY="run-1")
        KeptAnswer.objects.update(status=0)
        assert post(caller, ORDER, HTTP_IDEMPOTENCY_KEY="run-1").status_code == 409

    def test_belongs_to_its_token(self, caller, account):
        post(caller, ORDER, HTTP_IDEMPOTENCY_KEY="run-1")
        other = APIClient()
        other.credentials(HTTP_AUTHORIZATION=f"Bearer {token_for(account, *Scope)[1]}")
        assert post(other, {**ORDER, "name": "other"}, HTTP_IDEMPOTENCY_KEY="run-1").status_code == 201

    @pytest.mark.django_db(transaction=True)
    def test_has_one_effect_though_four_call_at_once(self, account):
        secret = token_for(account, *Scope)[1]

        def call(_: int) -> int:
            client = APIClient()
            client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
            try:
                return post(client, ORDER, HTTP_IDEMPOTENCY_KEY="run-1").status_code
            finally:
                connections.close_all()

        with ThreadPoolExecutor(4) as threads:
            codes = list(threads.map(call, range(4)))
        assert set(codes) <= {201, 409}
        assert 201 in codes
        assert InboundMessage.objects.count() == 1


class TestOtherResources:
    @pytest.mark.parametrize(
        ("path", "body"),
        [
            (
                "shipments",
                {
                    "externalId": "SHP-1",
                    "orderExternalId": "5551000111",
                    "shippedAt": "2026-06-02T10:00:00Z",
                    "packages": [{"trackingNumber": "1Z", "carrier": "UPS", "lineItems": [{"id": "7001", "sku": "TEE-BLK-M", "quantity": 1}]}],
                },
            ),
            (
                "returns",
                {
                    "externalId": "RMA-1",
                    "orderExternalId": "5551000111",
                    "status": "authorised",
                    "updatedAt": "2026-06-02T10:00:00Z",
                    "lineItems": [{"id": "1", "sku": "TEE-BLK-M", "quantity": 1}],
                },
            ),
            (
                "refunds",
                {"externalId": "RF-1", "orderExternalId": "5551000111", "amount": "19.50", "currency": "USD", "createdAt": "2026-06-02T10:00:00Z"},
            ),
            ("stock", {"sku": "TEE-BLK-M", "location": "ATL1", "available": 81, "asOf": "2026-06-02T10:00:00Z"}),
        ],
    )
    def test_are_stored_under_their_topic(self, caller, path, body):
        assert post(caller, body, f"/api/v1/{path}").status_code == 201
        assert InboundMessage.objects.get().topic == path

    def test_include_the_report_of_a_run(self, caller):
        event = {"flow_id": "412", "run_id": "01J0", "event": "failed", "message": "422", "counts": {"in": 10, "ok": 9, "failed": 1}}
        assert post(caller, event, "/api/v1/run-events").status_code == 201
        assert post(caller, event, "/api/v1/run-events").json() == {"status": "duplicate"}
        assert InboundMessage.objects.get().topic == "run_events"


class TestReading:
    def test_shows_an_account_only_its_own_orders(self, caller, account, warehouse):
        mine = sold(account, "1")
        sold(warehouse, "2")
        assert [one["id"] for one in caller.get(ORDERS).json()["data"]] == [mine.pk]

    def test_masks_people_without_the_scope_for_it(self, account):
        sold(account, "1", email="ana@example.com")
        client = APIClient()
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {token_for(account, Scope.ORDERS_READ)[1]}")
        told = client.get(ORDERS).json()["data"][0]
        assert "Ana" not in str(told["shipping_address"])
        assert "ana@" not in told["email"]
        assert told["shipping_address"]["city"] == "Leeds"

    def test_pages_by_a_cursor_to_the_end_and_sees_each_once(self, caller, account):
        made = {sold(account, str(number)).pk for number in range(7)}
        seen, cursor = [], ""
        while cursor is not None:
            page = caller.get(ORDERS, {"limit": 3, "cursor": cursor}).json()
            seen += [one["id"] for one in page["data"]]
            cursor = page["next_cursor"]
        assert (len(seen), set(seen)) == (7, made)

    @pytest.mark.parametrize("cursor", ["x", "W10", "WzFd", "bnVsbA", "WyJhIiwgMV0", "____", "W3RydWUsIDFd"])
    def test_refuses_a_cursor_that_is_none_of_ours(self, caller, cursor):
        assert caller.get(ORDERS, {"cursor": cursor}).status_code == 422

    @pytest.mark.parametrize("limit", ["0", "501", "x", "-1", "99999999999999999999"])
    def test_refuses_a_page_without_bounds(self, caller, limit):
        assert caller.get(ORDERS, {"limit": limit}).status_code == 422
