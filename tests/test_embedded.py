"""The embedded PostgreSQL starts anywhere, is shared, and ends with the last one who uses it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from portal import embedded
from portal.embedded import DatabaseError, Embedded
from tests.production import ROOT

HOLD = """
import sys
from pathlib import Path
from portal.embedded import Embedded
one = Embedded(Path(sys.argv[1]), forgetful=True)
one.hold()
print("up", flush=True)
sys.stdin.read()
one.release()
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Iterator[Path]:
    """Made once, because a cluster takes a second to create: in a long path with a blank, a comma and an accent."""
    folder = tmp_path_factory.mktemp("a path, with blanks and é " + "x" * 80) / "postgres"
    yield folder
    Embedded(folder).erase()


@pytest.fixture
def server(folder):
    one = Embedded(folder, forgetful=True)
    one.hold()
    yield one
    one.release()


def ask(server: Embedded, question: str) -> object:
    with psycopg.connect(server.url()) as connection:
        row = connection.execute(question).fetchone()
        return row[0] if row else None


def first_line(process: subprocess.Popen[str]) -> str:
    return process.stdout.readline() if process.stdout else ""


def postmaster(server: Embedded) -> int:
    return int((server.folder / "postmaster.pid").read_text().splitlines()[0])


class TestTheServer:
    def test_answers_from_a_long_path_with_blanks(self, server):
        assert ask(server, "SELECT 6 * 7") == 42

    def test_speaks_unicode_and_utc(self, server):
        assert (ask(server, "SHOW server_encoding"), ask(server, "SHOW timezone")) == ("UTF8", "UTC")

    def test_listens_on_no_network(self, server):
        assert ask(server, "SHOW listen_addresses") == ""

    def test_keeps_others_out_of_its_socket(self, server):
        assert server.sockets.stat().st_mode & 0o077 == 0

    def test_keeps_its_data(self, server):
        with psycopg.connect(server.url(), autocommit=True) as connection:
            connection.execute("CREATE TABLE IF NOT EXISTS kept (n int)")
        server.release()
        server.hold()

        assert ask(server, "SELECT count(*) FROM kept") == 0

    def test_ends_with_the_last_one(self, server):
        server.release()

        assert not server.is_running()
        assert not server.sockets.exists()

    def test_goes_on_while_another_process_uses_it(self, server):
        with subprocess.Popen(
            [sys.executable, "-c", HOLD, server.folder], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as other:
            assert first_line(other) == "up\n"
            server.release()
            assert ask(server, "SELECT 1") == 1
            other.communicate("")

        assert not server.is_running()

    def test_is_left_to_nobody_by_a_killed_process(self, server):
        with subprocess.Popen(
            [sys.executable, "-c", HOLD, server.folder], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as other:
            assert first_line(other) == "up\n"
            other.kill()
        server.release()

        assert not server.is_running()

    def test_recovers_after_a_power_cut(self, server):
        os.kill(postmaster(server), signal.SIGKILL)
        wait_until(lambda: not server.is_running())
        again = Embedded(server.folder, forgetful=True)

        again.hold()

        assert ask(again, "SELECT 1") == 1
        again.release()

    def test_starts_although_its_number_now_belongs_to_somebody_else(self, server):
        server.release()
        (server.folder / "postmaster.pid").write_text(f"{os.getpid()}\n{server.folder}\n")

        server.hold()

        assert ask(server, "SELECT 1") == 1

    def test_is_not_erased_while_in_use(self, server):
        with pytest.raises(DatabaseError, match="is in use"):
            Embedded(server.folder).erase()

    def test_can_be_erased(self, tmp_path):
        one = Embedded(tmp_path / "postgres", forgetful=True)
        one.hold()
        one.release()

        one.erase()

        assert not one.folder.exists()


class TestAServerThatWillNotStart:
    def test_is_one_sentence(self, server):
        server.release()
        settings = server.folder / "postgresql.conf"
        before = settings.read_text()
        settings.write_text("shared_buffers = nonsense\n")

        with pytest.raises(DatabaseError) as caught:
            Embedded(server.folder).hold()

        settings.write_text(before)
        assert "The embedded database does not start: see" in str(caught.value)
        assert "\n" not in str(caught.value)

    def test_does_not_use_a_socket_folder_of_somebody_else(self, server):
        server.release()
        server.sockets.mkdir(exist_ok=True)
        server.sockets.chmod(0o777)

        with pytest.raises(DatabaseError, match="belongs to somebody else"):
            Embedded(server.folder).hold()
        server.sockets.rmdir()

    def test_says_when_it_is_not_installed(self, monkeypatch):
        monkeypatch.setattr(embedded, "find_spec", lambda _: None)

        with pytest.raises(DatabaseError, match="not installed"):
            embedded.installed()


class TestACommand:
    def test_that_never_asks_the_database_does_not_start_it(self, tmp_path):
        one = Embedded(tmp_path / "postgres")

        with embedded.held_for(["manage.py", "check"], server=one):
            assert not one.folder.exists()


def wait_until(done, timeout_s: float = 10) -> None:
    give_up_at = time.monotonic() + timeout_s
    while not done():
        assert time.monotonic() < give_up_at
        time.sleep(0.05)
