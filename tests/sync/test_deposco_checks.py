"""What is looked at before an order goes to Deposco, and while it is there: prices, items, states that disagree."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from exceptions.models import ExceptionCase
from portal.connections.models import Integration
from portal.connections.signals import integration_changed
from portal.ledger.models import CatalogueItem, Expectation, OrderLine, Stage
from portal.sync.catalogue.woken import wake_listed
from portal.sync.models import OutboundMessage, State
from portal.sync.prices import unit_price
from tests.corridor import control
from tests.deposco_site import Site
from tests.people import person


@pytest.fixture
def strict(site: Site) -> Site:
    """Prices are compared, and Deposco's item costs what the shop asks."""
    Integration.objects.filter(pk=site.integration.pk).update(price_tolerance=Decimal(1))
    site.read("catalogue")
    placed = site.place()
    [line] = OrderLine.objects.filter(order=site.corridor.order(placed))
    reprice(site, unit_price(line))
    site.run()
    return site


def reprice(site: Site, price: Decimal | None, sku: str = "MUG-1") -> None:
    """Deposco's item costs something else, and the catalogue is read again."""
    control(site.running, "price", sku=sku, price=float(price) if price is not None else None)
    site.read("catalogue")
    site.corridor.send(site.hub)


def sent(site: Site) -> list[str]:
    return sorted(str(call["path"]) for call in site.corridor.calls(site.running, method="POST", path="/orders/salesOrders"))


class TestAPrice:
    def test_that_agrees_lets_the_order_go(self, strict):  # R46
        placed = strict.place()

        assert strict.there(placed) is not None and not ExceptionCase.objects.filter(kind="E10").exists()

    def test_that_does_not_agree_is_a_case_and_nothing_is_sent(self, strict):  # R46, E10
        before = sent(strict)
        reprice(strict, Decimal("4.40"))
        placed = strict.place()

        case = ExceptionCase.objects.get(kind="E10")
        [prices] = case.evidence["prices"]
        assert strict.there(placed) is None and sent(strict) == before
        assert (prices["in the warehouse"][:4], prices["SKU"], case.items_open) == ("4.40", "MUG-1", 1)
        assert Decimal(prices["on the order"]) > Decimal("4.40") and "4.40" in case.cause

    def test_holds_up_all_orders_with_it_as_one_case(self, strict):  # E10
        reprice(strict, Decimal("4.40"))
        strict.place()
        strict.place(lines=[{"sku": "MUG-1", "quantity": 5}])

        assert ExceptionCase.objects.get(kind="E10").items_open == 2

    def test_put_right_in_the_warehouse_sends_the_order_and_closes_the_case(self, strict):  # R46, E10
        right = CatalogueItem.objects.get(connection=strict.hub, sku="MUG-1").price
        reprice(strict, Decimal("4.40"))
        placed = strict.place()
        reprice(strict, right)

        case = ExceptionCase.objects.get(kind="E10")
        assert strict.there(placed) is not None and not case.is_open and strict.corridor.order(placed).stage == Stage.WITH_HUB

    def test_within_what_the_integration_allows_goes(self, strict):  # R46
        reprice(strict, Decimal("9.00"))
        placed = strict.place()
        assert strict.there(placed) is None
        Integration.objects.filter(pk=strict.integration.pk).update(price_tolerance=Decimal(50))
        strict.integration.refresh_from_db()
        integration_changed.send(Integration, integration=strict.integration, at=timezone.now())
        strict.corridor.send(strict.hub)

        assert strict.there(placed) is not None and not ExceptionCase.objects.filter(kind="E10", is_open=True).exists()

    def test_that_the_warehouse_does_not_tell_is_not_compared(self, strict):
        reprice(strict, None)

        assert strict.there(strict.place()) is not None

    def test_is_not_compared_unless_the_integration_says_so(self, strict):
        Integration.objects.filter(pk=strict.integration.pk).update(price_tolerance=None)
        reprice(strict, Decimal("4.40"))

        assert strict.there(strict.place()) is not None

    def test_of_an_order_that_was_cancelled_is_nobodys_case_any_more(self, strict):  # E10
        reprice(strict, Decimal("4.40"))
        placed = strict.place()
        strict.cancel(placed)

        assert not ExceptionCase.objects.filter(kind="E10", is_open=True).exists()


class TestASku:
    def test_that_deposco_does_not_list_stops_the_order_before_anything_is_sent(self, site):  # R47, E11
        site.read("catalogue")
        control(site.corridor.shop, "products", sku="NEW-1", price=900, stock=5)
        placed = site.place(lines=[{"sku": "MUG-1", "quantity": 1}, {"sku": "NEW-1", "quantity": 1}])

        [case] = ExceptionCase.objects.filter(kind="E11")
        assert site.there(placed) is None and sent(site) == [] and "NEW-1" in case.cause

    def test_goes_by_itself_once_deposco_lists_it(self, site):  # R47, E11
        site.read("catalogue")
        control(site.corridor.shop, "products", sku="NEW-1", price=900, stock=5)
        placed = site.place(lines=[{"sku": "NEW-1", "quantity": 1}])
        control(site.running, "skus", skus=[{"sku": "NEW-1", "title": "New", "price": 9, "stock": 3}])
        site.read("catalogue")
        site.corridor.send(site.hub)

        assert site.there(placed) is not None and not ExceptionCase.objects.filter(kind="E11", is_open=True).exists()

    def test_goes_though_the_catalogue_was_read_while_it_was_being_stopped(self, site):  # R47
        site.read("catalogue")
        control(site.corridor.shop, "products", sku="NEW-1", price=900, stock=5)
        placed = site.place(lines=[{"sku": "NEW-1", "quantity": 1}])
        CatalogueItem.objects.create(connection=site.hub, reference="4711", sku="NEW-1", version="1")
        control(site.running, "skus", skus=[{"sku": "NEW-1", "title": "New", "price": 9, "stock": 3}])
        woken = wake_listed(at=timezone.now())
        site.corridor.send(site.hub)

        assert woken == 1 and site.there(placed) is not None

    def test_that_deposco_itself_refused_waits_for_a_person(self, site):  # R47, E11
        site.read("catalogue")
        control(site.running, "sku", sku="MUG-1", new_sku="MUG-9")
        site.place()

        assert ExceptionCase.objects.filter(kind="E11", is_open=True).exists() and wake_listed(at=timezone.now()) == 0


class TestAnOrderThatIsPicked:
    @pytest.fixture
    def picked(self, site: Site) -> dict[str, object]:
        """The shop still shows it as pending."""
        placed = site.place()
        site.floor("pick", placed)
        site.read()
        return placed

    def test_and_pending_in_the_shop_is_a_case(self, site, picked):  # R68, E20
        early = site.corridor.later(minutes=20)
        none_yet = ExceptionCase.objects.filter(kind="E20", opened_at__lte=early).count()
        site.corridor.later(minutes=40)

        case = ExceptionCase.objects.get(kind="E20")
        assert none_yet == 0 and "Pick Complete" in case.cause and "Pending" in case.cause

    def test_and_ready_in_the_shop_closes_it(self, site, picked):  # R68, E20
        site.corridor.later(minutes=40)
        site.shop_says(picked, "Ready")

        assert not ExceptionCase.objects.get(kind="E20").is_open

    def test_and_ready_in_the_shop_in_time_is_none(self, site, picked):  # R68
        site.shop_says(picked, "Ready")
        site.corridor.later(minutes=40)

        assert not ExceptionCase.objects.filter(kind="E20").exists()

    def test_and_shipped_in_time_is_none(self, site, picked):  # R68
        site.floor("ship", picked)
        site.tell()
        site.corridor.read_orders()
        site.corridor.later(minutes=40)

        assert not ExceptionCase.objects.filter(kind="E20").exists() and not Expectation.objects.filter(kind="not_pending", met_at=None).exists()

    def test_is_not_watched_where_the_integration_says_so(self, site):  # R68
        Integration.objects.filter(pk=site.integration.pk).update(pending_limit_min=None)
        placed = site.place()
        site.floor("pick", placed)
        site.read()
        site.corridor.later(minutes=999)

        assert not ExceptionCase.objects.filter(kind="E20").exists()


class TestAnOrderBeforeItsPayment:
    def test_is_held_and_goes_once_when_both_come_at_once(self, site):  # R36, R37
        placed = site.place(payment="pending")
        held = (site.corridor.order(placed).stage, site.there(placed))
        control(site.corridor.shop, f"orders/{placed['id']}/settle")
        for _ in range(3):
            site.run()

        assert held == (Stage.HELD, None) and site.there(placed)["orderStatus"] == "New"
        assert OutboundMessage.objects.get(kind="create_order").state in (State.SENT, State.CONFIRMED) and len(sent(site)) == 1

    def test_is_a_case_after_its_time_and_still_goes_when_it_settles(self, site):  # R37
        placed = site.place(payment="pending")
        site.corridor.later(hours=25)
        opened = ExceptionCase.objects.get(kind="E08").is_open
        control(site.corridor.shop, f"orders/{placed['id']}/settle")
        site.run()

        assert opened and not ExceptionCase.objects.get(kind="E08").is_open and site.there(placed) is not None


class TestAnOrderNotAcknowledged:
    def test_is_listed_with_its_age_until_deposco_shows_it(self, site, client):  # R34
        site.corridor.fault(site.running, "500", times=None, path="/orders/salesOrders")
        placed = site.place()
        client.force_login(person("omar"))
        before = client.get("/reconciliation/not-acknowledged/").content.decode()
        site.mend()
        site.corridor.send(site.hub, at=timezone.now() + timedelta(hours=1))
        site.read()
        after = client.get("/reconciliation/not-acknowledged/").content.decode()

        assert placed["orderNumber"] in before and "Deposco" in before and placed["orderNumber"] not in after

    def test_is_a_case_with_its_age_until_deposco_shows_it(self, site):  # R34, E05
        site.corridor.fault(site.running, "500", times=None, path="/orders/salesOrders")
        placed = site.place()
        site.corridor.later(minutes=31)
        case = ExceptionCase.objects.get(kind="E05")
        assert "ready for 31" in case.cause
        site.mend()
        site.corridor.send(site.hub, at=timezone.now() + timedelta(hours=1))
        site.read()

        assert not ExceptionCase.objects.get(kind="E05").is_open and site.corridor.order(placed).stage == Stage.WITH_HUB
