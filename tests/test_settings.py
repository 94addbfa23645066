"""The settings as a whole: safe in production, one sentence when something is missing, and every variable described."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from portal import settings
from tests.production import ROOT, environment


def manage(*arguments: str, **changes: str) -> subprocess.CompletedProcess[str]:
    """A command in a process of its own; an empty value unsets a variable."""
    variables = {name: value for name, value in {**os.environ, **changes}.items() if value}
    return subprocess.run([sys.executable, "manage.py", *arguments], cwd=ROOT, env=variables, capture_output=True, text=True, check=False)


class TestProduction:
    def test_passes_djangos_own_deployment_checks(self):
        result = manage("check", "--deploy", "--fail-level", "WARNING", **environment())

        assert result.returncode == 0, result.stderr

    @pytest.mark.parametrize("name", ["LOCKSTEP_SECRET_KEY", "LOCKSTEP_CREDENTIALS_KEY", "DATABASE_URL", "LOCKSTEP_HOSTS"])
    def test_says_in_one_sentence_what_is_missing(self, name):
        result = manage("check", **{**environment(), name: ""})

        assert (result.returncode, result.stderr.count("\n")) == (1, 1)
        assert f"needs {name}: set" in result.stderr

    def test_refuses_a_broken_credentials_key(self):
        result = manage("check", **{**environment(), "LOCKSTEP_CREDENTIALS_KEY": "short"})

        assert result.returncode == 1
        assert "Key 1 in LOCKSTEP_CREDENTIALS_KEY is not a Fernet key" in result.stderr

    @pytest.mark.parametrize(
        ("changes", "told"),
        [
            ({}, "https://lockstep.example.com"),
            ({"LOCKSTEP_PUBLIC_URL": "https://portal.example.com/"}, "https://portal.example.com"),
            ({"LOCKSTEP_HOSTS": ".example.com,ops.example.com"}, "https://ops.example.com"),
        ],
    )
    def test_links_to_its_own_address_in_mails(self, changes, told):
        code = "from portal import settings; print(settings.PUBLIC_URL)"
        variables = {**os.environ, **environment(), **changes}

        assert (
            subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=variables, capture_output=True, text=True, check=True).stdout.strip() == told
        )

    def test_never_debugs(self):
        code = "from portal import settings; print(settings.DEBUG, settings.SESSION_COOKIE_SECURE, settings.STORAGES['staticfiles']['BACKEND'])"
        variables = {**os.environ, **environment(), "LOCKSTEP_DEBUG": "true"}

        said = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=variables, capture_output=True, text=True, check=True).stdout

        assert said.split() == ["False", "True", settings.HASHED_FILES]


class TestTheSettings:
    def test_are_all_described_in_the_example(self):
        sources = [*Path(ROOT, "portal").glob("*.py"), Path(ROOT, "tests", "chromium.py")]
        read = {
            name
            for path in sources
            for name in re.findall(r"(?:text|flag|number|words|address|kept_key|mail|get)\(\s*\"(LOCKSTEP_\w+|DATABASE_URL)\"", path.read_text())
        }
        described = set(re.findall(r"^# (\w+)=", Path(ROOT, ".env.example").read_text(), re.MULTILINE))

        assert read == described

    def test_hash_passwords_with_argon2(self):
        assert settings.PASSWORD_HASHERS[0].endswith("Argon2PasswordHasher")

    def test_keep_database_connections_and_check_them(self):
        assert settings.CONN_MAX_AGE >= 60
        assert settings.DATABASES["default"]["CONN_HEALTH_CHECKS"] is True

    def test_install_every_app_of_ours_once_it_exists(self):
        existing = {app for app in settings.OUR_APPS if (ROOT / app.replace(".", "/") / "apps.py").exists()}

        assert existing <= set(settings.INSTALLED_APPS)
