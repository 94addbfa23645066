"""The monitor: failed, silent, stuck and disabled flows are cases with the evidence, grouped, and closed by what later runs show."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from connectors.canonical import Received
from exceptions.models import CaseItem, ExceptionCase
from exceptions.proof import check_open_cases
from portal.connections.models import Connection
from portal.ledger.models import Shipment
from portal.sync.flow_models import Flow, FlowRun
from portal.sync.interpret import interpret_batch
from portal.sync.receive import receive
from portal.sync.sweep import sweep_clock
from tests.flows import Flows, run_warehouse

WATCHED = "412:orders_in:15:10,413:despatch_out,414:stock_out"


@pytest.fixture
def account(db) -> Connection:
    made = Connection(name="Flows", system="patchworks", base_url="http://127.0.0.1:1", options={"flows": WATCHED})
    made.verified_at, made.enabled = timezone.now(), True
    made.save()
    return made


@pytest.fixture(scope="module")
def warehouse():
    yield from run_warehouse()


def told(account: Connection, topic: str, event: str, body: dict[str, Any], *, door: str = "poll") -> None:
    receive([Received(topic, event, event[:100], json.dumps(body).encode())], connection=account, door=door, at=timezone.now())
    while interpret_batch(account, at=timezone.now()):
        pass


def ran(
    account: Connection, run: str, status: int, *, flow: int = 412, log: str = "", payload: Any = None, ago_min: float = 1, **more: Any
) -> FlowRun:
    """A run as a poll brings it."""
    began = timezone.now() - timedelta(minutes=ago_min)
    ended = None if status == 1 else (began + timedelta(seconds=20)).isoformat()
    row = {
        "id": run,
        "flow_id": flow,
        "status": status,
        "started_at": began.isoformat(),
        "finished_at": ended,
        "flow": {"id": flow, "name": f"F{flow}"},
    }
    logs = [{"log_level": "ERROR", "log_message": log, "flow_step_id": 7, "payload_metadata_id": 1}] if log else []
    payloads = [{"id": 1, "body": json.dumps(payload)}] if payload is not None else []
    told(account, "runs", f"{run}@{status}", {"run": {**row, **more}, "logs": logs, "payloads": payloads})
    return FlowRun.objects.get(reference=run)


def open_cases() -> list[tuple[str, int]]:
    return list(ExceptionCase.objects.filter(is_open=True).order_by("pk").values_list("kind", "items_open"))


class TestAFailedRun:
    @pytest.mark.parametrize(("flow", "kind"), [(412, "E04"), (413, "E18"), (414, "E21"), (999, "E32")])
    def test_is_a_case_of_its_flows_role(self, account, flow, kind):  # R29
        ran(account, "r1", 3, flow=flow, log="[422] no")
        assert open_cases() == [(kind, 1)]

    def test_has_the_message_the_payload_and_the_page_as_evidence(self, account):  # R41
        ran(account, "r1", 3, log="[422] unknown_sku", payload=[{"externalId": "A1", "sku": "TEE"}])
        evidence = ExceptionCase.objects.get().evidence
        assert (evidence["message"], evidence["records"], "TEE" in evidence["payload"]) == ("[422] unknown_sku", ["A1"], True)
        assert evidence["page"].endswith("/flow-run-logs/r1")

    def test_that_fails_alike_for_other_records_is_one_case(self, account):
        for number in range(4):
            ran(account, f"r{number}", 3, log=f"Order A-{number} refused", payload={"externalId": f"A-{number}"})
        ran(account, "r0b", 3, log="Order A-0 refused", payload={"externalId": "A-0"})
        assert open_cases() == [("E04", 4)]

    def test_that_fails_otherwise_is_another(self, account):
        ran(account, "r1", 3, log="[422] one thing")
        ran(account, "r2", 3, log="[409] another")
        assert open_cases() == [("E04", 1), ("E04", 1)]

    def test_closes_when_its_retry_ends_well(self, account):
        ran(account, "r1", 3, log="[422] no", payload={"externalId": "A1"})
        ran(account, "r2", 2, retry_flow_run_id="r1", trigger="Retry")
        case = ExceptionCase.objects.get()
        assert (case.is_open, case.proof["run that handled it"]) == (False, "r2")

    def test_stays_open_when_an_unrelated_run_ends_well(self, account):
        ran(account, "r1", 3, log="[422] no", payload={"externalId": "A1"})
        ran(account, "r2", 2, trigger="Webhook")
        check_open_cases(at=timezone.now())
        assert open_cases() == [("E04", 1)]

    def test_of_a_schedule_closes_with_the_next_one(self, account):
        ran(account, "r1", 3, log="time-out", trigger="Schedule", ago_min=5)
        ran(account, "r2", 2, trigger="Schedule")
        assert open_cases() == []

    def test_that_works_for_all_but_one_record_names_that_one(self, account):  # R64
        ran(account, "r1", 5, log="A2 refused: [409]", payload=[{"externalId": "A1"}, {"externalId": "A2"}])
        assert CaseItem.objects.get().label == "A2"

    def test_says_so_itself_as_its_last_step(self, account):
        event = {"flow_id": "412", "run_id": "r9", "event": "finished", "counts": {"in": 10, "ok": 8, "failed": 0}}
        told(account, "run_events", "e", {"received_at": timezone.now().isoformat(), "item": event}, door="api")
        assert "2 of 10 records are not accounted for" in ExceptionCase.objects.get().cause


class TestTheClock:
    def test_finds_a_flow_that_has_gone_silent(self, account):
        ran(account, "r1", 2)
        sweep_clock(at=timezone.now() + timedelta(minutes=10))
        assert open_cases() == []
        sweep_clock(at=timezone.now() + timedelta(hours=1))
        assert open_cases() == [("E32", 1)]
        ran(account, "r2", 2, ago_min=0)
        assert open_cases() == []

    def test_finds_a_run_that_does_not_end(self, account):
        ran(account, "r1", 1)
        sweep_clock(at=timezone.now() + timedelta(minutes=5))
        assert open_cases() == []
        sweep_clock(at=timezone.now() + timedelta(minutes=12))
        assert "has gone on for" in ExceptionCase.objects.get(is_open=True).cause
        check_open_cases(at=timezone.now())
        assert len(open_cases()) == 1
        ran(account, "r1", 2)
        assert open_cases() == []


class TestAFlow:
    @pytest.mark.parametrize("off", [{"is_enabled": False}, {"status": "Inactive"}])
    def test_that_is_switched_off_is_a_case_until_it_is_on(self, account, off):
        row = {"id": 412, "name": "Orders", "status": "Deployed", "is_enabled": True}
        told(account, "flows", "f1", {**row, **off})
        assert open_cases() == [("E32", 1)]
        told(account, "flows", "f2", row)
        assert (open_cases(), Flow.objects.get().name) == ([], "Orders")

    def test_that_the_settings_do_not_name_may_be_off(self, account):
        told(account, "flows", "f1", {"id": 5, "name": "Draft", "status": "Draft", "is_enabled": False})
        assert open_cases() == []


class TestDeduplication:
    def key(self, account: Connection, key: str) -> None:
        told(account, "deduped", key, {"pool": "17", "resource": "orders", "key": key, "at": ""})

    def test_that_swallowed_an_order_is_found(self, account):  # R41
        self.key(account, "A1")
        sweep_clock(at=timezone.now() + timedelta(minutes=20))
        case = ExceptionCase.objects.get()
        assert (case.kind, CaseItem.objects.get().label) == ("E04", "A1")

    def test_is_believed_where_the_order_is_here(self, db, warehouse):
        flows = Flows(warehouse)
        self.key(flows.channel, "5551")
        flows.hand_in("orders", flows.body())
        sweep_clock(at=timezone.now() + timedelta(minutes=20))
        assert not ExceptionCase.objects.filter(fingerprint__startswith="swallowed").exists()

    def test_case_closes_when_the_order_is_handed_in(self, db, warehouse):
        flows = Flows(warehouse)
        self.key(flows.channel, "5551")
        sweep_clock(at=timezone.now() + timedelta(minutes=20))
        flows.hand_in("orders", flows.body())
        assert not ExceptionCase.objects.filter(is_open=True, fingerprint__startswith="swallowed").exists()


class TestADispatchFlow:
    def test_that_failed_with_our_shipment_is_the_shipments_case(self, db, warehouse):  # R57
        flows = Flows(warehouse, flows="413:despatch_out")
        flows.sold()
        flows.ship()
        shipment = Shipment.objects.get()
        ran(flows.channel, "r1", 3, flow=413, log="[422] tracking", payload={"externalId": shipment.reference})
        assert CaseItem.objects.get().subject == f"shipment:{shipment.pk}"
        flows.acknowledge(shipment.pk)
        assert open_cases() == []
