"""A mail server, and an integration whose errors go to two addresses."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from portal.connections.models import Connection, Integration
from tests.exceptions.notices.mail_server import MailServer


@pytest.fixture
def integration(db) -> Integration:
    channel, hub = (
        Connection.objects.create(name=name, system=system, base_url="https://x.test")
        for name, system in (("Shop", "commercetools"), ("Warehouse", "veeqo"))
    )
    return Integration.objects.create(
        name="UK", channel=channel, hub=hub, instant_errors=True, instant_emails=["ops@shop.example", "boss@shop.example"]
    )


@pytest.fixture
def mail_server(settings) -> Iterator[MailServer]:
    running = MailServer()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", running.port, 5
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    yield running
    running.stop()
