"""The trail: written with its change, kept for ever, and never a place for secrets."""

from __future__ import annotations

import pytest
import structlog
from django.contrib.auth.models import AnonymousUser
from django.db import DatabaseError, transaction

from portal.audit.models import AuditEvent
from portal.audit.trail import NotInTransactionError, SecretRefusedError, event, record, record_all
from tests.people import person

ORDER = ("ledger.salesorder", 7, "Order UK-7")


@pytest.mark.django_db
class TestRecord:
    def test_keeps_who_what_before_after_and_why(self):
        omar = person("omar")

        kept = record("order.corrected", ORDER, by=omar, old={"method": None}, new={"method": "DPD"}, reason="Customer rang")

        assert AuditEvent.objects.get() == kept
        assert (kept.actor, kept.actor_label, kept.subject_id, kept.subject_label) == (omar, "Omar", "7", "Order UK-7")
        assert kept.changes == [("method", None, "DPD")]
        assert kept.reason == "Customer rang"

    def test_names_a_row_by_its_own_words(self):
        cora = person("cora")

        kept = record("person.added", cora, by=person("ada"))

        assert (kept.subject_type, kept.subject_id, kept.subject_label) == ("accounts.user", str(cora.pk), "cora")

    @pytest.mark.parametrize(("by", "said"), [("nightly audit", "nightly audit"), (AnonymousUser(), "somebody not logged in")])
    def test_names_who_is_no_person(self, by, said):
        assert record("stock.corrected", ORDER, by=by).actor_label == said

    def test_carries_the_request_it_happened_in(self):
        with structlog.contextvars.bound_contextvars(request_id="abcdef123456"):
            assert record("order.corrected", ORDER, by="job").request_id == "abcdef123456"

    def test_writes_many_in_one_statement(self, django_assert_num_queries):
        events = [event("case.resolved", ("case", number, f"Case {number}"), by="checker") for number in range(500)]

        with django_assert_num_queries(1):
            record_all(events)

        assert AuditEvent.objects.count() == 500


@pytest.mark.django_db
class TestSecrets:
    @pytest.mark.parametrize(
        "facts", [{"client_secret": "s3cr3t"}, {"options": {"api_key": "k"}}, {"rows": [{"password": "p"}]}, {"access_token": 5}]
    )
    def test_are_refused(self, facts):  # R157
        with pytest.raises(SecretRefusedError):
            record("connection.changed", ORDER, by="job", new=facts)
        with pytest.raises(SecretRefusedError):
            record("connection.changed", ORDER, by="job", old=facts)

        assert not AuditEvent.objects.exists()

    @pytest.mark.parametrize("facts", [{"password": "[changed]"}, {"has_secret": True}, {"api_key": None}, {"tokens_left": 5}])
    def test_may_be_said_to_have_changed(self, facts):
        assert record("connection.changed", ORDER, by="job", new=facts).new == facts


@pytest.mark.django_db(transaction=True)
class TestTransaction:
    def test_is_needed(self):
        with pytest.raises(NotInTransactionError):
            record("order.corrected", ORDER, by="job")

    def test_that_fails_takes_the_event_with_it(self):
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            record("order.corrected", ORDER, by="job")
            _ = 1 / 0

        assert not AuditEvent.objects.exists()


@pytest.mark.django_db
class TestDatabase:
    def test_refuses_to_change_an_event(self):  # R157
        record("order.corrected", ORDER, by="job")

        with pytest.raises(DatabaseError, match="append-only: UPDATE"):
            AuditEvent.objects.update(actor_label="nobody")

    def test_refuses_to_delete_an_event(self):
        record("order.corrected", ORDER, by="job")

        with pytest.raises(DatabaseError, match="append-only: DELETE"):
            AuditEvent.objects.all().delete()
