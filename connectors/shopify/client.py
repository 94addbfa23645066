"""Calls to one shop's GraphQL Admin API: the token, its cost bucket, and its errors in our words.

https://shopify.dev/docs/api/admin-graphql · https://shopify.dev/docs/api/usage/limits
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, field

from connectors.errors import AccessDenied, ConnectorError, ContractError, OutcomeUnknown, RateLimited, Rejected, Unavailable
from connectors.http import Answer, Http
from connectors.ports import Account
from connectors.reading import text
from connectors.shopify import documents
from connectors.shopify.settings import STATIC, Settings
from connectors.shopify.values import Body, Node, mapping, objects

UNDEFINED, TOO_COSTLY = "undefined_field", "MAX_COST_EXCEEDED"
UNKNOWN_WORDS = re.compile(
    r"doesn't exist on type|undefined ?field|cannot query field|isn't a defined|doesn't accept argument"
    r"|unknown (?:root )?(?:field|operation)|not supported|unsupported",
    re.IGNORECASE,
)
NAMED_FIELD = re.compile(r"[Ff]ield ['\"`](\w+)['\"`]|[Aa]ccess denied for (\w+)")
LONGEST_WAIT_S, USUAL_WAIT_S = 60.0, 2.0
READ_TRIES = 3
DAY_S = 86_400.0
CLOSED_SHOPS = {402: "is frozen until its owner pays Shopify", 423: "is locked by Shopify"}
NO_ACCESS = {
    "ACCESS_DENIED": "The Shopify app lacks a right that this needs.",
    "SHOP_INACTIVE": "This Shopify shop is not active, so nothing can be read or written there.",
}


@dataclass
class Client:
    """One shop as one app sees it. Errors of every method: those of `connectors.errors`."""

    account: Account
    http: Http
    settings: Settings = field(init=False)
    served_version: str = ""  # what the shop's last answer says it was served with
    _understood: dict[str, str] = field(default_factory=dict)  # rich question → what of it this shop answers

    def __post_init__(self) -> None:
        self.settings = Settings(self.account)

    def ask(self, question: str, variables: Node) -> Body:
        """The data of a query."""
        return self._data(self._call(question, variables, write=False), write=False)

    def ask_either(self, rich: str, lean: str, variables: Node) -> Body:
        """The data of the richer question, without the fields that the shop's version or the app's rights do not have; at least the lean one's."""
        question = self._understood.get(rich, rich)
        while question != lean:
            try:
                data = self.ask(question, variables)
                self._understood[rich] = question
                return data
            except (AccessDenied, Rejected) as error:
                if not (lacks_right(error) if isinstance(error, AccessDenied) else error.code == UNDEFINED):
                    raise
                question = narrowed(question, lean, said=error.detail)
        data = self.ask(lean, variables)
        self._understood[rich] = lean
        return data

    def change(self, mutation: str, variables: Node, *, root: str, idempotent: bool = False) -> Body:
        """What a mutation answers under its root field, its userErrors unread. Errors: OutcomeUnknown for an answer that cannot be read."""
        data = self._data(self._call(mutation, variables, write=not idempotent), write=not idempotent)
        answer = data.get(root)
        if not isinstance(answer, dict):
            raise unclear(write=not idempotent, detail=json.dumps(data, default=str)[:2000])
        return answer

    def _call(self, question: str, variables: Node, *, write: bool) -> Answer:
        """With a token; a short-lived one that is refused is thrown away and the call is made once more."""
        token = self._token()
        try:
            return self._send(question, variables, token, write=write)
        except AccessDenied as error:
            status = error.exchange.status if error.exchange else None
            if status != 401 or self.settings.text("token_mode") == STATIC:
                raise
        return self._send(question, variables, self._token(stale=token), write=write)

    def _send(self, question: str, variables: Node, token: str, *, write: bool) -> Answer:
        url = f"{self.settings.base_url}/admin/api/{self.settings.version}/graphql.json"
        headers = {"X-Shopify-Access-Token": token, "Accept": "application/json"}
        body = {"query": question, "variables": variables}
        try:
            return self.http.request("POST", url, headers=headers, json=body, idempotent=not write, tries=1 if write else READ_TRIES)
        except RateLimited as error:  # some shops say it with 429, and the cost in the body all the same
            raise self._throttled(loaded(error.exchange.response_body if error.exchange else ""), known_s=error.retry_after_s) from error

    def _token(self, *, stale: str = "") -> str:
        credentials = self.account.credentials
        if self.settings.text("token_mode") == STATIC:
            if not credentials.get("access_token"):
                raise AccessDenied("The connection to Shopify has no access token.")
            return credentials["access_token"]
        if not credentials.get("client_id") or not credentials.get("client_secret"):
            raise AccessDenied("The connection to Shopify has no client ID and secret to ask for a token with.")
        digest = hashlib.sha256(f"{credentials['client_id']}|{credentials['client_secret']}|{self.settings.base_url}".encode()).hexdigest()[:16]
        return self.http.tokens.get(f"{self.account.key}:{digest}", self._fetch_token, stale=stale)

    def _fetch_token(self) -> tuple[str, float]:
        """https://shopify.dev/docs/apps/build/authentication-authorization/access-tokens/client-credentials-grant"""
        credentials = self.account.credentials
        form = {"grant_type": "client_credentials", "client_id": credentials["client_id"], "client_secret": credentials["client_secret"]}
        url = self.account.auth_url or f"{self.settings.base_url}/admin/oauth/access_token"
        answer = self.http.request("POST", url, data=form, headers={"Accept": "application/json"}, idempotent=True, tries=READ_TRIES)
        if answer.status >= 400:
            raise AccessDenied("Shopify gave no token for this client ID and secret.", detail=answer.text[:2000], exchange=answer.exchange)
        body = mapping(answer.json())
        token, life = body.get("access_token"), body.get("expires_in")
        if not isinstance(token, str) or not token:
            raise ContractError("Shopify answered the request for a token without a token.", exchange=answer.exchange)
        return token, float(life) if isinstance(life, int) and life > 0 else DAY_S

    def _data(self, answer: Answer, *, write: bool) -> Body:
        """The data of an answer without errors; every error is raised by what to do next."""
        if answer.status != 200:
            raise refused(answer)
        self.served_version = answer.header("X-Shopify-API-Version")
        try:
            body = mapping(answer.json())
        except ContractError as error:
            raise unclear(write=write, detail=error.detail) from error
        if body.get("errors"):
            raise self._verdict(body, answer, write=write)
        data = body.get("data")
        if not isinstance(data, dict):
            raise unclear(write=write, detail=answer.text[:2000])
        self._pace(body)
        return data

    def _verdict(self, body: Body, answer: Answer, *, write: bool) -> ConnectorError:
        errors = objects(body["errors"]) or [{"message": answer.text[:500]}]
        codes = [text(mapping(error.get("extensions")).get("code")) for error in errors]
        said = "; ".join(text(error.get("message")) for error in errors)
        if "THROTTLED" in codes or said == "Throttled":
            return self._throttled(body)
        for code in codes:
            if code in NO_ACCESS:
                return AccessDenied(NO_ACCESS[code], detail=said[:2000], exchange=answer.exchange)
        if "INTERNAL_SERVER_ERROR" in codes:
            kind = OutcomeUnknown if write else Unavailable
            return kind("Shopify has a fault of its own at the moment.", detail=said[:2000], exchange=answer.exchange)
        code = (
            TOO_COSTLY if TOO_COSTLY in codes else UNDEFINED if UNKNOWN_WORDS.search(f"{said} {' '.join(codes)}") else next(filter(None, codes), "")
        )
        return Rejected(f"Shopify refused this: {said[:300] or code}", detail=said[:2000], exchange=answer.exchange, code=code)

    def _throttled(self, body: Body, *, known_s: float | None = None) -> RateLimited:
        """Waits until the bucket holds what the question costs."""
        lacks, restore = shortage(body)
        wait_s = known_s if restore is None else min(LONGEST_WAIT_S, max(0.1, lacks / restore))
        wait_s = USUAL_WAIT_S if wait_s is None else wait_s
        self.http.limiter.penalise(wait_s)
        return RateLimited("Shopify asked us to slow down.", retry_after_s=wait_s)

    def _pace(self, body: Body) -> None:
        """Where the next question like this one would be refused, nobody asks before the bucket has filled up again."""
        lacks, restore = shortage(body)
        if restore is not None and lacks > 0:
            self.http.limiter.penalise(min(LONGEST_WAIT_S, lacks / restore))


def narrowed(question: str, lean: str, *, said: str) -> str:
    """The question without the fields that an error names, as far as the lean one can do without them; else the lean one."""
    names = {name for found in NAMED_FIELD.findall(said) for name in found if name}
    for name in names:
        if documents.asks_for(question, name) and not documents.asks_for(lean, name):
            return documents.without(question, name)
    return lean


def shortage(body: Body) -> tuple[float, float | None]:
    """The points that the bucket lacks for a question of this cost, and the points it gains a second (None: not told)."""
    cost = mapping(mapping(body.get("extensions")).get("cost"))
    bucket = mapping(cost.get("throttleStatus"))
    try:
        restore = float(bucket["restoreRate"])
        lacks = float(cost["requestedQueryCost"]) - float(bucket["currentlyAvailable"])
    except (KeyError, TypeError, ValueError):
        return 0.0, None
    return lacks, restore if restore > 0 else None


def loaded(written: str) -> Body:
    try:
        return mapping(json.loads(written))
    except (ValueError, RecursionError):
        return {}


def lacks_right(error: AccessDenied) -> bool:
    """One thing is not allowed; the token itself is good."""
    return error.sentence == NO_ACCESS["ACCESS_DENIED"]


def unclear(*, write: bool, detail: str) -> ConnectorError:
    if write:
        return OutcomeUnknown("Shopify's answer could not be read, so it is not known whether it did what was asked.", detail=detail)
    return ContractError("Shopify's answer is not what its documentation promises.", detail=detail)


def refused(answer: Answer) -> ConnectorError:
    """An answer that is none of GraphQL's own."""
    if answer.status in CLOSED_SHOPS:
        return AccessDenied(f"The Shopify shop {CLOSED_SHOPS[answer.status]}.", detail=answer.text[:2000], exchange=answer.exchange)
    if 200 < answer.status < 400:
        sentence = f"Shopify answered HTTP {answer.status} instead of data. Is the shop's address right?"
        return ContractError(sentence, detail=answer.text[:2000], exchange=answer.exchange)
    sentence = "There is no Shopify shop at this address." if answer.status == 404 else f"Shopify refused this (HTTP {answer.status})."
    return Rejected(sentence, detail=answer.text[:2000], exchange=answer.exchange, code=f"HTTP {answer.status}")


def user_errors(answer: Body) -> list[Node]:
    """What a mutation says was wrong with the request (https://shopify.dev/docs/api/admin-graphql)."""
    return objects(answer.get("userErrors"))


def said_of(errors: list[Node]) -> str:
    return "; ".join(text(error.get("message")) or text(error.get("code")) for error in errors)
