"""/health/ says whether it works, and why not."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import OperationalError
from django.utils import timezone

from portal import health
from portal.heartbeat import beat_worker
from portal.ledger.models import Heartbeat

pytestmark = pytest.mark.django_db


class TestHealth:
    def test_is_good_while_the_worker_beats(self, client):
        beat_worker()

        answer = client.get("/health/")

        assert (answer.status_code, answer.json()["healthy"]) == (200, True)
        assert answer.json()["oldest_due"] == {"healthy": True, "said": "nothing is waiting"}

    def test_is_bad_before_any_worker_ran(self, client):
        answer = client.get("/health/")

        assert answer.status_code == 503
        assert answer.json()["worker"] == {"healthy": False, "said": "no worker has run yet"}

    def test_is_bad_when_the_worker_fell_silent(self, client):
        beat_worker()
        Heartbeat.objects.update(beat_at=timezone.now() - timedelta(minutes=4))

        assert client.get("/health/").json()["worker"]["healthy"] is False

    def test_is_bad_when_the_database_is_gone(self, client, monkeypatch):
        def gone() -> health.Finding:
            raise OperationalError("connection refused by 10.0.0.7")

        monkeypatch.setitem(health.LOOKS, "database", gone)
        answer = client.get("/health/")

        assert answer.status_code == 503
        assert "10.0.0.7" not in answer.content.decode()

    def test_is_not_kept_by_a_proxy(self, client):
        assert "no-store" in client.get("/health/").headers["Cache-Control"]

    def test_only_answers_questions(self, client):
        assert client.post("/health/").status_code == 405
