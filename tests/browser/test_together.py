"""Two people at one case: each is told of the other, both press at the same moment, and one call leaves (A17)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from connectors.sandbox.kit import Running
from exceptions.models import CaseRun, ExceptionCase
from mappings.models import ShipServiceMapping
from portal.connections.models import Connection
from portal.sync.models import OutboundMessage, State
from tests.browser.conftest import LogIn, keep_picture
from tests.corridor import Corridor, run_simulators
from tests.journeys.worker import Worker

pytestmark = pytest.mark.browser

SEND = "form.case-action button.button-first"
TOLD_WHY_NOT = re.compile("[Yy]ours was not done|is not possible any more|is resolved already")
PRESS = "(selector) => { setTimeout(() => document.querySelector(selector).click(), 50); }"


@pytest.fixture(scope="session")
def simulators() -> Iterator[tuple[Running, Running]]:
    yield from run_simulators()


@pytest.fixture
def corridor(transactional_db: None, simulators: tuple[Running, Running]) -> Corridor:
    return Corridor(*simulators)


@pytest.fixture
def refused(corridor: Corridor) -> ExceptionCase:
    """The warehouse refused an order; the reason is out of the way now, so that sending it again helps."""
    good = str(corridor.made["delivery_methods"]["Standard"])
    mapping = ShipServiceMapping.objects.filter(channel_code="standard")
    mapping.update(hub_code="999999")
    corridor.place()
    corridor.run()
    mapping.update(hub_code=good)
    Connection.objects.update(intervals={"orders": 2})
    return ExceptionCase.objects.get(kind="E04")


@pytest.fixture
def worker(database_url: str, tmp_path: Path, corridor: Corridor) -> Iterator[Worker]:
    running = Worker(database_url, tmp_path / "worker.log")
    running.start()
    yield running
    running.stop()


def press_together(pages: list[Page], selector: str) -> list[str]:
    """Both at the same moment; what each was told."""
    for page in pages:
        page.evaluate(PRESS, selector)
    return [told(page).inner_text() for page in pages]


def told(page: Page) -> Locator:
    found = page.locator(".messages .message").first
    found.wait_for(timeout=20_000)
    return found


def went_once(corridor: Corridor, said: list[str]) -> None:
    """One of the two did it, the other was told why not, and the warehouse was called once."""
    assert sum("on the way" in sentence and not TOLD_WHY_NOT.search(sentence) for sentence in said) == 1, said
    assert sum(bool(TOLD_WHY_NOT.search(sentence)) for sentence in said) == 1, said
    assert CaseRun.objects.filter(name="retry").count() == 1
    message = OutboundMessage.objects.get(kind="create_order")
    assert (message.state in (State.SENT, State.CONFIRMED), message.attempts) == (True, 2), "once refused, once sent again"
    assert len(corridor.at_warehouse(message.order.number)) == 1


class TestTwoPeople:
    def test_at_one_case_send_it_once(self, corridor: Corridor, refused: ExceptionCase, worker: Worker, log_in: LogIn) -> None:  # A17
        page, other = (log_in(name, f"/inbox/{refused.pk}/") for name in ("ada", "omar"))
        expect(other.get_by_text("Ada has this case open too.")).to_be_visible()
        expect(page.get_by_text("Omar has this case open too.")).to_be_visible(timeout=15_000)
        for one in (page, other):
            one.locator("#action-retry").click()
            expect(one.get_by_text("1 message will be sent again", exact=False)).to_be_visible()
        said = press_together([page, other], SEND)

        expect(page.locator(".progress")).to_contain_text("1 of 1 have arrived", timeout=30_000)
        went_once(corridor, said)

    def test_at_one_order_send_it_once_and_see_it_arrive(
        self, corridor: Corridor, refused: ExceptionCase, worker: Worker, log_in: LogIn, complaints: list[str]
    ) -> None:  # A1, A17
        order = OutboundMessage.objects.get(kind="create_order").order
        pages = [log_in(name, f"/orders/{order.pk}/") for name in ("ada", "omar")]
        expect(pages[1].get_by_text("Ada has this case open too.")).to_be_visible()
        for page in pages:
            page.get_by_role("link", name="Send again").click()
            page.locator(SEND).wait_for()
        said = press_together(pages, SEND)

        for page in pages:
            page.wait_for_url(f"**/orders/{order.pk}/")
            expect(page.locator(".progress")).to_contain_text("1 of 1 have arrived", timeout=30_000)
        keep_picture(pages[0], "order-replayed")
        went_once(corridor, said)
        assert complaints == []
