"""Mappings, cases and runs through the API."""

from __future__ import annotations

import pytest
from rest_framework.test import APIClient

from connectors.canonical import CodeKind
from exceptions.cases import open_case
from exceptions.models import CaseEvent
from mappings.models import CarrierMapping
from portal.api.scopes import Scope
from tests.api.conftest import NOON, sold, token_for
from tests.people import person

LOOKUP = "/api/v1/mappings/lookup"
CARRIER = {"hub_carrier": "ups", "channel_code": "UPS"}


def signed_in(username: str) -> APIClient:
    client = APIClient()
    client.force_login(person(username))
    return client


class TestAMapping:
    @pytest.fixture
    def asked(self, integration):
        return {"integration": integration.pk, "kind": CodeKind.CARRIER.value, "direction": "to_channel", "value": "ups"}

    def test_that_is_missing_says_which_code_and_where_to_map_it(self, caller, asked):
        answer = caller.get(LOOKUP, asked)
        assert answer.status_code == 404
        assert "ups" in answer.json()["detail"]

    def test_is_looked_up(self, caller, asked, integration):
        row = CarrierMapping.objects.create(integration=integration, **CARRIER)
        assert caller.get(LOOKUP, asked).json() == {"value": "UPS", "label": "", "how": "mapping", "mapping": row.pk}

    @pytest.mark.parametrize("value", ["UPS", "ups ", " ups"])
    def test_is_compared_byte_by_byte(self, caller, asked, integration, value):
        CarrierMapping.objects.create(integration=integration, **CARRIER)
        assert caller.get(LOOKUP, {**asked, "value": value}).status_code == 404

    def test_is_added_and_changed_with_its_history(self, caller, integration):
        body = {"integration": integration.pk, "fields": CARRIER, "reason": "the flow learnt it"}
        added = caller.post("/api/v1/mappings/carrier", body, format="json")
        changed = caller.post("/api/v1/mappings/carrier", {**body, "fields": {**CARRIER, "channel_code": "UPS2"}}, format="json")
        row = CarrierMapping.objects.get()
        assert (added.status_code, changed.status_code, row.channel_code) == (201, 200, "UPS2")
        assert row.history.count() == 2
        assert "API: Token" in row.history.first().history_change_reason

    @pytest.mark.parametrize(
        ("fields", "name"),
        [
            ({"hub_carier": "x"}, "fields.hub_carier"),
            ({**CARRIER, "channel_code": 7}, "fields.channel_code"),
            ({**CARRIER, "way_back": "yes"}, "fields.way_back"),
        ],
    )
    def test_that_is_wrong_names_the_column(self, caller, integration, fields, name):
        answer = caller.post("/api/v1/mappings/carrier", {"integration": integration.pk, "fields": fields, "reason": "x"}, format="json")
        assert (answer.status_code, list(answer.json()["errors"])) == (422, [name])

    def test_of_another_account_is_not_found(self, integration, warehouse):
        from portal.connections.models import Connection

        other = Connection.objects.create(name="Other", system="patchworks", base_url="http://127.0.0.1:3")
        client = APIClient()
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {token_for(other, *Scope)[1]}")
        body = {"integration": integration.pk, "fields": CARRIER, "reason": "x"}
        assert client.post("/api/v1/mappings/carrier", body, format="json").status_code == 404

    @pytest.mark.parametrize(
        ("username", "status"), [("omar", 201), ("ada", 201), ("mira", 403), ("cora", 403), ("finn", 403), ("aldo", 403), ("nell", 403)]
    )
    def test_is_changed_by_the_people_who_may(self, integration, username, status):
        body = {"integration": integration.pk, "fields": CARRIER, "reason": "x"}
        assert signed_in(username).post("/api/v1/mappings/carrier", body, format="json").status_code == status

    def test_of_each_kind_is_listed(self, caller, integration):
        CarrierMapping.objects.create(integration=integration, **CARRIER)
        assert caller.get("/api/v1/mappings/carrier").json()["data"][0]["fields"]["channel_code"] == "UPS"
        for slug in ("ship_service", "store", "warehouse", "sku", "sku_alias"):
            assert caller.get(f"/api/v1/mappings/{slug}").json() == {"data": [], "next_cursor": None}
        assert caller.get("/api/v1/mappings/colour").status_code == 404


class TestACase:
    @pytest.fixture
    def case(self, account):
        return open_case("E04", fingerprint="x", cause="The warehouse refused it.", connection=account, at=NOON)

    def test_is_listed_with_what_to_tell_customers(self, caller, case):
        told = caller.get("/api/v1/cases").json()["data"]
        assert [(one["id"], one["kind"], one["owner"]) for one in told] == [(case.pk, "E04", "OPS")]
        assert told[0]["what_to_tell_customers"]

    def test_takes_a_comment_that_names_the_token(self, caller, case):
        assert caller.post(f"/api/v1/cases/{case.pk}/comments", {"text": "Seen."}, format="json").status_code == 201
        assert "(by the API token “Token 0”)" in CaseEvent.objects.filter(case=case).latest("pk").text

    def test_of_another_account_is_not_shown(self, caller, warehouse):
        other = open_case("E04", fingerprint="y", cause="Another.", connection=warehouse, at=NOON)
        assert caller.get(f"/api/v1/cases/{other.pk}").status_code == 404

    def test_takes_no_comment_from_an_auditor(self, case):
        assert signed_in("aldo").post(f"/api/v1/cases/{case.pk}/comments", {"text": "x"}, format="json").status_code == 403


class TestAShipment:
    def test_waits_until_it_is_acknowledged(self, caller, account, warehouse):
        from portal.ledger.models import HubOrder, Shipment

        order = sold(account)
        hub_order = HubOrder.objects.create(
            connection=warehouse, order=order, reference="9", number="1", version="1", state="shipped", changed_at=NOON
        )
        sent = Shipment.objects.create(connection=warehouse, hub_order=hub_order, order=order, reference="S1", shipped_at=NOON)
        assert [one["id"] for one in caller.get("/api/v1/shipments?pending=true").json()["data"]] == [sent.pk]
        answer = caller.post("/api/v1/shipments/ack", {"ids": [sent.pk, 999999], "run_id": "r"}, format="json")
        assert answer.json() == {"acknowledged": 1, "unknown": [999999]}
        assert caller.get("/api/v1/shipments?pending=true").json()["data"] == []
