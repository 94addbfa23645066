"""One account alone writes a shop's stock, and one its dispatches (R1): refused in the form, by the model, by the API and by the database."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from rest_framework.test import APIClient

from portal.api.scopes import Scope
from portal.connections.account_form import AccountForm
from portal.connections.models import Connection, Integration
from portal.sync.stock_publishing import Wanted, want_all
from tests.api.conftest import token_for
from tests.people import person

SHOP = "Acme.MyShopify.com"


def account(name: str, **fields: object) -> Connection:
    return Connection.objects.create(name=name, system="patchworks", base_url="http://127.0.0.1:1", **fields)


@pytest.fixture
def direct(db) -> Connection:
    return account("Direct", shop=f"https://{SHOP}/admin")


class TestASecondWriter:  # R1
    def test_is_refused_by_the_database(self, direct):
        with pytest.raises(IntegrityError), transaction.atomic():
            account("Flows", shop=SHOP)
        with pytest.raises(IntegrityError), transaction.atomic():
            account("Flows", shop=SHOP, owns_dispatch=False)
        assert account("Flows", shop=SHOP, owns_dispatch=False, owns_stock=False).pk

    @pytest.mark.parametrize(("owns", "what"), [("owns_stock", "stock"), ("owns_dispatch", "dispatches")])
    def test_is_refused_with_a_sentence_that_names_the_first(self, direct, owns, what):
        second = account("Flows", owns_stock=False, owns_dispatch=False, shop=SHOP)
        setattr(second, owns, True)
        with pytest.raises(ValidationError, match=f"Direct writes the {what} of acme.myshopify.com already"):
            second.clean()

    def test_is_refused_on_the_page(self, direct):
        second = account("Flows", shop="")
        page = Client()
        page.force_login(person("ada"))
        bound = AccountForm(instance=second)
        data = {name: str(bound[name].value() if bound[name].value() is not None else "") for name in bound.fields}
        told = page.post(reverse("connections:account", args=[second.pk]), {**data, "shop": SHOP, "owns_stock": "on", "owns_dispatch": ""})
        assert told.status_code == 200
        assert "two would undo each other" in told.content.decode()
        assert Connection.objects.get(pk=second.pk).shop == ""

    def test_may_follow_when_the_first_is_gone_or_gives_it_up(self, direct):
        Connection.objects.filter(pk=direct.pk).update(removed_at=timezone.now())
        assert account("Flows", shop=SHOP).owns_stock

    def test_of_another_shop_is_none(self, direct):
        assert account("Flows", shop="other.myshopify.com").other_writer("owns_stock") is None


class TestAnAccountThatDoesNotWrite:
    @pytest.fixture
    def flows(self, direct) -> Connection:
        return account("Flows", shop=SHOP, owns_stock=False, owns_dispatch=False)

    @pytest.mark.parametrize(
        ("method", "path"),
        [("get", "stock"), ("post", "stock"), ("get", "shipments?pending=true"), ("post", "shipments/ack")],
    )
    def test_is_refused_by_the_api(self, flows, method, path):
        client = APIClient()
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {token_for(flows, *Scope)[1]}")
        answer = getattr(client, method)(f"/api/v1/{path}", **({"data": {}, "format": "json"} if method == "post" else {}))
        assert (answer.status_code, "Direct does that" in answer.json()["detail"]) == (409, True)

    def test_is_sent_no_stock(self, flows):
        hub = Connection.objects.create(name="Warehouse", system="veeqo", base_url="http://127.0.0.1:2")
        joined = Integration.objects.create(name="Both", channel=flows, hub=hub)
        wanted = [Wanted("A", "main", 5, 0, timezone.now())]
        assert want_all(joined, wanted, at=timezone.now()) == 0
        joined.channel.owns_stock = True
        assert want_all(joined, wanted, at=timezone.now()) == 1


class TestAnAccountOfAShopSystem:
    def test_is_its_own_shop(self, db):
        made = Connection(name="Shop", system="shopify", base_url="https://acme.myshopify.com")
        made.save()
        assert made.shop == "acme.myshopify.com"
