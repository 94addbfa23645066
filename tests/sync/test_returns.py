"""Returns that a warehouse tells find their sale, whatever number it has there."""

from __future__ import annotations

from portal.ledger.models import HubOrder, ReturnOrder
from portal.sync.models import ExternalReference
from tests.corridor import control
from tests.deposco_site import Site


class TestAReturn:
    def test_that_deposco_tells_is_that_of_the_sale(self, site: Site):  # R86
        placed = site.place()
        site.floor("ship", placed)
        site.tell()
        site.floor("return", placed, rma="RMA-7", received=True)
        site.read("returns")

        [back] = ReturnOrder.objects.all()
        assert (back.order, back.order_number) == (site.corridor.order(placed), f"CT-{placed['orderNumber']}")

    def test_that_deposco_tells_before_the_order_is_found_by_its_number(self, site: Site):
        placed = site.place()
        site.floor("ship", placed)
        site.floor("return", placed, rma="RMA-8", received=True)
        ExternalReference.objects.all().delete()
        HubOrder.objects.all().delete()
        site.read("returns")

        assert ReturnOrder.objects.get().order == site.corridor.order(placed)

    def test_of_an_order_from_elsewhere_is_nobodys_though_it_has_the_number_of_a_sale(self, site: Site):
        placed = site.place()
        assert placed["orderNumber"][-1].isdigit()
        control(site.running, "place", count=1, prefix=placed["orderNumber"][:-1], first=placed["orderNumber"][-1], sku="MUG-1")
        assert control(site.running, "ship", numbers=[placed["orderNumber"]])["refused"] == {}
        control(site.running, "return", numbers=[placed["orderNumber"]], rma="RMA-9", received=True)
        site.read("returns")

        assert ReturnOrder.objects.get().order is None

    def test_that_veeqo_tells_is_that_of_the_sale(self, corridor):
        [placed] = corridor.place()
        corridor.run()
        corridor.ship(placed["orderNumber"])
        corridor.read_warehouse()
        control(corridor.warehouse, "return", numbers=[f"CT-{placed['orderNumber']}"])
        corridor.read_warehouse()

        assert {back.order for back in ReturnOrder.objects.filter(connection=corridor.hub)} == {corridor.order(placed)}
