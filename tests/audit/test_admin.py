"""Changes made in the admin: by role, and each one recorded."""

from __future__ import annotations

import pytest

from portal.accounts.models import User
from portal.accounts.roles import Role
from portal.audit.models import AuditEvent
from tests.people import PASSWORD, person

pytestmark = pytest.mark.django_db
NEW = "a longer way to say it"


def form(user: User, *roles: str, **changed: str) -> dict[str, str]:
    """The person's page as the browser would send it."""
    held = list(user.memberships.order_by("role"))
    rows: dict[str, str] = {"memberships-TOTAL_FORMS": str(len(held) + len(roles)), "memberships-INITIAL_FORMS": str(len(held))}
    for place, membership in enumerate(held):
        rows |= {
            f"memberships-{place}-id": str(membership.pk),
            f"memberships-{place}-user": str(user.pk),
            f"memberships-{place}-role": membership.role,
        }
    for place, role in enumerate(roles, start=len(held)):
        rows |= {f"memberships-{place}-role": role, f"memberships-{place}-user": str(user.pk)}
    return {"username": user.username, "first_name": user.first_name, "time_zone": user.time_zone, "is_active": "on", **rows, **changed}


@pytest.fixture
def cora(client) -> User:
    client.force_login(person("ada"))
    return person("cora")


def url(user: User, page: str = "change") -> str:
    return f"/admin/accounts/user/{user.pk}/{page}/"


def last() -> AuditEvent:
    return AuditEvent.objects.latest("pk")


class TestPeoplePages:
    @pytest.mark.parametrize("username", ["cora", "finn", "omar", "mira", "aldo", "nell"])
    def test_are_closed_to_all_but_admins(self, client, username):
        client.force_login(person(username))

        assert client.get("/admin/accounts/user/").status_code in {302, 403}

    def test_record_what_was_and_what_is(self, client, cora):
        answer = client.post(url(cora), form(cora, first_name="Coraline"))

        assert answer.status_code == 302
        kept = last()
        assert (kept.actor_label, kept.action, kept.old, kept.new) == ("Ada", "user.changed", {"first_name": "Cora"}, {"first_name": "Coraline"})

    def test_record_a_role_given(self, client, cora):
        client.post(url(cora), form(cora, "OPS"))

        assert User.objects.get(pk=cora.pk).roles == {Role.CX, Role.OPS}
        assert User.objects.get(pk=cora.pk).is_staff
        assert (last().action, (last().new or {}).get("role")) == ("membership.added", "OPS")

    def test_record_a_role_taken(self, client, cora):
        client.post(url(cora), form(cora, **{"memberships-0-DELETE": "on"}))

        assert User.objects.get(pk=cora.pk).roles == frozenset()
        assert (last().action, last().subject_label) == ("membership.removed", "CX")

    def test_record_nothing_when_nothing_changed(self, client, cora):
        before = AuditEvent.objects.count()

        client.post(url(cora), form(cora))

        assert AuditEvent.objects.count() == before

    def test_record_a_new_person_without_the_password(self, client, cora):
        client.post(
            "/admin/accounts/user/add/",
            {"username": "carl", "usable_password": "true", "password1": NEW, "password2": NEW, **form(cora, username="carl")} | NO_ROLES,
        )

        kept = AuditEvent.objects.get(action="user.added")
        assert (kept.new or {}).get("username") == "carl"
        assert NEW not in str(kept.new)

    def test_record_a_password_set_by_an_admin(self, client, cora):
        client.post(url(cora, "password"), {"usable_password": "true", "password1": NEW, "password2": NEW})

        assert User.objects.get(pk=cora.pk).check_password(NEW)
        assert (last().action, last().new) == ("person.password_set", {"password": "[changed]"})

    def test_never_delete_a_person(self, client, cora):
        assert client.post(url(cora, "delete"), {"post": "yes"}).status_code == 403

    def test_let_a_superuser_give_the_first_role(self, client):
        client.force_login(User.objects.create_superuser("root", password=PASSWORD))

        assert client.get("/admin/accounts/user/").status_code == 200


NO_ROLES = {"memberships-TOTAL_FORMS": "0", "memberships-INITIAL_FORMS": "0"}


class TestAdminLook:
    def test_is_the_portals(self, client, cora):
        page = client.get("/admin/").text

        assert "shell.css" in page
        assert 'class="rail"' in page
        assert "theme-auto" in page

    def test_says_no_in_the_page_not_in_silence(self, client):
        client.force_login(person("cora"))

        assert client.get("/admin/").status_code == 302
