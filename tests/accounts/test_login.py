"""Coming in, going out, and what a person chooses for themselves."""

from __future__ import annotations

import pytest
from django.test import Client

from portal import settings as product
from portal.accounts.models import User
from tests.people import PASSWORD, person

pytestmark = pytest.mark.django_db
WRONG = {"username": "cora", "password": "not this one"}


def log_in(client, username: str = "cora", **extra: str):
    return client.post("/login/", {"username": username, "password": PASSWORD, **extra})


class TestLogin:
    def test_lets_in_who_knows_the_password(self, client):
        person("cora")

        assert log_in(client).status_code == 302
        assert client.get("/profile/").status_code == 200

    def test_changes_the_sessions_key(self, client):  # R157: a key planted before login is worth nothing after it
        person("cora")
        client.get("/login/")
        client.session["planted"] = True
        client.session.save()
        before = client.session.session_key

        log_in(client)

        assert client.session.session_key != before

    def test_does_not_tell_whether_the_name_exists(self, client):
        person("cora")
        known = client.post("/login/", WRONG).text
        unknown = client.post("/login/", {**WRONG, "username": "zelda"}).text

        assert "Name and password do not fit together" in known
        assert "Name and password do not fit together" in unknown

    def test_locks_a_name_that_is_guessed_at(self, client, settings):
        settings.AXES_FAILURE_LIMIT = 3
        person("cora")
        for _ in range(3):
            client.post("/login/", WRONG)

        answer = log_in(client)

        assert answer.status_code == 429
        assert "Too many wrong passwords" in answer.text

    def test_goes_nowhere_else(self, client):
        person("cora")

        assert log_in(client, next="https://elsewhere.example/").url == "/"

    def test_refuses_a_person_who_is_switched_off(self, client):
        User.objects.filter(pk=person("cora").pk).update(is_active=False)

        assert log_in(client).status_code == 200

    def test_refuses_a_form_from_elsewhere(self):
        strict = Client(enforce_csrf_checks=True)

        answer = strict.post("/login/", WRONG)

        assert answer.status_code == 403
        assert "This form was too old" in answer.text


class TestPassword:
    def test_is_kept_with_argon2(self, settings):
        settings.PASSWORD_HASHERS = product.PASSWORD_HASHERS  # tests use a quick one

        assert person("cora").password.startswith("argon2$")

    def test_change_ends_the_other_sessions(self, client):
        person("cora")
        other = Client()
        log_in(other)
        log_in(client)
        new = "a longer way to say it"

        page = client.post("/profile/password/", {"old_password": PASSWORD, "new_password1": new, "new_password2": new}, follow=True)

        assert "logged out everywhere else" in page.text
        assert other.get("/profile/").status_code == 302

    def test_that_everybody_uses_is_refused(self, client):
        person("cora")
        log_in(client)

        page = client.post("/profile/password/", {"old_password": PASSWORD, "new_password1": "password", "new_password2": "password"})

        assert "too common" in page.text


class TestSession:
    def test_ends_with_logout(self, client):
        person("cora")
        log_in(client)

        client.post("/logout/")

        assert client.get("/profile/").status_code == 302

    def test_ends_when_the_person_is_switched_off(self, client):
        client.force_login(person("cora"))

        User.objects.update(is_active=False)

        assert client.get("/profile/").status_code == 302

    def test_is_out_of_reach_of_scripts_and_other_sites(self, client):
        person("cora")

        cookie = log_in(client).cookies["sessionid"]

        assert cookie["httponly"]
        assert cookie["samesite"] == "Lax"

    @pytest.mark.parametrize("url", ["/profile/", "/approvals/", "/audit/", "/ui/", "/profile/password/"])
    def test_is_needed_for_every_page(self, client, url):
        answer = client.get(url)

        assert answer.status_code == 302
        assert answer.url.startswith("/login/?next=")


class TestProfile:
    def test_shows_times_in_the_chosen_zone(self, client):
        person("cora")
        log_in(client)

        client.post("/profile/", {"time_zone": "Asia/Tokyo", "single_keys": "on"})

        assert person("cora").time_zone == "Asia/Tokyo"
        assert '<option value="Asia/Tokyo" selected>' in client.get("/profile/").text

    def test_refuses_a_zone_that_does_not_exist(self, client):
        person("cora")
        log_in(client)

        page = client.post("/profile/", {"time_zone": "Mars/Olympus"})

        assert "not one of the available choices" in page.text
        assert person("cora").time_zone == "UTC"

    def test_tells_nell_what_to_do(self, client):
        client.force_login(person("nell"))

        assert "Ask an admin to give you one" in client.get("/profile/").text
