"""The table of kinds holds what requirement 4.1 says."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.db import IntegrityError

from exceptions.kinds import DAY, KINDS, OFFERED, Clock
from exceptions.models import KindSetting
from exceptions.playbooks import PLAYBOOKS
from exceptions.rules import forget_rules, rule_of
from portal.accounts.roles import Role
from tests.exceptions.conftest import Opens

ALL = [f"E{number:02}" for number in range(1, 34)]


class TestKinds:
    def test_are_all_thirty_three(self) -> None:  # R149
        assert list(KINDS) == ALL
        assert list(PLAYBOOKS) == ALL
        assert set(OFFERED) <= set(ALL)

    @pytest.mark.parametrize("code", ALL)
    def test_tell_a_person_everything(self, code: str) -> None:  # R152
        words = PLAYBOOKS[code]

        assert words.meaning.endswith(".")
        assert words.what_to_do.endswith(".")
        assert len(words.steps) >= 2
        assert words.cx.startswith(("CX: nothing to do", "Tell the customer"))
        assert words.closes_when[0].islower()

    def test_cannot_be_without_an_owner(self) -> None:  # R150
        with pytest.raises(ValueError, match="no owner"):
            replace(KINDS["E01"], owner=Role.AUD)

    def test_never_give_more_time_to_look_than_to_solve(self) -> None:
        assert all(kind.ack_min <= kind.resolve_min for kind in KINDS.values())

    def test_count_days_as_working_days(self) -> None:
        assert (KINDS["E30"].resolve_min, KINDS["E30"].clock) == (5 * DAY, Clock.OFFICE)


class TestKindSetting:
    def test_changes_owner_and_limits_of_new_cases(self, opened: Opens) -> None:
        KindSetting.objects.create(kind="E04", owner=Role.CX, ack_min=1, resolve_min=2)
        forget_rules()

        case = opened("E04")
        assert (case.team, (case.ack_due_at - case.opened_at).total_seconds()) == (Role.CX, 60)
        assert rule_of("E04").words == PLAYBOOKS["E04"], "empty texts leave the words as they came"

    def test_needs_an_owner(self, db: None) -> None:  # R150
        with pytest.raises(IntegrityError, match="kind_has_owner"):
            KindSetting.objects.create(kind="E04", owner="", ack_min=1, resolve_min=2)
