"""A fix releases what it blocked, by itself, and the case closes with the proof (A1)."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from exceptions.models import ExceptionCase
from mappings.models import MappingUse, SeenCode, ShipServiceMapping, SkuMapping, StoreMapping
from portal.ledger.models import CatalogueItem, SalesOrder, Stage
from portal.sync.case_actions import retry
from portal.sync.models import OutboundMessage, State
from portal.sync.release import release
from tests.people import person


def one_case(kind) -> ExceptionCase:
    return ExceptionCase.objects.get(kind=kind)


class TestAnUnmappedDeliveryMethod:
    @pytest.fixture
    def blocked(self, corridor):
        placed = corridor.place(count=5, shipping_method="express")
        corridor.run()
        return placed

    def test_is_one_case_for_all_its_orders(self, corridor, blocked):  # E16
        case = one_case("E16")

        assert (case.owner, case.items_open) == ("OPS", 5)
        assert "“express”" in case.cause
        assert Decimal(case.value["GBP"]) == sum(order.total for order in SalesOrder.objects.all())

    def test_keeps_every_order_in_the_ledger_and_none_in_the_warehouse(self, corridor, blocked):  # R29, R41
        assert SalesOrder.objects.filter(stage=Stage.BLOCKED).count() == 5
        assert all(corridor.at_warehouse(order["orderNumber"]) == [] for order in blocked)

    def test_is_put_on_the_list_of_what_waits_to_be_mapped(self, corridor, blocked):
        code = SeenCode.objects.get()

        assert (code.kind, code.value, code.times) == ("ship_service", "express", 5)

    def test_once_mapped_lets_all_go_and_closes_the_case_with_proof(self, corridor, blocked):  # A1, A4, E16
        corridor.map_service("express", "Standard")
        corridor.send()

        case = one_case("E16")
        assert [len(corridor.at_warehouse(order["orderNumber"])) for order in blocked] == [1] * 5
        assert (case.is_open, case.resolution, case.resolved_by) == (False, "fixed_verified", None)
        assert "warehouse order" in case.proof

    def test_mapped_twice_sends_nothing_twice(self, corridor, blocked):  # A1
        mapping = corridor.map_service("express", "Standard")
        corridor.send()
        mapping.note = "checked"
        mapping.save()
        corridor.send()

        assert [len(corridor.at_warehouse(order["orderNumber"])) for order in blocked] == [1] * 5

    def test_counts_the_use_of_its_mapping(self, corridor, blocked):  # R59
        mapping = corridor.map_service("express", "Standard")
        corridor.send()

        assert sum(MappingUse.objects.filter(mapping_kind="ship_service", mapping_id=mapping.pk).values_list("uses", flat=True)) == 5

    def test_mapped_to_nothing_the_warehouse_knows_comes_back_as_a_case(self, corridor, blocked):
        ShipServiceMapping.objects.create(integration=corridor.integration, channel_code="express", hub_code="999999")
        corridor.send()

        assert ExceptionCase.objects.filter(kind="E04", is_open=True).exists()
        assert all(corridor.at_warehouse(order["orderNumber"]) == [] for order in blocked)

    def test_mapped_for_one_store_lets_only_its_orders_go(self, corridor, blocked):
        [other] = corridor.place(shipping_method="express", store="outlet")
        corridor.run()
        hub_code = str(corridor.made["delivery_methods"]["Standard"])
        ShipServiceMapping.objects.create(integration=corridor.integration, store="outlet", channel_code="express", hub_code=hub_code)
        corridor.send()

        assert len(corridor.at_warehouse(other["orderNumber"])) == 1
        assert corridor.at_warehouse(blocked[0]["orderNumber"]) == []


class TestAnUnmappedStore:
    def test_is_a_case_of_the_administrator_and_goes_by_itself(self, corridor):  # E24
        StoreMapping.objects.filter(channel_code="uk").delete()
        placed = corridor.place(count=2)
        corridor.run()
        case = one_case("E24")
        was = (case.owner, case.items_open, case.is_open)
        StoreMapping.objects.create(integration=corridor.integration, channel_code="uk", hub_code=str(corridor.made["channels"]["Commercetools UK"]))
        corridor.send()

        case.refresh_from_db()
        assert (was, case.is_open) == (("ADM", 2, True), False)
        assert [len(corridor.at_warehouse(order["orderNumber"])) for order in placed] == [1, 1]


class TestAnUnmappedSku:
    @pytest.fixture
    def blocked(self, corridor):
        corridor.read(corridor.hub, "catalogue")
        CatalogueItem.objects.filter(connection=corridor.hub, sku="MUG-1").update(sku="MUG-1-OLD")
        [placed] = corridor.place()
        corridor.run()
        return placed

    def test_is_a_case_of_merchandising(self, corridor, blocked):  # E11, R47, R78
        case = one_case("E11")

        assert (case.owner, case.items_open) == ("MER", 1)
        assert "MUG-1" in case.cause
        assert corridor.order(blocked).stage == Stage.BLOCKED

    def test_once_mapped_lets_the_order_go(self, corridor, blocked):  # E11
        SkuMapping.objects.create(integration=corridor.integration, channel_sku="MUG-1", hub_sku="TEE-1")
        corridor.send()

        [there] = corridor.at_warehouse(blocked["orderNumber"])
        assert there["line_items"][0]["sellable"]["sku_code"] == "TEE-1"
        assert not one_case("E11").is_open

    def test_that_only_the_warehouse_finds_out_about_is_the_same_case(self, corridor):  # E11
        SkuMapping.objects.create(integration=corridor.integration, channel_sku="MUG-1", hub_sku="NO-SUCH")
        corridor.place()
        corridor.run()

        case = one_case("E11")
        assert (case.items_open, case.waiting_for != "") == (1, True)

    def test_without_any_sku_is_named_by_its_line(self, corridor):  # R47
        corridor.place(lines=[{"sku": "MUG-1", "quantity": 1, "no_sku": True}])
        corridor.run()

        assert "(no code)" in one_case("E11").cause


class TestRelease:
    def test_leaves_what_waits_for_something_else(self, corridor):
        corridor.place(shipping_method="express")
        corridor.run()

        assert release(["ship_service:0:to_hub::other"], at=timezone.now()) == 0
        assert OutboundMessage.objects.get(kind="create_order").state == State.PARKED

    def test_rings_for_the_connection_when_the_change_is_saved(self, corridor, monkeypatch, django_capture_on_commit_callbacks):
        rung = []
        monkeypatch.setattr("portal.sync.release.ring", lambda job, target: rung.append((job, target)))
        corridor.place(shipping_method="express")
        corridor.run()
        with django_capture_on_commit_callbacks(execute=True):
            corridor.map_service("express", "Standard")

        assert rung == [("deliver", corridor.hub.pk)]


class TestARejectedOrder:
    @pytest.fixture
    def rejected(self, corridor):
        ShipServiceMapping.objects.filter(channel_code="standard").update(hub_code="999999")
        [placed] = corridor.place()
        corridor.run()
        return placed

    def test_is_parked_with_its_reason_and_a_case(self, corridor, rejected):  # E04, R29
        message = OutboundMessage.objects.get(kind="create_order")
        case = one_case("E04")

        assert (message.state, corridor.order(rejected).stage) == (State.PARKED, Stage.BLOCKED)
        assert rejected["orderNumber"] in case.cause
        assert message.note != ""

    def test_is_not_tried_again_by_itself(self, corridor, rejected):
        corridor.send(at=timezone.now() + timedelta(days=3))

        assert OutboundMessage.objects.get(kind="create_order").attempts == 1

    def test_goes_when_a_person_sends_it_again(self, corridor, rejected):  # E04
        good = str(corridor.made["delivery_methods"]["Standard"])
        ShipServiceMapping.objects.filter(channel_code="standard").update(hub_code=good)
        retry.run(one_case("E04"), person("omar"), {})
        corridor.send()

        assert len(corridor.at_warehouse(rejected["orderNumber"])) == 1
        assert not one_case("E04").is_open
