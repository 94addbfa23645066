"""Three ways to hand a payload to a flow: start it, call its webhook trigger, or ask its callback trigger and wait.

https://doc.wearepatchworks.com
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from connectors.errors import AccessDenied, ContractError, OutcomeUnknown, Rejected
from connectors.http import Answer
from connectors.patchworks.client import JSON, Client, refuse, run_id
from connectors.patchworks.runs import keys_in
from connectors.patchworks.settings import CALLBACK, PULL, START, WEBHOOK, is_web
from connectors.reading import text

TRIGGERS = {START: "API", WEBHOOK: "Webhook", CALLBACK: "Callback"}
CLOCKS_DIFFER = timedelta(minutes=2)
MOST_BYTES = 8 * 1024 * 1024
UNSURE = "It is not known whether the flow was started: Patchworks does not show what its latest runs were given."


@dataclass(frozen=True)
class Way:
    """How one kind of thing goes to its flow: `by` pull, start, webhook or callback; `flow` its id, `url` its secret address."""

    by: str
    flow: str = ""
    url: str = ""

    @classmethod
    def of(cls, client: Client, what: str) -> Way:
        """`what`: dispatch or stock. Without the flow or the address that it needs, it is fetched."""
        settings, given = client.settings, client.account.credentials
        way = cls(settings.text(f"{what}_by"), settings.text(f"{what}_flow"), given.get(f"{what}_url", "").strip())
        able = {START: bool(way.flow), WEBHOOK: is_web(way.url), CALLBACK: is_web(way.url)}
        return way if able.get(way.by) else replace(way, by=PULL)


def hand_over(client: Client, way: Way, body: bytes) -> str:
    """Give the flow this payload; the id of the run where the answer has one.

    Rejected where Patchworks says no (nothing was started); OutcomeUnknown where the answer was lost.
    """
    if len(body) > MOST_BYTES:
        raise Rejected("It is larger than Patchworks takes (8 MB).", code="413")
    if way.by == START:
        return run_id(client.start(way.flow, body))
    return run_id(called(client, way, body))


def called(client: Client, way: Way, body: bytes) -> Answer:
    """A trigger's own address. A callback waits until the flow answers, so a lost answer leaves the flow running."""
    headers = JSON | signed(client, body)
    before = client.http.timeout_s
    if way.by == CALLBACK:
        client.http.timeout_s = (before[0], float(client.settings.number("callback_timeout_s")))
    try:
        answer = client.http.request("POST", way.url, data=body, headers=headers)
    except AccessDenied as error:
        sentence = f"{urlsplit(way.url).netloc} refused the signature in the address of the trigger. Copy the address from the flow again."
        raise AccessDenied(sentence, detail=error.detail, exchange=error.exchange) from error
    finally:
        client.http.timeout_s = before
    refuse(answer)
    return answer


def signed(client: Client, body: bytes) -> dict[str, str]:
    """The hash of the body with the shared secret, where one is set."""
    secret = client.account.credentials.get("hmac_secret", "")
    if not secret:
        return {}
    digest = hmac.new(secret.encode(), body, hashlib.sha256)
    told = base64.b64encode(digest.digest()).decode() if client.settings.text("hmac_encoding") == "base64" else digest.hexdigest()
    return {client.settings.text("hmac_header"): told}


def run_with(client: Client, way: Way, key: str, *, since: datetime) -> str | None:
    """The run that was given this key since then; None when surely none was. OutcomeUnknown where it cannot be told."""
    params = {"filter[started_after]": client.date(since - CLOCKS_DIFFER), "sort": "-started_at"}
    params |= {"filter[flow_id]": way.flow} if way.flow else {"filter[trigger]": TRIGGERS[way.by]}
    blind = False
    for rows in client.pages("/flow-runs", params):
        for row in rows:
            run = text(row.get("id"))
            keys = set(given_to(client, run)) if run else set()
            if key in keys:
                return run
            blind = blind or not keys
    if blind:
        raise OutcomeUnknown(UNSURE)
    return None


def given_to(client: Client, run: str) -> Iterator[str]:
    """The keys in the payloads of a run; none where they cannot be read."""
    try:
        rows = next(client.pages("/payload-metadata", {"filter[flow_run_id]": run}), [])
        for row in rows:
            body = client.read(f"/payload-metadata/{text(row.get('id'))}/download").text
            yield from keys_in(body)
    except (Rejected, ContractError):
        return
