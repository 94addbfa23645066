"""Credentials at rest."""

from __future__ import annotations

import pytest
from cryptography.fernet import Fernet

from portal.connections.sealing import SealBroken, seal, unseal

SECRET = {"api_key": "very secret ü"}


class TestASeal:
    def test_hides_what_it_holds(self):
        sealed = seal(SECRET)

        assert "very secret" not in sealed
        assert unseal(sealed) == SECRET

    def test_differs_each_time(self):
        assert seal(SECRET) != seal(SECRET)

    def test_of_nothing_opens_to_nothing(self):
        assert unseal("") == {}

    def test_survives_a_new_key_put_before_the_old(self, settings):
        sealed = seal(SECRET)
        settings.CREDENTIALS_KEYS = [Fernet.generate_key().decode(), *settings.CREDENTIALS_KEYS]

        assert unseal(sealed) == SECRET

    @pytest.mark.parametrize("damage", [lambda sealed: sealed[:-4], lambda _: "no seal at all", lambda sealed: "x" + sealed])
    def test_that_was_damaged_is_told(self, damage):
        with pytest.raises(SealBroken, match="Enter it again"):
            unseal(damage(seal(SECRET)))

    def test_whose_key_is_lost_is_told(self, settings):
        sealed = seal(SECRET)
        settings.CREDENTIALS_KEYS = [Fernet.generate_key().decode()]

        with pytest.raises(SealBroken):
            unseal(sealed)
