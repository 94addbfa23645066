"""Log lines are JSON, say what they belong to, and keep secrets to themselves."""

from __future__ import annotations

import json
import logging

import pytest
import structlog

from portal.logging import HIDDEN, Terminal, about, formatter, redact


@pytest.fixture
def lines(capsys):
    """Each line written to the terminal, read back."""
    handler = Terminal()
    handler.setFormatter(formatter("json"))
    logger = logging.getLogger("lockstep.test")
    logger.addHandler(handler)
    logger.propagate = False
    yield lambda: [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    logger.removeHandler(handler)
    logger.propagate = True


class TestALogLine:
    def test_says_which_message_it_belongs_to(self, lines):
        with about(message=12, connection=3):
            structlog.get_logger("lockstep.test").warning("delivered", sku="A-1")

        [line] = lines()
        assert (line["event"], line["sku"], line["message"], line["connection"]) == ("delivered", "A-1", 12, 3)

    def test_of_a_library_carries_the_same_names(self, lines):
        with about(request_id="r1"):
            logging.getLogger("lockstep.test").warning("slow: %s", "orders")

        [line] = lines()
        assert (line["event"], line["request_id"], line["level"]) == ("slow: orders", "r1", "warning")

    def test_forgets_them_afterwards(self, lines):
        with about(message=12):
            pass
        structlog.get_logger("lockstep.test").warning("done")

        assert "message" not in lines()[0]

    def test_hides_what_a_library_puts_into_its_text(self, lines):
        logging.getLogger("lockstep.test").warning("POST /oauth?client_secret=hunter2&grant=x with Authorization: Bearer abcdefgh12345")

        assert "hunter2" not in (text := lines()[0]["event"])
        assert "abcdefgh12345" not in text


class TestRedact:
    @pytest.mark.parametrize("name", ["Authorization", "x-api-key", "client_secret", "access_token", "Set-Cookie", "X-Hmac", "credentials"])
    def test_hides_by_name(self, name):
        assert redact({name: "hunter2", "id": 7}) == {name: HIDDEN, "id": 7}

    @pytest.mark.parametrize(
        "text",
        [
            "Bearer hunter2hunter2",
            '{"access_token": "hunter2"}',
            "password=hunter2&user=me",
            "postgresql://me:hunter2@db.example/shop",
            "api_key: hunter2",
        ],
    )
    def test_hides_by_shape(self, text):
        assert "hunter2" not in redact(text)

    def test_looks_into_lists(self):
        assert redact([{"password": "hunter2"}, ("Bearer hunter2hunter2",)]) == [{"password": HIDDEN}, [f"Bearer {HIDDEN}"]]

    def test_leaves_ordinary_words_alone(self):
        assert redact("Order 1001 has no delivery method") == "Order 1001 has no delivery method"


class TestARequest:
    def test_keeps_the_proxys_id(self, client, db):
        assert client.get("/health/", headers={"X-Request-ID": "proxy-1234"}).headers["X-Request-ID"] == "proxy-1234"

    def test_gets_an_id_of_its_own(self, client, db):
        first, second = (client.get("/health/").headers["X-Request-ID"] for _ in range(2))

        assert len(first) == 32
        assert first != second

    def test_does_not_repeat_an_id_that_could_forge_a_line(self, client, db):
        assert client.get("/health/", headers={"X-Request-ID": 'x"} {"event": "forged'}).headers["X-Request-ID"] != 'x"} {"event": "forged'
