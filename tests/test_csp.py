"""What the browser is told it may do."""

from __future__ import annotations

import pytest


@pytest.fixture
def policy(client, db):
    header = client.get("/health/").headers["Content-Security-Policy"]
    return dict(directive.split(" ", 1) for directive in header.split("; "))


class TestThePolicy:
    def test_allows_nothing_from_elsewhere(self, policy):
        assert policy["default-src"] == "'self'"
        assert not any("http" in sources or "*" in sources for sources in policy.values())

    @pytest.mark.parametrize("directive", ["script-src", "style-src"])
    def test_allows_nothing_written_into_the_page(self, policy, directive):
        assert policy[directive] == "'self'"

    @pytest.mark.parametrize(
        ("directive", "sources"), [("frame-ancestors", "'none'"), ("base-uri", "'none'"), ("form-action", "'self'"), ("object-src", "'none'")]
    )
    def test_closes(self, policy, directive, sources):
        assert policy[directive] == sources

    def test_comes_with_a_refusal_too(self, client, db):
        assert "Content-Security-Policy" in client.get("/no-such-page/").headers
