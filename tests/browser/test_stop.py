"""A replay that runs is stopped on its page: what went stays gone, what had not gone is kept (A1)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from connectors.sandbox.kit import Running
from exceptions.models import ExceptionCase
from portal.sync.models import OutboundMessage, State
from tests.browser.conftest import LogIn, keep_picture
from tests.corridor import Corridor, run_simulators
from tests.journeys.worker import Worker

pytestmark = pytest.mark.browser

ORDERS, SLOW_S = 60, 1
SEND = "form.case-action button.button-first"
GONE = (State.SENT, State.CONFIRMED)


@pytest.fixture(scope="session")
def simulators() -> Iterator[tuple[Running, Running]]:
    yield from run_simulators()


@pytest.fixture
def corridor(transactional_db: None, simulators: tuple[Running, Running]) -> Corridor:
    return Corridor(*simulators)


@pytest.fixture
def case(corridor: Corridor) -> ExceptionCase:
    """More orders than a slow warehouse takes in the time of this test."""
    corridor.place(count=ORDERS, shipping_method="express")
    corridor.run()
    corridor.fault(corridor.warehouse, "slow", method="POST", path="/orders", times=ORDERS, seconds=SLOW_S)
    return ExceptionCase.objects.get(kind="E16")


@pytest.fixture
def worker(database_url: str, tmp_path: Path, case: ExceptionCase) -> Iterator[Worker]:
    running = Worker(database_url, tmp_path / "worker.log")
    running.start()
    yield running
    running.stop()


class TestARunningReplay:
    def test_is_stopped_on_its_page(
        self, corridor: Corridor, case: ExceptionCase, worker: Worker, log_in: LogIn, complaints: list[str]
    ) -> None:  # A1
        page = log_in("omar", f"/inbox/{case.pk}/do/map_code/")
        page.get_by_label("Code in Warehouse").select_option(str(corridor.made["delivery_methods"]["Standard"]))
        page.locator(SEND).click()
        progress = page.locator(".progress")
        expect(progress).to_contain_text(re.compile(rf"[1-9]\d* of {ORDERS} have arrived, \d+ are on their way"), timeout=60_000)
        page.locator("#action-stop_sending").click()
        expect(page.locator("main")).to_contain_text("not sent yet will be stopped")
        page.locator(SEND).click()
        expect(progress).to_contain_text(re.compile(rf"\d+ of {ORDERS} have arrived, .*\d+ are stopped"), timeout=30_000)
        keep_picture(page, "replay-stopped")
        sent, kept = (OutboundMessage.objects.filter(kind="create_order", state__in=states).count() for states in (GONE, (State.PARKED,)))
        assert sent > 0
        assert kept > 0
        assert complaints == []
