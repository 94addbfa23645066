"""A cheap authenticated read, and what in the settings will not work."""

from __future__ import annotations

from connectors.patchworks.client import Client
from connectors.patchworks.settings import CALLBACK, PULL, START, WEBHOOK, is_web
from connectors.ports import Verification
from connectors.reading import text

WHATS = {"dispatch": "dispatches", "stock": "stock"}


def verify(client: Client) -> Verification:
    """Read the flows: the credential works, and the flows that the options name are there and run."""
    rows = {text(row.get("id")): row for page in client.pages("/flows", {"include": "deployedVersion"}) for row in page}
    off = [text(row.get("name")) or number for number, row in rows.items() if number in client.settings.known() and not runs(row)]
    missing = [number for number in client.settings.known() if number not in rows]
    warnings = [
        *(f"Patchworks shows no flow with the id {number}." for number in missing),
        *(f"The flow “{name}” is not deployed or not enabled." for name in off),
        *ways(client),
    ]
    facts = {"flows": str(len(rows)), **{number: text(row.get("name")) for number, row in list(rows.items())[:20]}}
    many = f"{len(rows)} process flow{'' if len(rows) == 1 else 's'}"
    return Verification(f"Patchworks answers and shows {many}.", facts=facts, warnings=tuple(warnings))


def runs(row: dict[str, object]) -> bool:
    state = text(row.get("status")).lower()
    return row.get("is_enabled") is not False and state in ("", "deployed")


def ways(client: Client) -> list[str]:
    """What is set to be started but lacks what that needs, so that it is only offered."""
    found = []
    for what, label in WHATS.items():
        by = client.settings.text(f"{what}_by")
        lacks_flow = by == START and not client.settings.text(f"{what}_flow")
        lacks_url = by in (WEBHOOK, CALLBACK) and not is_web(client.account.credentials.get(f"{what}_url", ""))
        if by != PULL and (lacks_flow or lacks_url):
            found.append(f"For {label} {'the id of the flow' if lacks_flow else 'the address of the trigger'} is missing, so a flow must fetch them.")
    return found
