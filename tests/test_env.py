"""Settings from the environment: what is read, what is refused, and what is kept for development."""

from __future__ import annotations

import os
import stat

import pytest
from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured

from portal import env


class TestAFlag:
    @pytest.mark.parametrize(("word", "meaning"), [("true", True), ("ON", True), (" 1 ", True), ("no", False), ("0", False)])
    def test_understands(self, monkeypatch, word, meaning):
        monkeypatch.setenv("LOCKSTEP_X", word)

        assert env.flag("LOCKSTEP_X", default=not meaning) is meaning

    def test_falls_back_when_empty(self, monkeypatch):
        monkeypatch.setenv("LOCKSTEP_X", " ")

        assert env.flag("LOCKSTEP_X", default=True) is True

    def test_refuses_a_word_it_does_not_know(self, monkeypatch):
        monkeypatch.setenv("LOCKSTEP_X", "maybe")

        with pytest.raises(ImproperlyConfigured, match="LOCKSTEP_X is 'maybe'"):
            env.flag("LOCKSTEP_X", default=False)


class TestANumber:
    def test_is_read(self, monkeypatch):
        monkeypatch.setenv("LOCKSTEP_X", "12")

        assert env.number("LOCKSTEP_X", 3) == 12

    def test_refuses_a_word(self, monkeypatch):
        monkeypatch.setenv("LOCKSTEP_X", "many")

        with pytest.raises(ImproperlyConfigured, match="must be a whole number"):
            env.number("LOCKSTEP_X", 3)


class TestWords:
    def test_are_split_and_trimmed(self, monkeypatch):
        monkeypatch.setenv("LOCKSTEP_X", "a.example, b.example ,")

        assert env.words("LOCKSTEP_X") == ["a.example", "b.example"]


class TestAnAddress:
    @pytest.mark.parametrize("told", ["https://lockstep.example.com", "http://127.0.0.1:8123/", "https://[::1]:8000"])
    def test_is_read_without_its_last_slash(self, monkeypatch, told):
        monkeypatch.setenv("LOCKSTEP_X", told)

        assert env.address("LOCKSTEP_X", "") == told.rstrip("/")

    @pytest.mark.parametrize("told", ["lockstep.example.com", "ftp://x.example", "https://x.example/portal", "https://me@x.example"])
    def test_refuses_what_links_cannot_begin_with(self, monkeypatch, told):
        monkeypatch.setenv("LOCKSTEP_X", told)

        with pytest.raises(ImproperlyConfigured, match="must look like https://"):
            env.address("LOCKSTEP_X", "")


class TestADatabaseUrl:
    def test_is_read_whole(self):
        found = env.database("postgresql://me:p%40ss@db.example:6432/shop?sslmode=require")

        assert (found["USER"], found["PASSWORD"], found["HOST"], found["PORT"], found["NAME"]) == ("me", "p@ss", "db.example", "6432", "shop")
        assert found["OPTIONS"]["sslmode"] == "require"

    def test_may_name_a_socket_folder(self):
        assert env.database("postgresql://postgres@/shop?host=/run/db")["HOST"] == "/run/db"

    @pytest.mark.parametrize("url", ["mysql://me@host/shop", "postgresql://me@host/", "shop"])
    def test_refuses_what_is_not_postgresql(self, url):
        with pytest.raises(ImproperlyConfigured, match="DATABASE_URL must look like"):
            env.database(url)


class TestAMailUrl:
    def test_prints_to_the_terminal_when_absent(self):
        assert env.mail("").backend.endswith("console.EmailBackend")

    @pytest.mark.parametrize(
        ("url", "port", "ssl", "tls"),
        [("smtp://u:p@mail.example", 587, False, True), ("smtps://mail.example", 465, True, False), ("smtp://127.0.0.1:2525", 2525, False, False)],
    )
    def test_never_leaves_this_computer_unencrypted(self, url, port, ssl, tls):
        found = env.mail(url)

        assert (found.port, found.ssl, found.tls) == (port, ssl, tls)

    def test_refuses_another_scheme(self):
        with pytest.raises(ImproperlyConfigured, match="LOCKSTEP_MAIL_URL must look like"):
            env.mail("http://mail.example")

    def test_does_not_show_its_password(self):
        assert "hunter2" not in repr(env.mail("smtp://u:hunter2@mail.example"))


class TestAKeptKey:
    def test_is_made_once(self, tmp_path):
        first = env.kept_key("LOCKSTEP_X_KEY", folder=tmp_path)

        assert env.kept_key("LOCKSTEP_X_KEY", folder=tmp_path) == first

    def test_may_be_read_by_its_owner_alone(self, tmp_path):
        env.kept_key("LOCKSTEP_X_KEY", folder=tmp_path)

        assert stat.S_IMODE((tmp_path / "x_key").stat().st_mode) == 0o600

    def test_for_credentials_encrypts(self, tmp_path):
        key = env.kept_key("LOCKSTEP_Y_CREDENTIALS_KEY", folder=tmp_path)

        assert Fernet(key).decrypt(Fernet(key).encrypt(b"x")) == b"x"

    def test_gives_way_to_the_environment(self, tmp_path, monkeypatch):
        monkeypatch.setenv("LOCKSTEP_X_KEY", "given")

        assert env.kept_key("LOCKSTEP_X_KEY", folder=tmp_path) == "given"
        assert not list(tmp_path.iterdir())


class TestAnEnvFile:
    def test_fills_what_the_environment_leaves_open(self, tmp_path, monkeypatch):
        monkeypatch.setenv("LOCKSTEP_A", "mine")
        monkeypatch.delenv("LOCKSTEP_B", raising=False)
        (tmp_path / ".env").write_text("# LOCKSTEP_C=no\nLOCKSTEP_A=theirs\nLOCKSTEP_B='quoted'\n\n")

        env.load(tmp_path / ".env")

        found = [os.environ.pop(name, None) for name in ("LOCKSTEP_B", "LOCKSTEP_C")]
        assert [os.environ["LOCKSTEP_A"], *found] == ["mine", "quoted", None]
