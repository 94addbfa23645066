"""What people do about a failed flow, and the page of flows."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from connectors.errors import Rejected
from exceptions.actions import offered, perform
from exceptions.errors import CaseError
from exceptions.models import ExceptionCase
from portal.accounts.permissions import NotAllowedError
from portal.ledger.models import Shipment
from portal.sync.flow_models import Flow
from portal.sync.models import OutboundMessage, State
from tests.flows import Flows, run_warehouse
from tests.people import person
from tests.sync.test_flows import account, ran  # noqa: F401 - a fixture


@pytest.fixture(scope="module")
def warehouse():
    yield from run_warehouse()


@pytest.fixture
def retries(monkeypatch) -> list[str]:
    """The runs that were retried there."""
    asked: list[str] = []

    def retry(self: Any, run: str) -> str:
        asked.append(run)
        return "new"

    monkeypatch.setattr("connectors.patchworks.connector.PatchworksConnector.retry_run", retry)
    return asked


def names(case: ExceptionCase, by: str = "omar") -> set[str]:
    return {offer.action.name for offer in offered(case, person(by))}


def press(case: ExceptionCase, name: str, **data: Any) -> str:
    return perform(case, name, by=person("omar"), token=uuid4(), data=data)


class TestRunningAFlowAgain:
    def test_is_one_press_for_a_run_that_failed(self, account, retries):  # noqa: F811
        ran(account, "r1", 3, log="[422] no")
        case = ExceptionCase.objects.get()
        assert names(case) >= {"rerun_flow"}
        assert "as new" in press(case, "rerun_flow")
        assert retries == ["r1"]

    def test_asks_first_where_a_part_was_done(self, account, retries):  # noqa: F811
        ran(account, "r1", 5, log="[422] no")
        case = ExceptionCase.objects.get()
        assert names(case) & {"rerun_flow", "rerun_partial"} == {"rerun_partial"}
        (offer,) = [offer for offer in offered(case, person("omar")) if offer.action.name == "rerun_partial"]
        assert offer.asks_first and offer.action.form is not None and not offer.action.form({}, case=case).is_valid()

    @pytest.mark.parametrize(("code", "words"), [("404", "on its own page: https://"), ("422", "Nothing was started")])
    def test_that_is_refused_says_where_to_go(self, account, monkeypatch, code, words):  # noqa: F811
        def refuse(self: Any, run: str) -> str:
            raise Rejected("No.", code=code)

        monkeypatch.setattr("connectors.patchworks.connector.PatchworksConnector.retry_run", refuse)
        ran(account, "r1", 3, log="[422] no")
        with pytest.raises(CaseError, match=words):
            press(ExceptionCase.objects.get(), "rerun_flow")

    def test_is_refused_when_its_payload_is_gone(self, account, retries):  # noqa: F811
        ran(account, "r1", 3, log="[422] no", ago_min=60 * 73)
        with pytest.raises(CaseError, match="72 hours"):
            press(ExceptionCase.objects.get(), "rerun_flow")
        assert retries == []

    def test_is_not_for_everybody(self, account, retries):  # noqa: F811
        ran(account, "r1", 3, log="[422] no")
        with pytest.raises(NotAllowedError):
            perform(ExceptionCase.objects.get(), "rerun_flow", by=person("aldo"), token=uuid4())


class TestGivingItToTheFlowAgain:
    def test_hands_over_what_is_true_now(self, db, warehouse, monkeypatch):
        given: list[bytes] = []
        monkeypatch.setattr("connectors.patchworks.handing_over.hand_over", lambda client, way, body: given.append(body) or f"run-{len(given)}")
        flows = Flows(warehouse, flows="413:despatch_out", dispatch_by="start", dispatch_flow="413")
        flows.sold()
        flows.ship()
        ran(flows.channel, "run-1", 3, flow=413, log="[422] tracking")
        case = ExceptionCase.objects.get()
        Shipment.objects.get().parcels.update(tracking_number="CORRECTED")
        press(case, "push_again")
        assert OutboundMessage.objects.get(kind="confirm_shipment").state == State.QUEUED
        flows.send(flows.channel)
        assert (len(given), b"CORRECTED" in given[0], b"CORRECTED" in given[1]) == (2, False, True)


class TestThePageOfFlows:
    def test_shows_each_with_its_last_runs(self, account):  # noqa: F811
        ran(account, "r1", 2, ago_min=9)
        ran(account, "r2", 3, log="[422] no")
        page = Client()
        page.force_login(person("cora"))
        told = page.get(reverse("connections:flows")).content.decode()
        assert "F412" in told and "failed" in told and "done" in told
        one = page.get(reverse("connections:flow", args=[Flow.objects.get().pk])).content.decode()
        assert "r1" in one and "/flow-run-logs/r2" in one

    def test_says_what_it_is_for_while_it_is_empty(self, db):
        page = Client()
        page.force_login(person("cora"))
        assert "No flows yet" in page.get(reverse("connections:flows")).content.decode()

    def test_needs_somebody_signed_in(self, db):
        assert Client().get(reverse("connections:flows")).status_code == 302
