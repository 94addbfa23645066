"""How much money is at stake, kept per currency; and one rough number to sort by, never shown."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

# Roughly what one unit is worth in euro: good enough to put 500 pounds above 10,000 yen, wrong for anything else.
ROUGHLY = {
    "EUR": "1", "GBP": "1.2", "USD": "0.9", "CHF": "1", "CAD": "0.65", "AUD": "0.6", "NZD": "0.55", "SEK": "0.09", "NOK": "0.085",
    "DKK": "0.13", "PLN": "0.23", "CZK": "0.04", "HUF": "0.0025", "RON": "0.2", "JPY": "0.006", "CNY": "0.13", "INR": "0.011",
    "BRL": "0.17", "MXN": "0.05", "TRY": "0.025", "KRW": "0.0007", "ZAR": "0.05", "AED": "0.25", "SGD": "0.68", "HKD": "0.12",
}  # fmt: skip


def rank(value: Mapping[str, str]) -> Decimal:
    """The amounts of all currencies as one number for sorting."""
    return sum((Decimal(amount) * Decimal(ROUGHLY.get(currency, "1")) for currency, amount in value.items()), Decimal(0)).quantize(Decimal("0.01"))


def plus(value: Mapping[str, str], currency: str, amount: Decimal) -> dict[str, str]:
    """The value with an amount added (or, negative, taken away); a currency at zero is left out."""
    total = Decimal(value.get(currency, "0")) + amount
    kept = {name: text for name, text in value.items() if name != currency}
    return {**kept, currency: plain(total)} if total and currency else kept


def plain(amount: Decimal) -> str:
    """“40.00” for 40.0000; more than two places only where they say something."""
    short = amount.quantize(Decimal("0.01"))
    return str(short if short == amount else amount.normalize())


def spoken(value: Mapping[str, str]) -> str:
    """“120.00 EUR and 35.50 GBP”, the largest first."""
    amounts = sorted(value.items(), key=lambda pair: -rank(dict([pair])))
    return " and ".join(f"{Decimal(amount):,.2f} {currency}" for currency, amount in amounts)
