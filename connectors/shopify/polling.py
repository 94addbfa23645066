"""Orders by time of change, page by page, with every nested list read to its end.

https://shopify.dev/docs/api/usage/pagination-graphql
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from connectors.errors import ContractError, Rejected
from connectors.reading import moment, text
from connectors.shopify import documents
from connectors.shopify.client import TOO_COSTLY, Client
from connectors.shopify.values import Body, Node, gid, mapping, nodes, stamp

INNER = 100
SMALLER = 4
MOST_OVERLAP_S = 6 * 3600


def load_cursor(cursor: str) -> Body:
    """A kept cursor; ContractError when it is not one of ours."""
    try:
        kept = json.loads(cursor) if cursor else {}
    except ValueError as error:
        raise ContractError("The place to continue reading from is damaged.", detail=cursor[:200]) from error
    if not isinstance(kept, dict):
        raise ContractError("The place to continue reading from is damaged.", detail=cursor[:200])
    return kept


def begins(client: Client, kept: Body) -> datetime | None:
    """Where a look begins: the overlap before the mark, else where the connection starts; None for everything."""
    if not kept.get("at"):
        return client.settings.start_at
    overlap = timedelta(seconds=client.settings.number("overlap_s", least=0, most=MOST_OVERLAP_S))
    return moment(kept["at"], what="kept mark") - overlap


def page_end(connection: Body, before: str) -> str:
    """The cursor of the next page; "" after the last. ContractError where the list would go round in circles."""
    info = mapping(connection.get("pageInfo"))
    if info.get("hasNextPage") is not True:
        return ""
    end = text(info.get("endCursor"))
    if not end or end == before:
        raise ContractError("Shopify says there is more but not where it begins, so reading was stopped.", detail=f"after {before}")
    return end


@dataclass
class Orders:
    """The orders of one shop."""

    client: Client
    _inner: int = field(default=INNER)
    _page: int = 0

    def changed(self, rich: str, lean: str, cursor: str, *, until: datetime) -> Iterator[tuple[list[Node], str]]:
        """Pages of orders changed after the cursor, oldest change first, each with a cursor that is safe to keep.

        The mark is the last change seen and never later than `until`; each look begins the overlap before it, so a page that is
        cut off, a change that shows late and two clocks that differ lose nothing.
        """
        kept = load_cursor(cursor)
        start = begins(self.client, kept)
        # Without a word on status Shopify's search has been seen to leave closed orders out.
        question = " AND ".join([*([f"updated_at:>='{stamp(start)}'"] if start else []), "status:any"])
        mark, after = text(kept.get("at")), ""
        while True:
            answer = self.ask(rich, lean, {"q": question}, after=after)
            orders = mapping(answer.get("orders"))
            if "orders" not in answer or not isinstance(answer["orders"], dict):
                raise ContractError("Shopify answered without orders.")
            found = nodes(orders)
            mark = latest([mark, *(text(order.get("updatedAt")) for order in found)], until=until)
            after = page_end(orders, after)
            if found:
                yield found, json.dumps({"at": mark})
            if not after:
                return

    def ask(self, rich: str, lean: str, variables: Node, *, after: str) -> Body:
        """One page; smaller ones while Shopify finds them too costly."""
        self._page = self._page or self.client.settings.number("page_size", least=1, most=250)
        while True:
            sizes = {"first": self._page, "inner": self._inner, "after": after or None}
            try:
                return self.client.ask_either(rich, lean, variables | sizes)
            except Rejected as error:
                if error.code != TOO_COSTLY or (self._page == 1 and self._inner == 1):
                    raise
            self._page, self._inner = (max(1, self._page // SMALLER), self._inner) if self._page > 1 else (1, max(1, self._inner // SMALLER))

    def one(self, reference: str) -> Node | None:
        """One order by its number or global id, whole; None when the shop does not know it."""
        found = self.nested(documents.ORDER, documents.LEAN_ONE, reference)
        return self.whole(found) if found else None

    def nested(self, rich: str, lean: str, reference: str) -> Node | None:
        """One order as a question asks for it, with shorter nested lists while Shopify finds it too costly."""
        while True:
            try:
                found = self.client.ask_either(rich, lean, {"id": gid("Order", reference), "inner": self._inner}).get("order")
            except Rejected as error:
                if "invalid" in error.detail.lower() and "id" in error.detail.lower() and error.code != TOO_COSTLY:
                    return None
                if error.code != TOO_COSTLY or self._inner == 1:
                    raise
                self._inner = max(1, self._inner // SMALLER)
                continue
            return found if isinstance(found, dict) and found else None

    def whole(self, order: Node) -> Node:
        """The order with all of its lines, and all that its fulfillments hold."""
        identity = text(order.get("id"))
        order["lineItems"] = self.all_of(order.get("lineItems"), identity, (documents.MORE_LINES, documents.LEAN_MORE_LINES), ("order", "lineItems"))
        for fulfillment in nodes(order.get("fulfillments")):
            ask, where = (documents.MORE_SHIPPED, documents.MORE_SHIPPED), ("fulfillment", "fulfillmentLineItems")
            fulfillment["fulfillmentLineItems"] = self.all_of(fulfillment.get("fulfillmentLineItems"), text(fulfillment.get("id")), ask, where)
        return order

    def all_of(self, first: object, identity: str, ask: tuple[str, str], where: tuple[str, str]) -> object:
        """The whole list whose first page is given; as it is where that was all."""
        after = page_end(mapping(first), "")
        if not after:
            return first
        found = nodes(first)
        while after:
            page = self.client.ask_either(*ask, {"id": identity, "first": INNER, "after": after})
            more = mapping(mapping(page.get(where[0])).get(where[1]))
            found += nodes(more)
            after = page_end(more, after)
        return {"nodes": found, "pageInfo": {"hasNextPage": False, "endCursor": None}}


def latest(stamps: list[str], *, until: datetime) -> str:
    """The latest of these times, no later than `until`; "" for none."""
    times = [moment(each, what="updatedAt of an order") for each in stamps if each]
    return min(max(times), until).astimezone(UTC).isoformat() if times else ""
