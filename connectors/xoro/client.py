"""Xoro's HTTP side: a key for each private app, lists whose ends cannot be trusted, and a 500 that may mean a missing scope.

Sources are public integrations; there is no open reference. Product pages: https://docs.xorosoft.com
"""

from __future__ import annotations

import base64
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from connectors.errors import AccessDenied, ConnectorError, ContractError, RateLimited, Unavailable
from connectors.http import Http
from connectors.ports import Account
from connectors.reading import text
from connectors.xoro.envelope import Row, opened, rows_of, slow_down
from connectors.xoro.settings import Settings

ORDERS, WAVES = "salesorder/getsalesorder", "wave/getwave"
INVENTORY, ITEMS, PRODUCTS = "inventory/getinventorybyitem", "product/item/getitem", "product/getproduct"
NAMES = {ORDERS: "sales orders", WAVES: "waves", INVENTORY: "stock", ITEMS: "items", PRODUCTS: "products"}
SCOPES = {"inventory": "inventory", "product": "inventory", "salesorder": "orders", "wave": "orders"}  # controller -> credential
NAPS_S = (1.0, 2.0)  # after an answer that says nothing, before it is asked for again
FAULT = "an error has occurred"  # what a key without the scope is told, with HTTP 500
Params = Mapping[str, str]


@dataclass(frozen=True)
class Sheet:
    """One page of a list."""

    number: int
    rows: list[Row]
    last: bool
    more: bool = False  # Xoro says that there are further pages, which is not always true
    proved: bool = True  # False: it is empty, and nothing shows that Xoro was answering at all


class Client:
    """Calls with the account's keys."""

    def __init__(self, account: Account, http: Http) -> None:
        self.account, self.http = account, http
        self.settings = Settings(account)
        self.witness = ""  # the number of an order that is certainly there

    def headers(self, path: str) -> dict[str, str]:
        """The key of the path's own scope, else the default one."""
        given, scope = self.account.credentials, SCOPES.get(path.partition("/")[0], "orders")
        for key, secret in ((f"{scope}_key", f"{scope}_secret"), ("api_key", "api_secret")):
            if given.get(key, "").strip() and given.get(secret, "").strip():
                pair = f"{given[key].strip()}:{given[secret].strip()}"
                basic = base64.b64encode(pair.encode()).decode()
                return {"Authorization": f"Basic {basic}", "Accept": "application/json", "Content-Type": "application/json"}
        raise AccessDenied(f"This Xoro connection has no key and secret for {scope}. Each belongs to a private app made in Xoro.")

    def read(self, path: str, params: Params, *, tries: int | None = None) -> Row:
        """The envelope of a read. A 500 that only this call gives is a missing scope."""
        query = f"?{urlencode(params, quote_via=quote)}" if params else ""
        url = f"{self.settings.prefix}/{path}{query}"
        for nap_s in NAPS_S if tries is None else ():
            try:
                return self.read_once(path, url)
            except RateLimited:
                time.sleep(nap_s)
        return self.read_once(path, url, tries=tries)

    def read_once(self, path: str, url: str, *, tries: int | None = None) -> Row:
        try:
            answer = self.http.request("GET", url, headers=self.headers(path), tries=tries)
        except Unavailable as error:
            if tries is None and is_scope_like(error) and self.others_answer(path):
                raise self.out_of_scope(path, error) from error
            raise
        return opened(answer, what=NAMES.get(path, path))

    def others_answer(self, path: str) -> bool:
        """Whether Xoro answers something else: then its fault is about this call alone."""
        return any(self.answers(other) for other in (ORDERS, WAVES, INVENTORY, ITEMS) if other.partition("/")[0] != path.partition("/")[0])

    def answers(self, path: str) -> bool:
        try:
            self.read(path, {"page": "1", "per_page": "1"}, tries=1)
        except ConnectorError:
            return False
        return True

    def out_of_scope(self, path: str, error: Unavailable) -> AccessDenied:
        what = NAMES.get(path, path)
        sentence = f"The key used for {what} seems to lack the permission for them: Xoro answers other calls, but this one with a fault (HTTP 500)."
        return AccessDenied(f"{sentence} Widen the scope of its private app in Xoro.", detail=error.detail, exchange=error.exchange)

    def write(self, path: str, body: Row, *, what: str) -> Row:
        answer = self.http.request("POST", f"{self.settings.prefix}/{path.strip('/')}", headers=self.headers(path.strip("/")), json=body)
        return opened(answer, what=what, write=True)

    def sheet(self, path: str, params: Params, number: int, *, size: int | None = None) -> Sheet:
        """One page. A short page is the last one, unless Xoro says that there are more."""
        size = size or self.settings.number("page_size")
        envelope = self.read(path, {**params, "page": str(number), "per_page": str(size)})
        rows = rows_of(envelope, what=NAMES.get(path, path))
        pages = text(envelope.get("TotalPages"))
        more = pages.isdecimal() and int(pages) > number
        return Sheet(number, rows, last=not rows or (len(rows) < size and not more), more=more)

    def sheets(self, path: str, params: Params, *, start: int = 1) -> Iterator[Sheet]:
        """The pages from `start`, every one with every filter; an empty one is believed when Xoro shows that it answers."""
        number, before, most, more = start, "", self.settings.number("max_pages"), False
        while number <= most:
            sheet = self.sheet(path, params, number)
            if not sheet.rows:
                sheet = self.asked_again(path, params, number, patiently=more)
            first = text(identity(sheet.rows[0])) if sheet.rows else ""
            if first and first == before:
                yield Sheet(number, [], last=True)  # past its end, Xoro may give the last page again
                return
            yield sheet
            if sheet.last:
                return
            number, before, more = number + 1, first, sheet.more
        raise ContractError(
            f"Xoro's list of {NAMES.get(path, path)} goes on after {most} pages. Raise the limit in the options, or read less at once."
        )

    def asked_again(self, path: str, params: Params, number: int, *, patiently: bool = False) -> Sheet:
        """An empty page once more, after something that must not be empty; more often where the page before promised it."""
        if number > 1 and self.sheet(path, params, number - 1).rows:
            sheet = self.sheet(path, params, number)
            for nap_s in NAPS_S if patiently else ():
                if sheet.rows:
                    break
                time.sleep(nap_s)
                sheet = self.sheet(path, params, number)
            return sheet
        if not self.is_answering():
            return Sheet(number, [], last=True, proved=False)
        return self.sheet(path, params, number)

    def is_answering(self) -> bool:
        """Whether Xoro gives an order that is certainly there; False where no order is known. RateLimited when it withholds it."""
        if self.witness:
            if rows_of(self.read(ORDERS, {"order_number": self.witness}), what="sales orders"):
                return True
            raise slow_down("an order that is there")
        for status in self.settings.words("order_statuses"):
            rows = self.sheet(ORDERS, {"status": status}, 1, size=1).rows
            if rows:
                self.witness = order_number(rows[0])
                return True
        return False

    def order(self, number: str) -> Row | None:
        """One order by its number; None when Xoro does not know it, and shows that it answers."""
        for again in (False, True):
            rows = rows_of(self.read(ORDERS, {"order_number": number}), what=f"sales order {number}")
            found = next((row for row in rows if order_number(row) == number), None)
            if found is not None:
                self.witness = number
                return found
            if not again and not self.is_answering():
                raise slow_down(f"sales order {number}")
        return None


def is_scope_like(error: Unavailable) -> bool:
    return error.exchange is not None and error.exchange.status == 500 and FAULT in error.detail.lower()


def order_number(row: Row) -> str:
    header = row.get("SoEstimateHeader")
    return text(header.get("OrderNumber")) if isinstance(header, dict) else ""


def identity(row: Row) -> Any:
    """What tells one row from another."""
    header = row.get("SoEstimateHeader")
    if isinstance(header, dict):
        return header.get("Id") or header.get("OrderNumber")
    return f"{text(row.get('ItemNumber'))}/{text(row.get('StoreId')) or text(row.get('StoreName'))}/{text(row.get('BasePartNumber'))}"
