"""The legacy API's HTTP side: Basic sign-in, nulls as objects, lists of one, and an empty 200 that means failure.

`https://{tenant}.deposco.com/integration/{code}`, or the gateway's `https://api.deposco.com/integration/{code}`.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from connectors.deposco.client import Params, refusal
from connectors.deposco.settings import Settings
from connectors.deposco.shapes import Row, rows, without_nils
from connectors.errors import AccessDenied, ContractError, OutcomeUnknown, Unavailable
from connectors.http import Answer, Http
from connectors.reading import dump

BLANK_TRIES = 3
SALES_ORDER = "Sales Order"


class Legacy:
    """Calls of the integration API, under the same limiter as those of the new one, and slower."""

    def __init__(self, http: Http, settings: Settings) -> None:
        self.http = http
        self.settings = settings
        self._next_at = 0.0

    @property
    def is_there(self) -> bool:
        credentials = self.settings.account.credentials
        return self.settings.has_stock and bool(credentials.get("legacy_user", "").strip() and credentials.get("legacy_password", ""))

    def call(self, method: str, path: str, *, params: Params | None = None, **options: Any) -> Answer:
        if not self.is_there:
            raise AccessDenied("This Deposco connection has no user and password for the legacy API, which is the only one that tells stock.")
        credentials = self.settings.account.credentials
        headers = {"Accept": "application/json", **options.pop("headers", {})}
        if self.settings.text("tenant_code"):
            headers["X-Tenant-Code"] = self.settings.text("tenant_code")
        self.wait()
        login = (credentials.get("legacy_user", "").strip(), credentials.get("legacy_password", ""))
        return self.http.request(method, self.settings.legacy_url + path, params=params, headers=headers, auth=login, **options)

    def wait(self) -> None:
        """About two calls a second are safe."""
        rate = self.settings.number("legacy_per_s")
        now = time.monotonic()
        if rate > 0:
            time.sleep(max(0.0, self._next_at - now))
            self._next_at = max(now, self._next_at) + 1 / rate

    def read(self, path: str, params: Params | None = None) -> Any:
        """The body of an answer (None for a 404). The content type it claims is not reliable; an empty one is asked for again."""
        for _ in range(BLANK_TRIES):
            answer = self.call("GET", path, params=params)
            if answer.status == 404:
                return None
            if answer.status != 200:
                raise refusal(answer, f"Deposco's legacy API did not give {path}.")
            if answer.body.strip():
                return without_nils(answer.json())
        raise Unavailable("Deposco's legacy API answered with nothing, several times.", exchange=answer.exchange)

    def write(self, path: str, *, body: Any = None, form: Any = None) -> list[Row]:
        """The entries of a 207, one for each order. OutcomeUnknown when the answer is empty: it means failure, but not at which point."""
        sent: dict[str, Any] = {"data": dump(body), "headers": {"Content-Type": "application/json"}} if form is None else {"data": form}
        answer = self.call("POST", path, **sent)
        if answer.status >= 300:
            raise refusal(answer, "Deposco's legacy API did not take the order.")
        if not answer.body.strip():
            raise OutcomeUnknown("Deposco's legacy API answered with nothing, so it is not known whether it was done.", exchange=answer.exchange)
        sentence = "Deposco's legacy API does not say readably what it did, so it is not known whether it was done."
        try:
            found = rows_of(without_nils(answer.json()), "response")
        except ContractError as error:
            raise OutcomeUnknown(sentence, detail=error.detail, exchange=answer.exchange) from error
        if not found:
            raise OutcomeUnknown(sentence, detail=answer.text[:2000], exchange=answer.exchange)
        return found

    def orders(self, params: Params) -> list[Row]:
        return rows_of(self.read("/search/Order", [("type", SALES_ORDER), *params]), "order")

    def shipments(self, params: Params) -> list[Row]:
        return rows_of(self.read("/search/shipment", params), "shipment")

    def shipment(self, number: str) -> Row | None:
        """One shipment. A blank in a path is refused by the gateway, so such a number is searched for."""
        if " " in number:
            found = self.shipments([("shipmentNumber", number)])
        else:
            found = rows_of(self.read(f"/shipments/{quote(self.settings.company, safe='')}/{quote(number, safe='')}"), "shipment")
        return next((row for row in found if str(row.get("shipmentNumber")) == number), None)


def rows_of(body: Any, name: str) -> list[Row]:
    """The records under a name, however deep the answer wraps them: a list, one of them, or the record itself."""
    if isinstance(body, list):
        return [row for each in body for row in rows_of(each, name)]
    if not isinstance(body, Mapping):
        return []
    if name in body:
        return rows(body[name])
    inner = [value for value in body.values() if isinstance(value, Mapping) and name in value]
    return rows(inner[0][name]) if inner else []
