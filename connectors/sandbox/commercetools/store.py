"""The project held in memory: its collections, its clock, and one write (`Work`) with its author and moment."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Any

from connectors.sandbox.commercetools.collection import Collection, Index, at, values_at
from connectors.sandbox.commercetools.errors import conflict, invalid_json, reference_missing
from connectors.sandbox.commercetools.matching import stamp
from connectors.sandbox.commercetools.messages import MessageLog
from connectors.sandbox.commercetools.mishaps import Mishaps
from connectors.sandbox.commercetools.push import Pusher
from connectors.sandbox.commercetools.settings import Settings
from connectors.sandbox.commercetools.shapes import Doc, fits
from connectors.sandbox.kit import Bench

TYPES = {  # the type id of each collection, by the path its endpoints have
    "orders": "order",
    "carts": "cart",
    "inventory": "inventory-entry",
    "channels": "channel",
    "products": "product",
    "product-types": "product-type",
    "tax-categories": "tax-category",
    "payments": "payment",
    "states": "state",
    "types": "type",
    "stores": "store",
    "shipping-methods": "shipping-method",
    "subscriptions": "subscription",
    "messages": "message",
}
PATHS = {type_id: path for path, type_id in TYPES.items()}
LABELS = ("orderState", "paymentState", "shipmentState", "customerEmail")


def skus_of(product: Doc) -> set[str]:
    """Every SKU a product holds, in its current or its staged data."""
    data = product["masterData"]
    variants = [data[side][part] for side in ("current", "staged") for part in ("masterVariant", "variants")]
    return set(values_at(variants, ("sku",)))


def pair(entry: Doc) -> tuple[tuple[str, str]]:
    return ((entry["sku"], entry.get("supplyChannel", {}).get("id", "")),)


def interface_pair(payment: Doc) -> tuple[tuple[str, str], ...]:
    interface = payment.get("paymentMethodInfo", {}).get("paymentInterface")
    return ((payment["interfaceId"], interface),) if interface and "interfaceId" in payment else ()


EXTRA: dict[str, tuple[Index, ...]] = {
    "orders": (
        at("orderNumber", unique=True),
        at("paymentInfo.payments.id"),
        at("lineItems.variant.sku"),
        at("lineItems.supplyChannel.id"),
        at("store.key"),
        *(at(label) for label in LABELS),
    ),
    "carts": (),
    "messages": (at("resource.id"), at("type")),
    "inventory": (at("key", unique=True), at("sku"), at("supplyChannel.id"), Index("pair", pair, unique=True, field="sku")),
    "products": (at("key", unique=True), Index("sku", skus_of, unique=True, field="sku")),
    "payments": (at("key", unique=True), Index("interface", interface_pair, unique=True, field="interfaceId")),
}


def projections() -> Collection:
    return Collection("product", at("key"), at("masterVariant.sku"), at("variants.sku"))


class State:
    """Everything the project knows."""

    def __init__(self, bench: Bench, settings: Settings) -> None:
        self.bench, self.settings = bench, settings
        self.mishaps = Mishaps()
        self.pusher = Pusher(settings.project_key)
        self.tokens: dict[str, Any] = {}
        self.followers: dict[str, Callable[[Doc, bool], None]] = {}  # what is kept beside a collection
        self.clear()

    def clear(self) -> None:
        self.random = Random(self.settings.id_seed)
        self.shuffle = Random(self.settings.id_seed)
        self.collections = {path: Collection(type_id, *EXTRA.get(path, (at("key", unique=True),))) for path, type_id in TYPES.items()}
        self.current, self.staged = projections(), projections()
        self.log = MessageLog(self.collections["messages"], self.settings, self.shuffle)
        self.stock_due: list[tuple[str, str, int, int]] = []
        self.stock_unseen: dict[str, int] = {}
        self.suspended = False
        self.next_order_number = 10_001
        now = self.now()
        self.project: Doc = {
            "version": 1,
            "key": self.settings.project_key,
            "name": "Demo shop",
            "countries": ["GB", "DE", "FR"],
            "currencies": ["GBP", "EUR"],
            "languages": ["en", "de"],
            "createdAt": now,
            "messages": {"enabled": self.settings.messages_enabled, "deleteDaysAfterCreation": 15},
            "productCatalogModel": self.settings.catalogue_model,
        }
        self.initial_state = self.add("states", {"key": "Initial", "type": "LineItemState", "builtIn": True, "initial": True})["id"]

    def now(self) -> str:
        return stamp(self.bench.clock.now())

    def later(self, seconds: float) -> str:
        return stamp(self.bench.clock.now() + timedelta(seconds=seconds))

    def new_id(self) -> str:
        return str(uuid.UUID(int=self.random.getrandbits(128), version=4))

    def of_type(self, type_id: str) -> Collection:
        return self.collections[PATHS[type_id]]

    def add(self, path: str, doc: Doc) -> Doc:
        """Put a document straight in, as the platform itself does; no message."""
        now = self.now()
        whole = {"id": self.new_id(), "version": 1, "createdAt": now, "lastModifiedAt": now, **doc}
        self.collections[path].put(whole)
        return whole


@dataclass
class Work:
    """One write: who does it, when, and what is to be told about it."""

    state: State
    at: str
    by: Doc = field(default_factory=dict)
    afterwards: list[Callable[[], None]] = field(default_factory=list)  # done once the update is stored

    def create(self, path: str, doc: Doc) -> Doc:
        base = {"id": self.state.new_id(), "version": 1, "createdAt": self.at, "lastModifiedAt": self.at}
        whole = {**base, "lastModifiedBy": self.by, "createdBy": self.by, **doc}
        self.state.collections[path].put(whole)
        self.changed(path, whole, kind="ResourceCreated")
        return whole

    def replace(self, path: str, doc: Doc, *, steps: int = 1) -> Doc:
        """Store a changed document under a higher version."""
        old_version = doc["version"]
        doc.update(version=old_version + steps, lastModifiedAt=self.at, lastModifiedBy=self.by)
        self.state.collections[path].put(doc)
        self.changed(path, doc, kind="ResourceUpdated", old_version=old_version)
        return doc

    def remove(self, path: str, doc: Doc) -> None:
        self.state.collections[path].remove(doc["id"])
        self.changed(path, doc, kind="ResourceDeleted")

    def changed(self, path: str, doc: Doc, *, kind: str, old_version: int | None = None) -> None:
        if path in self.state.followers:
            self.state.followers[path](doc, kind == "ResourceDeleted")
        self.state.pusher.tell_change(TYPES[path], doc, kind=kind, at=self.at, old_version=old_version)

    def tell(self, path: str, doc: Doc, kind: str, payload: Doc, *, embed: str = "") -> None:
        """Produce one message; `embed` names the member under which the whole document travels."""
        text = self.state.collections[path].text(doc["id"]) if embed and doc["id"] in self.state.collections[path] else ""
        enabled = self.state.project["messages"]["enabled"]
        message = self.state.log.record(
            {"id": self.state.new_id(), "type": kind, "at": self.at, "by": self.by, "payload": payload},
            TYPES[path],
            doc,
            tail=(embed, text) if text else None,
            stored=enabled,
        )
        self.state.pusher.tell_message(message, doc, embed=embed)

    def reference(self, given: Any, type_id: str) -> Doc:
        """A ResourceIdentifier turned into a Reference; exactly one of id and key."""
        ident = self.find(given, type_id)
        return {"typeId": type_id, "id": ident}

    def find(self, given: Any, type_id: str) -> str:
        if not isinstance(given, dict) or not fits(given.get("typeId", type_id), "string") or given.get("typeId", type_id) != type_id:
            raise invalid_json(f"expected a resource identifier of type '{type_id}'")
        ident, key = given.get("id"), given.get("key")
        if (ident is None) == (key is None):
            raise invalid_json("exactly one of 'id' and 'key' is required in a resource identifier")
        collection = self.state.of_type(type_id)
        found = ident if key is None else collection.find("key", key) if "key" in collection.indexes else None
        if found is None or found not in collection:
            raise reference_missing(type_id, **({"id": str(ident)} if key is None else {"key": str(key)}))
        return str(found)

    def key_reference(self, given: Any, type_id: str) -> Doc:
        doc = self.state.of_type(type_id).peek(self.find(given, type_id))
        return {"typeId": type_id, "key": doc["key"]}

    def load(self, type_id: str, ident: str) -> Doc:
        return self.state.of_type(type_id).peek(ident)


def check_version(doc: Doc, given: int) -> None:
    if given != doc["version"]:
        raise conflict(str(doc.get("id") or doc["key"]), expected=given, actual=doc["version"])
