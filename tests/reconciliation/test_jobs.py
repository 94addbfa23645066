"""When each comparison is made."""

from __future__ import annotations

from datetime import timedelta

from django.db import connection as database
from django.utils import timezone
from django_q.models import OrmQ

from portal.reconciliation import jobs
from portal.reconciliation.models import Audit, Run
from tests.reconciliation.conftest import Sides


class TestRingingForComparisons:
    def test_rings_once_for_each_that_is_due(self, sides: Sides):
        jobs.ring_audits()

        assert OrmQ.objects.count() == len(jobs.PLANS)

    def test_leaves_one_that_was_made_today(self, sides: Sides):
        sides.run(Audit.CATALOGUE, at=timezone.now())

        assert Audit.CATALOGUE not in jobs.due(timezone.now() + timedelta(hours=23))
        assert Audit.CATALOGUE in jobs.due(timezone.now() + timedelta(hours=25))

    def test_looks_at_completeness_every_hour(self, sides: Sides):  # R33, R43
        for audit in (Audit.MISSING, Audit.ORPHANS):
            sides.run(audit, at=timezone.now())

        assert not {Audit.MISSING, Audit.ORPHANS} & set(jobs.due(timezone.now()))
        assert {Audit.MISSING, Audit.ORPHANS} <= set(jobs.due(timezone.now() + timedelta(minutes=61)))

    def test_rings_for_nothing_while_no_integration_runs(self, sides: Sides):
        sides.integration.enabled = False
        sides.integration.save()

        assert jobs.due(timezone.now()) == []


class TestMakingOne:
    def test_twice_makes_it_once(self, sides: Sides):
        jobs.make_audit("orphans")
        jobs.make_audit("orphans")

        assert Run.objects.filter(audit=Audit.ORPHANS).count() == 1

    def test_is_for_one_worker_at_a_time(self, sides: Sides):
        other = database.copy()
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(hashtext('audit:stock'), %s)", [sides.integration.pk])
        jobs.make_audit("stock")
        refused = Run.objects.filter(audit=Audit.STOCK).exists()
        other.close()
        jobs.make_audit("stock")

        assert not refused
        assert Run.objects.filter(audit=Audit.STOCK).exists()
