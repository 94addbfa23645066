"""Posts a line of text to the incoming webhook of a chat tool (the form Slack, Mattermost and Teams understand: {"text": …})."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.core.exceptions import ValidationError

from connectors.errors import ConnectorError
from connectors.http import Http
from portal.connections.addresses import is_loopback

TIMEOUT_S = (5.0, 15.0)


class ChatError(Exception):
    """The message did not get through; the text says why."""


def check_webhook(url: str) -> None:
    """ValidationError unless it is an https address (plain http only on this computer). A query is part of many such addresses."""
    parts = urlsplit(url)
    if not parts.hostname or parts.scheme not in ("http", "https") or parts.username or parts.fragment:
        raise ValidationError("Enter the full address of the webhook, beginning with https://.")
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise ValidationError("The address must begin with https://.")


def post(url: str, text: str) -> None:
    """Say it there; ChatError when it was not taken."""
    if not url:
        raise ChatError("There is no address to send to.")
    parts = urlsplit(url)
    http = Http(base_url=f"{parts.scheme}://{parts.netloc}", timeout_s=TIMEOUT_S, secrets=(url, parts.path))
    try:
        answer = http.request("POST", url, json={"text": text})
    except ConnectorError as error:
        raise ChatError(error.sentence) from error
    if answer.status >= 300:
        raise ChatError(f"{parts.netloc} did not take the message (HTTP {answer.status}).")
