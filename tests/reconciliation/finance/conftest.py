"""The books of a marketplace account."""

from __future__ import annotations

import pytest

from tests.reconciliation.finance.ledger import Books


@pytest.fixture
def books(db: None) -> Books:
    return Books()
