"""The webhook door: genuine calls are stored before they are answered, all others leave no row and a clear status."""

from __future__ import annotations

import hashlib
import hmac
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.core.handlers.wsgi import WSGIRequest
from django.test import RequestFactory
from django.utils import timezone

from connectors.canonical import CHANGED, Received
from connectors.errors import AccessDenied, ContractError
from connectors.ports import Ability
from portal.connections.hooks import path_of
from portal.connections.models import Connection
from portal.sync import hooks
from portal.sync.models import Cursor, InboundMessage

SECRET = b"shared"


class Signing:
    """A vendor that signs: stands in for the connector alone, the door around it is the real one."""

    def receive_webhook(self, headers: dict[str, str], body: bytes) -> tuple[Received, ...]:
        signature = hmac.new(SECRET, body, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(signature, headers.get("X-Signature", "")):
            raise AccessDenied("The signature does not fit.")
        if body.startswith(b"change"):
            return (Received(CHANGED, "", "orders", b""),)
        if not body.startswith(b"{"):
            raise ContractError("This is not what we agreed.")
        return (Received("orders", headers["X-Id"], "1", body, timezone.now()),)


@pytest.fixture
def account(db, monkeypatch) -> Connection:
    made = Connection.objects.create(name="Shop", system="veeqo", base_url="http://127.0.0.1:1")
    card = made.vendor
    object.__setattr__(card, "abilities", card.abilities | {Ability.WEBHOOKS})
    monkeypatch.setattr(hooks, "connect", lambda connection: Signing())
    monkeypatch.setattr(hooks, "ring", lambda job, pk: None)
    yield made
    object.__setattr__(card, "abilities", card.abilities - {Ability.WEBHOOKS})


def post(client: Any, account: Connection, body: bytes, *, signature: str | None = None, **extra: Any) -> Any:
    signed = hmac.new(SECRET, body, hashlib.sha256).hexdigest() if signature is None else signature
    return client.post(path_of(account), body, content_type="application/json", headers={"X-Signature": signed, "X-Id": "e1"}, **extra)


class TestAGenuineCall:
    def test_is_stored_and_then_answered(self, client, account):
        answer = post(client, account, b'{"id": 1}')
        assert (answer.status_code, answer.json()) == (200, {"status": "stored"})
        kept = InboundMessage.objects.get()
        assert (kept.door, kept.topic, bytes(kept.body)) == ("webhook", "orders", b'{"id": 1}')

    def test_replayed_is_known_and_leaves_no_second_row(self, client, account):  # R35
        post(client, account, b'{"id": 1}')
        again = post(client, account, b'{"id": 1}')
        assert (again.status_code, again.json()) == (200, {"status": "known"})
        assert InboundMessage.objects.count() == 1

    def test_that_only_says_look_makes_its_feed_due(self, client, account, django_capture_on_commit_callbacks):
        now = timezone.now()
        Cursor.objects.create(connection=account, feed="orders", started_at=now)
        Cursor.objects.create(connection=account, feed="stock", started_at=now)
        post(client, account, b"change")
        due = {row.feed for row in Cursor.objects.all() if row.is_due(now + timedelta(seconds=1), 300)}
        assert due == {"orders"}


class TestAnyOtherCall:
    @pytest.mark.parametrize(
        ("body", "options", "status"),
        [
            (b'{"id": 1}', {"signature": "forged"}, 401),
            (b'{"id": 1}', {"signature": ""}, 401),
            (b"not ours", {}, 400),
            (b"", {}, 411),
            (b'{"id": 1}', {"CONTENT_LENGTH": ""}, 411),
            (b"{" + b" " * (6 * 1024 * 1024), {}, 413),
            (b"{" + b" " * (13 * 1024 * 1024), {}, 413),
        ],
        ids=["forged", "unsigned", "malformed", "empty", "of unknown length", "too large", "far too large"],
    )
    def test_leaves_no_row_and_a_clear_status(self, client, account, body, options, status):
        answer = post(client, account, body, **options)
        assert answer.status_code == status
        assert not InboundMessage.objects.exists()
        assert "Shop" not in answer.content.decode()

    def test_cut_short_on_its_way_leaves_no_row(self, account):
        environ = RequestFactory().post(path_of(account), b"{}", content_type="application/json").environ
        request = WSGIRequest({**environ, "CONTENT_LENGTH": "40", "wsgi.input": BytesIO(b'{"id": 1')})
        assert hooks.hook(request, path_of(account).split("/")[2]).status_code == 400
        assert not InboundMessage.objects.exists()

    def test_is_refused_where_it_is_not_a_post(self, client, account):
        assert client.get(path_of(account)).status_code == 405

    @pytest.mark.parametrize("key", ["1", "1.x", "x.y", "0", "99999999999999999999.a"])
    def test_finds_nothing_at_a_guessed_address(self, client, account, key):
        assert client.post(f"/hooks/{key}/", b"{}", content_type="application/json").status_code == 404

    def test_finds_nothing_at_the_address_of_a_removed_account(self, client, account):
        Connection.objects.update(removed_at=timezone.now())
        assert post(client, account, b'{"id": 1}').status_code == 404


class TestAnAccountThatSignsNothing:
    def test_is_read_at_once_when_it_is_called(self, client, db, monkeypatch, django_capture_on_commit_callbacks):  # R8, D3
        rung = []
        monkeypatch.setattr(hooks, "ring", lambda job, pk: rung.append((job, pk)))
        account = Connection.objects.create(name="Warehouse", system="veeqo", base_url="http://127.0.0.1:1")
        now = timezone.now()
        Cursor.objects.create(connection=account, feed="stock", started_at=now)
        with django_capture_on_commit_callbacks(execute=True):
            answer = client.post(path_of(account), b"anything", content_type="text/plain")
        assert (answer.status_code, rung) == (200, [("poll", account.pk)])
        assert Cursor.objects.get().is_due(now + timedelta(seconds=1), 300)
        assert not InboundMessage.objects.exists()
