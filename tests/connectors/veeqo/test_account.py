"""Proving a credential, listing codes, and the vendor's error bodies."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.canonical import Code, CodeKind
from connectors.errors import AccessDenied, ContractError, Exchange
from connectors.http import Answer
from connectors.ports import Account
from connectors.registry import vendor
from connectors.veeqo.client import messages
from connectors.veeqo.connector import VeeqoConnector
from tests.connectors.veeqo.scripted import Asked, Reply, ScriptedHttp, connector

STORE = {"id": 35250, "name": "CT UK", "type_code": "direct", "state": "active", "deleted_at": None}


def account_of(*, settings: dict[str, Any] | None = None, stores: tuple[dict[str, Any], ...] = (STORE,), future: tuple = ()) -> Any:
    bodies: dict[str, Any] = {
        "/current_company": {"id": 21314, "name": "Mugs Ltd", "settings": settings or {"timezone": "London", "currency_code": "GBP"}},
        "/current_user": {"id": 77, "login": "Ops Portal"},
        "/channels": list(stores),
        "/orders": list(future),
    }

    def reply(asked: Asked) -> Reply:
        return 200, bodies[asked.path]

    return reply


class TestVerify:
    def test_tells_who_we_are(self):
        veeqo, _ = connector(account_of())

        found = veeqo.verify()

        assert found.sentence == "Connected to Veeqo as Ops Portal, Mugs Ltd."
        assert (found.facts["company"], found.facts["time_zone"], found.warnings) == ("21314", "London", ())

    @pytest.mark.parametrize(
        ("account", "word"),
        [
            (account_of(stores=({**STORE, "send_notification_emails_to_customers": True},)), "sends notification e-mails"),
            (account_of(stores=({**STORE, "default_send_shipment_email": True},)), "when an order ships"),
            (account_of(stores=()), "no store of the type"),
            (account_of(settings={"timezone": "Hawaii"}), "look back 12 hours"),
            (account_of(settings={"currency_code": "GBP"}), "look back 14 hours"),
            (account_of(settings={"timezone": "UTC", "auto_allocation_enabled": False}), "Automatic allocation is off"),
            (account_of(future=({"id": 1},)), "ignored a date filter"),
        ],
    )
    def test_warns_of_what_would_surprise(self, account, word):
        assert any(word in warning for warning in connector(account)[0].verify().warnings)

    def test_needs_a_credential(self):
        veeqo = VeeqoConnector(Account("a", "https://api.veeqo.com", {}), ScriptedHttp(account_of()))  # type: ignore[arg-type]

        with pytest.raises(AccessDenied):
            veeqo.verify()

    def test_may_use_a_token(self):
        http = ScriptedHttp(account_of())
        VeeqoConnector(Account("a", "https://api.veeqo.com", {"access_token": "tok"}), http).verify()  # type: ignore[arg-type]

        assert http.asked[0].headers["Authorization"] == "Bearer tok" and "x-api-key" not in http.asked[0].headers

    def test_does_not_take_another_page_for_veeqo(self):
        with pytest.raises(ContractError):
            connector(lambda asked: (200, {"hello": "world"}))[0].verify()


class TestCodes:
    def test_list_direct_stores_only(self):
        veeqo, http = connector(
            account_of(stores=(STORE, {"id": 2, "name": "Amazon", "type_code": "amazon"}, {**STORE, "id": 3, "state": "inactive"}))
        )

        assert veeqo.codes(CodeKind.STORE) == (Code(CodeKind.STORE, "35250", "CT UK"), Code(CodeKind.STORE, "3", "CT UK", active=False))
        assert http.asked[0].value("type_code") == "direct" and http.asked[0].value("page_size") == "100"

    def test_read_lists_that_page_without_headers(self):
        methods = [{"id": number, "name": f"M{number}", "cost": "0.0"} for number in range(130)]
        veeqo, _ = connector(lambda asked: (200, methods[(int(asked.value("page")) - 1) * 100 :][:100]))

        assert len(veeqo.codes(CodeKind.SHIP_SERVICE)) == 130

    def test_end_with_a_list_that_does_not_page(self):
        veeqo, _ = connector(lambda asked: (200, [{"id": number, "name": "W"} for number in range(130)]))

        assert len(veeqo.codes(CodeKind.WAREHOUSE)) == 130

    def test_have_the_published_carriers_when_no_list_answers(self):  # R60
        veeqo, _ = connector(lambda asked: (404, {"status": 404, "error": "Not Found"}))

        listed = {code.value: code.label for code in veeqo.codes(CodeKind.CARRIER)}
        assert (listed["1"], listed["3"], len(listed)) == ("Royal Mail", "Other", 21)

    def test_prefer_the_live_carriers(self):
        veeqo, _ = connector(lambda asked: (200, [{"id": 3, "name": "Andere"}, {"id": 57, "name": "Evri"}]))

        listed = {code.value: code.label for code in veeqo.codes(CodeKind.CARRIER)}
        assert (listed["3"], listed["57"], listed["1"]) == ("Andere", "Evri", "Royal Mail")

    def test_have_no_list_of_skus(self):
        assert connector(account_of())[0].codes(CodeKind.SKU) == ()


class TestMessages:
    @pytest.mark.parametrize(
        ("body", "told"),
        [
            (b'{"error_messages": "Not found"}', ["Not found"]),
            (b'{"error_messages": ["Infinity", "Other"]}', ["Infinity", "Other"]),
            (b'{"status": 404, "error": "Not Found"}', ["Not Found"]),
            (b'{"errors": ["odd"]}', ["odd"]),
            (b"<html>Bad Gateway</html>", ["<html>Bad Gateway</html>"]),
            (b"", ["HTTP 400"]),
            (b"[]", ["[]"]),
        ],
    )
    def test_are_found_in_every_shape(self, body, told):
        assert messages(Answer(400, {}, body, Exchange("GET", "https://api.veeqo.com/orders", 400))) == told


class TestCard:
    def test_stays_below_the_vendors_limit(self):  # R40
        card = vendor("veeqo")

        assert card.rate_per_s == 4 and card.burst <= 50

    def test_promises_what_the_connector_has(self):
        card = vendor("veeqo")

        assert all(hasattr(VeeqoConnector, ability.value) for ability in card.abilities)
        assert all(field.default or not field.required for field in card.option_fields)
