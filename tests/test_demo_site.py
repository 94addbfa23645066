"""The demo's second site: a Deposco tenant beside the Veeqo one, each with its own stores and its own stock (R2)."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from django.utils import timezone

from connectors.sandbox import deposco
from connectors.sandbox.kit import ADMIN, Running, serve
from mappings.models import WarehouseMapping
from portal.connections.connect import connect
from portal.connections.models import Connection, Integration
from portal.demo import second_site, traffic
from portal.demo.second_site import FACILITIES, INTEGRATION, MAPPED, create_site, open_site
from tests.ledger.orders import a_connection

GOODS = [{"sku": f"MUG-{number}", "title": "Mug", "price": "10.00", "stock": 40} for number in range(3)]


@pytest.fixture
def tenant(monkeypatch) -> Iterator[Running]:
    running = serve(deposco.build(rate_scale=0))
    for module in (second_site, traffic):
        monkeypatch.setattr(module, "url_of", lambda vendor: running.url)
    yield running
    running.stop()


@pytest.fixture
def veeqo_site(db) -> Integration:
    """All of the shop, as the demo's first site has it until there is a second."""
    made = Integration.objects.create(
        name="First", channel=a_connection("Shop", "commercetools"), hub=a_connection("Warehouse", "veeqo"), enabled=True
    )
    for hub_code, place in {"7": "wh-leeds", "8": "wh-berlin"}.items():
        WarehouseMapping.objects.create(integration=made, hub_code=hub_code, hub_label=place, channel_code=place)
    return made


@pytest.fixture
def opened(veeqo_site, tenant) -> Running:
    create_site()
    open_site(veeqo_site.channel, veeqo_site.hub, GOODS, at=timezone.now())
    return tenant


def there(tenant: Running) -> dict[str, Any]:
    found: dict[str, Any] = requests.get(f"{tenant.url}{ADMIN}/summary", timeout=10).json()
    return found


class TestTheSecondSite:
    def test_has_a_store_of_its_own_and_leaves_the_others_to_the_first(self, opened, veeqo_site):
        veeqo_site.refresh_from_db()

        assert Integration.objects.running().get(name=INTEGRATION).store_codes == ["eu"]
        assert (veeqo_site.store_codes, veeqo_site.warehouse_codes) == (["uk", "outlet"], ["7"])

    def test_is_verified_and_has_the_shops_goods(self, opened):
        hub = Connection.objects.working().get(system="deposco")

        assert there(opened)["items"] == len(GOODS) and len(connect(hub).find_variants("MUG-1")) == 1

    def test_leaves_a_facility_to_be_mapped(self, opened):
        mapped = WarehouseMapping.objects.filter(integration__name=INTEGRATION).values_list("hub_code", flat=True)

        assert set(mapped) == set(MAPPED) < set(FACILITIES)

    def test_goes_on_where_it_stood(self, opened, veeqo_site):
        before = there(opened)["on_hand"]
        open_site(veeqo_site.channel, veeqo_site.hub, GOODS, at=timezone.now())

        assert there(opened)["on_hand"] == before and Integration.objects.filter(name=INTEGRATION).count() == 1


class TestABasket:
    def test_for_europe_is_sent_to_europe(self):

        wishes = [traffic.basket(random.Random(seed), ["MUG-1", "MUG-2"]) for seed in range(60)]
        countries = {wish["store"]: wish["shipping_address"]["country"] for wish in wishes}

        assert countries == {"uk": "GB", "outlet": "GB", "eu": "DE"}
