"""Access tokens shared by all threads and processes, so that a vendor is asked for one token and not for fifty."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.db import connection as database
from django.db.models import Q
from django.utils import timezone

from portal.connections.models import AccessToken
from portal.connections.sealing import SealBroken, seal, unseal

REFRESH_EARLY_S = 300
KEPT_HERE: dict[str, tuple[str, float]] = {}


@contextmanager
def one_at_a_time(name: str) -> Iterator[None]:
    """Hold a lock that other processes respect, without a transaction (a network call happens inside)."""
    with database.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(hashtext('access token'), hashtext(%s))", [name])
    try:
        yield
    finally:
        with database.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(hashtext('access token'), hashtext(%s))", [name])


class SharedTokens:
    """A TokenStore in the database, sealed, with a copy in this process."""

    def get(self, name: str, fetch: Callable[[], tuple[str, float]], *, stale: str = "") -> str:
        token, until = KEPT_HERE.get(name, ("", 0.0))
        if token and token != stale and time.time() < until:
            return token
        with one_at_a_time(name):
            return self._stored(name, stale) or self._fetched(name, fetch)

    def _stored(self, name: str, stale: str) -> str:
        row = AccessToken.objects.filter(name=name, good_until__gt=timezone.now()).first()
        if row is None:
            return ""
        try:
            token = unseal(row.sealed).get("token", "")
        except SealBroken:
            return ""
        if not token or token == stale:
            return ""
        KEPT_HERE[name] = (token, row.good_until.timestamp())
        return token

    def _fetched(self, name: str, fetch: Callable[[], tuple[str, float]]) -> str:
        token, lifetime_s = fetch()
        early_s = min(REFRESH_EARLY_S, lifetime_s * 0.1)
        good_until = timezone.now() + timedelta(seconds=max(1.0, lifetime_s - early_s))
        AccessToken.objects.update_or_create(name=name, defaults={"sealed": seal({"token": token}), "good_until": good_until})
        KEPT_HERE[name] = (token, good_until.timestamp())
        return token


def forget_tokens(account_key: str) -> None:
    """Drop every token of an account ("<account key>:…"), after its credential changed."""
    own = f"{account_key}:"
    AccessToken.objects.filter(Q(name=account_key) | Q(name__startswith=own)).delete()
    for name in [name for name in KEPT_HERE if name == account_key or name.startswith(own)]:
        KEPT_HERE.pop(name, None)
