"""The API keeps what its own description promises, for a token, for every role and for nobody (OpenAPI 3.1)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import Client
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from exceptions.cases import open_case
from portal.api.scopes import Scope
from portal.wsgi import application
from tests.api.conftest import NOON, sold, token_for
from tests.people import PEOPLE, person

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_headers_conformance, response_schema_conformance]
QUIET = {"deadline": None, "suppress_health_check": list(HealthCheck), "derandomize": True}


def operations() -> Any:
    """Every operation of the API, as it is served."""
    loaded = schemathesis.openapi.from_dict(Client().get("/api/v1/schema.json").json())
    loaded.app = application
    return [found.ok() for found in loaded.get_all_operations()]


@contextmanager
def one_connection() -> Iterator[None]:
    """The server's own tidying would close the connection that the test's transaction lives in."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def walk(operation: Any, headers: dict[str, str], *, examples: int, cookies: dict[str, str] | None = None) -> list[int]:
    """Call it with everything its description allows; the statuses seen."""
    seen = []

    @settings(max_examples=examples, **QUIET)
    @given(case=operation.as_strategy())
    def each(case: Any) -> None:
        case.headers = {name: value for name, value in (case.headers or {}).items() if name not in ("Authorization", "X-Api-Key", "Cookie")}
        seen.append(case.call_and_validate(headers=headers, cookies=cookies, checks=CHECKS).status_code)

    with one_connection():
        each()
    return seen


@pytest.fixture
def ledger(integration, account) -> None:
    """Something to find."""
    sold(account, "1")
    open_case("E04", fingerprint="x", cause="The warehouse refused it.", connection=account, at=NOON)


def test_a_token_finds_the_api_as_described(ledger, account):
    headers = {"Authorization": f"Bearer {token_for(account, *Scope, per_minute=6000)[1]}"}
    seen = [code for operation in operations() for code in walk(operation, headers, examples=15)]
    assert {200, 201, 422} <= set(seen)
    assert max(seen) < 500


@pytest.mark.parametrize("username", PEOPLE)
def test_a_person_finds_the_api_as_described(ledger, username):
    client = Client()
    client.force_login(person(username))
    cookies = {"sessionid": client.cookies["sessionid"].value}
    seen = [code for operation in operations() if "ping" not in operation.path for code in walk(operation, {}, cookies=cookies, examples=3)]
    assert max(seen) < 500
    assert (200 in seen) is (username != "nell")


def test_nobody_is_let_in(ledger):
    seen = {code for operation in operations() for code in walk(operation, {}, examples=4)}
    assert seen <= {400, 401, 404, 405, 406, 413, 415}
    assert 401 in seen


def test_it_is_openapi_3_1(db):
    told = Client().get("/api/v1/schema.json").json()
    assert told["openapi"].startswith("3.1")
    assert "/api/v1/orders" in told["paths"]
