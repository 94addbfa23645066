"""Lists that may be read once a day: kept for all processes, and read again when they are a day old.

SH21 carriers, SH12 shipping types, CH11 channels, A01 the shop, PC01 the platform, RE01 reasons. https://developer.mirakl.com
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass

from connectors.canonical import Code, CodeKind
from connectors.errors import AccessDenied, RateLimited, Rejected, Unavailable
from connectors.mirakl.client import Client, Row, is_forbidden, listed, part, rows_of
from connectors.mirakl.pacing import keep, peek
from connectors.reading import dump, text

HOUR_S = 3600.0
AGAIN_S = 60.0
FRESH_S, KEPT_S = 23 * HOUR_S, 7 * 24 * HOUR_S


@dataclass(frozen=True)
class Listing:
    """One reference call, and the list in its answer ("" for the whole answer)."""

    operation: str
    path: str
    root: str = ""


CARRIERS = Listing("SH21", "/shipping/carriers", "carriers")
SHIPPING_TYPES = Listing("SH12", "/shipping/types", "shipping_types")
CHANNELS = Listing("CH11", "/channels", "channels")
REASONS = Listing("RE01", "/reasons", "reasons")
SHOP = Listing("A01", "/account")
PLATFORM = Listing("PC01", "/platform/configuration")


def written_down(listing: Listing, body: Row) -> str:
    """The list as it is kept, with the moment it was read at."""
    if listing.root:
        body = {listing.root: rows_of(body, listing.root)}
    return dump({"at": time.time(), "body": body}).decode()


class Reference:
    """What an operator's lists say, from yesterday at the oldest, or from last week while it does not answer."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def read(self, listing: Listing, *, fresh_s: float = FRESH_S) -> Row:
        """The answer; asks for it when the kept one is older. While Mirakl does not answer, the kept one stays good for a week."""
        name = f"{self.client.scope}:{listing.operation}"
        written = peek(self.client.http.tokens, name)
        kept = json.loads(written) if written else None
        if kept and time.time() - kept["at"] < fresh_s:
            return dict(kept["body"])
        try:
            # Asked by one for all who wait: a second call of the day would be refused until tomorrow.
            written = self.client.http.tokens.get(name, lambda: (self.asked(listing), KEPT_S * 1.2), stale=written)
        except (RateLimited, Unavailable) as error:
            if kept is not None:
                return dict(kept["body"])
            if isinstance(error, RateLimited) and (error.retry_after_s or 0) > AGAIN_S:
                error.retry_after_s = AGAIN_S  # a list that may be read once a day must not hold up a dispatch for a day
            raise
        return dict(json.loads(written)["body"])

    def asked(self, listing: Listing) -> str:
        return written_down(listing, self.client.get(listing.operation, listing.path))

    def store(self, listing: Listing, body: Row) -> None:
        name = f"{self.client.scope}:{listing.operation}"
        keep(self.client.http.tokens, name, written_down(listing, body), lifetime_s=KEPT_S, instead_of=peek(self.client.http.tokens, name))

    def rows(self, listing: Listing, *, fresh_s: float = FRESH_S) -> list[Row]:
        return listed(self.read(listing, fresh_s=fresh_s), listing.root)

    def carrier(self, code: str) -> Row | None:
        """The registered carrier of exactly this code. One that is not listed may be new: the list is read again if it is an hour old."""
        for fresh_s in (FRESH_S, HOUR_S):
            for row in self.rows(CARRIERS, fresh_s=fresh_s):
                if row.get("code") == code:
                    return row
        return None

    def carrier_codes(self) -> tuple[str, ...]:
        return tuple(str(row.get("code")) for row in self.rows(CARRIERS))

    def feature(self, *path: str) -> bool | None:
        """A flag of the platform; a missing one is off, None where the key may not read them."""
        try:
            found = self.read(PLATFORM)
        except AccessDenied as error:
            if not is_forbidden(error):
                raise
            return None
        except (Rejected, RateLimited):
            return None
        for name in ("features", *path[:-1]):
            found = part(found, name)
        return found.get(path[-1]) is True

    def reasons(self, kind: str) -> tuple[tuple[str, str], ...]:
        """Codes and labels of a type (REFUND, RETURN_REJECTION …) that a shop may use."""
        rows = self.rows(REASONS, fresh_s=HOUR_S)
        return tuple(
            (text(row.get("code")), text(row.get("label"))) for row in rows if row.get("type") == kind and row.get("is_shop_right") is not False
        )

    def codes(self, kind: CodeKind) -> tuple[Code, ...]:
        """Carriers, shipping types and channels; () for kinds Mirakl has no list of. Codes are kept to the letter."""
        if kind is CodeKind.STORE:
            return self.stores()
        listing = {CodeKind.CARRIER: CARRIERS, CodeKind.SHIP_SERVICE: SHIPPING_TYPES}.get(kind)
        rows = self.rows(listing) if listing else []
        return tuple(Code(kind, str(row["code"]), text(row.get("label")) or str(row["code"])) for row in rows if row.get("code"))

    def stores(self) -> tuple[Code, ...]:
        """The operator's channels; inactive where the shop does not sell through one."""
        found = self.read(SHOP).get("channels")
        mine = {text(code) for code in found} if isinstance(found, list) else None
        labels = {text(row.get("code")): text(row.get("label")) for row in self.rows(CHANNELS)}
        codes = dict.fromkeys([*labels, *sorted(mine or ())])
        return tuple(Code(CodeKind.STORE, code, labels.get(code) or code, active=mine is None or code in mine) for code in codes if code)
