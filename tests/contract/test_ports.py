"""What every connector promises, whoever the vendor: its card, its methods, and that nothing but a verdict escapes from it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import fields
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from connectors import canonical
from connectors.canonical import CodeKind, System
from connectors.errors import ConnectorError, ContractError
from connectors.http import Http
from connectors.ports import Ability, Account, Canonical, Connector, Priority, Side
from connectors.registry import Vendor, vendor, vendors
from portal.connections.rule_fields import RULES
from tests.contract.answering import answering

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
NOBODY = "http://127.0.0.1:1"
FIELD_KINDS = {"text", "int", "bool", "url", *RULES}  # every kind has a form field
HANDED_IN = {System.PATCHWORKS}  # their orders come through our own API
CARDS = {card.system.value: card for card in vendors()}
CHANNELS_DO = {Ability.CONFIRM_SHIPMENT, Ability.PUBLISH_STOCK, Ability.DECIDE_ORDER, Ability.ANNOUNCE_RETURN, Ability.REFUND}
HUBS_DO = {Ability.CREATE_ORDER, Ability.CANCEL_ORDER}

every_vendor = pytest.mark.parametrize("card", CARDS.values(), ids=CARDS.keys())


def connector_of(card: Vendor, url: str = NOBODY) -> Any:
    """The vendor's connector at an address, with made-up credentials and its own defaults."""
    credentials = {field.name: f"secret-{field.name}" for field in card.credential_fields}
    options = {field.name: field.default for field in card.option_fields if field.default}
    account = Account(key="connection-1", base_url=url, auth_url=url if card.auth_url else "", account="1", credentials=credentials, options=options)
    return card.connect(account, Http(base_url=url, secrets=tuple(credentials.values()), timeout_s=(1, 2)))


def topics(card: Vendor) -> list[str]:
    return sorted({feed.topic for feed in card.feeds})


@every_vendor
class TestACard:
    def test_says_what_the_vendor_is(self, card):
        assert card.sides and card.sides <= set(Side)
        assert card.base_url.startswith("https://")
        assert card.auth_url == "" or card.auth_url.startswith("https://")
        assert vendor(card.system) is card

    def test_names_a_limit_that_can_be_kept(self, card):  # R40
        assert 0 <= card.rate_per_s <= 1000
        assert card.burst >= 1 or card.rate_per_s == 0
        assert card.stock_batch >= 1

    def test_asks_for_a_credential_and_hides_what_is_secret(self, card):
        secret = [field for field in card.credential_fields if re.search("secret|key|token|password", field.name)]

        assert secret
        assert all(field.secret for field in secret)

    def test_labels_and_explains_every_field_once(self, card):
        every = [*card.credential_fields, *card.option_fields]

        assert len({field.name for field in every}) == len(every)
        assert all(field.label and field.name.isidentifier() and field.kind in FIELD_KINDS for field in every)
        assert all(not field.secret for field in card.option_fields)

    def test_offers_only_defaults_that_may_be_chosen(self, card):
        wrong = [field.name for field in card.option_fields if field.choices and field.default not in dict(field.choices)]
        numbers = [field.name for field in card.option_fields if field.kind == "int" and field.default and not field.default.isdigit()]

        assert wrong + numbers == []

    def test_gives_every_feed_a_name_an_interval_and_a_turn(self, card):  # R9, R17
        assert len({feed.name for feed in card.feeds}) == len(card.feeds) > 0
        assert all(feed.every_s >= 10 and feed.topic and feed.priority in Priority for feed in card.feeds)
        assert all(card.feed(feed.name) is feed for feed in card.feeds)

    def test_reads_bulk_last(self, card):  # R17
        assert all(feed.priority is not Priority.ORDERS for feed in card.feeds if feed.full and feed.topic in {"stock", "catalogue"})

    def test_brings_orders(self, card):
        assert "orders" in topics(card) or card.system in HANDED_IN

    def test_can_do_what_its_side_must(self, card):
        if Side.CHANNEL in card.sides:
            assert Ability.CONFIRM_SHIPMENT in card.abilities or Side.HUB in card.sides
        if Side.HUB in card.sides:
            assert card.abilities >= HUBS_DO
        if card.sides == {Side.HUB}:
            assert not card.abilities & CHANNELS_DO - {Ability.ANNOUNCE_RETURN}


@every_vendor
class TestAConnector:
    def test_is_one(self, card):
        made = connector_of(card)

        assert isinstance(made, Connector)
        assert made.system == card.system

    def test_has_a_method_for_every_ability(self, card):
        made = connector_of(card)

        assert [ability for ability in card.abilities if not callable(getattr(made, ability.value, None))] == []

    def test_that_creates_can_also_look(self, card):  # R35: after a lost answer, look before you create
        made = connector_of(card)

        if Ability.CREATE_ORDER in card.abilities:
            assert callable(made.find_orders)
        if Ability.REFUND in card.abilities:
            assert callable(made.find_refunds)
        if Ability.SAVE_VARIANT in card.abilities:
            assert callable(made.find_variants)
        if Ability.PUBLISH_STOCK in card.abilities:
            assert callable(made.read_stock)
        assert callable(made.fetch_order)

    def test_needs_no_credential_to_read_what_is_stored(self, card):
        account = Account(key="connection-1", base_url=NOBODY, credentials={})
        made = card.connect(account, Http(base_url=NOBODY))

        for topic in topics(card):
            with pytest.raises(ContractError):
                made.parse(topic, b"not json")

    def test_refuses_a_topic_nobody_knows(self, card):
        with pytest.raises(ContractError):
            connector_of(card).parse("weather", b"{}")


BODIES = some.one_of(
    some.binary(max_size=40),
    some.recursive(
        some.none() | some.booleans() | some.integers() | some.floats() | some.text(max_size=12),
        lambda inner: (
            some.lists(inner, max_size=3)
            | some.dictionaries(
                some.sampled_from(
                    ["id", "number", "version", "lines", "lineItems", "line_items", "order", "status", "created_at", "allocations", "sku"]
                ),
                inner,
                max_size=5,
            )
        ),
        max_leaves=12,
    ).map(lambda thing: json.dumps(thing).encode()),
)


@every_vendor
class TestParsing:
    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
    @given(body=BODIES)
    def test_of_anything_is_an_answer_or_a_contract_error(self, card, body):  # R41
        made = connector_of(card)
        for topic in topics(card):
            try:
                read = made.parse(topic, body)
            except ContractError as error:
                assert error.sentence.endswith(".")
                continue
            assert all(isinstance(thing, Canonical) for thing in read)

    @pytest.mark.parametrize("body", [b"[" * 50_000, b'{"id": ' * 20_000, b"9" * 10_000, b"\xef\xbb\xbf"], ids=["lists", "objects", "digits", "mark"])
    def test_of_what_is_beyond_reason_is_a_contract_error(self, card, body):
        made = connector_of(card)
        for topic in topics(card):
            with pytest.raises(ContractError):
                made.parse(topic, body)


ADDRESS = canonical.Address(first_name="Ana", last_name="Lee", line1="1 High Street", city="Leeds", postcode="LS1 1AA", country="GB")
SHIPMENT = canonical.Shipment(
    reference="9", lines=(canonical.ShipmentLine("MUG-1", 1, "1"),), parcels=(canonical.Parcel("9-1", "TRACK"),), carrier_code="dpd", shipped_at=NOON
)
WAREHOUSE_ORDER = canonical.WarehouseOrder(
    number="WEB-1",
    store_code="1",
    ship_service_code="1",
    currency="GBP",
    lines=(canonical.WarehouseLine("MUG-1", 1, Decimal("10.0000"), Decimal("0.2")),),
    shipping_address=ADDRESS,
    email="ana@example.com",
    placed_at=NOON.isoformat(),
)
# what a connector may be asked, where it can
QUESTIONS: dict[str, Callable[[Any], object]] = {
    "verify": lambda made: made.verify(),
    "fetch_order": lambda made: made.fetch_order("1"),
    "find_orders": lambda made: made.find_orders("WEB-1"),
    "find_variants": lambda made: made.find_variants("MUG-1"),
    "find_refunds": lambda made: made.find_refunds("1"),
    "read_stock": lambda made: list(made.read_stock(["MUG-1"])),
    "create_order": lambda made: made.create_order(WAREHOUSE_ORDER),
    "cancel_order": lambda made: made.cancel_order("1", reason="Cancelled"),
    "lower_order": lambda made: made.lower_order("1", wanted=[canonical.ShipmentLine("MUG-1", 1)]),
    "release_order": lambda made: made.release_order("1", payment_reference="p"),
    "confirm_shipment": lambda made: made.confirm_shipment(canonical.DispatchNotice("key-1", "1", SHIPMENT, complete=True)),
    "publish_stock": lambda made: list(made.publish_stock([canonical.StockTarget("MUG-1", 5)])),
    "decide_order": lambda made: made.decide_order(canonical.OrderDecision("1", (canonical.LineDecision("1", accept=True),))),
    "refund": lambda made: made.refund(canonical.RefundRequest("k", "1", Decimal("1.00"), "GBP", order_line="1", quantity=1, reason_code="1")),
    "announce_return": lambda made: made.announce_return(canonical.ReturnNotice("r", "1", "WEB-1", (("1", "MUG-1", 1),))),
    "save_variant": lambda made: made.save_variant(canonical.Variant("", "", "MUG-1", "1", title="Mug", price=Decimal("1"), currency="GBP")),
}
FOOLISH = {
    "a web page": (200, b"<!doctype html><html><body>Sign in</body></html>", "text/html"),
    "nothing": (200, b"", "application/json"),
    "no content": (204, b"", "application/json"),
    "null": (200, b"null", "application/json"),
    "an empty list": (200, b"[]", "application/json"),
    "a list of nothings": (200, b"[null, 1, []]", "application/json"),
    "an empty object": (200, b"{}", "application/json"),
    "a text": (200, b'"ok"', "application/json"),
    "half a body": (200, b'{"results": [{"id": ', "application/json"),
    "wrong types": (200, b'{"id": [], "results": {}, "orders": 5, "order": "x", "version": {}}', "application/json"),
    "a list of odd things": (200, b'{"results": [1], "orders": [null], "offers": ["x"], "limit": "many", "total_count": "x"}', "application/json"),
    "a redirect": (302, b"", "text/html"),
    "bad request": (400, b'{"error": 5, "errors": "no", "message": []}', "application/json"),
    "not found": (404, b"<html>", "text/html"),
    "conflict": (409, b"{}", "application/json"),
    "refused": (422, b'{"errors": [1, null, {"code": []}]}', "application/json"),
    "denied": (401, b"", "text/plain"),
    "too many": (429, b"", "text/plain"),
    "a fault": (500, b"<html>", "text/html"),
}


def asked(made: Any, card: Vendor) -> dict[str, Callable[[], object]]:
    """Everything this connector can be asked, by name."""
    found = {name: (lambda ask=ask: ask(made)) for name, ask in QUESTIONS.items() if callable(getattr(made, name, None))}
    for feed in card.feeds:
        found[f"poll {feed.name}"] = lambda name=feed.name: next(iter(made.poll(name, "", until=NOON)), None)
    for kind in CodeKind:
        found[f"codes {kind}"] = lambda kind=kind: made.codes(kind)
    return found


def escaped(made: Any, card: Vendor) -> dict[str, str]:
    """Question → whatever came out that is no verdict."""
    found = {}
    for name, ask in asked(made, card).items():
        try:
            ask()
        except ConnectorError as error:
            if not error.sentence:
                found[name] = "a verdict without a sentence"
        except Exception as error:  # the very thing this test looks for
            found[name] = repr(error)
    return found


@pytest.fixture(autouse=True)
def no_naps(monkeypatch):
    monkeypatch.setattr("connectors.http.time.sleep", lambda _: None)


@every_vendor
class TestNothingButAVerdictEscapes:
    @pytest.mark.parametrize("answer", FOOLISH)
    def test_when_the_vendor_answers_with(self, card, answer):  # R29, R41
        with answering(*FOOLISH[answer]) as url:
            assert escaped(connector_of(card, url), card) == {}

    def test_when_nobody_answers(self, card):
        assert escaped(connector_of(card, NOBODY), card) == {}

    def test_and_it_holds_no_secret(self, card):
        with answering(500, b"{}") as url:
            made = connector_of(card, url)
            for ask in asked(made, card).values():
                try:
                    ask()
                except ConnectorError:
                    continue
            evidence = [vars(exchange) for exchange in made.take_exchanges()]

        assert evidence
        assert "secret-" not in str(evidence)


class TestTheRegistry:
    def test_does_not_know_a_vendor_without_a_package(self):
        missing = [system for system in System if system.value not in CARDS]
        for system in missing:
            with pytest.raises(LookupError):
                vendor(system)

    def test_knows_what_an_ability_is_called(self):
        assert {ability.value for ability in Ability} - {"receive_webhook"} <= set(QUESTIONS)

    def test_has_canonical_objects_that_cannot_be_changed(self):
        for name in canonical.__all__:
            made = getattr(canonical, name)
            if isinstance(made, type) and hasattr(made, "__dataclass_fields__"):
                assert made.__dataclass_params__.frozen, name
                assert fields(made)
