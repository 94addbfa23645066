"""A seeded Deposco simulator and a client that holds its token and its legacy login, for the tests of the simulator."""

from __future__ import annotations

from typing import Any

from flask.testing import FlaskClient

from connectors.sandbox.deposco import CLIENT_ID, CLIENT_SECRET, COMPANY, ENV, LEGACY_PASSWORD, LEGACY_USER, build
from connectors.sandbox.kit import ADMIN

UNIT = {"businessKey": {"code": COMPANY}}


class Tenant:
    """A seeded tenant, bare details unless asked otherwise."""

    def __init__(self, **settings: Any) -> None:
        self.app = build(**{"rate_scale": 0, "detail": "bare", **settings})
        self.client: FlaskClient = self.app.test_client()
        self.made = self.control("seed-demo")
        self.token = self.ask_token().json["access_token"]

    def ask_token(self, **form: Any) -> Any:
        given = {"grant_type": "client_credentials", "env": ENV, "company": COMPANY, **form}
        return self.client.post("/oauth2/token", data=given, auth=(CLIENT_ID, CLIENT_SECRET))

    def rest(self, method: str, path: str, **given: Any) -> Any:
        return self.client.open(f"/latest{path}", method=method, headers={"Authorization": f"Bearer {self.token}"}, **given)

    def get(self, path: str, **query: Any) -> Any:
        return self.rest("GET", path, query_string=query or None).json

    def legacy(self, method: str, path: str, *, accept: str = "application/json", **given: Any) -> Any:
        auth = (LEGACY_USER, LEGACY_PASSWORD)
        return self.client.open(f"/integration/{COMPANY}{path}", method=method, auth=auth, headers={"Accept": accept}, **given)

    def control(self, path: str, **body: Any) -> Any:
        return self.client.post(f"{ADMIN}/{path}", json=body).get_json(silent=True)

    def floor(self, action: str, number: str = "WEB-1", **more: Any) -> Any:
        answer = self.control(action, numbers=[number], **more)
        assert answer["refused"] == {}, answer
        return answer["done"][number]

    def line(self, at: int = 1, *, sku: str = "MUG-BLU", packs: int = 2, size: int = 1, **more: Any) -> dict[str, Any]:
        item = {"number": sku, "businessUnit.code": COMPANY}
        pack = {"item.number": sku, "quantity": size, "item.businessUnit.code": COMPANY}
        row = {"lineNumber": str(at), "customerLineNumber": f"70{at:02d}", "item": {"businessKey": item}, "pack": {"businessKey": pack}}
        return {**row, "orderPackQuantity": packs, "unitPrice": 19.5, **more}

    def body(self, number: str = "WEB-1", *lines: dict[str, Any], **more: Any) -> dict[str, Any]:
        order = {
            "businessUnit": UNIT,
            "number": number,
            "orderStatus": "New",
            "customerOrderNumber": f"#{number}",
            "shipVendor": "UPS",
            "shipVia": "UPS Ground",
            "shipToContact": {"firstName": "Ada", "lastName": "Quill", "email": "ada@example.test"},
            "shipToAddress": {"line1": "1 Test St", "city": "Austin", "stateProvince": "TX", "postalCode": "78701", "country": "US"},
            "orderLines": {"data": list(lines) or [self.line()]},
        }
        return {**order, **more}

    def send(self, *lines: dict[str, Any], number: str = "WEB-1", **more: Any) -> Any:
        return self.rest("POST", "/orders/salesOrders", json=self.body(number, *lines, **more))

    def place(self, *lines: dict[str, Any], number: str = "WEB-1", **more: Any) -> dict[str, Any]:
        answer = self.send(*lines, number=number, **more)
        assert answer.status_code == 201, answer.text
        return answer.json

    def order(self, number: str = "WEB-1") -> dict[str, Any]:
        return self.client.get(f"{ADMIN}/orders/{number}").json

    def status(self, number: str = "WEB-1") -> str:
        return self.order(number)["orderStatus"]

    def path(self, number: str = "WEB-1", *, family: str = "salesOrders") -> str:
        return f"/orders/{family}/{self.order(number)['self']['id']}"

    def summary(self) -> dict[str, Any]:
        return self.client.get(f"{ADMIN}/summary").json

    def stock(self, sku: str = "MUG-BLU") -> dict[str, dict[str, int]]:
        """The legacy snapshot of one item, by facility."""
        rows = self.legacy("GET", "/inventory/full").json["itemInventory"]
        found = next(row for row in rows if row["itemNumber"] == sku)
        return {row["facility"]: row["inventory"] for row in found["facilityInventory"]}

    def wait(self, seconds: float) -> str:
        """Set the tenant's clock ahead; its time then."""
        return str(self.control("clock", skew_s=seconds)["now"])


def sentence(answer: Any) -> str:
    """What the REST API says about a refusal."""
    return answer.json["errors"][0]["errorMessage"]
