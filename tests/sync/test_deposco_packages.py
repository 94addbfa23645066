"""What leaves Deposco, package by package and facility by facility, as the shop comes to show it (R63, R64, R67, R69)."""

from __future__ import annotations

import threading
from typing import Any

import pytest
import requests
from django.db import connection as database
from django.utils import timezone

from connectors.sandbox.kit import ADMIN
from exceptions.models import ExceptionCase
from portal.connections.models import Connection
from portal.ledger.models import Stage
from portal.sync.deliver import deliver_batch
from portal.sync.interpret import interpret_batch
from portal.sync.models import OutboundMessage, State
from portal.sync.poll import poll
from tests.corridor import Corridor, control
from tests.deposco_site import Site


def units(deliveries: list[dict[str, Any]]) -> list[int]:
    return sorted(sum(item["quantity"] for item in one["items"]) for one in deliveries)


def tracking(deliveries: list[dict[str, Any]]) -> list[str]:
    return sorted(parcel["trackingData"]["trackingId"] for one in deliveries for parcel in one["parcels"])


class TestPackages:
    def test_that_leave_one_by_one_are_told_with_what_is_in_them(self, site):  # R63
        placed = site.place(lines=[{"sku": "MUG-1", "quantity": 3}])
        for number, packs in (("1Z1", 1), ("1Z2", 2)):
            site.floor("ship", placed, packages=[{"MUG-1": packs}], tracking=[number])
            site.tell()

        assert units(site.deliveries(placed)) == [1, 2] and tracking(site.deliveries(placed)) == ["1Z1", "1Z2"]
        assert site.corridor.in_shop(placed["id"])["shipmentState"] == "Shipped"

    def test_beyond_what_a_nested_list_shows_are_all_told(self, site):  # R63
        placed = site.place(lines=[{"sku": "MUG-1", "quantity": 12}])
        numbers = [f"1Z{number:02d}" for number in range(12)]
        site.floor("ship", placed, packages=12, tracking=numbers)
        site.tell()

        assert tracking(site.deliveries(placed)) == numbers

    def test_are_told_once_however_often_they_are_read(self, site):  # R63, R65
        placed = site.place()
        site.floor("ship", placed, packages=2, tracking=["1Z1", "1Z2"])
        for _ in range(3):
            site.tell()

        assert len(site.deliveries(placed)) == 1 and OutboundMessage.objects.filter(kind="confirm_shipment").count() == 1


@pytest.fixture
def spread(site: Site) -> dict[str, Any]:
    """Six mugs, two to be sent from each of three facilities."""
    control(site.running, "facilities", number="DAL3", name="Dallas")
    control(site.running, "stock", changes=[{"sku": "MUG-1", "facility": "DAL3", "on_hand": 20}])
    placed = site.place(lines=[{"sku": "MUG-1", "quantity": 6}])
    site.floor("split", placed, over={"RNO2": {"MUG-1": 2}, "DAL3": {"MUG-1": 2}})
    return placed


class TestAnOrderOverThreeFacilities:
    @pytest.fixture
    def cut(self, site: Site, spread: dict[str, Any]) -> dict[str, Any]:
        """Two have shipped, and the third has cancelled."""
        for facility in ("ATL1", "RNO2"):
            site.floor("ship", spread, facility=facility)
            site.tell()
        site.floor("cancel", spread, facility="DAL3")
        site.tell()
        return spread

    def test_is_shown_as_two_dispatches_and_not_as_shipped(self, site, cut):  # R63, R64
        assert units(site.deliveries(cut)) == [2, 2] and site.corridor.in_shop(cut["id"])["shipmentState"] == "Partial"

    def test_is_a_case_that_names_what_the_warehouse_took_off(self, site, cut):  # E20
        [case] = ExceptionCase.objects.filter(kind="E20", is_open=True)

        assert "took 2 × MUG-1 off" in case.cause

    def test_is_shipped_in_the_shop_once_it_is_taken_off_there_too(self, site, cut):  # E20, R67
        site.edit(cut, line=0, quantity=4)
        site.corridor.send(site.corridor.channel)

        assert not ExceptionCase.objects.filter(kind="E20", is_open=True).exists()
        assert site.corridor.in_shop(cut["id"])["shipmentState"] == "Shipped" and units(site.deliveries(cut)) == [2, 2]


class TestTwoWorkers:
    """Real threads on PostgreSQL, each with its own database connection."""

    @pytest.fixture
    def site(self, transactional_db, simulators, tenant) -> Site:
        return Site(Corridor(*simulators), tenant)

    def test_lose_no_update_of_one_order(self, site):  # R67, R69
        placed = site.place(lines=[{"sku": "MUG-1", "quantity": 6}])
        for number in range(6):
            site.floor("ship", placed, packages=[{"MUG-1": 1}], tracking=[f"1Z{number}"])
        site.read()
        control(site.corridor.shop, "conflict", times=4)
        both(lambda: drain(site.corridor.channel.pk), lambda: (drain(site.corridor.channel.pk), touch(site, placed)))
        site.corridor.send(site.corridor.channel, at=site.corridor.later(minutes=10))

        assert tracking(site.deliveries(placed)) == [f"1Z{number}" for number in range(6)] and units(site.deliveries(placed)) == [1] * 6
        assert site.corridor.in_shop(placed["id"])["shipmentState"] == "Shipped"
        assert set(OutboundMessage.objects.filter(kind="confirm_shipment").values_list("state", flat=True)) <= {State.SENT, State.CONFIRMED}

    def test_read_both_sides_of_one_order_at_once(self, site):  # R67, R69
        placed = site.place(lines=[{"sku": "MUG-1", "quantity": 2}])
        site.floor("ship", placed, tracking=["1Z9"])
        site.shop_says(placed, "Ready")
        both(lambda: read(site.hub.pk), lambda: read(site.corridor.channel.pk))
        site.corridor.send(site.corridor.channel)

        assert site.corridor.order(placed).stage == Stage.DONE and tracking(site.deliveries(placed)) == ["1Z9"]


def both(*jobs: Any) -> None:
    """Side by side; what goes wrong in one fails the test."""
    failed: list[BaseException] = []

    def run(job: Any) -> None:
        try:
            job()
        except BaseException as error:
            failed.append(error)
            raise
        finally:
            database.close()

    workers = [threading.Thread(target=run, args=(job,)) for job in jobs]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(timeout=60)
    assert failed == []


def drain(pk: int) -> None:
    connection = Connection.objects.get(pk=pk)
    for _ in range(12):
        deliver_batch(connection, at=timezone.now(), threads=2)


def touch(site: Site, placed: dict[str, Any]) -> None:
    """Somebody in the shop changes the order meanwhile, and may meet a newer version as well."""
    wish = {"actions": [{"action": "setCustomerEmail", "email": "new@example.com"}]}
    for _ in range(10):
        if requests.post(f"{site.corridor.shop.url}{ADMIN}/orders/{placed['id']}/act", json=wish, timeout=20).ok:
            return
    raise AssertionError("the shop never took the change")


def read(pk: int) -> None:
    connection = Connection.objects.get(pk=pk)
    poll(connection, "orders", at=timezone.now())
    while interpret_batch(connection, at=timezone.now()):
        pass
