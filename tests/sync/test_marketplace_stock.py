"""Stock goes to a marketplace as one file for everything that changed, and each refused line says exactly why."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from connectors.canonical import StockVerdict
from exceptions.models import ExceptionCase
from portal.connections.models import Connection
from portal.ledger.models import StockPublication
from portal.sync import stock_turns
from portal.sync.claim import sweep_leases
from portal.sync.kinds.publish_stock import record_refused
from portal.sync.models import Cursor, OutboundMessage, State
from tests.corridor import control
from tests.marketplace import SKUS, STOCK, Everywhere


@pytest.fixture
def published(marketplace):
    """The warehouse's levels are read and shown."""
    publish(marketplace)
    return marketplace


def publish(marketplace) -> None:
    marketplace.read(marketplace.hub, "snapshot")
    rest(marketplace)
    marketplace.send(marketplace.channel)


def rest(marketplace) -> None:
    """The interval since the last file is over."""
    Cursor.objects.filter(connection=marketplace.channel, feed=stock_turns.TURN).update(started_at=None)


def publications(marketplace):
    marketplace.read(marketplace.hub, "snapshot")
    return StockPublication.objects.order_by("sku")


def files(marketplace) -> int:
    return len(marketplace.calls(marketplace.shop, method="POST", path="/offers/stock/imports"))


def set_stock(marketplace, **levels: int) -> None:
    changes = [{"sku": sku.replace("_", "-"), "warehouse": "Leeds Main", "physical": level} for sku, level in levels.items()]
    control(marketplace.warehouse, "stock", changes=changes)
    marketplace.read(marketplace.hub, "snapshot")


class TestOneFile:
    def test_carries_every_changed_sku(self, published):  # R11
        assert published.shown() == dict.fromkeys(SKUS, STOCK)
        assert files(published) == 1

    def test_is_all_that_goes_in_an_interval(self, published):  # R50
        for level in (40, 30, 20):
            set_stock(published, MUG_1=level)
            published.send(published.channel)

        assert (files(published), published.shown()["MUG-1"]) == (1, STOCK)

    def test_carries_only_the_newest_level_when_the_interval_is_over(self, published):
        for level in (40, 30, 20):
            set_stock(published, MUG_1=level)
        rest(published)
        published.send(published.channel)

        assert (files(published), published.shown()["MUG-1"]) == (2, 20)
        assert StockPublication.objects.get(sku="MUG-1").confirmed == 20

    def test_holds_more_than_a_usual_batch(self, marketplace):
        skus = [f"BULK-{number}" for number in range(300)]
        control(marketplace.shop, "offers", add=[{"sku": sku, "title": sku} for sku in skus])
        control(marketplace.warehouse, "skus", skus=[{"sku": sku, "title": sku, "price": "1.00", "stock": {"Leeds Main": 7}} for sku in skus])
        publish(marketplace)

        assert {marketplace.shown()[sku] for sku in skus} == {7}
        assert (files(marketplace), StockPublication.objects.filter(confirmed=7).count()) == (1, 300)

    def test_goes_after_orders(self, published):
        set_stock(published, MUG_1=20)
        rest(published)
        published.place()
        published.read_orders()
        published.send(published.channel)

        writes = [call["path"] for call in published.calls(published.shop) if call["method"] in ("PUT", "POST")]
        assert [path.rpartition("/")[2] for path in writes] == ["imports", "accept", "imports"]

    def test_keeps_its_rows_while_the_operator_works_on_it(self, published):
        set_stock(published, MUG_1=20)
        rest(published)
        at = timezone.now()
        [mine] = stock_turns.claim_stock(published.channel, room=40, at=at)
        sweep_leases(at=at + timedelta(seconds=95))

        mine.refresh_from_db()
        assert mine.state == State.IN_FLIGHT
        assert mine.lease_until >= at + timedelta(seconds=90 + 20)

    def test_waits_while_another_is_on_its_way(self, published):
        set_stock(published, MUG_1=20)
        rest(published)
        stock_turns.claim_stock(published.channel, room=40, at=timezone.now())
        set_stock(published, TEE_1=20)

        assert stock_turns.claim_stock(published.channel, room=40, at=timezone.now() + timedelta(seconds=65)) == []

    def test_that_fails_counts_once_against_the_connection(self, published):
        set_stock(published, MUG_1=20, TEE_1=20, CAP_1=20)
        rest(published)
        published.fault(published.shop, "500", path="/imports", times=None)
        published.send(published.channel)

        assert Connection.objects.get(pk=published.channel.pk).failures_in_a_row == 1
        assert OutboundMessage.objects.filter(kind="publish_stock", state=State.QUEUED).values("not_before").distinct().count() == 1


class TestARefusedLine:
    def test_says_exactly_why_and_the_rest_goes_through(self, marketplace):  # R21, E14
        control(marketplace.shop, "offers", remove=["TEE-1"])
        publish(marketplace)

        found = ExceptionCase.objects.get(is_open=True)
        assert (found.kind, found.items.get().label) == ("E14", "TEE-1")
        assert "does not know SKU TEE-1" in found.cause
        assert marketplace.shown() == {"MUG-1": STOCK, "CAP-1": STOCK}

    def test_is_severe_while_customers_see_more_than_there_is(self, published):  # E21
        row = StockPublication.objects.get(sku="MUG-1")
        verdict = StockVerdict("MUG-1", "", ok=False, code="refused", sentence="The offer is locked.")
        message, severities = OutboundMessage.objects.get(subject=f"stock:{row.pk}"), []
        for row.wanted in (60, 10):
            record_refused(row, message, verdict, at=timezone.now())
            severities.append(ExceptionCase.objects.get(kind="E21").severity)

        assert severities == [2, 1]

    def test_closes_its_case_when_the_level_is_shown(self, marketplace):  # E14
        control(marketplace.shop, "offers", remove=["TEE-1"])
        publish(marketplace)
        control(marketplace.shop, "offers", add=[{"sku": "TEE-1", "title": "TEE-1"}])
        set_stock(marketplace, TEE_1=33)
        rest(marketplace)
        marketplace.send(marketplace.channel)

        assert (marketplace.shown()["TEE-1"], ExceptionCase.objects.filter(is_open=True).count()) == (33, 0)

    def test_among_many_is_named_though_the_report_has_a_broken_line(self, marketplace):  # R21
        control(marketplace.shop, "oddities", name="broken_report")
        control(marketplace.shop, "offers", remove=["TEE-1"])
        publish(marketplace)

        assert [case.items.get().label for case in ExceptionCase.objects.filter(is_open=True)] == ["TEE-1"]

    def test_of_a_file_that_failed_as_a_whole_is_one_case(self, marketplace):
        rows = list(publications(marketplace))
        for row in rows:
            message = OutboundMessage.objects.get(subject=f"stock:{row.pk}")
            verdict = StockVerdict(row.sku, "", ok=False, code="import_failed", sentence="Mirakl could not work off the stock file 7: bad header.")
            record_refused(row, message, verdict, at=timezone.now())

        assert ExceptionCase.objects.get(kind="E21").items_open == len(rows) == 3


class TestTheBuffer:
    def test_is_held_back_once(self, marketplace):  # R10, R11
        marketplace.integration.buffer = 3
        marketplace.integration.save()
        publish(marketplace)

        assert marketplace.shown() == dict.fromkeys(SKUS, STOCK - 3)

    def test_is_not_held_back_again_where_the_warehouse_has_done_so(self, marketplace):  # R11
        marketplace.integration.buffer, marketplace.integration.buffer_at_source = 3, True
        marketplace.integration.save()
        publish(marketplace)

        assert marketplace.shown() == dict.fromkeys(SKUS, STOCK)


class TestASale:
    def test_lowers_the_offer_while_the_order_waits_for_acceptance(self, published):  # R13, D2
        published.shop_settings(orders_lower_stock=False)
        published.fault(published.shop, "429", path="/accept", times=None)
        published.place(lines={"MUG-1": 4})
        published.read_orders()
        rest(published)
        published.send(published.channel)

        assert published.shown()["MUG-1"] == STOCK - 4

    def test_counts_once_when_the_warehouse_has_it(self, published):  # R13
        published.shop_settings(orders_lower_stock=False)
        published.place(lines={"MUG-1": 4})
        published.round()
        published.read(published.hub, "snapshot")
        rest(published)
        published.send(published.channel)

        assert published.shown()["MUG-1"] == STOCK - 4

    def test_is_given_back_when_the_order_is_refused(self, published):  # R13
        published.shop_settings(orders_lower_stock=False)
        published.fault(published.shop, "429", path="/accept", times=None)
        published.place(lines={"MUG-1": 4}, accept_within_s=60)
        published.read_orders()
        published.operator_later(minutes=2)
        published.read_orders()
        rest(published)
        published.send(published.channel)

        assert published.shown()["MUG-1"] == STOCK


class TestASaleAnywhere:
    @pytest.fixture
    def everywhere(self, db, operators, simulators, monkeypatch) -> Everywhere:
        monkeypatch.setattr("connectors.mirakl.stock.pause", lambda seconds: None)
        made = Everywhere(*operators, simulators[0])
        made.read(made.hub, "snapshot")
        made.publish_everywhere()
        return made

    def test_starts_from_the_same_level(self, everywhere):
        assert everywhere.shown_everywhere("MUG-1") == [STOCK] * 3

    def test_at_the_marketplace_lowers_every_other_listing(self, everywhere):  # R13
        everywhere.place(lines={"MUG-1": 4})
        everywhere.read_orders()
        everywhere.publish_everywhere()

        assert everywhere.shown_everywhere("MUG-1") == [STOCK - 4] * 3

    def test_in_our_own_shop_lowers_every_listing_at_the_marketplace(self, everywhere):  # R13
        everywhere.place_in_shop(MUG_1=3)
        everywhere.publish_everywhere()

        assert everywhere.shown_everywhere("MUG-1")[:2] == [STOCK - 3] * 2

    def test_ends_equal_to_the_truth_when_the_warehouse_has_everything(self, everywhere):  # R13
        everywhere.place(lines={"MUG-1": 4})
        everywhere.round()
        everywhere.read(everywhere.hub, "snapshot")
        everywhere.publish_everywhere()

        assert everywhere.shown_everywhere("MUG-1") == [STOCK - 4] * 3
