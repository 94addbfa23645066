"""Runs, their logs and payloads: read while they are there, without people, with the record that failed."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.canonical import FlowRole, RunState
from connectors.errors import AccessDenied, Rejected
from connectors.patchworks.client import flat
from connectors.patchworks.redacting import redacted
from connectors.patchworks.runs import normalised, records_of
from tests.connectors.patchworks.fake import connector, pages

NOON = datetime(2026, 6, 2, 21, 0, tzinfo=UTC)
FAILED = {
    "id": "01J0ZK3T9B5V8Q2X4M7N6P1R0S", "flow_id": 412, "status": 3, "trigger": "Webhook", "summary": "Connector returned 422",
    "has_warnings": False, "started_at": "2026-06-02T20:16:00.000000Z", "finished_at": "2026-06-02T20:16:41.000000Z",
    "retry_flow_run_id": None, "flow": {"id": 412, "name": "Deposco shipments -> Shopify"},
}  # fmt: skip
LOG = {
    "id": 991,
    "attributes": {"log_level": "ERROR", "log_message": "[422] unknown_sku TEE-XX", "flow_step_id": 55012, "payload_metadata_id": 880012},
}
PAYLOAD = [{"externalId": "5551", "sku": "TEE-XX", "email": "ada@example.test", "shippingAddress": {"city": "Austin"}}]


def platform(runs: list[dict[str, Any]], logs: Any = (LOG,)):
    def reply(method: str, url: str, options: dict[str, Any]) -> Any:
        if url.endswith("/flow-runs"):
            return 200, pages(runs)
        if url.endswith("flow-run-logs"):
            return 200, pages(list(logs))
        if url.endswith("/download"):
            return 200, PAYLOAD
        if "/flow-runs/" in url:
            return 200, {"data": {**FAILED, "id": url.rsplit("/", 1)[1]}}
        return 404, {"message": "Not found"}

    return reply


def polled(reply: Any, cursor: str = "", **options: str) -> tuple[list[Any], str, Any]:
    pw, http = connector(reply, **options)
    found = list(pw.poll("runs", cursor, until=NOON))
    return [item for page in found for item in page.items], found[-1].cursor, (pw, http)


class TestAFailedRun:
    def test_is_copied_with_its_logs_and_its_payload(self):  # R41
        (item,), _, (pw, _) = polled(platform([FAILED]), flows="412:despatch_out:15:10")
        (run,) = pw.parse(item.topic, item.body)
        assert (run.state, run.flow.role, run.flow.name, run.flow.expect_every_min) == (
            RunState.FAILED,
            FlowRole.DESPATCH_OUT,
            FAILED["flow"]["name"],
            15,
        )
        (fault,) = run.faults
        assert (fault.message, fault.record, fault.level) == ("[422] unknown_sku TEE-XX", "5551", "ERROR")
        assert run.link.endswith(f"/flow-run-logs/{FAILED['id']}")

    def test_is_kept_without_people(self):
        (item,), _, _ = polled(platform([FAILED]))
        assert b"TEE-XX" in item.body
        assert b"ada@" not in item.body and b"Austin" not in item.body

    def test_costs_its_evidence_once(self):
        _, cursor, _ = polled(platform([FAILED]))
        items, _, (_, http) = polled(platform([FAILED]), cursor)
        assert items == []
        assert not [url for _, url, _ in http.calls if "logs" in url]

    def test_is_told_though_its_logs_are_gone(self):
        def reply(method, url, options):
            return (200, pages([FAILED])) if url.endswith("/flow-runs") else (404, {"message": "gone"})

        (item,), _, (pw, _) = polled(reply)
        assert pw.parse(item.topic, item.body)[0].faults[0].message == "Connector returned 422"

    def test_is_read_flat_or_under_attributes(self):
        nested = {"id": FAILED["id"], "type": "flow-run", "attributes": {name: value for name, value in FAILED.items() if name != "id"}}
        assert flat(nested) == FAILED
        (item,), _, (pw, _) = polled(platform([nested]))
        assert pw.parse(item.topic, item.body)[0].flow.reference == "412"


class TestARunThatGoesOn:
    def test_is_looked_up_until_it_has_ended(self):
        running = {**FAILED, "id": "run-2", "status": 1, "finished_at": None}
        _, cursor, _ = polled(platform([running]))
        (item,), later, (pw, _) = polled(platform([]), cursor)
        assert pw.parse(item.topic, item.body)[0].state is RunState.FAILED
        assert json.loads(later)["open"] == {}


class TestTheWindow:
    @pytest.mark.parametrize(("form", "told"), [("epoch_ms", "1780344000000"), ("iso", "2026-06-01T20:00:00.000000Z")])
    def test_begins_an_hour_before_the_newest_run_known(self, form, told):
        _, _, (_, http) = polled(platform([]), date_filter_format=form)
        assert http.calls[0][2]["params"]["filter[started_after]"] == told

    def test_moves_with_what_was_seen(self):
        _, cursor, _ = polled(platform([FAILED]))
        _, _, (_, http) = polled(platform([]), cursor)
        assert http.calls[0][2]["params"]["filter[started_after]"] == str(int(datetime(2026, 6, 2, 19, 16, tzinfo=UTC).timestamp() * 1000))


class TestWords:
    @pytest.mark.parametrize(
        ("message", "payload", "records"),
        [
            ("[422] unknown", '{"externalId": "7"}', ("7",)),
            ("no such SKU: TEE-XX1", "", ("TEE-XX1",)),
            ("order 10021 refused", '[{"id": "10021"}, {"id": "10022"}]', ("10021",)),
            ("time-out", '[{"id": "1"}, {"id": "2"}]', ("",)),
            ("given", '{"_portal": {"correlation_id": "veeqo-1-9"}, "externalId": "9"}', ("veeqo-1-9",)),
        ],
    )
    def test_name_the_record(self, message, payload, records):
        assert records_of(message, payload) == records

    def test_of_two_records_with_the_same_complaint_read_the_same(self):
        assert normalised("Order A-1 refused (req 88123)", "A-1") == normalised("Order B-2 refused (req 99321)", "B-2")
        assert normalised("[422] no") != normalised("[409] no")

    def test_that_are_not_json_are_not_kept(self):
        assert "ada" not in redacted(b"<order><name>ada</name></order>")


class TestSigningIn:
    def test_sends_the_key_as_it_is(self):
        _, _, (_, http) = polled(platform([]))
        assert http.calls[0][2]["headers"]["Authorization"] == "key-1"

    def test_puts_a_word_before_it_where_a_gateway_wants_one(self):
        _, _, (_, http) = polled(platform([]), authorization_prefix="Bearer")
        assert http.calls[0][2]["headers"]["Authorization"] == "Bearer key-1"

    def test_logs_in_again_once_when_the_token_has_run_out(self):
        tokens = iter(["old", "new"])

        def reply(method, url, options):
            if url.endswith("/login"):
                return 200, {"token": next(tokens), "expires_in": 86400}
            return (200, pages([])) if options["headers"]["Authorization"] == "Bearer new" else (401, {"message": "Unauthenticated."})

        pw, http = connector(reply, credentials={"username": "svc", "password": "secret"}, auth_mode="login")
        assert pw.verify().facts["flows"] == "0"
        assert len([url for _, url, _ in http.calls if url.endswith("/login")]) == 2

    def test_without_a_key_is_denied(self):
        pw, _ = connector(platform([]), credentials={"username": "x"})
        with pytest.raises(AccessDenied):
            pw.verify()

    def test_warns_of_flows_that_are_not_there_or_off(self):
        flows = [{"id": 412, "name": "Orders", "status": "Deployed", "is_enabled": False}]
        pw, _ = connector(lambda *_: (200, pages(flows)), flows="412:orders_in,413:stock_out", dispatch_by="start")
        assert len(pw.verify().warnings) == 3


class TestRetrying:
    def test_gives_the_new_run(self):
        pw, http = connector(lambda *_: (200, {"data": {"id": "new"}}))
        assert pw.retry_run("old") == "new"
        assert http.calls[0][1].endswith("/flow-runs/old/retry")

    def test_is_refused_where_it_is_not_offered(self):
        pw, _ = connector(lambda *_: (405, {"message": "no"}))
        with pytest.raises(Rejected) as caught:
            pw.retry_run("old")
        assert caught.value.code == "405"
