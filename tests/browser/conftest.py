"""The portal in the system's Chromium: `live` is its address with people in it, `log_in` opens a page as one of them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, ViewportSize, sync_playwright
from pytest_django.live_server_helper import LiveServer

from tests.people import PASSWORD, person

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
DESK, TELEPHONE = ViewportSize(width=1280, height=900), ViewportSize(width=390, height=844)
Colours = Literal["light", "dark"]
LogIn = Callable[..., Page]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    # Playwright's loop lives in this thread, where Django would refuse its ordinary database calls.
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()
    if before is None:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def live(live_server: LiveServer, transactional_db: None) -> str:
    """The address of the running portal."""
    return str(live_server.url)


@pytest.fixture
def complaints() -> list[str]:
    """What the browser complained of, the security policy included; a test that expects none says so."""
    return []


@pytest.fixture
def new_page(chromium: Browser, live: str, complaints: list[str]) -> Iterator[LogIn]:
    """A page in a browser of its own: `new_page(size=TELEPHONE, script=False)`."""
    contexts = []

    def make(*, size: ViewportSize = DESK, colours: Colours = "light", script: bool = True) -> Page:
        context = chromium.new_context(viewport=size, color_scheme=colours, base_url=live, java_script_enabled=script)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: note(message, complaints))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return page

    yield make
    for context in contexts:
        context.close()


@pytest.fixture
def log_in(new_page: LogIn) -> LogIn:
    """`log_in("cora", "/inbox/")`: the page as one of tests/people.py sees it, through the real login page."""

    def go(username: str, url: str = "/profile/", **options: object) -> Page:
        person(username)
        page = new_page(**options)
        page.goto(f"/login/?next={url}")
        page.get_by_label("Username").fill(username)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Log in").click()
        page.wait_for_url(f"**{url}")
        return page

    return go


@pytest.fixture
def page(log_in: LogIn) -> Page:
    """A page at 1280 px, logged in as Ada."""
    return log_in("ada")


def note(message: ConsoleMessage, complaints: list[str]) -> None:
    if message.type in {"error", "warning"}:
        complaints.append(message.text)


def keep_picture(page: Page, name: str) -> None:
    """A screenshot under LOCKSTEP_PICTURES, if that is set; pictures never go into the repository."""
    folder = os.environ.get("LOCKSTEP_PICTURES")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)
