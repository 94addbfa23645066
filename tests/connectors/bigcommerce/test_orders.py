"""Orders of BigCommerce: dates, money as text, states by number, and how a dispatch is cut into shipments."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from connectors.bigcommerce.orders import NAMES, STATES, parse_order
from connectors.bigcommerce.parcels import evenly, pieces_of
from connectors.bigcommerce.settings import Settings
from connectors.bigcommerce.values import when
from connectors.canonical import OrderState, Parcel, Shipment
from connectors.errors import ContractError
from connectors.ports import Account

SAMPLES = Path(__file__).parent / "samples"


def settings(base: str = "https://api.bigcommerce.com", account: str = "abc123", **options: str) -> Settings:
    return Settings(Account("k", base, {}, account=account, options=options))


def sample(**changed: Any) -> dict[str, Any]:
    return json.loads((SAMPLES / "order.json").read_text()) | changed


class TestAnOrder:
    def test_says_what_was_bought_and_where_it_goes(self):
        [order] = parse_order(sample(), settings())

        assert (order.reference, order.state, order.total, order.ship_service_code) == ("118", OrderState.OPEN, 39, "Ground")
        assert order.shipping_address is not None and order.shipping_address.region == "TX"
        assert [(line.reference, line.sku, line.total) for line in order.lines] == [("25", "TEE-BLK-M", 39)]

    def test_of_every_known_status_has_a_state(self):
        assert set(STATES) == set(NAMES) - {0} and parse_order(sample(status_id=0), settings()) == ()

    def test_is_shipped_from_the_statuses_that_are_chosen(self):
        [held], [taken] = parse_order(sample(status_id=9), settings(import_status_ids="11")), parse_order(sample(status_id=9), settings())

        assert (held.state, taken.state) == (OrderState.WAITING_PAYMENT, OrderState.OPEN)

    @pytest.mark.parametrize("kind", ["digital", "giftcertificate"])
    def test_ships_nothing_that_is_not_physical(self, kind: str):
        body = sample()
        body["products"][0]["type"] = kind

        assert parse_order(body, settings())[0].lines[0].is_extra


class TestADate:
    @pytest.mark.parametrize("written", ["Wed, 25 Jun 2025 05:22:10 +0000", "2025-06-25T05:22:10Z", 1750828930])
    def test_is_read_in_every_form(self, written: object):
        assert when(written, what="date") == datetime(2025, 6, 25, 5, 22, 10, tzinfo=UTC)

    @pytest.mark.parametrize("written", ["yesterday", "", None, [], 10**30])
    def test_of_another_form_is_a_contract_error(self, written: object):
        with pytest.raises(ContractError):
            when(written, what="date")


class TestTheAddressOfAStore:
    @pytest.mark.parametrize("base", ["https://api.x.com", "https://api.x.com/", "https://api.x.com/stores", "https://api.x.com/stores/abc123/v3"])
    def test_is_found_however_it_was_entered(self, base: str):
        assert settings(base).base_url == "https://api.x.com/stores/abc123"


class TestPackages:
    @given(units=some.dictionaries(some.sampled_from("abcd"), some.integers(1, 9), min_size=1), count=some.integers(1, 12))
    def test_hold_every_unit_once(self, units: dict[str, int], count: int):
        shares = evenly(units, count)

        assert len(shares) == count
        assert {line: sum(share.get(line, 0) for share in shares) for line in units} == units
        assert all(share for share in shares[: min(count, sum(units.values()))])

    def test_go_to_the_address_of_their_lines(self):
        shipment = Shipment("s", (), (Parcel("p", "T-1"),))
        pieces, warnings = pieces_of(shipment, {"1": 2, "2": 1}, {"1": "A", "2": "B"})

        assert [(piece.address, piece.units, piece.number) for piece in pieces] == [("A", {"1": 2}, "T-1"), ("B", {"2": 1}, "T-1")]
        assert warnings == ()
