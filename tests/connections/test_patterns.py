"""Address lists, and the patterns that keep messages out of the mail (R126, R128, R129)."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from hypothesis import assume, given
from hypothesis import strategies as st

from portal.connections.patterns import check_pattern, fits, is_excluded, read_addresses, read_patterns, split

words = st.text("abcdefgXYZ0123 -[]", min_size=3, max_size=12).filter(lambda word: word.strip() == word and len(word.replace("-", "").split()) == 1)
texts = st.text("abcdefghijXYZ0123456789 .,:-[]()", max_size=60)


class TestAKeyword:
    @given(texts, words, texts)
    def test_fits_wherever_it_occurs(self, before, word, after):  # R129
        assert fits(word, f"{before}{word.swapcase()}{after}")

    @given(words, texts)
    def test_fits_nothing_else(self, word, message):  # R129
        assume(word.casefold() not in message.casefold())

        assert not is_excluded(message, [word])


class TestAPattern:
    @given(texts, words, texts)
    def test_with_stars_on_both_sides_is_a_keyword(self, before, word, after):  # R129
        assert fits(f"*{word}*", f"{before}{word}{after}")

    @pytest.mark.parametrize(
        ("pattern", "message", "expected"),
        [
            ("Order * is late", "Order 1001 is late", True),
            ("Order * is late", "Order 1001 is late again", False),
            ("SKU-??? unknown", "sku-123 UNKNOWN", True),
            ("SKU-??? unknown", "SKU-1234 unknown", False),
            ("[timeout]*", "[timeout] after 60 s", True),
            ("[timeout]*", "tmeout", False),
            ("*two lines*", "here are\ntwo  lines of it", True),
        ],
    )
    def test_must_fit_the_whole_message(self, pattern, message, expected):  # R129
        assert fits(pattern, message) is expected

    @pytest.mark.parametrize("pattern", ["*", "**", "?", "?*", "*.*", "a*", "*e*", "  *  "])
    def test_that_would_silence_everything_is_refused(self, pattern):
        with pytest.raises(ValidationError, match="every message"):
            check_pattern(pattern)

    def test_list_is_comma_separated(self):  # R129
        assert read_patterns("timeout, *late*,\ntimeout ,") == ["timeout", "*late*"]


class TestAnAddressList:
    def test_keeps_each_address_once(self):  # R126, R128
        assert read_addresses("a@shop.example, b@shop.example; a@shop.example\n") == ["a@shop.example", "b@shop.example"]

    @pytest.mark.parametrize("wrong", ["nobody", "a@", "@shop.example", "a b@shop.example", "a@shop..example"])
    def test_names_what_is_no_address(self, wrong):  # R126, R128
        with pytest.raises(ValidationError) as raised:
            read_addresses(f"fine@shop.example, {wrong}")

        assert wrong in raised.value.messages[0]
        assert "fine@" not in raised.value.messages[0]

    @given(st.lists(st.from_regex(r"[a-z]{1,8}@[a-z]{1,8}\.example", fullmatch=True), max_size=5))
    def test_is_read_back_as_it_was_written(self, addresses):  # R126
        assert read_addresses(", ".join(addresses)) == list(dict.fromkeys(addresses))

    @given(st.text(max_size=40))
    def test_never_has_blank_parts(self, text):
        assert all(part and part == part.strip() for part in split(text))
