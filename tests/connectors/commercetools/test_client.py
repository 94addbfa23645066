"""The token, and what each kind of answer becomes."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.errors import AccessDenied, ContractError, OutcomeUnknown, RateLimited, Rejected, Unavailable
from tests.connectors.commercetools.scripted import Asked, Reply, connector, refusal, sample

INVALID = {"statusCode": 401, "message": "invalid_token", "errors": [{"code": "invalid_token", "message": "invalid_token"}], "error": "invalid_token"}
LACKING = "Insufficient scope. One of the following scopes is missing: manage_orders."
PAGE = b"<html><body>maintenance</body></html>"


def always(status: int, body: Any) -> Any:
    return lambda asked: (status, body)


class TestTheToken:
    def test_is_asked_for_once_and_kept(self) -> None:
        channel, script = connector(always(404, {}))

        channel.fetch_order("a")
        channel.fetch_order("b")

        assert script.tokens == 1
        assert {asked.headers["Authorization"] for asked in script.asked} == {"Bearer token-1"}

    def test_is_thrown_away_after_a_401_and_the_call_made_once_more(self) -> None:
        def reply(asked: Asked) -> Reply:
            return (401, INVALID) if asked.headers["Authorization"] == "Bearer token-1" else (200, sample("order_paid_with_gift"))

        channel, script = connector(reply)

        assert channel.fetch_order("6a1c7f0e-6f0f-4c40-9d0e-2d2f0f5c1b11") is not None
        assert (script.tokens, len(script.asked)) == (2, 2)

    def test_refused_twice_is_a_refused_credential(self) -> None:
        channel, script = connector(always(401, INVALID))

        with pytest.raises(AccessDenied):
            channel.fetch_order("a")
        assert len(script.asked) == 2

    def test_is_asked_for_with_the_scopes_of_the_option(self) -> None:
        channel, _ = connector(always(404, {}), scopes="manage_orders, view_products:demo-shop:uk")

        assert channel.settings.scopes == ("manage_orders:demo-shop", "view_products:demo-shop:uk")

    def test_never_shows_in_the_evidence(self) -> None:
        channel, _ = connector(always(404, {}))
        channel.fetch_order("a")

        assert not [exchange for exchange in channel.take_exchanges() if "token-1" in exchange.response_body or "s3cret" in exchange.request_body]


class TestAnAnswer:
    def test_of_missing_scope_names_the_scope(self) -> None:
        channel, script = connector(always(403, {"statusCode": 403, "message": LACKING, "error": "insufficient_scope"}))

        with pytest.raises(AccessDenied, match="lacks a scope: manage_orders"):
            channel.fetch_order("a")
        assert len(script.asked) == 1

    @pytest.mark.parametrize("body", [{"statusCode": 404, "message": "gone"}, b"", PAGE])
    def test_of_404_is_nothing_whatever_its_body(self, body: Any) -> None:
        assert connector(always(404, body))[0].fetch_order("WEB-1") is None

    @pytest.mark.parametrize(
        ("status", "error"),
        [(429, RateLimited), (500, Unavailable), (502, Unavailable), (503, Unavailable), (504, Unavailable)],
    )
    def test_of_trouble_to_a_read_means_later(self, status: int, error: type[Exception], monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("connectors.http.time.sleep", lambda _: None)

        with pytest.raises(error):
            connector(always(status, PAGE))[0].fetch_order("a")

    @pytest.mark.parametrize("body", [PAGE, b'{"id":', [1, 2]])
    def test_that_is_no_resource_is_a_contract_error(self, body: Any) -> None:
        with pytest.raises(ContractError):
            connector(always(200, body))[0].fetch_order("a")

    def test_of_refusal_keeps_their_words_code_and_fields(self) -> None:
        channel, _ = connector(lambda _: refusal("InvalidField", "The value 'x' is not valid for field 'limit'.", field="limit"))

        with pytest.raises(Rejected) as caught:
            channel.fetch_order("a")
        assert (caught.value.code, caught.value.fields) == ("InvalidField", ("limit",))
        assert "The value 'x' is not valid" in caught.value.detail

    def test_of_refusal_without_an_envelope_is_still_a_refusal(self) -> None:
        with pytest.raises(Rejected) as caught:
            connector(always(400, PAGE))[0].fetch_order("a")
        assert caught.value.code == "HTTP 400"

    @pytest.mark.parametrize("reply", [(500, {"statusCode": 500}), (200, b"{"), (200, PAGE)])
    def test_to_a_write_that_cannot_be_read_leaves_its_outcome_unknown(self, reply: Reply) -> None:
        client = connector(lambda _: reply)[0].client

        with pytest.raises(OutcomeUnknown):
            client.post("/orders/a", {"version": 1, "actions": []})


class TestFetchingAnOrder:
    def test_falls_back_to_the_order_number(self) -> None:
        def reply(asked: Asked) -> Reply:
            return (200, sample("order_paid_with_gift")) if "order-number=" in asked.path else (404, {})

        channel, script = connector(reply)
        received = channel.fetch_order("WEB/1001")

        assert received is not None and received.subject == "6a1c7f0e-6f0f-4c40-9d0e-2d2f0f5c1b11"
        assert script.asked[-1].path == "/orders/order-number=WEB%2F1001"

    def test_expands_what_parsing_needs(self) -> None:
        channel, script = connector(always(404, {}))
        channel.fetch_order("6a1c7f0e-6f0f-4c40-9d0e-2d2f0f5c1b11")

        assert "paymentInfo.payments[*]" in script.asked[0].values("expand")

    def test_goes_through_the_stores_own_door_for_a_client_of_one_store(self) -> None:
        channel, script = connector(always(404, {}), in_store="uk")
        channel.fetch_order("6a1c7f0e-6f0f-4c40-9d0e-2d2f0f5c1b11")

        assert script.asked[0].path == "/in-store/key=uk/orders/6a1c7f0e-6f0f-4c40-9d0e-2d2f0f5c1b11"
