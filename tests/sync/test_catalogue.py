"""A product's way from its master to the other side."""

from __future__ import annotations

from datetime import timedelta

import pytest
import requests
from django.utils import timezone

from connectors.canonical import Variant
from connectors.errors import Rejected
from connectors.sandbox.kit import ADMIN
from connectors.veeqo.connector import VeeqoConnector
from exceptions.models import ExceptionCase
from exceptions.proof import check_open_cases
from portal.connections.connect import connect
from portal.connections.models import Connection, Integration
from portal.ledger.models import CatalogueItem
from portal.sync.catalogue.missing import plan_save
from portal.sync.models import OutboundMessage, State
from portal.sync.proofs import IN_HUB
from tests.corridor import Corridor, control


@pytest.fixture
def known(corridor: Corridor) -> Corridor:
    """Both catalogues have been read once."""
    corridor.read(corridor.channel, "catalogue")
    corridor.read(corridor.hub, "catalogue")
    return corridor


def new_product(corridor: Corridor, *skus: str, **wish: object) -> None:
    control(corridor.shop, "products", skus=list(skus), **{"stock": None, **wish})
    corridor.read(corridor.channel, "products")


def in_warehouse(corridor: Corridor, sku: str) -> list:
    return list(connect(corridor.hub).find_variants(sku))


def writes(corridor: Corridor) -> list:
    return [call for method in ("POST", "PUT") for call in corridor.calls(corridor.warehouse, method=method, path="/products")]


def open_kinds() -> list[str]:
    return sorted(ExceptionCase.objects.filter(is_open=True).values_list("kind", flat=True))


def refuse(connector: VeeqoConnector, variant: Variant) -> None:
    raise Rejected("Veeqo did not save the product.")


class TestTheFirstReading:
    def test_writes_nothing_to_the_other_side(self, known):
        known.send()

        assert not OutboundMessage.objects.filter(kind="save_variant").exists()
        assert open_kinds() == []


class TestANewProduct:
    def test_is_made_in_the_warehouse_once(self, known):  # R72
        new_product(known, "BAG-1", price=2500)
        known.send()
        known.send()

        [there] = in_warehouse(known, "BAG-1")
        assert there.title.startswith("New product")
        assert len(writes(known)) == 1

    def test_comes_before_the_orders_that_use_it(self, known):  # R72, R76
        new_product(known, "BAG-1", stock=5)
        [placed] = known.place(lines=[{"sku": "BAG-1", "quantity": 1}])
        known.read_orders()
        OutboundMessage.objects.filter(kind="save_variant").update(not_before=timezone.now() + timedelta(hours=1))
        known.send()
        waiting = OutboundMessage.objects.get(kind="create_order")
        assert (waiting.state, waiting.note) == (State.QUEUED, "Waits until Warehouse has the product BAG-1, which is being created there.")

        known.send(at=timezone.now() + timedelta(hours=2))
        known.send(at=timezone.now() + timedelta(hours=2))
        assert known.order(placed).stage in IN_HUB
        assert open_kinds() == []

    def test_of_several_variants_is_one_product_there(self, known):
        new_product(known, "BAG-S", "BAG-M", "BAG-L")
        known.send()

        products = {in_warehouse(known, sku)[0].product_reference for sku in ("BAG-S", "BAG-M", "BAG-L")}
        assert len(products) == 1

    def test_that_the_warehouse_has_already_is_not_made_again(self, known):  # R72
        control(known.warehouse, "skus", skus=[{"sku": "BAG-1", "title": "Bag", "price": "1.00"}])
        new_product(known, "BAG-1", name="The bag")
        known.send()

        [there] = in_warehouse(known, "BAG-1")
        assert there.title.endswith("The bag")

    def test_is_made_once_though_the_answer_was_lost(self, known):
        known.fault(known.warehouse, "lost_after", path="/products$", method="POST", times=1)
        new_product(known, "BAG-1")
        for _ in range(4):
            known.send(at=timezone.now() + timedelta(hours=1))

        assert len(in_warehouse(known, "BAG-1")) == 1
        assert OutboundMessage.objects.get(kind="save_variant").state == State.SENT

    def test_that_the_warehouse_refuses_is_a_case_until_it_is_taken(self, known, monkeypatch):  # R76
        with monkeypatch.context() as refusing:
            refusing.setattr(VeeqoConnector, "save_variant", refuse)
            new_product(known, "BAG-1")
            known.send()
        assert open_kinds() == ["E13"]

        OutboundMessage.objects.filter(kind="save_variant").update(state=State.QUEUED, waiting_for="", note="")
        known.send(at=timezone.now() + timedelta(hours=1))
        assert open_kinds() == []

    def test_that_does_not_arrive_is_a_case_by_the_clock(self, known):  # R76
        known.fault(known.warehouse, "down", times=None)
        new_product(known, "BAG-1")
        known.later(minutes=31)
        assert "E13" in open_kinds()

        requests.delete(f"{known.warehouse.url}{ADMIN}/faults", timeout=5)
        known.send(at=timezone.now() + timedelta(hours=1))
        assert "E13" not in open_kinds()

    def test_behind_a_warehouse_that_is_down_shares_one_case(self, known):
        for sku in ("BAG-1", "BAG-2"):
            new_product(known, sku)
        Connection.objects.filter(pk=known.hub.pk).update(health="down")
        known.later(minutes=31)

        [case] = ExceptionCase.objects.filter(kind="E13")
        assert case.items_open == 2


class TestVariantsOfOneNewProduct:
    def test_become_one_product_though_the_first_had_to_be_tried_again(self, known):  # R72
        known.fault(known.warehouse, "500", path="/products$", method="POST", times=1)
        new_product(known, "BAG-1", "BAG-2", "BAG-3")
        known.send()
        assert not any(in_warehouse(known, sku) for sku in ("BAG-2", "BAG-3"))  # they join the product that BAG-1 makes

        for _ in range(4):
            known.send(at=timezone.now() + timedelta(minutes=10))
        made = [in_warehouse(known, sku) for sku in ("BAG-1", "BAG-2", "BAG-3")]
        assert [len(variants) for variants in made] == [1, 1, 1]
        assert len({variants[0].product_reference for variants in made}) == 1


class TestAProductThatNobodyMayWrite:
    @pytest.fixture
    def elsewhere(self, known):
        """Another system is the master: neither side is written (D7)."""
        Integration.objects.update(product_master="external")
        return known

    def test_is_a_case_before_its_first_order_and_closes_when_it_is_there(self, elsewhere):  # R76
        new_product(elsewhere, "BAG-1")
        case = ExceptionCase.objects.get(kind="E13")
        assert "BAG-1" in case.cause
        assert not OutboundMessage.objects.filter(kind="save_variant").exists()

        control(elsewhere.warehouse, "skus", skus=[{"sku": "BAG-1", "title": "Bag", "price": "1.00"}])
        elsewhere.read(elsewhere.hub, "catalogue")
        case.refresh_from_db()
        assert (case.is_open, case.resolution) == (False, "fixed_verified")

    def test_is_no_case_while_it_is_not_sold(self, elsewhere):
        new_product(elsewhere, "BAG-1", publish=False)

        assert open_kinds() == []


class TestAChangedProduct:
    def test_is_told_and_keeps_its_sku(self, known):  # R72, R73
        item = CatalogueItem.objects.get(connection=known.channel, sku="MUG-1")
        CatalogueItem.objects.filter(pk=item.pk).update(title="Old mug")
        known.read(known.channel, "catalogue")
        known.send()

        [there] = in_warehouse(known, "MUG-1")
        assert there.title.endswith(item.title)
        assert writes(known)[-1]["method"] == "PUT"

    def test_overtakes_what_still_waits(self, known):
        new_product(known, "BAG-1")
        item = CatalogueItem.objects.select_related("connection").get(sku="BAG-1")
        item.version, item.title = "999", "A better bag"
        plan_save(item, known.integration, at=timezone.now())

        states = OutboundMessage.objects.filter(kind="save_variant").order_by("pk").values_list("state", flat=True)
        assert list(states) == [State.SUPERSEDED, State.QUEUED]

    def test_is_not_told_by_the_side_that_is_not_master(self, known):
        CatalogueItem.objects.filter(connection=known.hub, sku="MUG-1").update(title="Old mug")
        known.read(known.hub, "catalogue")

        assert not OutboundMessage.objects.filter(kind="save_variant").exists()


class TestAFullReading:
    def test_takes_away_what_it_lists_no_more_only_when_complete(self, known):  # R16
        gone = CatalogueItem.objects.create(connection=known.hub, reference="999999", sku="GONE-1", seen_at=timezone.now() - timedelta(days=1))
        known.fault(known.warehouse, "down", times=None)
        with pytest.raises(Exception, match="could not be reached"):
            known.read(known.hub, "catalogue")
        gone.refresh_from_db()
        assert gone.gone_at is None

        requests.delete(f"{known.warehouse.url}{ADMIN}/faults", timeout=5)
        known.read(known.hub, "catalogue")
        gone.refresh_from_db()
        assert gone.gone_at is not None
        assert CatalogueItem.objects.filter(connection=known.hub, gone_at=None).count() == 3

    def test_closes_the_case_of_what_is_gone(self, known):
        Integration.objects.update(product_master="external")
        new_product(known, "BAG-1")
        item = CatalogueItem.objects.get(sku="BAG-1")
        CatalogueItem.objects.filter(pk=item.pk).update(gone_at=timezone.now())

        check_open_cases(at=timezone.now())
        assert open_kinds() == []
