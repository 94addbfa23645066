"""A company on Patchworks on loopback: its Core and Start APIs, webhook and callback triggers, and flows that really run.

Written from https://doc.wearepatchworks.com and public clients. The hosts are path prefixes here: /core/api/v1, /start/api/v1,
/webhooks/api/v1, /callbacks/api/v1, /app (dashboard and sign-in) and /svc-fabric (the older sign-in). `API_KEY` is sent raw;
`USERNAME` and `PASSWORD` sign in. Flows reach the portal and a Shopify shop where /__sandbox__/instances says.
"""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, jsonify

from connectors.sandbox.kit import Bench, create_app
from connectors.sandbox.patchworks import auth, control, core, dashboard, starting
from connectors.sandbox.patchworks.auth import MESSAGES
from connectors.sandbox.patchworks.running import Schedule
from connectors.sandbox.patchworks.settings import Settings
from connectors.sandbox.patchworks.store import State

COMPANY = "demo-company"
API_KEY = "pw-sandbox-key"
USERNAME, PASSWORD = "svc@example.test", "pw-sandbox-password"

__all__ = ["API_KEY", "COMPANY", "PASSWORD", "USERNAME", "build"]


def build(*, company: str = COMPANY, **settings: Any) -> Flask:
    """An empty company. Settings: see `settings.Settings`; they can be changed while it runs."""
    chosen = Settings()
    chosen.change(settings)
    bench = Bench(error_body=injected)
    app = create_app("patchworks", bench)
    app.json.compact = True  # type: ignore[attr-defined]
    here = State(bench=bench, settings=chosen, company=company, keys={API_KEY: "Portal"}, logins={USERNAME: PASSWORD})
    schedule = Schedule(here)
    app.extensions |= {"state": here, "bench": bench}
    auth.guard(app, here)
    app.before_request(schedule.ensure)
    for module in (core, starting, dashboard, control):
        app.register_blueprint(module.bp)
    return app


def injected(status: int) -> Response | None:
    """The body this vendor gives to a status that the bench injects."""
    if status not in MESSAGES:
        return None
    answer = jsonify(message=MESSAGES[status])
    answer.status_code = status
    return answer
