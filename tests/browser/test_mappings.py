"""The mapping pages, walked in a browser."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from connectors.canonical import Code, CodeKind, System
from mappings import live as live_lists
from mappings import orders
from mappings.errors import UnmappedCode
from mappings.models import CarrierMapping, ImportFile, ShipServiceMapping, SkuAlias, SkuMapping, StoreMapping, WarehouseMapping
from mappings.orders import NoOrders, OrderLink, Waiting
from mappings.resolve import skus_to_hub, to_hub
from mappings.signals import mapping_saved
from mappings.usage import record_uses, seen
from portal.connections.models import Connection, Integration
from tests.browser.conftest import DESK, TELEPHONE, keep_picture
from tests.browser.test_shell import sideways

pytestmark = pytest.mark.browser
SIZES = [pytest.param(DESK, id="1280"), pytest.param(TELEPHONE, id="390")]
SERVICES = [("1207", "Royal Mail Tracked 24"), ("1208", "Royal Mail Tracked 48"), ("2001", "DPD Next Day"), ("2002", "DPD Saturday")]


class SomeOrders(NoOrders):
    """Orders as the corridor would tell of them."""

    def waiting(self, keys):
        return {key: Waiting(47 - 20 * place, {"GBP": Decimal("4812.50"), "EUR": Decimal(120)}) for place, key in enumerate(sorted(keys)[:2])}

    def used(self, kind, mapping_id, *, since, limit):
        return [OrderLink(f"UK-{20400 + number}", f"/orders/{number}/", since) for number in range(12)]


@pytest.fixture
def integration(live, monkeypatch) -> Integration:
    """A channel and a hub with a few mappings, uses, and codes that wait."""
    monkeypatch.setattr(mapping_saved, "receivers", [])
    mapping_saved.sender_receivers_cache.clear()
    made = {
        name: Connection.objects.create(name=name, system=system.value, base_url="https://example.test")
        for name, system in {"Shop UK": System.COMMERCETOOLS, "Veeqo UK": System.VEEQO}.items()
    }
    integration = Integration.objects.create(name="UK web shop", channel=made["Shop UK"], hub=made["Veeqo UK"])
    fill(integration)
    monkeypatch.setattr(live_lists, "_providers", [])
    monkeypatch.setattr(orders, "_answering", [NoOrders()])
    live_lists.register(lambda connection, kind: [Code(kind, *pair) for pair in SERVICES] if kind is CodeKind.SHIP_SERVICE else [])
    orders.register(SomeOrders())
    return integration


def fill(integration: Integration) -> None:
    now, said = timezone.now(), {"integration": integration}
    ShipServiceMapping.objects.create(
        **said, channel_code="standard", channel_label="Standard delivery", hub_code="1208", hub_label="Royal Mail Tracked 48"
    )
    ShipServiceMapping.objects.create(**said, channel_code="weekend", hub_code="2002", hub_label="DPD Saturday", effective_to=now - timedelta(days=3))
    ShipServiceMapping.objects.create(**said, store="de", channel_code="DHL ", hub_code="2001", effective_from=now + timedelta(days=9))
    CarrierMapping.objects.create(**said, hub_carrier="3", hub_label="Other", tracking_pattern="H0*", channel_code="evri-uk", channel_label="Evri")
    StoreMapping.objects.create(**said, channel_code="uk", channel_label="UK store", hub_code="118", hub_label="Web shop UK")
    WarehouseMapping.objects.create(**said, hub_code="7", hub_label="Leeds", channel_code="")
    SkuMapping.objects.bulk_create([SkuMapping(**said, channel_sku=f"SHOP-{n:05}", hub_sku=f"WMS-{n:05}") for n in range(70)])
    SkuAlias.objects.create(connection=integration.channel, old="TEE-BLK-L", new="TEE-BLACK-L", effective_from=now)
    used = [
        to_hub(CodeKind.SHIP_SERVICE, "standard", integration=integration, at=now),
        *skus_to_hub(["SHOP-00001", "A", "B"], integration, now).values(),
    ]
    record_uses(used)
    waits = {"integration": integration, "direction": "to_hub"}
    seen(UnmappedCode(kind=CodeKind.SHIP_SERVICE, value="Express ", label="Express delivery", store="uk", **waits))
    seen(UnmappedCode(kind=CodeKind.SHIP_SERVICE, value="2002", label="DPD Saturday", **waits))
    seen(UnmappedCode(kind=CodeKind.SKU, value="0042-BLK", label="T-shirt, black", **waits))


def pages(integration: Integration) -> list[str]:
    row = ShipServiceMapping.objects.get(channel_code="standard").pk
    kinds = [f"/mappings/{slug}/" for slug in ("ship_service", "carrier", "store", "warehouse", "sku", "sku_alias")]
    one = [f"/mappings/ship_service/{row}/", f"/mappings/ship_service/{row}/change/", f"/mappings/ship_service/{row}/end/"]
    others = [
        "/mappings/ship_service/add/",
        "/mappings/warehouse/add/",
        "/mappings/sku/import/",
        f"/mappings/ship_service/on-missing/{integration.pk}/",
    ]
    return ["/mappings/", "/mappings/unmapped/", *kinds, *one, *others]


class TestMappingPages:
    @pytest.mark.parametrize("size", SIZES)
    @pytest.mark.parametrize("colours", ["light", "dark"])
    def test_fit_and_keep_the_security_policy(self, log_in, integration, complaints, size, colours):
        page = log_in("ada", size=size, colours=colours)
        for url in pages(integration):
            page.goto(url)
            assert sideways(page) <= 0, url
            keep_picture(page, f"{url.strip('/').replace('/', '-')}-{size['width']}-{colours}")
        assert complaints == []

    @pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
    def test_lead_from_the_waiting_code_to_its_mapping(self, log_in, integration, script):  # A1
        page = log_in("omar", "/mappings/", script=script)
        page.get_by_role("link", name="3 codes to map").click()
        page.get_by_role("row", name="Express").get_by_role("link", name="Map").click()
        keep_picture(page, f"form-{'script' if script else 'plain'}")
        page.get_by_label("hub ship service").select_option("2001")
        page.get_by_label("Why").fill("Express goes by DPD")
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_text("goes by itself within a minute")).to_be_visible()
        row = ShipServiceMapping.objects.get(hub_code="2001", store="uk")
        assert (row.channel_code, row.hub_label) == ("Express ", "DPD Next Day")

    def test_offer_what_is_exact_and_leave_the_saving_to_a_person(self, log_in, integration):
        page = log_in("omar", "/mappings/unmapped/")
        page.get_by_role("row", name="2002").get_by_role("link", name="Map").click()
        expect(page.get_by_label("hub ship service")).to_have_value("2002")
        expect(page.get_by_text("the same code, and the only one")).to_be_visible()
        assert not ShipServiceMapping.objects.filter(channel_code="2002").exists()

    def test_go_back_to_an_earlier_version(self, log_in, integration):  # A10
        row = ShipServiceMapping.objects.get(channel_code="standard")
        page = log_in("omar", f"/mappings/ship_service/{row.pk}/change/")
        page.get_by_label("hub ship service").select_option("1207")
        page.get_by_label("Why").fill("faster")
        page.get_by_role("button", name="Save").click()
        keep_picture(page, "history")
        page.get_by_role("link", name="Go back to this").click()
        expect(page.get_by_role("heading", name="Orders to look at again")).to_be_visible()
        keep_picture(page, "revert")
        page.get_by_label("Why").fill("too dear")
        page.get_by_role("button", name="Go back").click()
        row.refresh_from_db()
        assert row.hub_code == "1208"

    def test_take_a_file_out_and_in(self, log_in, integration, tmp_path):
        page: Page = log_in("mira", "/mappings/sku/")
        with page.expect_download() as download:
            page.get_by_role("link", name="Export CSV").click()
        text = download.value.path().read_text().replace("WMS-00003", "WMS-00300")
        changed = tmp_path / "skus.csv"
        changed.write_text(text + ",,UK web shop,NEW-1,WMS-9,,no,,,\n,,Mars,NEW-2,WMS-8,,no,,,\n")
        page.goto("/mappings/sku/import/")
        page.get_by_label("CSV file").set_input_files(changed)
        page.get_by_role("button", name="Check the file").click()
        expect(page.get_by_text("There is no integration called “Mars”.")).to_be_visible()
        keep_picture(page, "dry-run-refused")
        changed.write_text(text + ",,UK web shop,NEW-1,WMS-9,,no,,,\n")
        page.goto("/mappings/sku/import/")
        page.get_by_label("CSV file").set_input_files(changed)
        page.get_by_role("button", name="Check the file").click()
        keep_picture(page, "dry-run")
        page.get_by_label("Why").fill("renumbered")
        page.get_by_role("button", name="Apply all 2 rows").click()
        expect(page.get_by_text("1 added, 1 changed, 69 as they were.").first).to_be_visible()
        assert ImportFile.objects.filter(state="applied").count() == 1
