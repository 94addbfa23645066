"""The frame of every page: navigation, theme, keys, errors."""

from __future__ import annotations

import re

import pytest
from django.template.loader import render_to_string
from django.test import Client, RequestFactory

from portal.ui.navigation import SECTIONS, Entry, navigation_for, url_of
from portal.ui.theme import way_back
from tests.people import person

pytestmark = pytest.mark.django_db


def labels(username: str) -> list[str]:
    asked = RequestFactory().get("/audit/")
    asked.user = person(username)
    return [entry.label for section in navigation_for(asked) for entry in section]


class TestNavigation:
    def test_leaves_out_pages_that_do_not_exist(self, monkeypatch):
        monkeypatch.setattr("portal.ui.navigation.SECTIONS", ((Entry("Moon", "moon:landing", None), Entry("Audit trail", "audit", None)),))

        assert labels("cora") == ["Audit trail"]

    @pytest.mark.parametrize(("username", "seen"), [("ada", True), ("omar", True), ("cora", False), ("nell", False)])
    def test_shows_settings_to_those_who_may_open_them(self, username, seen):
        assert ("Settings" in labels(username)) is seen

    def test_shows_nell_nothing_but_her_name(self):
        assert labels("nell") == []

    def test_marks_the_page_that_is_open(self, client):
        client.force_login(person("ada"))

        assert re.search(r'href="/audit/" aria-current="page"', client.get("/audit/").text)

    def test_uses_each_key_once(self):
        keys = [entry.keys for section in SECTIONS for entry in section if entry.keys]

        assert len(keys) == len(set(keys))

    def test_is_silent_about_a_name_nobody_gave(self):
        assert url_of("no:such") == ""


class TestTheme:
    @pytest.mark.parametrize("theme", ["light", "dark", "auto"])
    def test_is_kept_and_arrives_with_the_page(self, client, theme):
        answer = client.post("/ui/theme/", {"theme": theme, "next": "/login/"}, follow=True)

        assert f'data-theme="{theme}"' in answer.text
        assert re.search(rf'value="{theme}" aria-pressed="true"', answer.text)

    def test_that_does_not_exist_changes_nothing(self, client):
        client.post("/ui/theme/", {"theme": "<neon>"})

        assert 'data-theme="auto"' in client.get("/login/").text

    def test_is_not_believed_from_a_forged_cookie(self, client):
        client.cookies["theme"] = '"><script>'

        assert 'data-theme="auto"' in client.get("/login/").text

    @pytest.mark.parametrize(
        ("asked", "goes"), [("/audit/?action=x", "/audit/?action=x"), ("https://elsewhere.example/", "/"), ("//elsewhere.example", "/"), ("", "/")]
    )
    def test_returns_only_to_our_own_pages(self, asked, goes):
        assert way_back(RequestFactory().post("/", {"next": asked})) == goes


class TestKeys:
    def test_can_be_turned_off_and_on(self, client):
        client.force_login(person("cora"))

        off = client.post("/ui/keys/", {"single_keys": "off", "next": "/profile/"}, follow=True)
        on = client.post("/ui/keys/", {"single_keys": "on", "next": "/profile/"}, follow=True)

        assert 'data-single-keys="off"' in off.text
        assert 'data-single-keys="on"' in on.text


class TestStylePage:
    def test_shows_everything_to_an_admin(self, client):
        client.force_login(person("ada"))

        page = client.get("/ui/")

        assert page.status_code == 200
        for component in ("tiles", "bulk", "timeline", "evidence", "empty-silent", "pane-list", "chart", "clock-late", "field-wrong"):
            assert component in page.text

    @pytest.mark.parametrize("username", ["cora", "finn", "omar", "mira", "aldo", "nell"])
    def test_is_closed_to_others(self, client, username):
        client.force_login(person(username))

        assert client.get("/ui/").status_code == 403

    def test_has_neither_inline_script_nor_inline_style(self, client):
        client.force_login(person("ada"))
        page = client.get("/ui/").text

        assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=", page)


class TestErrors:
    def test_404_says_what_follows(self, client):
        client.force_login(person("cora"))
        answer = client.get("/no/such/page/")

        assert answer.status_code == 404
        assert "There is no such page" in answer.text
        assert 'class="rail"' in answer.text

    def test_403_says_whose_it_is(self, client):
        client.force_login(person("nell"))
        answer = client.get("/audit/")

        assert answer.status_code == 403
        assert "You hold no role yet. Ask an admin to give you one." in answer.text

    def test_400_says_what_follows(self, client):
        client.force_login(person("cora"))
        answer = client.post("/approvals/1/", {"decision": "perhaps"})

        assert answer.status_code == 400
        assert "Nothing was changed. Go back" in answer.text

    def test_500_needs_nothing_to_be_shown(self):
        assert "Something went wrong on our side" in render_to_string("500.html")

    def test_old_form_says_nothing_was_changed(self):
        answer = Client(enforce_csrf_checks=True).post("/ui/theme/", {"theme": "dark"})

        assert answer.status_code == 403
        assert "Nothing was changed" in answer.text
