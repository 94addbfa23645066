"""The Patchworks connector against a company that really runs its flows."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests

from connectors.canonical import DispatchNotice, FlowRun, Parcel, Proof, RunState, Shipment, ShipmentLine, StockTarget
from connectors.errors import AccessDenied, ContractError, OutcomeUnknown, RateLimited, Rejected, Unavailable
from connectors.http import Http, MemoryTokens
from connectors.patchworks.connector import PatchworksConnector
from connectors.ports import Account
from connectors.registry import vendor
from connectors.sandbox.kit import ADMIN, Running, serve
from connectors.sandbox.patchworks import API_KEY, PASSWORD, USERNAME, build

SENT = Shipment("9", (ShipmentLine("TEE", 2, "7001"),), (Parcel("p", "1Z"),), carrier_code="UPS", shipped_at=datetime(2026, 6, 2, tzinfo=UTC))
DEFAULTS = {"form": "flat", "run_id_key": "data.flow_run_id", "retry_status": 0, "log_levels": "upper", "date_filter": "epoch_ms", "rate_scale": 0}


class Company:
    """A seeded company and the connector that speaks with it."""

    def __init__(self, running: Running) -> None:
        self.url = running.url
        for what in ("faults", "calls"):
            requests.delete(f"{self.url}{ADMIN}/{what}", timeout=5)
        self.control("settings", shape_retry_s=0.0, **DEFAULTS)
        self.flows = self.control("seed-demo")["flows"]
        self.pw = self.connect()

    def connect(self, *, credentials: dict[str, str] | None = None, **options: str) -> PatchworksConnector:
        given = credentials or {"api_key": API_KEY}
        base = f"{self.url}/core/api/v1"
        account = Account("pw-contract", base, given, auth_url=f"{self.url}/app/fabric/api/login", options=options)
        made = vendor("patchworks").connect(account, Http(base, tokens=MemoryTokens(), secrets=tuple(given.values()), timeout_s=(1, 3)))
        assert isinstance(made, PatchworksConnector)
        return made

    def control(self, to: str, **body: Any) -> Any:
        answer = requests.post(f"{self.url}{ADMIN}/{to}", json=body, timeout=30)
        assert answer.ok, answer.text
        return answer.json() if answer.content else None

    def shown(self, to: str) -> Any:
        return requests.get(f"{self.url}{ADMIN}/{to}", timeout=5).json()

    def add(self, *steps: Any, name: str = "Mine", **more: Any) -> dict[str, Any]:
        told = [{"does": one, "args": {}} if isinstance(one, str) else {"does": one[0], "args": one[1]} for one in steps]
        made: dict[str, Any] = self.control("flows", name=name, steps=told, **more)
        return made

    def run(self, flow: int, payload: Any = None, **more: Any) -> dict[str, Any]:
        made: dict[str, Any] = self.control(f"flows/{flow}/run", wait_s=20, payload=payload, **more)
        return made

    def over(self, run: str) -> None:
        ends = time.monotonic() + 10
        while self.shown(f"runs/{run}")["status"] == 1 and time.monotonic() < ends:
            time.sleep(0.02)

    def polled(self, cursor: str = "", *, by: PatchworksConnector | None = None) -> tuple[dict[str, FlowRun], str]:
        connector = by or self.pw
        pages = list(connector.poll("runs", cursor, until=datetime.now(UTC)))
        runs = [connector.parse(item.topic, item.body)[0] for page in pages for item in page.items]
        return {run.reference: run for run in runs if isinstance(run, FlowRun)}, pages[-1].cursor

    def started(self, flow: int) -> list[Any]:
        return [run for run in self.polled()[0].values() if run.flow.reference == str(flow)]


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    server = serve(build(rate_scale=0, shape_retry_s=0.0))
    yield server
    server.stop()


@pytest.fixture
def company(running: Running) -> Company:
    return Company(running)


def notice(key: str = "veeqo-1-9", **more: Any) -> DispatchNotice:
    return DispatchNotice(key, "5551", SENT, complete=True, **more)


class TestSigningIn:
    def test_by_key_and_by_name(self, company):
        assert company.pw.verify().facts["flows"] == str(len(company.flows))
        by_name = company.connect(credentials={"username": USERNAME, "password": PASSWORD}, auth_mode="login")
        assert by_name.verify().facts["flows"] == str(len(company.flows))

    def test_with_the_wrong_ones_is_denied(self, company):
        for given, mode in (({"api_key": "wrong"}, "api_key"), ({"username": USERNAME, "password": "wrong"}, "login")):
            with pytest.raises(AccessDenied):
                company.connect(credentials=given, auth_mode=mode).verify()


class TestRuns:
    @pytest.mark.parametrize("form", ["flat", "attributes"])
    @pytest.mark.parametrize("levels", ["upper", "lower", "number"])
    def test_that_fail_bring_their_message_and_record(self, company, form, levels):  # R41
        company.control("settings", form=form, log_levels=levels)
        flow = company.add("echo", ("fail", {"message": "[422] unknown_sku TEE-XX"}))["id"]
        made = company.run(flow, [{"externalId": "A1", "email": "ada@example.test"}])
        run = company.polled()[0][made["id"]]
        assert (run.state, run.flow.name) == (RunState.FAILED, "Mine")
        assert {(fault.record, "unknown_sku" in fault.message) for fault in run.faults} == {("A1", True)}
        assert "ada@" not in str(run.faults)

    def test_that_work_in_part_name_the_records_that_did_not(self, company):  # R64
        flow = company.add(("partial", {"keep": 1, "message": "[422] refused"}))["id"]
        made = company.run(flow, [{"externalId": "A1"}, {"externalId": "A2"}, {"externalId": "A3"}])
        run = company.polled()[0][made["id"]]
        assert run.state is RunState.PARTIAL
        assert {"A2", "A3"} <= {fault.record for fault in run.faults} | {""} | set(run.records)

    def test_are_all_seen_over_many_pages_and_once(self, company):
        flow = company.add("echo")["id"]
        company.control(f"flows/{flow}/history", count=25, spread_s=600)
        paged = company.connect(per_page="10")
        pages = list(paged.poll("runs", "", until=datetime.now(UTC)))
        found = [item.event_id for page in pages for item in page.items]
        assert (len(found), len(set(found)), len(pages)) == (25, 25, 4)

    def test_that_go_on_are_seen_to_end(self, company):
        flow = company.add(("slow", {"seconds": 0.6}))["id"]
        made = company.control(f"flows/{flow}/run")
        first, cursor = company.polled()
        assert first[made["id"]].state is RunState.STARTED
        company.over(made["id"])
        assert company.polled(cursor)[0][made["id"]].state is RunState.SUCCEEDED

    def test_of_flows_that_are_off_are_known(self, company):
        flow = company.add("echo")["id"]
        company.control(f"flows/{flow}/switch", enabled=False)
        items = [item for page in company.pw.poll("flows", "", until=datetime.now(UTC)) for item in page.items]
        told = {each.reference: each for item in items for each in company.pw.parse(item.topic, item.body)}
        assert (told[str(flow)].enabled, told[str(company.flows["Echo"])].enabled) == (False, True)

    def test_tell_what_deduplication_remembers(self, company):
        flow = company.add("swallow_duplicates")["id"]
        company.run(flow, [{"externalId": "A1"}, {"externalId": "A1"}])
        pool = requests.get(f"{company.url}/core/api/v1/data-pool", headers={"Authorization": API_KEY, "Accept": "application/json"}, timeout=5)
        by = company.connect(data_pools=f"{pool.json()['data'][0]['id']}:orders")
        items = [item for page in by.poll("deduped", "", until=datetime.now(UTC)) for item in page.items]
        assert [by.parse(item.topic, item.body)[0].key for item in items] == ["A1"]


class TestHandingOver:
    @pytest.mark.parametrize("where", ["data.flow_run_id", "data.id", "flow_run_id", "id"])
    def test_starts_the_flow_once(self, company, where):
        company.control("settings", run_id_key=where)
        flow = company.add("echo")["id"]
        by = company.connect(dispatch_by="start", dispatch_flow=str(flow))
        done = by.confirm_shipment(notice())
        assert (done.proof, [run.reference for run in company.started(flow)]) == (Proof.LATER, [done.reference])

    @pytest.mark.parametrize(("fault", "runs"), [("lost_after", 1), ("lost_before", 1)])
    def test_after_a_lost_answer_looks_first(self, company, fault, runs):  # R35
        flow = company.add("echo")["id"]
        by = company.connect(dispatch_by="start", dispatch_flow=str(flow))
        began = datetime.now(UTC) - timedelta(seconds=5)
        company.control("faults", fault=fault, method="POST", path="start")
        with pytest.raises(OutcomeUnknown):
            by.confirm_shipment(notice())
        by.confirm_shipment(notice(unclear_since=began))
        assert len(company.started(flow)) == runs

    @pytest.mark.parametrize("by", ["webhook", "callback"])
    def test_goes_by_a_trigger(self, company, by):
        steps = ["callback"] if by == "callback" else ["echo"]
        made = company.add(*steps, **{by: "ship", **({"hmac_secret": "shared"} if by == "webhook" else {})})
        given = {"api_key": API_KEY, "dispatch_url": company.url + made[by], "hmac_secret": "shared"}
        company.connect(credentials=given, dispatch_by=by).confirm_shipment(notice())
        assert [run.trigger for run in company.started(made["id"])] == [by.capitalize()]

    def test_with_a_wrong_signature_is_denied(self, company):
        made = company.add("echo", webhook="ship")
        given = {"api_key": API_KEY, "dispatch_url": (company.url + made["webhook"]).replace("sig-", "no-")}
        with pytest.raises(AccessDenied):
            company.connect(credentials=given, dispatch_by="webhook").confirm_shipment(notice())

    def test_to_a_flow_that_is_not_deployed_is_refused(self, company):
        flow = company.add("echo", draft=True)["id"]
        with pytest.raises(Rejected):
            company.connect(dispatch_by="start", dispatch_flow=str(flow)).confirm_shipment(notice())

    def test_gives_stock_as_one_payload(self, company):
        flow = company.add("echo")["id"]
        by = company.connect(stock_by="start", stock_flow=str(flow))
        verdicts = list(by.publish_stock([StockTarget("A", 1), StockTarget("B", 2)]))
        assert ({one.proof for one in verdicts}, len(company.started(flow))) == ({Proof.LATER}, 1)


class TestRetrying:
    def test_repeats_the_run_and_says_which(self, company):
        flow = company.add(("fail", {"message": "no"}))["id"]
        made = company.run(flow, [{"externalId": "A1"}])
        again = company.pw.retry_run(made["id"])
        company.over(again)
        assert company.polled()[0][again].retries == made["id"]

    @pytest.mark.parametrize("status", [404, 405])
    def test_that_is_not_offered_is_refused(self, company, status):
        company.control("settings", retry_status=status)
        made = company.run(company.flows["Echo"], [])
        with pytest.raises(Rejected) as caught:
            company.pw.retry_run(made["id"])
        assert caught.value.code == str(status)


class TestFaults:
    @pytest.mark.parametrize(
        ("fault", "error"),
        [("500", Unavailable), ("502", Unavailable), ("429", RateLimited), ("malformed", ContractError), ("lost_before", Unavailable)],
    )
    def test_of_reads_have_the_right_name(self, company, fault, error):
        company.control("faults", fault=fault, times=5, path="flow-runs")
        with pytest.raises(error):
            company.polled()
