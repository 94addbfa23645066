"""SKUs as keys: renamed by the master, edited by hand, or standing for two products."""

from __future__ import annotations

import pytest
from django.utils import timezone

from exceptions.models import ExceptionCase, Resolution
from exceptions.proof import check_open_cases
from exceptions.resolving import resolve
from mappings.models import SkuAlias
from mappings.renamed import remember_rename
from mappings.resolve import skus_to_hub
from portal.audit.models import AuditEvent
from portal.connections.connect import connect
from portal.connections.models import Integration
from portal.ledger.models import CatalogueItem
from portal.sync.models import OutboundMessage, State
from portal.sync.proofs import IN_HUB
from tests.corridor import Corridor, control
from tests.people import person


@pytest.fixture
def known(corridor: Corridor) -> Corridor:
    corridor.read(corridor.channel, "catalogue")
    corridor.read(corridor.hub, "catalogue")
    return corridor


def rename_in_shop(corridor: Corridor, old: str, new: str) -> None:
    control(corridor.shop, f"skus/{old}", sku=new)
    corridor.read(corridor.channel, "products")


def edit_in_warehouse(corridor: Corridor, old: str, new: str) -> None:
    control(corridor.warehouse, "sku", sku=old, new_sku=new)
    corridor.read(corridor.hub, "catalogue")


def add_in_warehouse(corridor: Corridor, sku: str, **more: object) -> None:
    control(corridor.warehouse, "skus", skus=[{"sku": sku, "title": f"Another {sku}", "price": "1.00", **more}])
    corridor.read(corridor.hub, "catalogue")


def open_cases(kind: str) -> list[ExceptionCase]:
    return list(ExceptionCase.objects.filter(kind=kind, is_open=True))


class TestASkuTheMasterChanged:
    def test_becomes_an_alias_from_that_moment(self, known):  # R74, D9
        before = timezone.now()
        rename_in_shop(known, "MUG-1", "CUP-1")

        alias = SkuAlias.objects.get()
        assert (alias.connection, alias.old, alias.new) == (known.channel, "MUG-1", "CUP-1")
        assert alias.effective_from is not None and alias.effective_from > before
        assert AuditEvent.objects.get(action="mapping.added").actor_label == "catalogue reading"

    def test_makes_no_second_item_in_the_warehouse(self, known):  # R73, R74
        rename_in_shop(known, "MUG-1", "CUP-1")
        known.send()

        hub = connect(known.hub)
        assert (len(hub.find_variants("MUG-1")), len(hub.find_variants("CUP-1"))) == (1, 0)
        assert open_cases("E15") == []

    def test_goes_on_selling_under_the_old_one_there(self, known):  # R74
        rename_in_shop(known, "MUG-1", "CUP-1")
        for place in ("wh-leeds", "wh-berlin", None):
            control(known.shop, "stock", sku="CUP-1", quantity=5, channel=place)
        [placed] = known.place(lines=[{"sku": "CUP-1", "quantity": 1}])
        known.run()

        [there] = known.at_warehouse(placed["orderNumber"])
        assert known.order(placed).stage in IN_HUB
        assert there["line_items"][0]["sellable"]["sku_code"] == "MUG-1"

    def test_back_ends_the_alias(self, known):
        rename_in_shop(known, "MUG-1", "CUP-1")
        rename_in_shop(known, "CUP-1", "MUG-1")

        first, second = SkuAlias.objects.order_by("pk")
        assert first.effective_to == second.effective_from
        assert skus_to_hub(["MUG-1", "CUP-1"], known.integration, timezone.now())["CUP-1"].value == "MUG-1"

    def test_is_remembered_once(self, known):
        at = timezone.now()
        remember_rename(known.channel, old="A", new="B", at=at)

        assert remember_rename(known.channel, old="A", new="B", at=at) is None
        assert SkuAlias.objects.count() == 1


class TestASkuEditedByHand:
    def test_is_a_case_that_names_both(self, known):  # R75
        edit_in_warehouse(known, "MUG-1", "MUG-X")

        [case] = open_cases("E15")
        assert "Somebody changed SKU MUG-1 to MUG-X in Warehouse" in case.cause
        assert (case.evidence["old"], case.evidence["new"]) == ("MUG-1", "MUG-X")

    def test_closes_when_it_is_undone(self, known):  # R75
        edit_in_warehouse(known, "MUG-1", "MUG-X")
        [case] = open_cases("E15")
        edit_in_warehouse(known, "MUG-X", "MUG-1")

        case.refresh_from_db()
        assert (case.is_open, (case.proof or {}).get("SKU is again")) == (False, "MUG-1")

    def test_closes_when_an_alias_says_what_became_of_it(self, known):  # R75, D9
        edit_in_warehouse(known, "MUG-1", "MUG-X")
        SkuAlias.objects.create(connection=known.hub, old="MUG-1", new="MUG-X")
        check_open_cases(at=timezone.now())
        assert open_cases("E15") == []

    def test_in_the_channel_is_one_where_the_hub_is_master(self, known):  # R75
        Integration.objects.update(product_master="hub")
        rename_in_shop(known, "MUG-1", "CUP-1")

        assert len(open_cases("E15")) == 1
        assert not SkuAlias.objects.exists()

    def test_that_the_master_made_too_is_none(self, known):
        rename_in_shop(known, "MUG-1", "CUP-1")
        edit_in_warehouse(known, "MUG-1", "CUP-1")

        assert open_cases("E15") == []


class TestOneSkuForTwoProducts:
    def test_is_a_case_and_keeps_orders_out_until_it_is_put_right(self, known):  # R79
        add_in_warehouse(known, "MUG-1")
        [case] = open_cases("E12")
        [placed] = known.place()
        known.run()
        assert known.at_warehouse(placed["orderNumber"]) == []
        assert OutboundMessage.objects.get(kind="create_order").state == State.PARKED

        double = CatalogueItem.objects.filter(connection=known.hub, sku="MUG-1").latest("pk")
        control(known.warehouse, "sku", sku="MUG-1", new_sku="MUG-2") if double.title == "MUG-1" else self.rename(known, double)
        known.read(known.hub, "catalogue")
        case.refresh_from_db()
        assert not case.is_open
        known.send()
        assert len(known.at_warehouse(placed["orderNumber"])) == 1

    def rename(self, corridor: Corridor, item: CatalogueItem) -> None:
        """The second product gets a SKU of its own."""
        client = connect(corridor.hub).client
        variant = {"id": int(item.reference), "sku_code": "MUG-2"}
        client.call("PUT", f"/products/{item.product_reference}", json={"product": {"product_variants_attributes": [variant]}}, idempotent=True)

    @pytest.mark.parametrize("spelt", ["mug-1", "MUG -1", "mug - 1"])
    def test_is_also_one_that_differs_only_in_capitals_or_spaces(self, known, spelt):  # R79, R81
        add_in_warehouse(known, spelt)

        [case] = open_cases("E12")
        assert "differ only in capitals or spaces" in case.cause

    def test_lets_orders_pass_when_merchandising_calls_it_a_false_alarm(self, known):  # R79
        add_in_warehouse(known, "mug-1")
        [placed] = known.place()
        known.run()
        resolve(open_cases("E12")[0], Resolution.FALSE_ALARM, "Two products, and meant so.", by=person("mira"))
        known.read(known.hub, "catalogue")
        known.send()
        [later] = known.place()
        known.run()

        assert open_cases("E12") == []
        assert [len(known.at_warehouse(one["orderNumber"])) for one in (placed, later)] == [1, 1]

    def test_is_also_one_barcode_on_two_skus(self, known):  # R79
        add_in_warehouse(known, "BAG-1", barcode="5012345678900")
        add_in_warehouse(known, "BAG-2", barcode="5012345678900")

        [case] = open_cases("E12")
        assert "Warehouse lists barcode 5012345678900 on BAG-1 and BAG-2" in case.cause
        assert case.items_open == 2

    def test_of_two_systems_is_none(self, known):
        assert open_cases("E12") == []
