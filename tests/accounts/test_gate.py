"""The doors of views."""

from __future__ import annotations

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.views import View

from portal.accounts.gate import RequiresAction, require
from portal.accounts.permissions import Action, NotAllowedError
from tests.people import person

pytestmark = pytest.mark.django_db


@require(Action.CHANGE_BUFFERS)
def buffers(request: HttpRequest) -> HttpResponse:
    return HttpResponse("open")


class Buffers(RequiresAction, View):
    """The same as a class."""

    action = Action.CHANGE_BUFFERS

    def get(self, request: HttpRequest) -> HttpResponse:
        return HttpResponse("open")


@pytest.fixture(params=[buffers, Buffers.as_view()], ids=["function", "class"])
def door(request):
    def knock(username: str) -> bytes:
        asked = RequestFactory().get("/")
        asked.user = person(username)
        return request.param(asked).content

    return knock


class TestRequire:
    @pytest.mark.parametrize("username", ["omar", "mira", "ada"])
    def test_opens_to_those_who_may(self, door, username):
        assert door(username) == b"open"

    @pytest.mark.parametrize("username", ["cora", "finn", "aldo", "nell"])
    def test_stays_closed_to_those_who_may_not(self, door, username):
        with pytest.raises(NotAllowedError):
            door(username)
