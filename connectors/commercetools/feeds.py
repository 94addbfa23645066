"""The feeds: which list each reads, and what one item of it becomes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from connectors.canonical import Page, Received
from connectors.commercetools.client import Client, lacks_scope
from connectors.commercetools.payments import expanded_payments
from connectors.commercetools.settings import Settings
from connectors.commercetools.sweeps import Item, Listing, Mark, all_of, by_id, changes, quoted
from connectors.commercetools.values import mapping
from connectors.errors import AccessDenied, ContractError
from connectors.ports import Feed, Priority
from connectors.reading import dump, moment_or_none, text

ORDERS, STOCK, CATALOGUE = "orders", "stock", "catalogue"
FEEDS = (
    Feed("messages", ORDERS, 60, label="order messages"),
    Feed("orders", ORDERS, 120, label="orders"),
    Feed("payments", ORDERS, 300, label="orders whose payments changed"),
    Feed("stock", STOCK, 300, Priority.STOCK, label="stock changes"),
    Feed("products", CATALOGUE, 900, Priority.BULK, label="product changes"),
    Feed("snapshot", STOCK, 86_400, Priority.BULK, full=True, label="full stock"),
    Feed("catalogue", CATALOGUE, 86_400, Priority.BULK, full=True, label="full catalogue"),
)
LARGEST_PAGE, PRODUCT_PAGE = 500, 100
MANY = 50  # ids or SKUs asked for at once; longer predicates are refused with 413
ABOUT_ORDERS = 'resource(typeId = "order") or resource(typeId = "payment")'
HELPERS = frozenset({"messages", "payments"})
EXPAND_CHANNEL = (("expand", "supplyChannel"),)


@dataclass(frozen=True)
class Feeds:
    """The feeds of one project. `pages` is what the port's `poll` promises."""

    client: Client

    @property
    def settings(self) -> Settings:
        return self.client.settings

    def pages(self, feed: str, cursor: str, *, until: datetime) -> Iterator[Page]:
        """Messages and payments only make order changes show sooner: without the right to read them there are none (verify says so)."""
        if feed == "messages" and not self.settings.flag("poll_messages"):
            return
        try:
            yield from self._read(feed, cursor, until=until)
        except AccessDenied as error:
            if feed not in HELPERS or not lacks_scope(error):
                raise

    def _read(self, feed: str, cursor: str, *, until: datetime) -> Iterator[Page]:
        listing = self.listing(feed)
        if feed in ("snapshot", "catalogue"):
            for items, after in by_id(self.client, listing, after=Mark.load(cursor).id):
                yield Page(self.received(feed, items), Mark(id=after).dump())
            return
        overlap_s = self.settings.number("overlap_s", least=0, most=3600)
        for items, kept in changes(self.client, listing, cursor=cursor, until=until, overlap_s=overlap_s, start_at=self.settings.start_at):
            yield Page(self.received(feed, items), kept)

    def listing(self, feed: str) -> Listing:
        if feed == "orders":
            return self.orders()
        if feed in ("stock", "snapshot"):
            return Listing("/inventory", LARGEST_PAGE, params=EXPAND_CHANNEL)
        if feed in ("catalogue", "products"):
            return self.products()
        if feed == "payments":
            return Listing("/payments", LARGEST_PAGE)
        if feed == "messages":
            return Listing("/messages", LARGEST_PAGE, where=ABOUT_ORDERS, time_field="createdAt")
        raise ContractError(f"commercetools has no feed called {feed}.")

    def orders(self) -> Listing:
        """Orders with their payments, channels and shipping methods; only of the chosen stores."""
        stores = self.settings.words("store_keys")
        where = f"store(key in ({', '.join(map(quoted, stores))}))" if stores else ""
        expand = tuple(("expand", path) for path in self.settings.words("expand"))
        return Listing(self.client.orders_path(), self.settings.number("page_size", least=1, most=500), where=where, params=expand)

    def products(self, *, where: str = "") -> Listing:
        path = "/variant-projections" if self.is_modular() else "/product-projections"
        return Listing(path, PRODUCT_PAGE, where=where, params=(("staged", "true" if self.settings.flag("staged") else "false"),))

    def is_modular(self) -> bool:
        """Whether the project lists variants apart from products; a client that may not read the project is taken for Classic."""
        model = self.settings.text("catalogue_model")
        if model != "auto":
            return model == "Modular"
        return project_or_none(self.client).get("productCatalogModel") == "Modular"

    def received(self, feed: str, items: list[Item]) -> tuple[Received, ...]:
        if feed == "messages":
            return self.orders_of_messages(items)
        if feed == "payments":
            return self.orders_paid_by(text(payment.get("id")) for payment in items)
        topic = next(known.topic for known in FEEDS if known.name == feed)
        return tuple(READERS[topic](item) for item in items)

    def orders_of_messages(self, messages: list[Item]) -> tuple[Received, ...]:
        """The orders that messages speak of, read anew: a message only says that something happened."""
        about: dict[str, set[str]] = {"order": set(), "payment": set()}
        for message in messages:
            resource = mapping(message.get("resource"))
            about.get(text(resource.get("typeId")), set()).add(text(resource.get("id")))
        found = {item.subject: item for item in self.orders_where("id in ({})", about["order"] - {""})}
        found |= {item.subject: item for item in self.orders_paid_by(about["payment"] - {""})}
        return tuple(found.values())

    def orders_paid_by(self, payments: Iterable[str]) -> tuple[Received, ...]:
        """Payments change without their order: the orders that refer to them, read anew."""
        return tuple(self.orders_where("paymentInfo(payments(id in ({})))", payments))

    def orders_where(self, condition: str, ids: Iterable[str]) -> Iterator[Received]:
        listing = self.orders()
        for some in batches(sorted(set(ids)), MANY):
            where = condition.format(", ".join(map(quoted, some)))
            for orders, _ in by_id(self.client, replace(listing, where=all_of(where, listing.where))):
                yield from map(received_order, orders)


def batches(values: list[str], size: int) -> Iterator[list[str]]:
    return (values[start : start + size] for start in range(0, len(values), size))


def received_order(order: Item) -> Received:
    """An order as read. Its payments have versions of their own, which are part of the observation."""
    paid = sum(int(version) for version in (text(payment.get("version")) for payment in expanded_payments(order)) if version.isdigit())
    subject, version = text(order.get("id")), text(order.get("version"))
    event = f"{subject}@{version}" + (f"+{paid}" if paid else "")
    return Received(ORDERS, event, subject, dump(order), moment_or_none(order.get("lastModifiedAt"), what="lastModifiedAt of the order"))


def received_entry(entry: Item) -> Received:
    """An inventory entry. Orders move its quantities seconds later, so the quantities are part of the observation."""
    subject = text(entry.get("id"))
    event = "@".join(text(entry.get(name)) for name in ("id", "version", "lastModifiedAt", "quantityOnStock", "availableQuantity"))
    return Received(STOCK, event, subject, dump(entry), moment_or_none(entry.get("lastModifiedAt"), what="lastModifiedAt of the entry"))


def received_product(product: Item) -> Received:
    subject = text(product.get("id"))
    event = f"{subject}@{text(product.get('version'))}@{text(product.get('lastModifiedAt'))}"
    return Received(CATALOGUE, event, subject, dump(product), moment_or_none(product.get("lastModifiedAt"), what="lastModifiedAt of the product"))


READERS = {ORDERS: received_order, STOCK: received_entry, CATALOGUE: received_product}


def project_or_none(client: Client) -> dict[str, Any]:
    """The project's settings; {} where the API client may not read them."""
    try:
        return client.get("") or {}
    except AccessDenied as error:
        if lacks_scope(error):
            return {}
        raise
