"""The journey page: one order across both systems."""

from __future__ import annotations

import pytest
from django.urls import reverse

from portal.audit.models import AuditEvent
from portal.ledger.expect import Expected
from portal.ledger.models import SalesOrder, Stage
from portal.sync.models import State
from tests.dashboard.conftest import As, text
from tests.dashboard.world import World


def url(order: SalesOrder) -> str:
    return reverse("dashboard:order", args=[order.pk])


class TestTheJourneyPage:
    @pytest.mark.parametrize("name", ["cora", "finn", "omar", "mira", "ada", "aldo"])
    def test_is_open_to_every_role(self, world: World, as_: As, name: str) -> None:
        assert as_(name).get(url(world.order("SO-1"))).status_code == 200

    def test_is_closed_to_somebody_without_a_role(self, world: World, as_: As) -> None:
        assert as_("nell").get(url(world.order("SO-1"))).status_code == 403

    def test_sends_a_stranger_to_the_login(self, world: World, client: object) -> None:
        assert client.get(url(world.order("SO-1"))).url.startswith(reverse("login"))

    def test_does_not_know_an_order_that_is_not_there(self, world: World, as_: As) -> None:
        assert as_("cora").get(reverse("dashboard:order", args=[999])).status_code == 404

    def test_asks_the_same_number_of_queries_however_much_happened(self, world: World, as_: As, django_assert_max_num_queries: object) -> None:
        order = world.order("SO-1", lines=[(f"SKU-{number}", 1) for number in range(30)])
        hub_order = world.with_hub(order)
        for number in range(8):
            world.ship(hub_order, lines=[(f"SKU-{number}", 1)], tracking=f"JD{number}")
        for number in range(40):
            world.attempt(order.outbound_messages.first(), number=number + 2)
        world.case(order)
        client = as_("cora")
        with django_assert_max_num_queries(39):  # type: ignore[operator]
            assert client.get(url(order)).status_code == 200


class TestWhereItStands:
    """One plain sentence: where, why, who acts. R42, R153, R154"""

    def test_names_the_warehouse_while_it_picks(self, world: World, as_: As) -> None:
        order = world.order("SO-1")
        world.with_hub(order)
        page = text(as_("cora").get(url(order)))
        assert "Veeqo Leeds has it, and nothing has shipped yet." in page
        assert "The warehouse acts now." in page

    def test_names_the_team_of_its_open_case_and_the_cause(self, world: World, as_: As) -> None:
        order = world.order("SO-1", Stage.BLOCKED)
        world.case(order)
        page = text(as_("cora").get(url(order)))
        assert "It has not been sent to the warehouse. Delivery method “express” has no code in Veeqo Leeds. Operations acts now." in page

    def test_says_that_a_silent_warehouse_is_why_it_waits(self, world: World, as_: As) -> None:
        order = world.order("SO-1", Stage.QUEUED)
        world.hub.health = "down"
        world.hub.save()
        page = text(as_("cora").get(url(order)))
        assert "Veeqo Leeds is not answering. It goes when the connection is back. Nobody needs to act" in page

    def test_counts_the_units_of_a_part_shipment(self, world: World, as_: As) -> None:
        order = world.order("SO-1", Stage.PART_SHIPPED)
        world.ship(world.with_hub(order), lines=[("MUG-1", 2)])
        page = text(as_("cora").get(url(order)))
        assert "2 of 3 units have shipped." in page
        assert "Lines: 2 of 3 units shipped" in page

    def test_tells_what_is_overdue_though_nobody_has_a_case(self, world: World, as_: As) -> None:
        order = world.order("SO-1", Stage.SHIPPED)
        world.ship(world.with_hub(order), minutes=90)
        assert "Shop UK should have shown the dispatch 30 min ago." in text(as_("cora").get(url(order)))

    def test_asks_nobody_when_the_channel_shows_it(self, world: World, as_: As) -> None:
        order = world.order("SO-1", Stage.DONE)
        world.ship(world.with_hub(order), shown=True)
        assert "It has shipped, and Shop UK shows it. Nobody needs to act." in text(as_("cora").get(url(order)))


class TestExpectedBesideActual:
    """A6"""

    def test_marks_what_is_overdue(self, world: World, as_: As) -> None:
        order = world.order("SO-1", minutes=90)
        world.expected(order, Expected.IN_HUB, minutes=30)
        page = text(as_("cora").get(url(order)))
        assert "In the warehouse (Veeqo Leeds) overdue expected by" in page

    def test_shows_when_it_happened_beside_when_it_was_due(self, world: World, as_: As) -> None:
        order = world.order("SO-1")
        world.with_hub(order)
        body = as_("cora").get(url(order)).content.decode()
        assert "expected by" in body
        assert "As CT-SO-1." in body

    def test_says_that_it_happened_late(self, world: World, as_: As) -> None:
        order = world.order("SO-1", minutes=120)
        world.with_hub(order, minutes=10)
        assert "In the warehouse (Veeqo Leeds) late expected by" in text(as_("cora").get(url(order)))

    def test_expects_the_channel_to_show_each_shipment(self, world: World, as_: As) -> None:
        order = world.order("SO-1", Stage.SHIPPED)
        world.ship(world.with_hub(order))
        assert "Shop UK shows the dispatch with tracking expected expected by" in text(as_("cora").get(url(order)))


class TestTheLock:
    """What CX must know before promising an edit. R45"""

    def test_is_open_before_the_warehouse_has_it(self, world: World, as_: As) -> None:
        page = text(as_("cora").get(url(world.order("SO-1", Stage.HELD))))
        assert "An edit in Shop UK still counts." in page

    def test_tells_since_when_the_warehouse_works_on_it(self, world: World, as_: As) -> None:
        order = world.order("SO-1")
        hub_order = world.with_hub(order, locked=True)
        body = as_("cora").get(url(order)).content.decode()
        assert f'datetime="{hub_order.locked_at:%Y-%m-%dT%H:%M:%SZ}"' in body
        assert "do not promise one" in body


class TestPersonalData:
    def test_is_masked_until_somebody_asks(self, world: World, as_: As) -> None:
        page = text(as_("cora").get(url(world.order("SO-1"))))
        assert "Holloway" not in page
        assert "jane@example.com" not in page
        assert "J••• H•••" in page

    def test_is_shown_to_cx_who_asks_and_the_trail_keeps_it(self, world: World, as_: As) -> None:
        order = world.order("SO-1")
        client = as_("cora")
        client.post(reverse("dashboard:show_personal", args=[order.pk]))
        assert "Jane Holloway" in text(client.get(url(order)))
        event = AuditEvent.objects.get(action="order.personal_data_seen")
        assert (event.actor_label, event.subject_id) == ("Cora", str(order.pk))

    def test_is_shown_for_this_order_only(self, world: World, as_: As) -> None:
        order, other = world.order("SO-1"), world.order("SO-2")
        client = as_("cora")
        client.post(reverse("dashboard:show_personal", args=[order.pk]))
        assert "Holloway" not in text(client.get(url(other)))

    def test_is_hidden_in_what_a_vendor_said_too(self, world: World, as_: As) -> None:
        order = world.order("SO-1", Stage.BLOCKED)
        world.attempt(world.message(order), sentence="Jane Holloway (jane@example.com) exists already in Veeqo Leeds.")
        page = text(as_("omar").get(url(order)))
        assert "J••• H••• (j•••@e•••.com) exists already in Veeqo Leeds." in page

    @pytest.mark.parametrize("name", ["mira", "ada", "aldo", "finn"])
    def test_is_refused_to_those_who_may_not(self, world: World, as_: As, name: str) -> None:
        order = world.order("SO-1")
        assert as_(name).post(reverse("dashboard:show_personal", args=[order.pk])).status_code == 403
        assert not AuditEvent.objects.filter(action="order.personal_data_seen").exists()

    def test_is_shown_to_finance_where_finance_has_a_case(self, world: World, as_: As) -> None:
        order = world.order("SO-1", Stage.HELD)
        world.case(order, "E08", "The payment has not settled.")
        client = as_("finn")
        client.post(reverse("dashboard:show_personal", args=[order.pk]))
        assert "Jane Holloway" in text(client.get(url(order)))


class TestEvidence:
    def attempt_url(self, world: World, *, with_case: bool = False) -> str:
        order = world.order("SO-1", Stage.BLOCKED)
        attempt = world.attempt(world.message(order, state=State.PARKED, note="Refused."))
        if with_case:
            world.case(order, "E03", "The street is missing.")
        return reverse("dashboard:attempt", args=[order.pk, attempt.pk])

    def test_shows_the_request_and_the_answer(self, world: World, as_: As) -> None:
        page = text(as_("omar").get(self.attempt_url(world)))
        assert "POST https://hub.example.test/orders" in page
        assert "Delivery method can't be blank" in page

    @pytest.mark.parametrize("name", ["ada", "omar"])
    def test_hides_people_from_everybody_who_did_not_ask(self, world: World, as_: As, name: str) -> None:
        page = text(as_(name).get(self.attempt_url(world)))
        for secret in ("Holloway", "jane@example.com", "Canal"):
            assert secret not in page

    def test_is_refused_to_cx_without_a_case_of_theirs(self, world: World, as_: As) -> None:
        assert as_("cora").get(self.attempt_url(world)).status_code == 403

    def test_is_shown_to_cx_with_a_case_of_theirs(self, world: World, as_: As) -> None:
        assert as_("cora").get(self.attempt_url(world, with_case=True)).status_code == 200

    def test_of_another_order_is_not_found(self, world: World, as_: As) -> None:
        self.attempt_url(world)
        other = world.order("SO-2")
        attempt = SalesOrder.objects.get(number="SO-1").outbound_messages.get().delivery_attempts.get()
        assert as_("omar").get(reverse("dashboard:attempt", args=[other.pk, attempt.pk])).status_code == 404


class TestLinks:
    def test_lead_to_the_warehouse_and_the_parcel(self, world: World, as_: As) -> None:
        order = world.order("SO-1")
        world.ship(world.with_hub(order))
        body = as_("cora").get(url(order)).content.decode()
        assert f'href="https://app.veeqo.test/orders/{order.pk}"' in body
        assert 'href="https://track.example.test/JD0001"' in body

    def test_never_run_a_script_a_vendor_sent(self, world: World, as_: As) -> None:
        order = world.order("SO-1")
        hub_order = world.with_hub(order)
        hub_order.link = "javascript:alert(1)"
        hub_order.save()
        shipment = world.ship(hub_order)
        shipment.parcels.update(tracking_url="javascript:alert(1)")
        assert "javascript:" not in as_("cora").get(url(order)).content.decode()
