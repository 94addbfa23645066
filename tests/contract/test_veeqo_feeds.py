"""Holds the Veeqo connector's polls, codes and catalogue to their promises, against the simulator."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from connectors.canonical import CodeKind, StockLevel, Variant
from connectors.errors import AccessDenied, ContractError, RateLimited, Unavailable
from connectors.ports import Connector
from tests.contract.veeqo_account import STORE, VeeqoAccount, account, items, running, since, until

__all__ = ["account", "running"]


class TestVerify:
    def test_tells_who_we_are(self, account: VeeqoAccount):
        assert isinstance(account.veeqo, Connector)
        assert "Ops Portal" in account.veeqo.verify().sentence

    def test_refuses_a_wrong_key(self, account: VeeqoAccount):
        with pytest.raises(AccessDenied):
            account.connect(key="wrong").verify()

    def test_leaves_no_key_in_the_evidence(self, account: VeeqoAccount):
        account.veeqo.verify()

        assert "vqt-sandbox" not in str(account.veeqo.take_exchanges()) and account.veeqo.take_exchanges() == []

    def test_notices_that_dates_are_ignored(self, account: VeeqoAccount):
        account.control("settings", iso_dates=False)
        account.veeqo.create_order(account.order())

        assert any("date filter" in warning for warning in account.connect(date_form="iso").verify().warnings)


class TestOrdersFeed:
    def test_sees_every_order_over_many_pages_and_then_only_what_changed(self, account: VeeqoAccount):  # R33
        account.control("place", count=320, sku="MUG-BLU", prefix="WEB-")
        veeqo = account.connect(**since(hours=1))
        pages = list(veeqo.poll("orders", "", until=until()))
        first = {item.event_id for item in items(pages)}
        account.control("ship", numbers=["WEB-7"])

        again = {item.event_id for item in items(list(veeqo.poll("orders", pages[-1].cursor, until=until())))}

        assert len(first) == 320 and len(pages) > 3
        assert len(again - first) == 1

    def test_sees_cancelled_orders(self, account: VeeqoAccount):
        account.control("place", count=3, sku="MUG-BLU")
        account.control("cancel", numbers=["WEB-2"])
        veeqo = account.connect(**since(hours=1))

        states = [veeqo.parse(item.topic, item.body)[0].state for item in items(list(veeqo.poll("orders", "", until=until())))]

        assert sorted(states) == ["cancelled", "ready", "ready"]

    def test_goes_on_from_any_cursor(self, account: VeeqoAccount):  # R15
        account.control("place", count=250, sku="MUG-BLU")
        veeqo = account.connect(**since(hours=1))
        before = next(veeqo.poll("orders", "", until=until()))
        account.control("place", count=30, first=900, sku="MUG-RED")
        account.control("cancel", numbers=[f"WEB-{number}" for number in range(240, 250)])

        rest = list(veeqo.poll("orders", before.cursor, until=until()))
        later = list(veeqo.poll("orders", rest[-1].cursor, until=until()))

        assert len({item.subject for item in items([before, *rest, *later])}) == 280

    def test_stops_when_the_filter_is_ignored(self, account: VeeqoAccount):
        account.control("clock", skew_s=-3 * 86400)
        account.control("place", count=1, sku="MUG-BLU")
        account.control("clock", skew_s=0)
        account.control("settings", iso_dates=False)

        with pytest.raises(ContractError) as caught:
            list(account.connect(date_form="iso", **since(hours=1)).poll("orders", "", until=until()))
        assert "ignored the date filter" in caught.value.sentence

    @pytest.mark.parametrize("zone", ["Pacific/Honolulu", "America/New_York", "Europe/Berlin", "Pacific/Auckland"])
    def test_loses_nothing_whatever_zone_dates_are_read_in(self, account: VeeqoAccount, zone: str):
        account.control("settings", naive_zone=zone)
        account.control("place", count=1, sku="MUG-BLU")
        options = {**since(minutes=5), "overlap_hours": "14"}

        assert len(items(list(account.connect(**options).poll("orders", "", until=until())))) == 1

    def test_follows_only_our_stores(self, account: VeeqoAccount):
        account.control("place", count=2, sku="MUG-BLU")
        account.control("place", count=1, sku="MUG-BLU", channel_id=account.made["channels"]["Mirakl FR"], prefix="MK-")
        veeqo = account.connect(channel_ids=str(account.made["channels"][STORE]), **since(hours=1))

        assert len(items(list(veeqo.poll("orders", "", until=until())))) == 2

    def test_finds_a_dispatch_that_did_not_move_the_orders_time(self, account: VeeqoAccount):  # R57
        account.control("settings", silent_changes=["shipment", "tracking"])
        account.control("place", count=1, sku="MUG-BLU")
        before = items(list(account.veeqo.poll("sweep", "", until=until())))
        account.control("ship", numbers=["WEB-1"])

        after = items(list(account.veeqo.poll("sweep", "", until=until())))

        assert before[0].changed_at == after[0].changed_at and before[0].event_id != after[0].event_id

    @pytest.mark.parametrize("oddity", ["no_page_headers", "wrong_page_headers"])
    def test_does_not_trust_page_headers(self, account: VeeqoAccount, oddity: str):
        account.control("place", count=220, sku="MUG-BLU")
        account.control("oddities", name=oddity, times=None)

        assert len(items(list(account.connect(**since(hours=1)).poll("orders", "", until=until())))) == 220

    def test_refuses_a_list_whose_pages_repeat(self, account: VeeqoAccount):
        account.control("place", count=150, sku="MUG-BLU")
        account.control("oddities", name="repeated_page", times=None)

        with pytest.raises(ContractError):
            list(account.connect(**since(hours=1)).poll("orders", "", until=until()))

    def test_takes_an_error_past_the_end_for_the_end(self, account: VeeqoAccount):
        account.control("settings", past_the_end="error")
        account.control("place", count=100, sku="MUG-BLU")

        assert len(items(list(account.connect(**since(hours=1)).poll("orders", "", until=until())))) == 100

    @pytest.mark.parametrize(
        ("fault", "error"),
        [
            ("429", RateLimited),
            ("500", Unavailable),
            ("502", Unavailable),
            ("down", Unavailable),
            ("malformed", ContractError),
            ("html", ContractError),
        ],
    )
    def test_names_what_went_wrong(self, account: VeeqoAccount, fault: str, error: type[Exception]):
        account.control("place", count=1, sku="MUG-BLU")
        account.fault(fault, times=None)

        with pytest.raises(error):
            list(account.veeqo.poll("orders", "", until=until()))

    def test_brings_orders_with_returns(self, account: VeeqoAccount):  # R84
        account.control("place", count=3, sku="MUG-BLU")
        account.control("ship", numbers=["WEB-1"])
        account.control("return", numbers=["WEB-1"])

        assert len(items(list(account.veeqo.poll("returns", "", until=until())))) == 1


def levels(account: VeeqoAccount, feed: str, **options: str) -> dict[tuple[str, str], int]:
    veeqo = account.connect(**options)
    found = [level for item in items(list(veeqo.poll(feed, "", until=until()))) for level in veeqo.parse(item.topic, item.body)]
    return {(level.sku, level.warehouse_code): level.available for level in found if isinstance(level, StockLevel)}


class TestStock:
    def test_snapshot_has_every_sku_at_every_warehouse(self, account: VeeqoAccount):  # R16, R20
        account.control("skus", skus=[{"sku": f"X-{number}", "title": f"X {number}", "price": "1", "stock": 3} for number in range(230)])

        found = levels(account, "snapshot")

        assert len({sku for sku, _ in found}) == 290 and found["X-229", str(account.made["warehouses"]["Leeds Main"])] == 2

    def test_change_is_seen_by_the_products_time(self, account: VeeqoAccount):  # R8, R9
        options = since(minutes=5)
        before = {item.event_id for item in items(list(account.connect(**options).poll("stock", "", until=until())))}
        account.control("stock", changes=[{"sku": "MUG-BLU", "warehouse": "Leeds Main", "physical": 7}])

        after = items(list(account.connect(**options).poll("stock", "", until=until())))

        assert len([item for item in after if item.event_id not in before]) == 1
        assert levels(account, "stock", **options)["MUG-BLU", str(account.made["warehouses"]["Leeds Main"])] == 7

    def test_read_takes_exact_skus(self, account: VeeqoAccount):
        account.control("stock", changes=[{"sku": "MUG-BLU", "physical": 7}])

        found = {level.warehouse_code: level.available for level in account.veeqo.read_stock(["MUG-BLU", "NONE"])}

        assert found[str(account.made["warehouses"]["Leeds Main"])] == 7 and len(found) == 2

    def test_falls_below_nothing_when_oversold(self, account: VeeqoAccount):  # R24
        account.control("settings", auto_allocate=False)
        account.control("place", count=1, lines={"APR-YEL": 4})
        account.control("allocate", numbers=["WEB-1"], warehouse="Leeds Main")

        assert min(level.available for level in account.veeqo.read_stock(["APR-YEL"])) == -4


class TestCatalogue:
    def test_lists_every_variant(self, account: VeeqoAccount):  # R77
        veeqo = account.veeqo
        found = [one for item in items(list(veeqo.poll("catalogue", "", until=until()))) for one in veeqo.parse(item.topic, item.body)]

        assert len(found) == 60 and all(isinstance(one, Variant) and one.barcode for one in found)

    def test_creates_once_then_updates(self, account: VeeqoAccount):  # R72
        wanted = Variant("", "", "NEW-1", "", title="New one", price=Decimal("9.90"), barcode="4006381333931", tax_rate=Decimal("0.2"), weight_g=120)
        created, again = account.veeqo.save_variant(wanted), account.veeqo.save_variant(wanted)
        updated = account.veeqo.save_variant(replace(wanted, reference=created.reference, price=Decimal("11.00")))

        (there,) = account.veeqo.find_variants("NEW-1")
        assert (created.found, again.found, again.reference, updated.reference) == (False, True, created.reference, created.reference)
        assert (there.price, there.tax_rate, there.barcode, there.weight_g) == (Decimal("11.0"), Decimal("0.2"), "4006381333931", 120)


class TestCodes:
    @pytest.mark.parametrize(
        ("kind", "label", "count"),
        [(CodeKind.STORE, "Mirakl FR", 3), (CodeKind.SHIP_SERVICE, "Express", 4), (CodeKind.WAREHOUSE, "Venlo EU", 2), (CodeKind.CARRIER, "DPD", 21)],
    )
    def test_list_what_lives_there(self, account: VeeqoAccount, kind: CodeKind, label: str, count: int):
        found = account.veeqo.codes(kind)

        assert label in {code.label for code in found} and len(found) == count

    def test_leave_out_stores_that_take_no_orders(self, account: VeeqoAccount):
        account.control("channels", name="Amazon UK", type_code="amazon")

        assert "Amazon UK" not in {code.label for code in account.veeqo.codes(CodeKind.STORE)}
