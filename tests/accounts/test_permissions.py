"""Requirement 4.2, cell by cell, typed a second time from the requirement's own table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

import pytest
from django.contrib.auth.models import AnonymousUser

from portal.accounts.models import User
from portal.accounts.permissions import TABLE, Action, Kind, NotAllowedError, allowed, check, may_ever
from portal.accounts.roles import Role

# Requirement 4.2 in its own words. Columns: CX FIN OPS MER ADM AUD; the sign in front is the portal's name of the action.
WRITTEN = """
see_inbox            | Y           | Y    | Y               | Y        | Y   | Y
see_personal_data    | Y           | O    | Y               | -        | -   | -
see_evidence         | O           | O    | Y               | O        | Y   | Y
take_part            | Y           | Y    | Y               | Y        | Y   | -
reassign             | Y           | Y    | Y               | Y        | Y   | -
snooze               | O           | O    | O               | O        | Y   | -
replay_one           | O           | -    | Y               | O        | Y   | -
replay_group         | -           | -    | Y/A             | O/A      | Y/A | -
correct_order        | address     | -    | delivery_method | sku_line | -   | -
edit_payload         | -           | -    | -               | -        | A   | -
resolve_fixed        | O           | O    | O               | O        | O   | -
resolve_by_hand      | O           | O    | O               | O        | -   | -
write_off            | -           | Y/A  | A by FIN        | -        | -   | -
decide_line          | refuse      | -    | Y               | -        | -   | -
release_refund       | A by FIN    | A    | -               | -        | -   | -
edit_carrier_mapping | -           | -    | Y               | -        | Y   | -
edit_sku_mapping     | -           | -    | -               | Y        | Y   | -
edit_connection      | -           | -    | -               | -        | Y   | -
import_mappings      | -           | -    | carrier/A       | sku/A    | Y/A | -
enable_default_sku   | -           | -    | -               | A        | A   | -
change_buffers       | -           | -    | Y               | Y        | Y   | -
close_period         | -           | Y    | -               | -        | -   | -
reopen_period        | -           | A    | -               | -        | -   | -
edit_playbooks       | lead        | lead | lead            | lead     | Y   | -
export               | O           | Y    | Y               | Y        | Y   | Y
read_audit           | own_events  | Y    | own_events      | own_events | Y | Y
manage_people        | -           | -    | -               | -        | Y   | -
"""
ROLES = (Role.CX, Role.FIN, Role.OPS, Role.MER, Role.ADM, Role.AUD)
ROWS = [[cell.strip() for cell in line.split("|")] for line in WRITTEN.strip().splitlines()]
CELLS = [(Action(row[0]), role, cell) for row in ROWS for role, cell in zip(ROLES, row[1:], strict=True)]
NOT_OWN = {role: Role.FIN if role is not Role.FIN else Role.CX for role in ROLES}


@dataclass
class Somebody:
    """A person without a database: roles, and whether they lead."""

    roles: frozenset[Role]
    lead: bool = False
    is_authenticated = True

    def leads(self, role: Role) -> bool:
        return self.lead and role in self.roles


def one(*roles: Role, lead: bool = False) -> User:
    return cast(User, Somebody(frozenset(roles), lead))


def answers(role: Role, action: Action, *, lead: bool = False, **asked: Any) -> str:
    """yes, ask or no."""
    verdict = allowed(one(role, lead=lead), action, **asked)
    assert not (verdict.yes and verdict.needs_approval)
    assert verdict.why.endswith(".")
    return "yes" if verdict.yes else "ask" if verdict.needs_approval else "no"


class TestTable:
    def test_knows_every_action_of_the_requirement_and_no_other(self):
        assert {row[0] for row in ROWS} == {action.value for action in TABLE} == set(Action.values)

    @pytest.mark.parametrize(("action", "role", "cell"), CELLS)
    def test_says_what_the_requirement_says(self, action, role, cell):  # 4.2
        scope, _, limit = cell.partition("/")
        kind = Kind(scope) if scope in Kind.values else None
        own = {"owner": role, "kind": kind, "lead": scope == "lead"}
        expected = {"-": "no", "A": "ask", "A by FIN": "ask"}.get(scope, "yes")

        assert answers(role, action, **own) == expected
        assert answers(role, action, **own, beyond_limit=True) == ("ask" if limit == "A" else expected)

    @pytest.mark.parametrize(("action", "role", "cell"), [row for row in CELLS if row[2].startswith("O")])
    def test_keeps_own_team_to_its_own_types(self, action, role, cell):
        assert answers(role, action, owner=NOT_OWN[role]) == "no"
        assert answers(role, action) == "no"
        assert answers(role, action, owner={NOT_OWN[role], role}) == "yes"  # the type lets both act

    @pytest.mark.parametrize(("action", "role", "cell"), [row for row in CELLS if row[2].partition("/")[0] in Kind.values])
    def test_keeps_a_domain_to_itself(self, action, role, cell):
        mine = {Kind.CARRIER, Kind.SERVICE} if cell.startswith("carrier") else {Kind(cell.partition("/")[0])}

        assert {kind for kind in Kind if answers(role, action, kind=kind) == "yes"} == mine
        assert answers(role, action) == "no"

    @pytest.mark.parametrize("role", [Role.CX, Role.FIN, Role.OPS, Role.MER])
    def test_keeps_playbooks_to_those_who_lead_that_team(self, role):
        assert answers(role, Action.EDIT_PLAYBOOKS, lead=False) == "no"
        assert answers(role, Action.EDIT_PLAYBOOKS, lead=True, owner=NOT_OWN[role]) == "no"

    @pytest.mark.parametrize(
        "action", [action for action in Action if action not in {Action.SEE_INBOX, Action.SEE_EVIDENCE, Action.EXPORT, Action.READ_AUDIT}]
    )
    def test_lets_the_auditor_change_nothing(self, action):
        assert answers(Role.AUD, action, owner=Role.AUD, beyond_limit=True, lead=True) == "no"


class TestSecondPerson:
    @pytest.mark.parametrize(
        ("role", "action", "asked", "approvers"),
        [
            (Role.OPS, Action.WRITE_OFF, {}, {Role.FIN}),
            (Role.FIN, Action.WRITE_OFF, {"beyond_limit": True}, {Role.FIN}),
            (Role.CX, Action.RELEASE_REFUND, {}, {Role.FIN}),
            (Role.FIN, Action.RELEASE_REFUND, {}, {Role.FIN}),
            (Role.ADM, Action.EDIT_PAYLOAD, {}, {Role.ADM}),
            (Role.MER, Action.ENABLE_DEFAULT_SKU, {}, {Role.MER, Role.ADM}),
            (Role.FIN, Action.REOPEN_PERIOD, {}, {Role.FIN}),
            (Role.OPS, Action.IMPORT_MAPPINGS, {"kind": Kind.SERVICE, "beyond_limit": True}, {Role.OPS, Role.ADM}),
            (Role.MER, Action.IMPORT_MAPPINGS, {"kind": Kind.SKU, "beyond_limit": True}, {Role.MER, Role.ADM}),
            (Role.OPS, Action.REPLAY_GROUP, {"owner": Role.OPS, "beyond_limit": True}, {Role.OPS, Role.ADM}),
            (Role.MER, Action.REPLAY_GROUP, {"owner": {Role.MER, Role.OPS}, "beyond_limit": True}, {Role.OPS, Role.MER, Role.ADM}),
        ],
    )
    def test_is_somebody_who_could_ask_for_it_or_whom_the_table_names(self, role, action, asked, approvers):
        assert allowed(one(role), action, **asked).approvers == approvers


class TestPerson:
    def test_with_several_roles_has_the_best_of_each(self):
        both = one(Role.CX, Role.OPS)

        assert allowed(both, Action.REPLAY_ONE, owner=Role.FIN).yes
        assert allowed(both, Action.CORRECT_ORDER, kind=Kind.ADDRESS).yes
        assert allowed(both, Action.CORRECT_ORDER, kind=Kind.DELIVERY_METHOD).yes
        assert not allowed(both, Action.CORRECT_ORDER, kind=Kind.SKU_LINE).yes

    @pytest.mark.parametrize("nobody", [one(), AnonymousUser()])
    @pytest.mark.parametrize("action", Action)
    def test_without_a_role_may_nothing(self, nobody, action):
        assert not allowed(nobody, action, beyond_limit=True).yes
        assert "no role" in allowed(nobody, action).why

    def test_is_told_whom_to_ask(self):
        assert allowed(one(Role.CX), Action.EDIT_SKU_MAPPING).why == "You cannot edit SKU mappings and aliases: that is for Merchandising or Admin."

    def test_is_told_what_they_may_correct(self):
        assert allowed(one(Role.CX), Action.CORRECT_ORDER, kind=Kind.SKU_LINE).why == "You may correct order data, but only this: the address."


class TestCheck:
    def test_raises_the_reason(self):
        with pytest.raises(NotAllowedError, match="that is for Admin"):
            check(one(Role.CX), Action.EDIT_CONNECTION)

    def test_lets_through_what_a_second_person_decides(self):
        assert check(one(Role.ADM), Action.EDIT_PAYLOAD).needs_approval

    def test_opens_a_page_to_those_who_may_at_least_sometimes(self):
        assert may_ever(one(Role.CX), Action.REPLAY_ONE).yes
        assert not may_ever(one(Role.FIN), Action.REPLAY_ONE).yes
        assert not may_ever(one(Role.CX), Action.EDIT_PLAYBOOKS).yes
        assert may_ever(one(Role.CX, lead=True), Action.EDIT_PLAYBOOKS).yes
