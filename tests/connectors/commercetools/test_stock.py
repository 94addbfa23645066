"""Stock: one call where entry and version are known, a verdict for each target, and the exact reason for every no."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.canonical import StockLevel, StockTarget, StockVerdict
from connectors.errors import AccessDenied, ContractError, Unavailable
from tests.connectors.commercetools.scripted import Asked, Reply, bare, conflict, connector, page, raw, refusal, sample

LEEDS, YORK = "c4110000-7d0a-4a53-9a53-5f0d7a3b0001", "c4110000-7d0a-4a53-9a53-5f0d7a3b0002"


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.commercetools.dispatch.PAUSE_S", 0)


def entry(sku: str = "A", *, ident: str = "e-1", version: int = 3, on_stock: int = 12, available: int = 10, channel: str = LEEDS) -> dict[str, Any]:
    keys = {LEEDS: "wh-leeds", YORK: "wh-york"}
    supply = {"supplyChannel": {"typeId": "channel", "id": channel, "obj": {"id": channel, "key": keys[channel]}}} if channel else {}
    return sample("inventory_entry") | {
        "id": ident, "sku": sku, "version": version, "quantityOnStock": on_stock, "availableQuantity": available, "supplyChannel": {}, **supply
    }  # fmt: skip


class Shelf:
    """Inventory entries that take changes only at their version."""

    def __init__(self, *entries: dict[str, Any]) -> None:
        self.entries = {each["id"]: each for each in entries}

    def __call__(self, asked: Asked) -> Reply:
        if asked.path == "/inventory":
            return self.create(asked.body) if asked.method == "POST" else self.query(asked)
        found = self.entries.get(asked.path.rpartition("/")[2])
        if found is None:
            return 404, {}
        if asked.method == "POST":
            if asked.body["version"] != found["version"]:
                return conflict(found["version"])
            change = asked.body["actions"][0]["quantity"] - found["quantityOnStock"]
            found |= {"version": found["version"] + 1, "quantityOnStock": found["quantityOnStock"] + change}
            found["availableQuantity"] += change
        return 200, found

    def query(self, asked: Asked) -> Reply:
        return page(*(each for each in self.entries.values() if each["sku"] in asked.values("var.skus")))

    def create(self, draft: dict[str, Any]) -> Reply:
        made = entry(draft["sku"], ident="e-new", version=1, on_stock=draft["quantityOnStock"], available=draft["quantityOnStock"], channel=YORK)
        self.entries["e-new"] = made
        return 201, made


def publish(reply: Any, *targets: StockTarget, **options: str) -> tuple[list[StockVerdict], list[Asked]]:
    channel, script = connector(reply, **options)
    return list(channel.publish_stock(targets)), script.asked


class TestALevel:
    def test_is_read_with_its_place_and_what_is_reserved(self) -> None:
        [level] = bare().parse("stock", raw(sample("inventory_entry")))

        assert isinstance(level, StockLevel)
        assert (level.sku, level.warehouse_code, level.available, level.on_hand, level.allocated) == ("OXF-BLU-M", "wh-leeds", 10, 12, 2)
        assert (level.reference, level.version) == ("1f8c0000-7d0a-4a53-9a53-5f0d7a3b0001", "3")

    def test_without_a_channel_is_the_global_one(self) -> None:
        body = sample("inventory_entry")
        del body["supplyChannel"]

        [level] = bare().parse("stock", raw(body))

        assert isinstance(level, StockLevel) and level.warehouse_code == ""

    def test_may_be_negative(self) -> None:
        [level] = bare().parse("stock", raw(sample("inventory_entry", quantityOnStock=-2, availableQuantity=-3)))

        assert isinstance(level, StockLevel) and (level.on_hand, level.available) == (-2, -3)

    @pytest.mark.parametrize("field", ["sku", "quantityOnStock"])
    def test_without_sku_or_quantity_is_no_level(self, field: str) -> None:
        body = sample("inventory_entry")
        del body[field]

        with pytest.raises(ContractError, match=field):
            bare().parse("stock", raw(body))


class TestReadingStock:
    def test_asks_for_fifty_skus_at_a_time(self) -> None:
        channel, script = connector(lambda asked: page())
        list(channel.read_stock([f"S-{n:03}" for n in range(120)]))

        assert [len(asked.values("var.skus")) for asked in script.asked] == [50, 50, 20]
        assert script.asked[0].values("where") == ["sku in :skus"]

    def test_brings_every_place_of_a_sku(self) -> None:
        channel, _ = connector(Shelf(entry(), entry(ident="e-2", channel=YORK), entry("B", ident="e-3")))

        assert [level.warehouse_code for level in channel.read_stock(["A"])] == ["wh-leeds", "wh-york"]


class TestPublishing:
    def test_takes_one_call_where_entry_and_version_are_known(self) -> None:  # R18
        [verdict], asked = publish(Shelf(entry()), StockTarget("A", 7, "wh-leeds", "e-1", "3"))

        assert [(each.method, each.path) for each in asked] == [("POST", "/inventory/e-1")]
        assert asked[0].body == {"version": 3, "actions": [{"action": "changeQuantity", "quantity": 7}]}
        assert (verdict.ok, verdict.quantity, verdict.version) == (True, 7, "4")

    def test_asks_once_for_all_it_does_not_know(self) -> None:
        shelf = Shelf(entry(), entry("B", ident="e-2"))
        verdicts, asked = publish(shelf, StockTarget("A", 1, "wh-leeds"), StockTarget("B", 2, LEEDS))

        assert [each.method for each in asked] == ["GET", "POST", "POST"]
        assert [(verdict.sku, verdict.ok, verdict.reference) for verdict in verdicts] == [("A", True, "e-1"), ("B", True, "e-2")]

    def test_writes_nothing_where_nothing_would_change(self) -> None:
        [verdict], asked = publish(Shelf(entry()), StockTarget("A", 12, "wh-leeds"))

        assert verdict.ok and [each.method for each in asked] == ["GET"]

    def test_creates_a_missing_entry_at_its_channel(self) -> None:
        [verdict], asked = publish(Shelf(entry()), StockTarget("A", 5, "wh-york"))

        assert asked[-1].body == {"sku": "A", "quantityOnStock": 5, "supplyChannel": {"typeId": "channel", "key": "wh-york"}}
        assert (verdict.ok, verdict.reference) == (True, "e-new")

    def test_creates_the_global_entry_without_a_channel(self) -> None:
        _, asked = publish(Shelf(entry()), StockTarget("A", 5))

        assert asked[-1].body == {"sku": "A", "quantityOnStock": 5}

    def test_creates_nothing_where_the_option_forbids_it(self) -> None:
        [verdict], asked = publish(Shelf(), StockTarget("A", 5), create_entries="false")

        assert (verdict.ok, verdict.code, [each.method for each in asked]) == (False, "no_entry", ["GET"])

    def test_can_make_the_available_quantity_the_level(self) -> None:
        [verdict], asked = publish(Shelf(entry()), StockTarget("A", 7, "wh-leeds", "e-1", "3"), stock_writes="available")

        assert asked[-1].body["actions"] == [{"action": "changeQuantity", "quantity": 9}]
        assert verdict.quantity == 7

    def test_finds_the_channel_by_key_where_it_was_not_expanded(self) -> None:
        plain = entry()
        plain["supplyChannel"] = {"typeId": "channel", "id": LEEDS}
        shelf = Shelf(plain)
        [verdict], asked = publish(lambda each: (200, {"id": LEEDS}) if "/channels/" in each.path else shelf(each), StockTarget("A", 5, "wh-leeds"))

        assert verdict.ok and asked[-1].path == "/inventory/e-1"


class TestAStockConflict:
    def test_is_read_and_written_anew(self) -> None:  # R67
        [verdict], asked = publish(Shelf(entry(version=8)), StockTarget("A", 7, "wh-leeds", "e-1", "3"))

        assert [each.method for each in asked] == ["POST", "GET", "POST"]
        assert (verdict.ok, verdict.version) == (True, "9")

    def test_over_an_entry_that_is_gone_looks_for_its_successor(self) -> None:
        [verdict], _ = publish(Shelf(entry(ident="e-9")), StockTarget("A", 7, "wh-leeds", "e-1", "3"))

        assert (verdict.ok, verdict.reference) == (True, "e-9")

    def test_over_creation_updates_what_somebody_else_created(self) -> None:
        shelf = Shelf()

        def reply(asked: Asked) -> Reply:
            if asked.method == "POST" and asked.path == "/inventory":
                shelf.entries["e-1"] = entry()
                return refusal("DuplicateField", "A duplicate value '\"A\"' exists for field 'sku'.", field="sku", duplicateValue="A")
            return shelf(asked)

        [verdict], asked = publish(reply, StockTarget("A", 7, "wh-leeds"))

        assert verdict.ok and asked[-1].path == "/inventory/e-1"

    def test_without_end_is_a_verdict(self) -> None:
        def reply(asked: Asked) -> Reply:
            return (200, entry()) if asked.method == "GET" else conflict(99)

        [verdict], asked = publish(reply, StockTarget("A", 7, "wh-leeds", "e-1", "3"))

        assert (verdict.ok, verdict.code) == (False, "ConcurrentModification")
        assert len([each for each in asked if each.method == "POST"]) == 5


class TestARefusedLevel:
    def test_says_exactly_why_and_does_not_stop_the_others(self) -> None:  # R21
        shelf = Shelf(entry("B", ident="e-2"))

        def reply(asked: Asked) -> Reply:
            if asked.method == "POST" and asked.path == "/inventory":
                return refusal("ReferencedResourceNotFound", "The referenced object of type 'channel' with key 'wh-x' was not found.")
            return shelf(asked)

        first, second = publish(reply, StockTarget("A", 1, "wh-x"), StockTarget("B", 2, "wh-leeds"))[0]

        assert (first.ok, first.code) == (False, "ReferencedResourceNotFound")
        assert "with key 'wh-x' was not found" in first.sentence
        assert second.ok

    def test_by_a_refused_credential_is_raised_at_once(self) -> None:
        with pytest.raises(AccessDenied):
            publish(lambda asked: (403, {}), StockTarget("A", 7, "wh-leeds", "e-1", "3"))

    def test_by_an_outage_keeps_the_verdicts_that_were_given(self) -> None:
        shelf = Shelf(entry(), entry("B", ident="e-2"))
        channel, _ = connector(lambda asked: (503, b"") if asked.path.endswith("e-2") else shelf(asked))
        verdicts = iter(channel.publish_stock([StockTarget("A", 7, "", "e-1", "3"), StockTarget("B", 7, "", "e-2", "3")]))

        assert next(verdicts).ok
        with pytest.raises(Unavailable):
            next(verdicts)
