"""Dispatches and stock: fetched, started, by webhook or callback; looked for before they are sent again."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import UTC, datetime

import pytest

from connectors.canonical import DispatchNotice, Parcel, Proof, Shipment, ShipmentLine, StockTarget
from connectors.errors import AccessDenied, OutcomeUnknown, Rejected
from tests.connectors.patchworks.fake import connector, pages

AT = datetime(2026, 6, 2, 12, tzinfo=UTC)
URL = "https://webhooks.example.test/api/v1/acme/w1?patchworks_signature=s3cret"
SENT = Shipment("9", (ShipmentLine("TEE", 2, "7001"),), (Parcel("p", "1Z"),), carrier_code="UPS", shipped_at=AT)
NOTICE = DispatchNotice("veeqo-1-9", "5551", SENT, complete=True)
UNCLEAR = DispatchNotice("veeqo-1-9", "5551", SENT, complete=True, unclear_since=AT)
TARGETS = [StockTarget("A", 5, "wh"), StockTarget("B", 0, "wh")]


def started(method, url, options):
    return 200, {"message": "Flow initialised.", "data": {"flow_run_id": "01J0"}}


class TestADispatch:
    def test_is_offered_where_no_flow_is_set(self):
        pw, http = connector(started)
        assert (pw.confirm_shipment(NOTICE).proof, http.calls) == (Proof.OFFERED, [])

    def test_starts_its_flow_with_our_key_in_it(self):
        pw, http = connector(started, dispatch_by="start", dispatch_flow="412")
        done = pw.confirm_shipment(NOTICE)
        ((_, url, options),) = http.calls
        told = json.loads(options["data"])
        assert (done.reference, done.proof) == ("01J0", Proof.LATER)
        assert url == "https://start.example.test/api/v1/flows/412/start/raw"
        assert told["_portal"] == {"correlation_id": "veeqo-1-9"}
        assert told["packages"][0]["trackingNumber"] == "1Z"
        assert told["packages"][0]["lineItems"] == [{"id": "7001", "sku": "TEE", "quantity": 2}]

    @pytest.mark.parametrize("answer", [{"flow_run_id": "x"}, {"id": "x"}, {"data": {"id": "x"}}, {"data": {"attributes": {"id": "x"}}}])
    def test_finds_the_run_wherever_the_answer_has_it(self, answer):
        pw, _ = connector(lambda *_: (200, answer), dispatch_by="start", dispatch_flow="412")
        assert pw.confirm_shipment(NOTICE).reference == "x"

    def test_goes_by_a_signed_webhook(self):
        pw, http = connector(started, credentials={"dispatch_url": URL, "hmac_secret": "k"}, dispatch_by="webhook")
        pw.confirm_shipment(NOTICE)
        ((_, url, options),) = http.calls
        assert url == URL
        assert options["headers"]["X-HMAC-HASH"] == hmac.new(b"k", options["data"], hashlib.sha256).hexdigest()
        assert "Authorization" not in options["headers"]

    def test_waits_longer_for_a_callback(self):
        waits = []
        pw, http = connector(lambda *_: (waits.append(http.timeout_s[1]), (200, {}))[1], credentials={"dispatch_url": URL}, dispatch_by="callback")
        pw.confirm_shipment(NOTICE)
        assert (waits, http.timeout_s[1]) == ([90.0], 60)

    @pytest.mark.parametrize("status", [404, 405, 413, 422])
    def test_is_refused_with_their_words(self, status):
        pw, _ = connector(lambda *_: (status, {"message": "No version is deployed."}), dispatch_by="start", dispatch_flow="412")
        with pytest.raises(Rejected, match="No version is deployed"):
            pw.confirm_shipment(NOTICE)

    def test_says_that_the_address_of_the_trigger_is_wrong(self):
        pw, _ = connector(lambda *_: (401, {}), credentials={"dispatch_url": URL}, dispatch_by="webhook")
        with pytest.raises(AccessDenied, match="address of the trigger"):
            pw.confirm_shipment(NOTICE)


def after_a_lost_answer(given, *, readable: bool = True):
    """Patchworks with one run since then, which was given `given`."""

    def reply(method, url, options):
        if method == "POST":
            return started(method, url, options)
        if url.endswith("/flow-runs"):
            return 200, pages([{"id": "r1", "status": 2}])
        if url.endswith("/payload-metadata"):
            return 200, pages([{"id": 1}] if readable else [])
        return 200, given

    return reply


class TestAfterALostAnswer:
    def test_the_run_that_was_started_is_found(self):
        pw, http = connector(after_a_lost_answer({"_portal": {"correlation_id": "veeqo-1-9"}}), dispatch_by="start", dispatch_flow="412")
        done = pw.confirm_shipment(UNCLEAR)
        assert (done.reference, done.found) == ("r1", True)
        assert not [call for call in http.calls if call[0] == "POST"]

    def test_it_is_sent_again_where_surely_none_was(self):
        pw, _ = connector(after_a_lost_answer({"_portal": {"correlation_id": "other"}}), dispatch_by="start", dispatch_flow="412")
        assert pw.confirm_shipment(UNCLEAR).reference == "01J0"

    def test_it_is_not_sent_where_that_cannot_be_told(self):
        pw, http = connector(after_a_lost_answer({}, readable=False), dispatch_by="start", dispatch_flow="412")
        with pytest.raises(OutcomeUnknown):
            pw.confirm_shipment(UNCLEAR)
        assert not [call for call in http.calls if call[0] == "POST"]


class TestStock:
    def test_goes_as_one_list_and_is_not_proven_by_that(self):
        pw, http = connector(started, stock_by="start", stock_flow="9")
        verdicts = list(pw.publish_stock(TARGETS))
        assert [(one.ok, one.proof) for one in verdicts] == [(True, Proof.LATER)] * 2
        assert json.loads(http.calls[0][2]["data"])[1] == {"sku": "B", "location": "wh", "available": 0}

    def test_is_offered_where_no_flow_is_set(self):
        pw, _ = connector(started)
        assert {one.proof for one in pw.publish_stock(TARGETS)} == {Proof.OFFERED}

    def test_that_is_too_large_goes_in_halves(self):
        def reply(method, url, options):
            return (413, {"message": "large"}) if len(json.loads(options["data"])) > 1 else started(method, url, options)

        pw, http = connector(reply, stock_by="start", stock_flow="9")
        assert (len(list(pw.publish_stock(TARGETS))), len(http.calls)) == (2, 3)
