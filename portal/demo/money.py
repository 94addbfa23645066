"""The demo's money at the marketplaces: operators charge the shop, and settle what is payable every few minutes."""

from __future__ import annotations

from portal.demo.traffic import MARKETPLACES, post

SETTLE_EVERY = 20  # orders in the shop between two billing cycles
PENALTY = 12


def charge(simulator: str) -> None:
    """What an operator charges beside commission: a subscription, which a contract explains, and a penalty that somebody must explain."""
    post(simulator, "charge", {"kind": "SUBSCRIPTION_FEE", "amount": 39, "tax": 7.8})
    post(simulator, "charge", {"kind": "SELLER_PENALTY_FEE", "amount": PENALTY})


def settle(placed: int) -> None:
    """Close the cycle of every operator when it is time."""
    if placed % SETTLE_EVERY == 0:
        for simulator in MARKETPLACES:
            post(simulator, "close-cycle", {"pay_out": "PAID"})
