"""Addresses that a credential may be sent to."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError

from portal.connections.addresses import check_base_url

GOOD = [
    "https://api.veeqo.com",
    "https://api.veeqo.com:8443/v1",
    "http://127.0.0.1:8700",
    "http://127.8.9.1",
    "http://localhost:9000/veeqo",
    "http://[::1]:9000",
]
BAD = [
    "http://api.veeqo.com",
    "http://localhost.example.com",
    "http://127.0.0.1.example.com",
    "http://10.0.0.1",
    "http://0.0.0.0:80",
    "http://2130706433",
    "http://127.0.0.1@example.com",
    "https://user:word@example.com",
    "https://example.com?next=x",
    "https://example.com#x",
    "ftp://example.com",
    "file:///etc/passwd",
    "//example.com",
    "example.com",
    "https://",
    "http://[::1",
    "https://example.com:port",
    "https://example.com:99999",
    "",
]


class TestAnAddress:
    @pytest.mark.parametrize("url", GOOD)
    def test_is_taken_over_https_or_on_this_computer(self, url):
        assert check_base_url(url) is None

    @pytest.mark.parametrize("url", BAD)
    def test_is_refused_where_a_credential_would_be_in_danger(self, url):
        with pytest.raises(ValidationError):
            check_base_url(url)
