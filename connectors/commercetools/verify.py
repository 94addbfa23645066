"""Proves the credential: a fresh token, a cheap read, and what the API client may not do though the connection would."""

from __future__ import annotations

from typing import Any

from connectors.commercetools.client import Client
from connectors.commercetools.feeds import project_or_none
from connectors.commercetools.values import mapping
from connectors.errors import Rejected
from connectors.ports import Verification
from connectors.reading import text

NEEDS = (  # any of these scopes, what cannot be done without
    (("view_orders", "manage_orders"), "read orders"),
    (("manage_orders",), "show dispatches on orders"),
    (("view_products", "manage_products"), "read stock and products"),
    (("manage_products",), "publish stock"),
    (("view_payments", "manage_payments"), "read payments"),
    (("view_stores", "manage_stores"), "list stores"),
)
MESSAGES = (("view_messages", "view_orders", "manage_orders"), "read messages")
STATES = (("view_states", "manage_states"), "look up workflow states")


def verify(client: Client) -> Verification:
    """Who we are there. Errors: AccessDenied for a refused credential, Rejected for a project that is not there."""
    _, lifetime_s, scope = client.fetch_token()
    project = project_or_none(client)
    sees_orders = client.get(client.orders_path(), [("limit", "1"), ("withTotal", "false")])
    if sees_orders is None:
        raise Rejected(f"There is no commercetools project “{client.account.account}” at {client.account.base_url}.", code="ResourceNotFound")
    key = text(project.get("key")) or client.account.account
    name = text(project.get("name"))
    scopes = tuple(sorted({word.partition(":")[0] for word in scope.split()}))
    facts = {"project": key, "name": name, "scopes": " ".join(scopes), "token lives (s)": f"{lifetime_s:.0f}", **project_facts(project)}
    sentence = f"Connected to the commercetools project “{name or key}”."
    return Verification(
        sentence, {label: fact for label, fact in facts.items() if fact}, (*missing(client, scopes), *silent_messages(client, project))
    )


def project_facts(project: dict[str, Any]) -> dict[str, str]:
    lists = {name: project.get(name) for name in ("countries", "currencies", "languages")}
    facts = {name: ", ".join(map(text, value)) for name, value in lists.items() if isinstance(value, list)}
    return facts | {"catalogue model": text(project.get("productCatalogModel"))}


def missing(client: Client, scopes: tuple[str, ...]) -> tuple[str, ...]:
    """What the token's scopes leave out; () when they are not told or cover the whole project."""
    if not scopes or "manage_project" in scopes:
        return ()
    settings = client.settings
    needs = [*NEEDS, *([MESSAGES] if settings.flag("poll_messages") else [])]
    needs += [STATES] if settings.text("shipped_transition") or settings.text("partial_transition") else []
    return tuple(
        f"This API client cannot {what}: it lacks the scope {' or '.join(any_of)}." for any_of, what in needs if not set(any_of) & set(scopes)
    )


def silent_messages(client: Client, project: dict[str, Any]) -> tuple[str, ...]:
    messages = mapping(project.get("messages"))
    if not client.settings.flag("poll_messages") or messages.get("enabled") is not False:
        return ()
    return ("Messages are switched off in this project, so the messages feed stays empty. Orders are still found by their change time.",)
