"""Every page of the portal, filled with an order that went, one that is blocked, and everything around them."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone
from playwright.sync_api import Page

from connectors.canonical import CodeKind
from exceptions import bulk
from exceptions.models import ExceptionCase
from mappings.models import ShipServiceMapping
from portal.ledger.models import SalesOrder
from portal.sync.models import DeliveryAttempt
from tests.corridor import Corridor
from tests.people import person

# page → its address; the words in braces are filled from what the corridor holds
PAGES = {
    "today": "/",
    "orders": "/orders/",
    "order": "/orders/{order}/",
    "blocked-order": "/orders/{blocked}/",
    "attempt": "/orders/{order}/attempts/{attempt}/",
    "search": "/search/?q=MUG",
    "stock": "/stock/",
    "stock-item": "/stock/MUG-1/",
    "buffers": "/stock/buffers/",
    "buffer-add": "/stock/buffers/add/",
    "withheld": "/stock/withheld/",
    "sellers": "/sellers/",
    "systems": "/systems/",
    "inbox": "/inbox/",
    "inbox-full": "/inbox/?show=all",
    "inbox-nothing": "/inbox/?q=no-such-thing",
    "inbox-closed": "/inbox/?show=closed",
    "bulk": "/inbox/many/{bulk}/",
    "case": "/inbox/{case}/",
    "case-items": "/inbox/{case}/items/",
    "case-map": "/inbox/{case}/do/map_code/",
    "checklists": "/checklists/",
    "notifications": "/notifications/",
    "notifications-team": "/notifications/OPS/",
    "mappings": "/mappings/",
    "unmapped": "/mappings/unmapped/",
    "attributes": "/mappings/attributes/",
    "mappings-carriers": "/mappings/carrier/",
    "mapping-add": "/mappings/carrier/add/",
    "mapping": "/mappings/ship_service/{mapping}/",
    "mapping-edit": "/mappings/ship_service/{mapping}/change/",
    "mapping-end": "/mappings/ship_service/{mapping}/end/",
    "mapping-import": "/mappings/ship_service/import/",
    "connections": "/connections/",
    "account-add": "/connections/accounts/add/",
    "account": "/connections/accounts/{channel}/",
    "account-remove": "/connections/accounts/{channel}/remove/",
    "integration-add": "/connections/add/",
    "integration-remove": "/connections/{integration}/remove/",
    "tokens": "/connections/tokens/",
    "operations": "/connections/{integration}/",
    "operations-settings": "/connections/{integration}/settings/",
    "operations-log": "/connections/{integration}/log/",
    "audits": "/reconciliation/",
    "sku-changes": "/reconciliation/sku-changes/",
    "not-acknowledged": "/reconciliation/not-acknowledged/",
    "audit": "/audit/",
    "approvals": "/approvals/",
    "profile": "/profile/",
    "password": "/profile/password/",
    "style": "/ui/",
    "admin": "/admin/",
    "admin-people": "/admin/accounts/user/",
    "admin-person": "/admin/accounts/user/{user}/change/",
    "admin-person-add": "/admin/accounts/user/add/",
    "admin-holiday-add": "/admin/exceptions/holiday/add/",
}


def fill(corridor: Corridor) -> dict[str, int]:
    """Every page has something to show."""
    [went], [stays] = corridor.place(), corridor.place(shipping_method="express")
    corridor.read(corridor.hub, "catalogue", "stock")
    corridor.run()
    order = corridor.order(went)
    case = ExceptionCase.objects.get(kind="E16")
    ada = person("ada")
    later = timezone.now() + timedelta(days=1)
    chosen = ExceptionCase.objects.filter(pk=case.pk)
    return {
        "order": order.pk,
        "blocked": SalesOrder.objects.get(reference=stays["id"]).pk,
        "attempt": DeliveryAttempt.objects.filter(message__order=order).latest("pk").pk,
        "case": case.pk,
        "bulk": bulk.start("claim", chosen, by=ada, arguments={}, at=later).pk,
        "mapping": ShipServiceMapping.objects.get(channel_code="standard").pk,
        "channel": corridor.channel.pk,
        "integration": corridor.integration.pk,
        "user": ada.pk,
    }


def dry_run(page: Page, places: dict[str, int]) -> None:
    """An import, read and not yet applied: one row it takes and one it refuses."""
    page.goto(f"/mappings/{CodeKind.SHIP_SERVICE.value}/")
    with page.expect_download() as download:
        page.get_by_role("link", name="Export CSV").click()
    lines = download.value.path().read_text().rstrip().splitlines()
    refused = lines[1].replace("Shop to warehouse", "Mars").replace("standard", "rocket")
    text = "\n".join([lines[0], lines[1].replace("standard", "slow"), refused]) + "\n"
    page.goto(f"/mappings/{CodeKind.SHIP_SERVICE.value}/import/")
    page.get_by_label("CSV file").set_input_files({"name": "services.csv", "mimeType": "text/csv", "buffer": text.encode()})
    page.get_by_role("button", name="Check the file").click()
    page.wait_for_url("**/mappings/files/*/")


def counted_run(page: Page, places: dict[str, int]) -> None:
    """A run by hand, counted and not yet started."""
    page.goto(f"/connections/{places['integration']}/")
    page.locator("summary", has_text="Run the order export now").click()
    page.get_by_label("Read what is new first").uncheck()
    page.get_by_role("button", name="Count first").click()
    page.get_by_role("heading", name="would be sent", exact=False).wait_for()


def refused_form(page: Page, places: dict[str, int]) -> None:
    """A form that came back with what is wrong."""
    page.goto(f"/mappings/ship_service/{places['mapping']}/change/")
    page.get_by_role("button", name="Save").click()
    page.wait_for_load_state()


def open_pane(page: Page, places: dict[str, int]) -> None:
    """A case beside the list; on a telephone, as a page."""
    page.goto("/inbox/?show=all")
    page.locator(f'[data-case="{places["case"]}"]').first.click()
    page.locator("article.case").wait_for()


# what is reached by doing something
STATES = {"inbox-pane": open_pane, "mapping-dry-run": dry_run, "operations-count": counted_run, "mapping-refused": refused_form}
