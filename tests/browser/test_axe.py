"""Every page of the portal, in light and in dark, read by axe: nothing serious may be found (WCAG 2.2 AA)."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from exceptions.models import ExceptionCase
from portal.ledger.models import SalesOrder
from portal.sync.models import DeliveryAttempt
from tests.browser.conftest import LogIn, keep_picture
from tests.browser.test_shell import sideways
from tests.corridor import Corridor, run_simulators

pytestmark = pytest.mark.browser

SERIOUS = {"serious", "critical"}
OPTIONS = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"], "resultTypes": ["violations"]}
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
    "systems": "/systems/",
    "inbox": "/inbox/",
    "inbox-nothing": "/inbox/?q=no-such-thing",
    "inbox-closed": "/inbox/?show=closed",
    "case": "/inbox/{case}/",
    "case-items": "/inbox/{case}/items/",
    "case-map": "/inbox/{case}/do/map_code/",
    "checklists": "/checklists/",
    "notifications": "/notifications/",
    "mappings": "/mappings/",
    "unmapped": "/mappings/unmapped/",
    "mappings-carriers": "/mappings/carrier/",
    "mapping-add": "/mappings/carrier/add/",
    "connections": "/connections/",
    "account-add": "/connections/accounts/add/",
    "account": "/connections/accounts/{channel}/",
    "integration-add": "/connections/add/",
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
}


@pytest.fixture(scope="session")
def simulators():
    yield from run_simulators()


@pytest.fixture
def places(transactional_db, simulators) -> dict[str, int]:
    """An order that went and one that is blocked: every page has something to show."""
    corridor = Corridor(*simulators)
    [went], [stays] = corridor.place(), corridor.place(shipping_method="express")
    corridor.read(corridor.hub, "catalogue", "stock")
    corridor.run()
    order = corridor.order(went)
    return {
        "order": order.pk,
        "blocked": SalesOrder.objects.get(reference=stays["id"]).pk,
        "attempt": DeliveryAttempt.objects.filter(message__order=order).latest("pk").pk,
        "case": ExceptionCase.objects.get(kind="E16").pk,
        "channel": corridor.channel.pk,
        "integration": corridor.integration.pk,
    }


def found_on(page: Page) -> list[str]:
    """What axe calls serious, each with the first element that shows it."""
    found = Axe().run(page, options=OPTIONS).response["violations"]
    return [
        f"{one['id']} ({one['impact']}) {one['nodes'][0]['html'][:160]} {one['nodes'][0].get('failureSummary', '')[:200]}"
        for one in found
        if one["impact"] in SERIOUS
    ]


class TestAxe:
    @pytest.mark.parametrize("colours", ["light", "dark"])
    def test_finds_nothing_serious_on_any_page(self, log_in: LogIn, places: dict[str, int], colours: str) -> None:
        page = log_in("ada", colours=colours)
        problems = {}
        for name, address in PAGES.items():
            answer = page.goto(address.format(**places))
            assert answer is not None
            assert answer.ok, f"{name}: {answer.status}"
            keep_picture(page, f"{name}-{colours}")
            if found := found_on(page):
                problems[name] = found

        assert problems == {}

    def test_finds_nothing_serious_where_people_log_in(self, new_page: LogIn) -> None:
        page = new_page()
        page.goto("/login/")

        assert found_on(page) == []

    def test_sees_every_page_fit_a_telephone(self, log_in: LogIn, places: dict[str, int]) -> None:
        page = log_in("ada", size={"width": 390, "height": 844})
        wide = {}
        for name, address in PAGES.items():
            page.goto(address.format(**places))
            keep_picture(page, f"{name}-390")
            if beyond := sideways(page):
                wide[name] = beyond

        assert wide == {}
