"""Minting and revoking tokens, and the door they open: who calls, and how often."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Case, F, Q, Value, When
from django.utils import timezone
from rest_framework.authentication import BaseAuthentication, SessionAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed, Throttled
from rest_framework.request import Request

from portal.accounts.models import User
from portal.accounts.permissions import Action, check
from portal.api.models import ApiToken
from portal.audit.trail import record

PREFIX = "lks_"
MINUTE = timedelta(minutes=1)
NOT_VALID = "This token is not valid. It was never issued, was revoked, or has expired."


def digest_of(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def mint(token: ApiToken, *, by: User) -> str:
    """Save the token with its audit record; the secret, which nobody can see again."""
    check(by, Action.EDIT_CONNECTION)
    secret = PREFIX + secrets.token_urlsafe(32)
    token.digest, token.hint, token.created_by = digest_of(secret), f"…{secret[-4:]}", by
    token.full_clean(exclude=["digest", "created_by"])
    with transaction.atomic():
        token.save()
        record("api.added", token, by=by, new={"scopes": token.scopes, "account": str(token.connection or "")})
    return secret


def revoke(token: ApiToken, *, by: User) -> None:
    """Close it for good. ValidationError when that was done before."""
    check(by, Action.EDIT_CONNECTION)
    with transaction.atomic():
        if not ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=timezone.now(), revoked_by=by):
            raise ValidationError("It was revoked before.")
        record("api.revoked", token, by=by)


@dataclass(frozen=True)
class TokenBearer:
    """Who calls with a token: nobody of ours, but known."""

    token: ApiToken
    is_authenticated: bool = True
    is_active: bool = True
    is_anonymous: bool = False

    @property
    def pk(self) -> str:
        return f"token-{self.token.pk}"


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer …` or `X-Api-Key: …`: the two forms a flow builder can set as a fixed header."""

    def authenticate(self, request: Request) -> tuple[Any, ApiToken] | None:
        secret = secret_of(request)
        if secret is None:
            return None
        token = ApiToken.objects.select_related("connection").filter(digest=digest_of(secret), revoked_at=None).first()
        now = timezone.now()
        if token is None or (token.expires_at is not None and token.expires_at <= now):
            raise AuthenticationFailed(NOT_VALID)
        count(token, at=now)
        return TokenBearer(token), token

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="Lockstep"'


class PersonAuthentication(SessionAuthentication):
    """A person signed in by the browser."""


def secret_of(request: Request) -> str | None:
    """The token the caller shows; None when it shows none at all."""
    words = get_authorization_header(request).decode("latin-1").split(" ", 1)
    if len(words) == 2 and words[0].lower() in ("bearer", "token"):
        return words[1].strip()
    if words != [""]:
        raise AuthenticationFailed("Send the token as “Authorization: Bearer <token>” or as “X-Api-Key: <token>”.")
    return request.headers.get("X-Api-Key")


def count(token: ApiToken, *, at: datetime) -> None:
    """Count this call in the token's minute, in one statement whatever the number of processes. Throttled above its limit."""
    same = Q(window_at__gt=at - MINUTE, window_at__lte=at)
    rows = ApiToken.objects.filter(pk=token.pk)
    rows.update(
        window_calls=Case(When(same, then=F("window_calls") + 1), default=Value(1), output_field=models.IntegerField()),
        window_at=Case(When(same, then=F("window_at")), default=Value(at), output_field=models.DateTimeField()),
        last_used_at=at,
    )
    calls, began = rows.values_list("window_calls", "window_at").get()
    assert began is not None  # written above
    if calls > token.per_minute:
        raise Throttled(wait=max(1.0, (began + MINUTE - at).total_seconds()))
