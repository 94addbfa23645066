"""From the names of things in cases to their pages."""

from __future__ import annotations

from exceptions.details import link_of, states_of
from portal.ledger.models import Stage
from tests.dashboard.conftest import As
from tests.dashboard.world import World


class TestTheLinkOfACase:
    def test_leads_to_the_order(self, world: World) -> None:
        order = world.order("SO-1")
        assert link_of(f"order:{order.pk}") == f"/orders/{order.pk}/"

    def test_leads_from_shipment_and_warehouse_order_and_message_to_their_order(self, world: World, as_: As) -> None:
        order = world.order("SO-1")
        hub_order = world.with_hub(order)
        shipment, message = world.ship(hub_order), order.outbound_messages.get()
        client = as_("cora")
        for subject in (f"shipment:{shipment.pk}", f"hub_order:{hub_order.pk}", f"message:{message.pk}"):
            assert client.get(link_of(subject)).url == f"/orders/{order.pk}/"

    def test_leads_to_the_stock_of_a_sku(self, world: World, as_: As) -> None:
        row = world.publication("MUG-1")
        assert link_of(f"sku:{world.hub.pk}:MUG-1") == "/stock/MUG-1/"
        assert as_("mira").get(link_of(f"stock:{row.pk}")).url == "/stock/MUG-1/"

    def test_of_a_thing_that_is_gone_is_not_found(self, world: World, as_: As) -> None:
        client = as_("cora")
        assert [client.get(f"/subjects/{name}/999/").status_code for name in ("shipment", "stock", "nonsense")] == [404, 404, 404]

    def test_is_closed_to_somebody_without_a_role(self, world: World, as_: As) -> None:
        assert as_("nell").get("/subjects/shipment/1/").status_code == 403


class TestTheStateOfAThing:
    def test_is_told_in_words(self, world: World) -> None:
        order, row = world.order("SO-1", Stage.HELD), world.publication(wanted=5, confirmed=3)
        subjects = [f"order:{order.pk}", f"stock:{row.pk}", "order:999"]
        assert states_of(subjects) == {subjects[0]: "waiting for payment", subjects[1]: "should show 5, shows 3"}
