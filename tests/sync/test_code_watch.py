"""The nightly look at both sides' carriers and services: unmapped ones are raised before an order meets them (A16, R61)."""

from __future__ import annotations

from datetime import timedelta

import pytest
import requests
from django.utils import timezone

from connectors.canonical import Code, CodeKind
from connectors.sandbox.kit import ADMIN
from exceptions.models import ExceptionCase
from exceptions.proof import check
from mappings import listed
from mappings.models import CarrierMapping, ListedCode, SeenCode, ShipServiceMapping
from portal.connections.models import Connection
from portal.sync import code_watch
from portal.sync.models import Cursor
from tests.corridor import control
from tests.marketplace import Marketplace, run_operators


@pytest.fixture(scope="module")
def operators():
    yield from run_operators()


@pytest.fixture
def marketplace(db, operators) -> Marketplace:
    return Marketplace(*operators)


def night(marketplace: Marketplace) -> None:
    """Both sides are looked at, as the schedule does it."""
    for connection in code_watch.due(timezone.now()):
        code_watch.look(connection.pk)


def cases(about: str = "") -> list[ExceptionCase]:
    return list(ExceptionCase.objects.filter(kind="E16", is_open=True, fingerprint__startswith=about).order_by("fingerprint"))


def asked(marketplace: Marketplace, operation: str) -> int:
    calls = requests.get(f"{marketplace.shop.url}{ADMIN}/calls", timeout=5).json()
    return sum(1 for call in calls if operation in str(call))


def map_everything(marketplace: Marketplace) -> None:
    """Every carrier of the warehouse is Royal Mail, every service its standard one."""
    known = set(CarrierMapping.objects.values_list("hub_carrier", flat=True))
    for one in ListedCode.objects.filter(connection=marketplace.hub, kind="carrier").exclude(value__in=known):
        marketplace.map_carrier(one.value, one.label, "RM")
    for code in ("EXP", "OPS"):
        marketplace.map_service(code, "Standard")


class TestTheNightlyLook:  # A16
    def test_raises_unmapped_services_and_carriers_while_nothing_waits(self, marketplace):  # R60
        night(marketplace)
        service, carrier = cases("foreseen:ship_service")[0], cases("foreseen:carrier")[0]

        assert {item.label for item in service.items.all()} == {"Express (EXP)", "Collected by the marketplace (OPS)"}
        assert any("DPD" in item.label for item in carrier.items.all())
        assert (service.severity, carrier.severity) == (3, 3)
        assert "Nothing waits for it yet" in service.cause

    def test_puts_them_on_the_list_of_what_waits_to_be_mapped(self, marketplace):
        night(marketplace)

        assert SeenCode.objects.get(value="EXP", answered_at=None).times == 0
        assert not SeenCode.objects.filter(value__in=["STD", "1"]).exists()

    def test_leaves_out_a_carrier_that_names_nobody(self, marketplace):
        night(marketplace)

        assert not SeenCode.objects.filter(kind="carrier", label="Other").exists()

    def test_closes_by_proof_what_is_mapped_since(self, marketplace):
        night(marketplace)
        service = cases("foreseen:ship_service")[0]

        marketplace.map_service("EXP", "Standard")
        check(service, at=timezone.now())
        assert [item.label for item in service.items.filter(cleared_at=None)] == ["Collected by the marketplace (OPS)"]

        marketplace.map_service("OPS", "Standard")
        check(service, at=timezone.now())
        service.refresh_from_db()
        assert (service.is_open, service.resolution) == (False, "fixed_verified")

    def test_says_nothing_twice(self, marketplace):
        night(marketplace)
        for case in cases():
            ExceptionCase.objects.filter(pk=case.pk).update(is_open=False, resolved_at=timezone.now(), resolution="done_by_hand")
        Cursor.objects.filter(feed=code_watch.FEED).update(started_at=timezone.now() - timedelta(days=1))
        night(marketplace)

        assert cases() == []

    def test_raises_a_carrier_that_is_new_on_the_list(self, marketplace):
        night(marketplace)
        map_everything(marketplace)
        listed.keep(marketplace.hub, CodeKind.CARRIER, [Code(CodeKind.CARRIER, "77", "Parcelhouse")], at=timezone.now())
        code_watch.raise_unmapped(marketplace.integration, at=timezone.now())

        newest = cases("foreseen:carrier")[0]
        assert "Parcelhouse (77)" in newest.cause
        assert newest.evidence["value"] == "77" and newest.evidence["direction"] == "to_channel"


class TestATargetThatVanished:  # R61
    def test_is_a_case_until_the_mapping_leads_somewhere(self, marketplace):
        night(marketplace)
        row = CarrierMapping.objects.get(channel_code="RM")
        without = [Code(CodeKind.CARRIER, "EVRI", "Evri"), Code(CodeKind.CARRIER, "DPD-UK", "DPD (UK)")]
        assert listed.keep(marketplace.channel, CodeKind.CARRIER, without, at=timezone.now()).gone == ("RM",)
        code_watch.raise_lost(marketplace.integration, at=timezone.now())
        case = cases("target gone")[0]

        assert case.severity == 3 and "Royal Mail" in case.cause
        assert not check(case, at=timezone.now())

        CarrierMapping.objects.filter(pk=row.pk).update(channel_code="EVRI")
        assert check(case, at=timezone.now())

    def test_is_marked_on_the_page_of_its_mapping(self, marketplace, client):
        from tests.people import person

        night(marketplace)
        listed.keep(marketplace.channel, CodeKind.CARRIER, [Code(CodeKind.CARRIER, "EVRI", "Evri")], at=timezone.now())
        client.force_login(person("omar"))

        assert "not on the list any more" in client.get("/mappings/carrier/").content.decode()
        assert "1 not listed any more" in client.get("/mappings/").content.decode()

    def test_is_told_by_the_operators_own_list(self, marketplace):
        control(marketplace.shop, "carriers", remove="RM")
        night(marketplace)

        assert "Royal Mail" in cases("target gone")[0].cause

    def test_of_a_service_is_told_too(self, marketplace):
        night(marketplace)
        ShipServiceMapping.objects.filter(channel_code="STD").update(hub_code="9999")
        code_watch.raise_lost(marketplace.integration, at=timezone.now())

        assert "ship service mapping" in cases("target gone:ship_service")[0].cause


class TestTheJob:
    def test_reads_each_list_once_a_night(self, marketplace):
        night(marketplace)
        night(marketplace)

        assert asked(marketplace, "/shipping/carriers") == 1
        assert code_watch.due(timezone.now()) == []

    def test_is_due_again_after_the_connections_own_night(self, marketplace):
        night(marketplace)

        assert code_watch.due(timezone.now() + timedelta(days=1)) == [marketplace.channel, marketplace.hub]

    def test_survives_a_vendor_that_is_down_and_asks_again_in_an_hour(self, marketplace):
        control(marketplace.warehouse, "faults", fault="500", times=50)
        night(marketplace)
        cursor = Cursor.objects.get(connection=marketplace.hub, feed=code_watch.FEED)

        assert cursor.note and cursor.claimed_until is None
        assert cases("foreseen:ship_service")
        assert code_watch.due(timezone.now() + timedelta(minutes=50)) == []
        Connection.objects.update(probe_at=None)
        assert code_watch.due(timezone.now() + timedelta(minutes=70)) == [marketplace.hub]

    def test_takes_an_empty_list_for_no_list(self, marketplace):
        night(marketplace)

        assert listed.keep(marketplace.channel, CodeKind.CARRIER, [], at=timezone.now()) == listed.Change()
        assert cases("target gone") == []

    def test_is_not_done_twice_at_once(self, marketplace):
        assert code_watch.claim(marketplace.channel, at=timezone.now())
        assert not code_watch.claim(marketplace.channel, at=timezone.now())
