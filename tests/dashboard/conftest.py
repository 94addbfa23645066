"""The world, and people who look at it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client

from exceptions import clocks, rules
from tests import people
from tests.dashboard.world import World


@pytest.fixture(autouse=True)
def fresh_rules() -> Iterator[None]:
    """What a process keeps for half a minute must not reach the next test."""
    clocks.forget_calendars()
    rules.forget_rules()
    yield


@pytest.fixture
def world(db: None) -> World:
    return World()


@pytest.fixture
def as_(client: Client) -> Callable[[str], Client]:
    """`as_("cora").get(...)`."""

    def log_in(username: str) -> Client:
        client.force_login(people.person(username))
        return client

    return log_in


As = Callable[[str], Client]


def text(response: Any) -> str:
    """The page as a reader sees it: one line, without marks."""
    import html
    import re

    body = re.sub(r"<(script|style|svg).*?</\1>", " ", response.content.decode(), flags=re.DOTALL)
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", body)))
