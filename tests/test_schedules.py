"""The table of schedules is what the queue runs, and every job in it exists."""

from __future__ import annotations

import inspect
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import call_command
from django.utils.module_loading import import_string
from django_q.models import OrmQ, Schedule

from portal.schedules import SCHEDULES, apply_schedules

NOON = datetime(2025, 6, 2, 12, 0, tzinfo=UTC)


class TestTheTable:
    @pytest.mark.parametrize("name", SCHEDULES)
    def test_names_a_job_that_needs_nothing(self, name):
        job = import_string(SCHEDULES[name].job)

        assert not [parameter for parameter in inspect.signature(job).parameters.values() if parameter.default is parameter.empty]

    @pytest.mark.parametrize("name", SCHEDULES)
    def test_leaves_at_least_a_minute(self, name):
        assert SCHEDULES[name].minutes >= 1


@pytest.mark.django_db
class TestApplying:
    def test_sets_every_row(self):
        apply_schedules(at=NOON)

        found = dict(Schedule.objects.values_list("name", "func"))
        assert found == {name: every.job for name, every in SCHEDULES.items()}

    def test_removes_what_is_no_longer_listed(self):
        Schedule.objects.create(name="old", func="gone.job", minutes=5, schedule_type=Schedule.MINUTES)

        assert apply_schedules(at=NOON) == (len(SCHEDULES), 1)
        assert not Schedule.objects.filter(name="old").exists()

    def test_twice_keeps_when_each_is_due(self):
        apply_schedules(at=NOON)
        apply_schedules(at=NOON + timedelta(hours=3))

        assert set(Schedule.objects.values_list("next_run", flat=True)) == {NOON}

    def test_rings_for_a_first_sign_of_life(self, capsys):
        call_command("apply_schedules")

        assert OrmQ.objects.count() == 1
        assert f"{len(SCHEDULES)} schedules are set" in capsys.readouterr().out
