"""A simulator's world outlives its process."""

from __future__ import annotations

import pytest

from connectors.sandbox import bigcommerce, commercetools, patchworks, shopify, veeqo, xoro
from connectors.sandbox.keeping import load, save


@pytest.mark.parametrize("vendor", [commercetools, veeqo, xoro, shopify, bigcommerce, patchworks])
class TestAWorld:
    def test_is_the_same_after_a_restart(self, vendor, tmp_path):
        first, second = vendor.build(), vendor.build()
        first.test_client().post("/__sandbox__/seed-demo", json={})
        save(first, tmp_path / "world")

        assert load(second, tmp_path / "world")
        assert second.test_client().get("/__sandbox__/summary").json == first.test_client().get("/__sandbox__/summary").json

    def test_of_another_version_is_left_alone(self, vendor, tmp_path):
        (tmp_path / "world").write_bytes(b"not a world")

        assert not load(vendor.build(), tmp_path / "world")
