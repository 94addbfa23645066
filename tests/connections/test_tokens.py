"""One access token for all workers."""

from __future__ import annotations

import threading
import time
from datetime import timedelta

import pytest
from cryptography.fernet import Fernet
from django.db import connection as database
from django.utils import timezone

from portal.connections import tokens
from portal.connections.models import AccessToken
from portal.connections.tokens import SharedTokens, forget_tokens
from tests.corridor import control


class Vendor:
    """Gives a new token each time it is asked."""

    def __init__(self, lifetime_s: float = 3600) -> None:
        self.lifetime_s, self.asked = lifetime_s, 0

    def __call__(self) -> tuple[str, float]:
        self.asked += 1
        time.sleep(0.05)
        return f"token {self.asked}", self.lifetime_s


@pytest.fixture(autouse=True)
def nothing_kept():
    tokens.KEPT_HERE.clear()
    yield
    tokens.KEPT_HERE.clear()


def another_process() -> SharedTokens:
    """Without what this process remembers."""
    tokens.KEPT_HERE.clear()
    return SharedTokens()


@pytest.mark.django_db
class TestATokenThatIsShared:
    def test_is_asked_for_once(self):
        vendor = Vendor()

        assert {another_process().get("connection-1:x", vendor) for _ in range(3)} == {"token 1"}

    def test_is_sealed_at_rest(self):
        SharedTokens().get("connection-1:x", Vendor())

        assert "token 1" not in AccessToken.objects.get().sealed

    def test_is_refreshed_before_it_expires(self):
        vendor = Vendor(lifetime_s=100)
        SharedTokens().get("connection-1:x", vendor)
        AccessToken.objects.update(good_until=timezone.now() - timedelta(seconds=1))

        assert another_process().get("connection-1:x", vendor) == "token 2"

    def test_is_thrown_away_when_the_vendor_refuses_it(self):
        vendor = Vendor()
        stale = SharedTokens().get("connection-1:x", vendor)

        assert SharedTokens().get("connection-1:x", vendor, stale=stale) == "token 2"
        assert another_process().get("connection-1:x", vendor, stale=stale) == "token 2"

    def test_of_another_key_is_asked_for_anew(self, settings):
        vendor = Vendor()
        SharedTokens().get("connection-1:x", vendor)
        settings.CREDENTIALS_KEYS = [Fernet.generate_key().decode()]

        assert another_process().get("connection-1:x", vendor) == "token 2"

    def test_is_forgotten_with_its_account_and_with_no_other(self):  # R102
        for name in ("connection-1:x", "connection-12:x"):
            SharedTokens().get(name, Vendor())
        forget_tokens("connection-1")

        assert list(AccessToken.objects.values_list("name", flat=True)) == ["connection-12:x"]
        assert list(tokens.KEPT_HERE) == ["connection-12:x"]


class TestManyWorkers:
    def test_refresh_a_token_once(self, transactional_db):
        vendor, got = Vendor(), []

        def work() -> None:
            try:
                got.append(SharedTokens().get("connection-1:x", vendor))
            finally:
                database.close()

        workers = [threading.Thread(target=work) for _ in range(5)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()

        assert (vendor.asked, set(got)) == (1, {"token 1"})


class TestAnExpiredToken:
    def test_costs_one_call_more_and_no_order(self, corridor):
        [placed] = corridor.place()
        before = len(corridor.calls(corridor.shop, path="/oauth/token"))
        control(corridor.shop, "expire-tokens")
        corridor.run()

        assert len(corridor.calls(corridor.shop, path="/oauth/token")) == before + 1
        assert len(corridor.at_warehouse(placed["orderNumber"])) == 1
