"""Webhooks of Shopify and BigCommerce at the real door: genuine ones are kept once, all others leave no row and a clear status."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.handlers.wsgi import WSGIRequest
from django.test import RequestFactory
from django.utils import timezone

from portal.connections.hooks import path_of
from portal.connections.models import Connection
from portal.ledger.models import SalesOrder
from portal.sync import hooks
from portal.sync.interpret import interpret_batch
from portal.sync.models import Cursor, InboundMessage

SAMPLE = Path(__file__).parents[1] / "connectors/shopify/samples/order_webhook.json"
SECRET, OLD = "shpss_new", "shpss_old"
CALLED = {"scope": "store/order/statusUpdated", "data": {"type": "order", "id": 118}, "hash": "7ee6", "producer": "stores/abc123"}


@pytest.fixture(autouse=True)
def silent(monkeypatch):
    monkeypatch.setattr(hooks, "ring", lambda job, pk: None)


def account(system: str, name: str, credentials: dict[str, str], **options: str) -> Connection:
    made = Connection(name=system, system=system, base_url="http://127.0.0.1:1", account=name, options=options)
    made.set_credentials(credentials)
    made.save()
    return made


@pytest.fixture
def shop(db) -> Connection:
    return account("shopify", "demo.myshopify.com", {"access_token": "shpat_x", "client_secret": SECRET, "previous_secret": OLD})


@pytest.fixture
def store(db) -> Connection:
    return account("bigcommerce", "abc123", {"auth_token": "t", "hook_secret": "hush", "client_secret": "cs"})


def signed(body: bytes, *, secret: str = SECRET, topic: str = "orders/create", **more: str) -> dict[str, str]:
    digest = base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()
    return {"X-Shopify-Topic": topic, "X-Shopify-Hmac-SHA256": digest, "X-Shopify-Shop-Domain": "demo.myshopify.com", **more}


def post(client: Any, connection: Connection, body: bytes, headers: dict[str, str]) -> Any:
    return client.post(path_of(connection), body, content_type="application/json", headers=headers)


class TestACallOfShopify:
    @pytest.mark.parametrize("secret", [SECRET, OLD])
    def test_is_kept_and_read(self, client, shop, secret):
        body = SAMPLE.read_bytes()

        assert post(client, shop, body, signed(body, secret=secret)).json() == {"status": "stored"}
        interpret_batch(shop, at=timezone.now())
        assert SalesOrder.objects.get().number == "#10021"

    def test_again_is_known_whatever_id_it_bears(self, client, shop):  # R35
        body = SAMPLE.read_bytes()
        answers = [post(client, shop, body, signed(body, **{"X-Shopify-Webhook-Id": str(n)})) for n in range(3)]

        assert [answer.json()["status"] for answer in answers] == ["stored", "known", "known"]
        assert InboundMessage.objects.count() == 1

    @pytest.mark.parametrize(
        ("topic", "feed"), [("inventory_levels/update", "stock"), ("fulfillments/create", "orders"), ("returns/request", "returns")]
    )
    def test_that_only_says_look_makes_its_feed_due(self, client, shop, topic, feed):
        Cursor.objects.create(connection=shop, feed=feed, started_at=timezone.now())
        body = b'{"inventory_item_id":401,"location_id":501,"available":81}'

        assert post(client, shop, body, signed(body, topic=topic)).status_code == 200
        assert Cursor.objects.get().started_at is None and not InboundMessage.objects.exists()

    @pytest.mark.parametrize(
        ("change", "status"),
        [
            ({"X-Shopify-Hmac-SHA256": "forged"}, 401),
            ({"X-Shopify-Hmac-SHA256": ""}, 401),
            ({"X-Shopify-Hmac-SHA256": "ü"}, 401),
            ({"X-Shopify-Shop-Domain": "other.myshopify.com"}, 401),
            ({"X-Shopify-Topic": ""}, 400),
        ],
        ids=["forged", "unsigned", "strange", "of another shop", "about nothing"],
    )
    def test_that_is_not_genuine_leaves_no_row(self, client, shop, change, status):
        body = SAMPLE.read_bytes()

        assert post(client, shop, body, signed(body) | change).status_code == status
        assert not InboundMessage.objects.exists()

    @pytest.mark.parametrize(("body", "status"), [(b"{", 400), (b"[]", 400), (b'{"id": 1}', 400), (b"{" + b" " * 10_000_000, 413)])
    def test_of_another_shape_leaves_no_row(self, client, shop, body, status):
        assert post(client, shop, body, signed(body)).status_code == status
        assert not InboundMessage.objects.exists()

    def test_changed_on_its_way_leaves_no_row(self, client, shop):
        body = SAMPLE.read_bytes()

        assert post(client, shop, body.replace(b"39.00", b"3900.00"), signed(body)).status_code == 401
        assert not InboundMessage.objects.exists()

    def test_cut_short_leaves_no_row(self, shop):
        body = SAMPLE.read_bytes()
        environ = RequestFactory().post(path_of(shop), body, content_type="application/json", headers=signed(body)).environ
        request = WSGIRequest({**environ, "wsgi.input": BytesIO(body[:100])})

        assert hooks.hook(request, path_of(shop).split("/")[2]).status_code == 400
        assert not InboundMessage.objects.exists()

    def test_is_refused_where_no_secret_is_known(self, client, db):
        bare = account("shopify", "demo.myshopify.com", {"access_token": "shpat_x"})
        body = SAMPLE.read_bytes()

        assert post(client, bare, body, signed(body, secret="")).status_code == 401


class TestACallOfBigCommerce:
    @pytest.mark.parametrize("scope", ["store/order/created", "store/order/statusUpdated", "store/shipment/created"])
    def test_has_the_orders_read_at_once(self, client, store, scope):
        Cursor.objects.create(connection=store, feed="orders", started_at=timezone.now())
        body = json.dumps(CALLED | {"scope": scope}).encode()

        assert post(client, store, body, {"X-Portal-Secret": "hush"}).status_code == 200
        assert Cursor.objects.get().started_at is None

    @pytest.mark.parametrize(
        ("body", "headers", "status"),
        [
            (json.dumps(CALLED).encode(), {}, 401),
            (json.dumps(CALLED).encode(), {"X-Portal-Secret": "wrong"}, 401),
            (json.dumps(CALLED | {"producer": "stores/other"}).encode(), {"X-Portal-Secret": "hush"}, 401),
            (b"{", {"X-Portal-Secret": "hush"}, 400),
            (b"{}", {"X-Portal-Secret": "hush"}, 400),
            (b"{" + b" " * 10_000_000, {"X-Portal-Secret": "hush"}, 413),
        ],
        ids=["without the secret", "with a wrong one", "of another store", "cut short", "about nothing", "too large"],
    )
    def test_that_is_not_genuine_changes_nothing(self, client, store, body, headers, status):
        now = timezone.now()
        Cursor.objects.create(connection=store, feed="orders", started_at=now)

        assert post(client, store, body, headers).status_code == status
        assert Cursor.objects.get().started_at == now and not InboundMessage.objects.exists()

    @pytest.mark.parametrize(("age_s", "key", "status"), [(0, b"cs", 200), (290, b"cs", 200), (310, b"cs", 401), (0, b"no", 401)])
    def test_is_held_to_its_signature_where_one_is_expected(self, client, store, age_s, key, status):
        Connection.objects.filter(pk=store.pk).update(options={"signature": "standard"})
        body, stamp = json.dumps(CALLED).encode(), str(int(time.time()) - age_s)
        digest = base64.b64encode(hmac.new(key, b"msg_1." + stamp.encode() + b"." + body, hashlib.sha256).digest()).decode()
        headers = {"webhook-id": "msg_1", "webhook-timestamp": stamp, "webhook-signature": f"v1,bad v1,{digest}"}

        assert post(client, store, body, {"X-Portal-Secret": "hush"} | headers).status_code == status
