"""Calls to one commercetools project: the token, the project's paths, and its errors in our words.

https://docs.commercetools.com/api/authorization · https://docs.commercetools.com/api/errors
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from connectors.commercetools.settings import Settings
from connectors.errors import AccessDenied, Conflict, ContractError, OutcomeUnknown, Rejected
from connectors.http import Answer, Http
from connectors.ports import Account

Params = Sequence[tuple[str, str]]
NEEDED_SCOPES = ("manage_orders", "manage_products", "view_payments", "view_stores")
CORRELATION = re.compile(r"[A-Za-z0-9_-]{8,256}")
TOKEN_TRIES = 3
SHORT_LIFE_S = 600.0  # where the token endpoint does not say how long its token lives

SENTENCES = {  # errors[0].code → what it means to a person; their own words go into the detail
    "ConcurrentModification": "commercetools: this was changed by somebody else in the meantime.",
    "DuplicateField": "commercetools already has an entry with this value.",
    "DuplicateFieldWithConflictingResource": "commercetools already has an entry with this value.",
    "ReferencedResourceNotFound": "commercetools does not know something this refers to (a channel, state, type or store).",
    "ResourceNotFound": "commercetools does not know this any more.",
    "MissingRoleOnChannel": "The commercetools channel lacks the role this needs.",
    "InvalidOperation": "commercetools does not allow this in the present state.",
    "ContentTooLarge": "commercetools says that the question or its answer is too large.",
    "ExtensionUpdateActionsFailed": "An extension of the commercetools project refused this.",
    "ExtensionBadResponse": "An extension of the commercetools project answered badly.",
    "ExtensionNoResponse": "An extension of the commercetools project did not answer.",
    "MaxResourceLimitExceeded": "A limit of the commercetools project is reached.",
}


@dataclass
class Client:
    """One project as one API client sees it. Errors of every method: those of `connectors.errors`."""

    account: Account
    http: Http
    settings: Settings = field(init=False)

    def __post_init__(self) -> None:
        self.settings = Settings(self.account)

    def get(self, path: str, params: Params = ()) -> dict[str, Any] | None:
        """One resource; None when there is none (404)."""
        answer = self._call("GET", path, params=list(params))
        return None if answer.status == 404 else read_object(answer)

    def list(self, path: str, params: Params) -> Answer:
        """One page of a list, as it came; `results_of` reads it."""
        answer = self._call("GET", path, params=list(params))
        if answer.status != 200:
            raise rejected(answer)
        return answer

    def post(self, path: str, body: dict[str, Any], *, params: Params = (), idempotent: bool = False) -> dict[str, Any]:
        """Create or update. Conflict for a stale version; an answer that cannot be read leaves the outcome unknown."""
        answer = self._call("POST", path, params=list(params), json=body, idempotent=idempotent)
        if answer.status == 409:
            raise Conflict(SENTENCES["ConcurrentModification"], detail=answer.text[:2000], exchange=answer.exchange)
        try:
            return read_object(answer)
        except ContractError as error:
            sentence = "commercetools took the change but its answer could not be read, so it is not known whether it was stored."
            raise OutcomeUnknown(sentence, detail=error.detail, exchange=answer.exchange) from error

    def orders_path(self) -> str:
        store = self.settings.text("in_store")
        return f"/in-store/key={quote(store, safe='')}/orders" if store else "/orders"

    def _call(self, method: str, path: str, **options: Any) -> Answer:
        """With a token; a 401 throws the token away and the call is made exactly once more."""
        token = self._token()
        try:
            return self._send(method, path, token, options)
        except AccessDenied as error:
            if lacks_scope(error):
                raise
        return self._send(method, path, self._token(stale=token), options)

    def _send(self, method: str, path: str, token: str, options: dict[str, Any]) -> Answer:
        url = f"/{quote(self.account.account, safe='')}{path}"
        try:
            return self.http.request(method, url, headers=self._headers(token), **options)
        except AccessDenied as error:
            raise denied(error) from error

    def _headers(self, token: str) -> dict[str, str]:
        headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
        if CORRELATION.fullmatch(self.http.request_id):
            headers["X-Correlation-ID"] = self.http.request_id
        return headers

    def _token(self, *, stale: str = "") -> str:
        credentials = self.account.credentials
        secret = "|".join((self.auth_url, credentials.get("client_id", ""), credentials.get("client_secret", ""), *self.settings.scopes))
        name = f"{self.account.key}:{hashlib.sha256(secret.encode()).hexdigest()[:16]}"
        return self.http.tokens.get(name, lambda: self.fetch_token()[:2], stale=stale)

    @property
    def auth_url(self) -> str:
        """The token endpoint: the connection's auth address, else the API's with `auth.` in place of `api.`."""
        base = (self.account.auth_url or self.account.base_url.replace("://api.", "://auth.", 1)).rstrip("/")
        return base if base.endswith("/oauth/token") else f"{base}/oauth/token"

    def fetch_token(self) -> tuple[str, float, str]:
        """A fresh token, its lifetime in seconds and the scopes it was given.

        Without configured scopes the client's own are asked for; where the endpoint insists on a list, first ours, then manage_project.
        """
        project = self.account.account
        wanted = " ".join(self.settings.scopes)
        ladder = (wanted,) if wanted else ("", " ".join(f"{scope}:{project}" for scope in NEEDED_SCOPES), f"manage_project:{project}")
        for scope in ladder[:-1]:
            answer = self._ask_token(scope)
            if answer.status < 400:
                return read_token(answer)
        answer = self._ask_token(ladder[-1])
        if answer.status >= 400:
            sentence = "commercetools refused to give a token: check the addresses, the project key, the scopes and whether the project is active."
            raise AccessDenied(sentence, detail=answer.text[:2000], exchange=answer.exchange)
        return read_token(answer)

    def _ask_token(self, scope: str) -> Answer:
        form = {"grant_type": "client_credentials", **({"scope": scope} if scope else {})}
        basic = (self.account.credentials.get("client_id", ""), self.account.credentials.get("client_secret", ""))
        return self.http.request("POST", self.auth_url, idempotent=True, tries=TOKEN_TRIES, data=form, auth=basic)


def read_token(answer: Answer) -> tuple[str, float, str]:
    body = answer.json()
    token = body.get("access_token") if isinstance(body, dict) else None
    if not isinstance(token, str) or not token:
        raise ContractError("commercetools answered the request for a token without a token.", exchange=answer.exchange)
    try:
        lifetime_s = float(body.get("expires_in") or SHORT_LIFE_S)
    except (TypeError, ValueError):
        lifetime_s = SHORT_LIFE_S
    return token, lifetime_s, str(body.get("scope") or "")


def read_object(answer: Answer) -> dict[str, Any]:
    """The resource in an answer; Rejected for any other answer than success."""
    if not 200 <= answer.status < 300:
        raise rejected(answer)
    body = answer.json()
    if not isinstance(body, dict):
        raise ContractError("commercetools answered with something that is not one object.", detail=answer.text[:2000], exchange=answer.exchange)
    return body


def results_of(answer: Answer) -> tuple[list[dict[str, Any]], int | None]:
    """The items of a list answer and the limit it says it applied."""
    body = read_object(answer)
    results = body.get("results")
    if not isinstance(results, list) or not all(isinstance(item, dict) for item in results):
        raise ContractError("commercetools answered a list without its results.", detail=answer.text[:2000], exchange=answer.exchange)
    limit = body.get("limit")
    return results, limit if isinstance(limit, int) and limit > 0 else None


def rejected(answer: Answer) -> Rejected | ContractError:
    """A refusal in their words and ours; ContractError for an answer that is none (a redirect, a page)."""
    errors = error_list(answer)
    if 300 <= answer.status < 400:
        return ContractError(f"commercetools answered with a redirect (HTTP {answer.status}).", detail=answer.text[:2000], exchange=answer.exchange)
    code = next((str(error["code"]) for error in errors if error.get("code")), "") or {404: "ResourceNotFound", 413: "ContentTooLarge"}.get(
        answer.status, f"HTTP {answer.status}"
    )
    said = "; ".join(str(error.get("message") or error.get("detailedErrorMessage") or "") for error in errors) or answer.text[:500]
    sentence = SENTENCES.get(code) or f"commercetools refused this: {said[:300] or code}"
    fields = tuple(str(error["field"]) for error in errors if error.get("field"))
    return Rejected(sentence, detail=said[:2000], exchange=answer.exchange, code=code, fields=fields)


def error_list(answer: Answer) -> list[dict[str, Any]]:
    """The errors of the envelope; its message alone where there are none; [] for a body that is no envelope."""
    try:
        body = answer.json()
    except ContractError:
        return []
    if not isinstance(body, dict):
        return []
    listed = body.get("errors")
    found = [error for error in listed if isinstance(error, dict)] if isinstance(listed, list) else []
    return found or ([{"message": body["message"], "code": body.get("error")}] if body.get("message") else [])


def denied(error: AccessDenied) -> AccessDenied:
    """A 403 with the missing scope in the sentence: "Insufficient scope. One of the following scopes is missing: manage_orders."."""
    missing = re.search(r"scopes is missing: ([\w:, -]+)", error.detail)
    if missing is None:
        return error
    sentence = f"The commercetools API client lacks a scope: {missing[1].strip(' .,')}. Add it in the Merchant Center and save the new client here."
    return AccessDenied(sentence, detail=error.detail, exchange=error.exchange)


def lacks_scope(error: AccessDenied) -> bool:
    """A 403: the credential is good but may not do this."""
    return error.exchange is not None and error.exchange.status == 403
