"""Inventory entries: read as stock levels, written as absolute levels (https://docs.commercetools.com/api/projects/inventory)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from connectors.canonical import StockLevel, StockTarget, StockVerdict
from connectors.commercetools.client import Client, Params
from connectors.commercetools.dispatch import DUPLICATES, TRIES, is_uuid, pause
from connectors.commercetools.feeds import EXPAND_CHANNEL, LARGEST_PAGE, MANY, batches
from connectors.commercetools.sweeps import Listing, by_id
from connectors.commercetools.values import Body, exact, mapping, reference_code, reference_id, reference_key
from connectors.errors import Conflict, ContractError, Rejected
from connectors.reading import moment_or_none, need, text, whole

Entry = dict[str, Any]


def parse_entry(entry: Body) -> StockLevel:
    """One inventory entry. `available` is what may be sold, `on_hand` what is on stock, the difference is reserved."""
    sku = exact(entry.get("sku"))
    if not sku:
        raise ContractError("The inventory entry has no sku.")
    on_hand = whole(need(entry, "quantityOnStock", what="inventory entry"), what="quantityOnStock")
    told = entry.get("availableQuantity")
    available = on_hand if told is None else whole(told, what="availableQuantity")
    return StockLevel(
        sku=sku,
        warehouse_code=reference_code(entry.get("supplyChannel")),
        available=available,
        on_hand=on_hand,
        allocated=max(0, on_hand - available),
        changed_at=moment_or_none(entry.get("lastModifiedAt"), what="lastModifiedAt of the inventory entry"),
        reference=text(entry.get("id")),
        version=text(entry.get("version")),
    )


@dataclass
class Stock:
    """Reads and writes inventory of one project; remembers the ids of its channels."""

    client: Client
    _channels: dict[str, str] = field(default_factory=dict)

    def read(self, skus: Sequence[str]) -> Iterator[StockLevel]:
        for entry in self.entries(skus):
            yield parse_entry(entry)

    def entries(self, skus: Sequence[str]) -> Iterator[Entry]:
        """Every entry of these SKUs, a few dozen SKUs a query."""
        for some in batches(sorted({sku for sku in skus if sku}), MANY):
            variables: Params = [("var.skus", sku) for sku in some]
            listing = Listing("/inventory", LARGEST_PAGE, where="sku in :skus", params=(*variables, *EXPAND_CHANNEL))
            for items, _ in by_id(self.client, listing):
                yield from items

    def publish(self, targets: Sequence[StockTarget]) -> Iterator[StockVerdict]:
        """A verdict for each target as soon as it is known. Errors that concern every target (access, outage) are raised at once."""
        blind = self.client.settings.text("stock_writes") == "on_stock"
        unknown = []
        for target in targets:
            if blind and target.reference and target.version.isdigit():
                yield self._attempt(target, {"id": target.reference, "version": int(target.version)})
            else:
                unknown.append(target)
        for some in (unknown[start : start + MANY] for start in range(0, len(unknown), MANY)):
            found = list(self.entries([target.sku for target in some]))
            for target in some:
                yield self._attempt_found(target, found)

    def _attempt_found(self, target: StockTarget, entries: Iterable[Entry]) -> StockVerdict:
        try:
            return self._write(target, self._match(target, entries))
        except (Rejected, Conflict) as error:
            return refused(target, error)

    def _attempt(self, target: StockTarget, entry: Entry | None) -> StockVerdict:
        try:
            return self._write(target, entry)
        except (Rejected, Conflict) as error:
            return refused(target, error)

    def _write(self, target: StockTarget, entry: Entry | None) -> StockVerdict:
        """Create or change; whenever the entry turns out to be another than we thought, read it and go on from there."""
        for attempt in range(TRIES):
            try:
                return self._change(target, entry) if entry else self._create(target)
            except Conflict:
                pause(attempt)
                entry = self._reread(target, entry)
            except Rejected as error:
                if error.code not in DUPLICATES and not (entry and error.code == "ResourceNotFound"):
                    raise
                entry = self._reread(target, None)
        raise Conflict(f"The inventory entry kept changing in commercetools: {TRIES} attempts met a newer version.")

    def _change(self, target: StockTarget, entry: Entry) -> StockVerdict:
        reserved = self._reserved(entry)
        wanted = target.quantity + reserved
        if "quantityOnStock" in entry and whole(entry["quantityOnStock"], what="quantityOnStock") == wanted:
            return self._verdict(target, entry)
        body = {"version": entry["version"], "actions": [{"action": "changeQuantity", "quantity": wanted}]}
        return self._verdict(target, self.client.post(f"/inventory/{quote(text(entry['id']), safe='')}", body, idempotent=True))

    def _reserved(self, entry: Entry) -> int:
        """Units to add so that the available quantity becomes the target; 0 where the quantity on stock is what is published."""
        if self.client.settings.text("stock_writes") != "available" or "quantityOnStock" not in entry:
            return 0
        level = parse_entry(entry)
        return (level.on_hand or 0) - level.available

    def _create(self, target: StockTarget) -> StockVerdict:
        if not self.client.settings.flag("create_entries"):
            raise Rejected("commercetools has no inventory entry for this SKU and channel, and this connection does not create any.", code="no_entry")
        draft: Entry = {"sku": target.sku, "quantityOnStock": target.quantity}
        if target.warehouse_code:
            draft["supplyChannel"] = {"typeId": "channel", "id" if is_uuid(target.warehouse_code) else "key": target.warehouse_code}
        return self._verdict(target, self.client.post("/inventory", draft, idempotent=True))

    def _reread(self, target: StockTarget, entry: Entry | None) -> Entry | None:
        fresh = self.client.get(f"/inventory/{quote(text(entry['id']), safe='')}") if entry else None
        return fresh or self._match(target, self.entries([target.sku]))

    def _match(self, target: StockTarget, entries: Iterable[Entry]) -> Entry | None:
        """The entry of this SKU at this channel; "" is the entry without a channel."""
        code = target.warehouse_code
        mine = [entry for entry in entries if exact(entry.get("sku")) == target.sku]
        if not code:
            return next((entry for entry in mine if not reference_id(entry.get("supplyChannel"))), None)
        named = next((entry for entry in mine if code in (reference_id(entry.get("supplyChannel")), reference_key(entry.get("supplyChannel")))), None)
        if named or is_uuid(code) or all(mapping(entry.get("supplyChannel")).get("obj") for entry in mine if entry.get("supplyChannel")):
            return named
        channel = self._channel_id(code)
        return next((entry for entry in mine if reference_id(entry.get("supplyChannel")) == channel), None)

    def _channel_id(self, key: str) -> str:
        """Where entries came without their channels expanded: the id behind a channel's key."""
        if key not in self._channels:
            channel = self.client.get(f"/channels/key={quote(key, safe='')}")
            if channel is None:
                raise Rejected(f"commercetools has no channel with the key “{key}”.", code="ReferencedResourceNotFound", fields=(key,))
            self._channels[key] = text(channel.get("id"))
        return self._channels[key]

    def _verdict(self, target: StockTarget, entry: Entry) -> StockVerdict:
        level = parse_entry({"quantityOnStock": target.quantity, **entry, "sku": target.sku})
        shown = level.available if self.client.settings.text("stock_writes") == "available" else level.on_hand
        return StockVerdict(target.sku, target.warehouse_code, ok=True, quantity=shown, reference=level.reference, version=level.version)


def refused(target: StockTarget, error: Rejected | Conflict) -> StockVerdict:
    """Exactly why (R21): their code, our sentence, their words."""
    code = error.code if isinstance(error, Rejected) else "ConcurrentModification"
    sentence = f"{error.sentence} ({error.detail})" if error.detail and error.detail not in error.sentence else error.sentence
    return StockVerdict(target.sku, target.warehouse_code, ok=False, code=code, sentence=sentence, reference=target.reference)
