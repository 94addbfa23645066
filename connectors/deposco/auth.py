"""Access to the REST API: a service app signs in with its secret, an installed app with the refresh token it was handed.

Deposco's sign-in is `POST https://auth.deposco.com/oauth2/token`.
"""

from __future__ import annotations

import hashlib
from typing import Any

from connectors.deposco.settings import Settings
from connectors.errors import AccessDenied, ContractError
from connectors.http import Answer, Http

SHORT_LIFE_S = 600.0
KEPT_S = 10 * 365 * 86_400.0
TRIES = 3
ORDERS = "salesOrders/read salesOrders/write outboundShipments/read items/read"
EVERYTHING = f"{ORDERS} facilities/read companies/read tradingPartners/read customerReturns/read customerReturns/write"


class Missing(Exception):
    """Nothing is kept under this name."""


class Access:
    """Tokens of one account, shared with everybody who uses the same token store."""

    def __init__(self, http: Http, settings: Settings) -> None:
        self.http = http
        self.settings = settings
        self.credentials = settings.account.credentials
        self._rotated = ""

    def token(self, *, stale: str = "") -> str:
        """The access token. The refresh token is looked up only when a new one has to be fetched: stores do not nest."""
        name = f"{self.settings.account.key}:{self.digest()}"
        try:
            return self.http.tokens.get(name, nothing, stale=stale)
        except Missing:
            refresh = self.refresh_token()
            found = self.http.tokens.get(name, lambda: self.fetch(refresh), stale=stale)
        if self._rotated:
            self.keep_rotated(instead_of=refresh)
        return found

    def digest(self, *more: str) -> str:
        parts = (self.settings.token_url, self.settings.company, self.settings.text("env"), self.settings.text("scope"), *more)
        secrets = (self.credentials.get("client_id", ""), self.credentials.get("client_secret", ""), self.credentials.get("refresh_token", ""))
        return hashlib.sha256("|".join((*parts, *secrets)).encode()).hexdigest()[:16]

    @property
    def rotation(self) -> str:
        """Where a newer refresh token is kept. Not under the account's key: verifying forgets that one's tokens, and this cannot be had again."""
        return f"deposco-refresh:{self.digest('refresh')}"

    def refresh_token(self) -> str:
        """The newest refresh token: one that replaced ours, else ours; "" for a service app."""
        own = self.credentials.get("refresh_token", "").strip()
        if not own:
            return ""
        try:
            return self.http.tokens.get(self.rotation, nothing)
        except Missing:
            return own

    def keep_rotated(self, *, instead_of: str) -> None:
        self.http.tokens.get(self.rotation, lambda: (self._rotated, KEPT_S), stale=instead_of)
        self._rotated = ""

    def fetch(self, refresh: str) -> tuple[str, float]:
        """A fresh token and its lifetime in seconds. Where not all scopes may be asked for, those that orders need."""
        scope = self.settings.text("scope")
        ladder = (scope,) if scope else ("",) if refresh else (EVERYTHING, ORDERS)
        for wanted in ladder:
            answer = self.ask(refresh, wanted)
            if answer is not None:
                return self.read(answer, refresh)
        raise AccessDenied("Deposco does not give this app the scopes that the portal needs for orders and shipments.")

    def ask(self, refresh: str, scope: str) -> Answer | None:
        """The answer with a token; None when Deposco does not give these scopes."""
        if not self.credentials.get("client_id", "").strip() or not self.credentials.get("client_secret", "").strip():
            raise AccessDenied("This Deposco connection has no client ID and secret for the REST API.")
        try:
            answer = self.http.request("POST", self.settings.token_url, idempotent=True, tries=TRIES, **self.form(refresh, scope))
        except AccessDenied as error:
            raise AccessDenied(
                "Deposco refused the client ID, its secret or the refresh token.", detail=error.detail, exchange=error.exchange
            ) from error
        if answer.status < 300:
            return answer
        if "invalid_scope" in answer.text:
            return None
        sentence = "Deposco refused to give a token. Check the client ID and secret, the environment, the company code and the addresses."
        raise AccessDenied(sentence, detail=answer.text[:2000], exchange=answer.exchange)

    def form(self, refresh: str, scope: str) -> dict[str, Any]:
        """The request of each grant. A `businessUnitId` must not be in it."""
        client = (self.credentials.get("client_id", "").strip(), self.credentials.get("client_secret", "").strip())
        scopes = {"scope": scope} if scope else {}
        if refresh:
            return {"data": {"grant_type": "refresh_token", "refresh_token": refresh, "client_id": client[0], "client_secret": client[1], **scopes}}
        place = {name: value for name, value in (("env", self.settings.text("env")), ("company", self.settings.company)) if value}
        return {"data": {"grant_type": "client_credentials", **scopes, **place}, "auth": client}

    def read(self, answer: Answer, refresh: str) -> tuple[str, float]:
        """The token of an answer; a newer refresh token that comes with it is kept, because it may end the old one."""
        body = answer.json()
        token = body.get("access_token") if isinstance(body, dict) else None
        if not isinstance(token, str) or not token:
            raise ContractError("Deposco answered the request for a token without a token.", exchange=answer.exchange)
        newer = body.get("refresh_token")
        self._rotated = newer if refresh and isinstance(newer, str) and newer != refresh else ""
        try:
            return token, float(body.get("expires_in") or SHORT_LIFE_S)
        except (TypeError, ValueError):
            return token, SHORT_LIFE_S


def nothing() -> tuple[str, float]:
    raise Missing
