"""Who may call the API, how often, and what a refusal looks like."""

from __future__ import annotations

from datetime import timedelta

import pytest
from rest_framework.test import APIClient

from portal.accounts.permissions import NotAllowedError
from portal.api.models import ApiToken
from portal.api.scopes import Scope
from portal.api.tokens import mint, revoke
from portal.audit.models import AuditEvent
from tests.api.conftest import now, token_for
from tests.people import PEOPLE, person

PING = "/api/v1/ping"


def call(secret: str, path: str = PING, **headers: str):
    return APIClient().get(path, HTTP_AUTHORIZATION=f"Bearer {secret}", **headers)


class TestAToken:
    def test_opens_the_door_in_both_forms(self, account):
        _, secret = token_for(account)
        assert call(secret).json() == {"ok": True, "account": "Flows"}
        assert APIClient().get(PING, HTTP_X_API_KEY=secret).status_code == 200

    def test_is_not_kept_only_its_digest_is(self, account):
        token, secret = token_for(account)
        kept = ApiToken.objects.values().get(pk=token.pk)
        assert secret not in str(kept)
        assert kept["hint"] == f"…{secret[-4:]}"

    def test_remembers_when_it_was_used_last(self, account):
        token, secret = token_for(account)
        call(secret)
        token.refresh_from_db()
        assert now() - token.last_used_at < timedelta(minutes=1)

    @pytest.mark.parametrize("secret", ["", "lks_wrong", "ünïcode", "a b c"])
    def test_that_is_wrong_is_refused_with_a_sentence(self, account, secret):
        answer = APIClient().get(PING, HTTP_AUTHORIZATION=f"Bearer {secret}".encode("latin-1").decode("latin-1"))
        assert (answer.status_code, answer["Content-Type"]) == (401, "application/problem+json")
        assert answer.json()["title"] == "Not signed in"
        assert answer["WWW-Authenticate"].startswith("Bearer")

    def test_is_closed_for_good_once_revoked(self, account):
        token, secret = token_for(account)
        revoke(token, by=person("ada"))
        assert call(secret).status_code == 401
        assert set(AuditEvent.objects.filter(action__startswith="api.").values_list("action", flat=True)) == {"api.added", "api.revoked"}

    def test_ends_at_its_date(self, account):
        _, secret = token_for(account, expires_at=now() + timedelta(days=1))
        assert call(secret).status_code == 200
        ApiToken.objects.update(expires_at=now() - timedelta(seconds=1))
        assert call(secret).status_code == 401

    def test_may_only_what_its_scopes_say(self, account):
        _, secret = token_for(account, Scope.STOCK_READ)
        assert call(secret, "/api/v1/stock").status_code == 200
        refused = call(secret, "/api/v1/orders")
        assert (refused.status_code, refused.json()["detail"]) == (403, "This token may not read orders. An admin can issue one that may.")

    def test_is_told_to_wait_above_its_calls_a_minute(self, account):
        _, secret = token_for(account, per_minute=2)
        answers = [call(secret) for _ in range(3)]
        assert [answer.status_code for answer in answers] == [200, 200, 429]
        assert 0 < int(answers[2]["Retry-After"]) <= 61

    def test_may_go_on_in_the_next_minute(self, account):
        _, secret = token_for(account, per_minute=1)
        call(secret)
        assert call(secret).status_code == 429
        ApiToken.objects.update(window_at=now() - timedelta(seconds=61))
        assert call(secret).status_code == 200

    @pytest.mark.parametrize("username", sorted(set(PEOPLE) - {"ada"}))
    def test_is_issued_by_admins_alone(self, account, username):
        with pytest.raises(NotAllowedError):
            mint(ApiToken(name="Mine", connection=account, scopes=["orders:read"]), by=person(username))


class TestAPerson:
    @pytest.mark.parametrize("username", sorted(set(PEOPLE) - {"nell"}))
    def test_with_a_role_reads_but_hands_nothing_in(self, db, username):
        client = APIClient()
        client.force_login(person(username))
        assert client.get("/api/v1/orders").status_code == 200
        refused = client.post("/api/v1/orders", {}, format="json")
        assert (refused.status_code, refused.json()["title"]) == (403, "Not allowed")

    def test_without_a_role_sees_nothing(self, db):
        client = APIClient()
        client.force_login(person("nell"))
        assert client.get("/api/v1/orders").status_code == 403

    def test_who_is_not_signed_in_is_asked_for_a_token(self, db):
        assert APIClient().get("/api/v1/orders").status_code == 401


class TestTheTokenPage:
    def test_shows_a_new_token_once(self, account, client):
        client.force_login(person("ada"))
        fields = {"name": "Orders in", "connection": account.pk, "scopes": ["orders:write"], "per_minute": "240"}
        shown = client.post("/connections/tokens/", fields).content.decode()
        assert "lks_" in shown
        assert "lks_" not in client.get("/connections/tokens/").content.decode()

    def test_revokes(self, account, client):
        token, _ = token_for(account)
        client.force_login(person("ada"))
        client.post(f"/connections/tokens/{token.pk}/revoke/")
        token.refresh_from_db()
        assert token.revoked_by == person("ada")

    @pytest.mark.parametrize("username", sorted(set(PEOPLE) - {"ada"}))
    def test_is_closed_to_everybody_but_admins(self, db, client, username):
        client.force_login(person(username))
        assert client.get("/connections/tokens/").status_code == 403

    def test_says_what_is_missing(self, db, client):
        client.force_login(person("ada"))
        shown = client.post("/connections/tokens/", {"name": "", "per_minute": "0"}).content.decode()
        assert "This field is required." in shown
        assert not ApiToken.objects.exists()
