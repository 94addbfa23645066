"""The Patchworks simulator's APIs: keys and sign-in, limits, starting flows, triggers, runs, logs, payloads and retries."""

from __future__ import annotations

import hashlib
import hmac
import json
import time

import pytest

from connectors.sandbox.patchworks import API_KEY, PASSWORD, USERNAME
from tests.sandbox.patchworks_company import Company, wait

CORE = "/core/api/v1"


@pytest.fixture
def company() -> Company:
    return Company()


class TestAKey:
    def test_is_sent_raw(self, company):
        assert company.call("GET", f"{CORE}/flows").status_code == 200

    @pytest.mark.parametrize("sent", ["", "other", f"Bearer {API_KEY}", f"Basic {API_KEY}"])
    def test_in_another_form_is_refused(self, company, sent):
        answer = company.call("GET", f"{CORE}/flows", key=sent)

        assert (answer.status_code, answer.get_json()) == (401, {"message": "Unauthenticated."})

    def test_may_be_taken_as_a_bearer_where_the_gateway_wants_that(self):
        assert Company(bearer_keys="yes").call("GET", f"{CORE}/flows", key=f"Bearer {API_KEY}").status_code == 200

    def test_revoked_opens_nothing(self, company):
        company.control("access", revoke=API_KEY)

        assert company.call("GET", f"{CORE}/flows").status_code == 401

    @pytest.mark.parametrize(("path", "name"), [("/app/fabric/api/login", "username"), ("/svc-fabric/api/v1/login", "email")])
    def test_may_be_a_token_that_lives_for_a_day(self, company, path, name):
        told = company.client.post(path, json={name: USERNAME, "password": PASSWORD}).get_json()

        assert told["expires_in"] == 86400
        assert company.call("GET", f"{CORE}/flows", key=f"Bearer {told['token']}").status_code == 200
        assert company.call("GET", f"{CORE}/flows", key=told["token"]).status_code == 401
        company.control("clock", skew_s=90_000)
        assert company.call("GET", f"{CORE}/flows", key=f"Bearer {told['token']}").status_code == 401

    def test_is_told_as_a_page_to_whoever_does_not_ask_for_json(self, company):
        answer = company.call("GET", f"{CORE}/flows", key="other", accept="*/*")

        assert (answer.status_code, answer.mimetype) == (401, "text/html")

    def test_with_a_wrong_password_is_none(self, company):
        answer = company.client.post("/app/fabric/api/login", json={"username": USERNAME, "password": "x"}, headers={"Accept": "application/json"})

        assert answer.status_code == 401


class TestTheLimits:
    @pytest.mark.parametrize(("path", "most"), [(f"{CORE}/flows", 240), ("/webhooks/api/v1/demo-company/none", 120), ("/callbacks/api/v1/x/y", 240)])
    def test_are_counted_by_the_minute(self, path, most):
        company = Company(rate_scale=0.05)
        method = "GET" if path.startswith(CORE) or "webhooks" in path else "POST"
        codes = [company.call(method, path).status_code for _ in range(int(most * 0.05) + 1)]
        refused = company.call(method, path)

        assert 429 not in codes[:-1]
        assert codes[-1] == 429
        assert (refused.get_json(), refused.headers["Retry-After"]) == ({"message": "Too Many Attempts."}, "60")

    def test_of_a_body_are_8_megabytes(self, company):
        assert company.start(data=b"[" + b" " * (8 * 1024 * 1024) + b"]").status_code == 413
        assert company.start(data=b"[" + b" " * (7 * 1024 * 1024) + b"]").status_code == 200

    def test_of_a_page_are_200(self, company):
        company.control(f"flows/{company.flows['Echo']}/history", count=250)

        assert company.read("flow-runs", per_page=250)["meta"] == {"current_page": 1, "last_page": 2, "per_page": 200, "total": 250}
        company.control("settings", over_per_page="refuse")
        assert company.call("GET", f"{CORE}/flow-runs?per_page=250").status_code == 422


class TestAStart:
    def test_takes_the_body_as_the_payload(self, company):
        told = company.start(json={"a": 1}).get_json()
        run = company.over(told["data"]["flow_run_id"])

        assert told["message"] == "Flow initialised."
        assert (run["status"], run["trigger"]) == (2, "API")

    def test_takes_the_payload_as_text(self, company):
        told = company.start(way="manual", json={"payload": '{"a":1}'}).get_json()

        assert company.over(told["data"]["flow_run_id"])["trigger"] == "Manual"

    @pytest.mark.parametrize(
        ("way", "body"), [("start", b'{"payload":"{"}'), ("start", b'{"payload":{"a":1}}'), ("start", b"["), ("start/raw", b"{")]
    )
    def test_with_a_payload_that_is_no_json_is_refused(self, company, way, body):
        answer = company.start(way=way, data=body, content_type="application/json")

        assert answer.status_code == 422
        assert answer.get_json()["errors"] == {"payload": ["The payload must be valid JSON."]}

    def test_needs_no_body(self, company):
        assert company.start().status_code == 200

    def test_of_no_flow_is_not_found(self, company):
        assert company.call("POST", "/start/api/v1/flows/9/start/raw").status_code == 404
        assert company.start(way="start/raw/1").status_code == 404

    def test_of_a_draft_or_a_flow_that_is_off_is_refused(self, company):
        company.control(f"flows/{company.flows['Echo']}/switch", enabled=False)
        off = company.start()
        company.control(f"flows/{company.flows['Echo']}/switch", enabled=True, deployed=False)
        draft = company.start()

        assert (off.status_code, draft.status_code) == (422, 422)
        assert draft.get_json()["errors"] == {"flow": ["The flow has no deployed version."]}

    @pytest.mark.parametrize("key", ["data.flow_run_id", "data.id", "flow_run_id", "id", "none"])
    def test_tells_the_run_in_one_place_or_another(self, key):
        told = Company(run_id_key=key).start().get_json()
        found = told
        for part in () if key == "none" else key.split("."):
            found = found[part]

        assert isinstance(found, str) if key != "none" else told == {"message": "Flow initialised."}

    def test_refuses_variables_that_are_no_object(self, company):
        assert company.start(query_string={"flow_variables": "[1]"}).status_code == 422
        assert company.start(query_string={"flow_variables": '{"a":1}'}).status_code == 200


class TestAWebhook:
    def test_is_a_secret_address_answered_at_once(self, company):
        path = company.add("echo", webhook="orders")["webhook"]
        answer = company.client.post(path, json=[1])

        assert (answer.status_code, answer.get_json()) == (200, {"message": "Flow initialised."})
        wait(lambda: company.read("flow-runs")["data"][0]["status"] == 2)
        assert company.read("flow-runs")["data"][0]["trigger"] == "Webhook"

    def test_with_another_signature_does_nothing(self, company):
        path = company.add("echo", webhook="orders")["webhook"]

        assert company.client.post(path.replace("sig-", "gis-"), json=[1]).status_code == 401
        assert company.shown("summary")["runs"] == 0

    def test_may_want_an_hmac_of_the_raw_body(self, company):
        path = company.add("echo", webhook="orders", hmac_secret="s")["webhook"]
        right = hmac.new(b"s", b"[1]", hashlib.sha256).hexdigest()

        assert company.client.post(path, data=b"[1]", headers={"X-HMAC-HASH": right}).status_code == 200
        assert company.client.post(path, data=b"[2]", headers={"X-HMAC-HASH": right}).status_code == 401

    def test_of_a_flow_that_is_off_is_refused(self, company):
        path = company.add("echo", webhook="orders", enabled=False)["webhook"]

        assert company.client.post(path, json=[1]).status_code == 422

    def test_may_answer_with_a_text_of_its_own(self, company):
        assert company.client.get(company.add("echo", webhook="w", answer="OK then")["webhook"]).text == "OK then"


class TestACallback:
    def path(self, company) -> str:
        return next(each["callback"] for each in company.shown("flows") if "callback" in each)

    def test_waits_for_the_answer(self, company):
        assert company.client.post(self.path(company), json={"order": 1}).get_json() == {"order": 1}

    def test_takes_its_signature_as_a_header_too(self, company):
        path, _, signature = self.path(company).partition("?patchworks_signature=")

        assert company.client.post(path, json=[1], headers={"patchworks-signature": signature}).get_json() == [1]
        assert company.client.post(path, json=[1]).status_code == 401

    def test_of_a_flow_that_fails_is_an_error(self, company):
        path = company.add("fail", "callback", callback="c")["callback"]

        assert company.client.post(path, json=[1]).status_code == 500

    def test_may_take_too_long(self):
        company = Company(callback_timeout_s=0.2)
        path = company.add(("slow", {"seconds": 2}), "callback", callback="c")["callback"]

        assert company.client.post(path, json=[1]).status_code == 504


class TestRuns:
    def test_are_found_between_two_moments_in_milliseconds(self, company):
        company.control(f"flows/{company.flows['Echo']}/history", count=10, spread_s=600)
        since = int((time.time() - 301) * 1000)

        assert len(company.read("flow-runs", **{"filter[started_after]": since})["data"]) == 5
        assert len(company.read("flow-runs", **{"filter[started_before]": since})["data"]) == 5

    def test_refuse_a_moment_in_another_form_unless_told(self, company):
        assert company.call("GET", f"{CORE}/flow-runs?filter[started_after]=2026-06-01T00:00:00Z").status_code == 422
        company.control("settings", date_filter="any")
        assert company.call("GET", f"{CORE}/flow-runs?filter[started_after]=2026-06-01T00:00:00Z").status_code == 200

    def test_are_found_by_status_flow_and_words(self, company):
        company.control(f"flows/{company.flows['Echo']}/history", count=2, status=3, summary="Connector returned 422")
        company.control(f"flows/{company.flows['Order look-up']}/history", count=3, status=5)

        assert company.read("flow-runs", **{"filter[status]": "3,5"})["meta"]["total"] == 5
        assert company.read("flow-runs", **{"filter[status]": "3"})["meta"]["total"] == 2
        assert company.read("flow-runs", **{"filter[flow_id]": company.flows["Order look-up"]})["meta"]["total"] == 3
        assert company.read("flow-runs", **{"filter[search]": "422"})["meta"]["total"] == 2

    def test_come_the_newest_first_or_last(self, company):
        company.control(f"flows/{company.flows['Echo']}/history", count=5)
        down = [each["id"] for each in company.read("flow-runs", sort="-started_at")["data"]]

        assert [each["id"] for each in company.read("flow-runs", sort="started_at")["data"]] == down[::-1]
        assert company.call("GET", f"{CORE}/flow-runs?sort=colour").status_code == 400

    def test_are_flat_or_have_attributes(self, company):
        run = company.run("Echo", [1])
        flat = company.read(f"flow-runs/{run['id']}", include="flow,flowVersion,payloadSize", **{"fields[flow]": "id,name"})["data"]
        company.control("settings", form="attributes")
        other = company.read(f"flow-runs/{run['id']}")["data"]

        assert (flat["status"], flat["flow"]) == (2, {"id": company.flows["Echo"], "name": "Echo"})
        assert other["attributes"]["status"] == 2
        assert "status" not in other

    def test_may_be_numbered(self):
        company = Company(integer_ids=True)

        assert isinstance(company.read(f"flow-runs/{company.run('Echo')['id']}")["data"]["id"], int)

    def test_have_logs_with_their_payloads(self, company):
        run = company.run("Echo", {"sku": "TEE"})
        logs = company.read(f"flow-runs/{run['id']}/flow-run-logs", load_payload_ids="true", sort="id")["data"]
        body = company.call("GET", f"{CORE}/payload-metadata/{logs[-1]['payload_metadata_id']}/download")

        assert [each["log_level"] for each in logs] == ["INFO", "INFO"]
        assert json.loads(body.data) == {"sku": "TEE"}
        assert company.read("payload-metadata", **{"filter[flow_run_id]": run["id"]})["meta"]["total"] == 2

    @pytest.mark.parametrize(("form", "level"), [("upper", "INFO"), ("lower", "info"), ("number", 200)])
    def test_name_their_levels_in_one_way_or_another(self, form, level):
        company = Company(log_levels=form)
        run = company.run("Echo")

        assert company.read(f"flow-runs/{run['id']}/flow-run-logs")["data"][0]["log_level"] == level

    def test_lose_their_payloads_after_72_hours_and_their_logs_after_a_week(self, company):
        run = company.run("Echo", [1])
        id = run["logs"][0]["payload"]
        company.control("clock", skew_s=73 * 3600)
        assert company.call("GET", f"{CORE}/payload-metadata/{id}/download").status_code == 404
        assert company.read(f"flow-runs/{run['id']}/flow-run-logs")["data"]
        company.control("clock", skew_s=8 * 86400)

        assert company.read(f"flow-runs/{run['id']}/flow-run-logs")["data"] == []


class TestARetry:
    def test_is_a_run_of_the_same_payload_with_a_link(self, company):
        company.control(f"flows/{company.flows['Echo']}/sabotage")
        first = company.run("Echo", [7])
        told = company.call("POST", f"{CORE}/flow-runs/{first['id']}/retry").get_json()
        second = company.over(told["data"]["flow_run_id"])

        assert (first["status"], second["status"], second["trigger"], second["retry_of"]) == (3, 2, "Retry", first["id"])
        assert company.read(f"flow-runs/{second['id']}", include="retriedFlowRun")["data"]["retried_flow_run"] == {"id": first["id"]}
        assert company.read("flow-runs", **{"filter[retried]": "true"})["data"][0]["id"] == first["id"]

    def test_is_refused_when_the_payload_is_gone(self, company):
        run = company.run("Echo", [7])
        company.control("clock", skew_s=73 * 3600)

        assert company.call("POST", f"{CORE}/flow-runs/{run['id']}/retry").status_code == 422

    @pytest.mark.parametrize("status", [403, 404, 405])
    def test_may_not_be_there_for_keys(self, status):
        company = Company(retry_status=status)

        assert company.call("POST", f"{CORE}/flow-runs/{company.run('Echo')['id']}/retry").status_code == status


class TestFlows:
    def test_tell_their_version_steps_and_schedule(self, company):
        company.control(f"flows/{company.flows['Echo']}/switch", every_s=900, enabled=True)
        told = company.read(f"flows/{company.flows['Echo']}", include="deployedVersion")["data"]

        assert (told["status"], told["is_enabled"]) == ("Deployed", True)
        assert company.read(f"flow-versions/{told['deployed_version']['id']}/steps", to_tree=1)["data"][0]["name"] == "Echo"
        assert company.read("scheduled-flows")["data"][0]["flow_id"] == company.flows["Echo"]

    def test_run_by_themselves_when_scheduled(self, company):
        company.control(f"flows/{company.flows['Echo']}/switch", every_s=0.2)
        company.shown("summary")
        wait(lambda: company.shown("summary")["runs"] >= 2)

        assert {run["trigger"] for run in company.read("flow-runs")["data"]} == {"Schedule"}

    def test_have_a_page_for_people(self, company):
        run = company.run("Echo")

        assert "Fail next" in company.client.get("/").text
        assert run["id"] in company.client.get(f"/app/flow-run-logs/{run['id']}").text
