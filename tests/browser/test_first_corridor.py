"""A shift in small: an order arrives, another is blocked by an unmapped delivery method, and goes by itself once somebody maps it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from portal.ledger.models import Stage
from tests.browser.conftest import keep_picture
from tests.corridor import Corridor, run_simulators

pytestmark = pytest.mark.browser


@pytest.fixture(scope="session")
def simulators():
    yield from run_simulators()


@pytest.fixture
def corridor(transactional_db, simulators) -> Corridor:
    return Corridor(*simulators)


class TestAShift:
    def test_sees_an_order_arrive_in_the_warehouse(self, corridor, log_in):  # R42, R153
        [placed] = corridor.place()
        corridor.run()
        page = log_in("cora", "/orders/")

        page.get_by_role("link", name=placed["orderNumber"]).first.click()

        expect(page.get_by_role("heading", level=1)).to_contain_text(placed["orderNumber"])
        expect(page.locator("main")).to_contain_text("with the warehouse")
        keep_picture(page, "order-with-warehouse")

    def test_maps_what_blocks_an_order_and_it_goes(self, corridor, log_in):  # R60, R154
        [placed] = corridor.place(shipping_method="express")
        corridor.run()
        blocked = corridor.order(placed).stage
        page = log_in("omar", "/inbox/")
        page.get_by_role("link", name=re.compile("Carrier or service not mapped")).first.click()
        keep_picture(page, "case-unmapped")
        page.locator("#action-map_code").click()

        page.get_by_label(re.compile("^Code in Warehouse")).first.select_option(str(corridor.made["delivery_methods"]["Express"]))
        page.get_by_role("button", name=re.compile("Map it")).first.click()
        keep_picture(page, "case-mapped")
        corridor.send()

        assert blocked == Stage.BLOCKED
        assert corridor.order(placed).stage == Stage.WITH_HUB
        assert len(corridor.at_warehouse(placed["orderNumber"])) == 1
