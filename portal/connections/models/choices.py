"""What an integration's settings can be."""

from __future__ import annotations

from django.db import models

from connectors.canonical import System

# Accounts of these systems run in one direction at a time (R107): their profiles either export orders or fetch fulfilments.
SINGLE_MODE = frozenset({System.XORO})


class Mode(models.TextChoices):
    BOTH = "both", "orders out, dispatch back"
    EXPORT = "export", "export orders"
    FETCH = "fetch", "fetch order fulfilments"


class PaymentGate(models.TextChoices):
    SETTLED = "settled", "paid in full"
    AUTHORISED = "authorised", "authorised or paid"
    ANY = "any", "do not wait for payment"


class Master(models.TextChoices):
    CHANNEL = "channel", "the channel"
    HUB = "hub", "the warehouse hub"
    PORTAL = "external", "another system (PIM or ERP); neither side is written"


class ItemIdentifier(models.TextChoices):
    """Which of a product's codes is the same on both sides (R109)."""

    SKU = "sku", "SKU"
    ITEM_NUMBER = "item_number", "item number"
    BARCODE = "barcode", "barcode (UPC, EAN)"
    OTHER_SKU = "third_party_sku", "third-party SKU"


class Operator(models.TextChoices):
    EQUALS = "equals", "equals"
    NOT_EQUALS = "not_equals", "does not equal"
    CONTAINS = "contains", "contains"
    NOT_CONTAINS = "not_contains", "does not contain"
    STARTS = "starts", "starts with"
    ENDS = "ends", "ends with"
    ONE_OF = "one_of", "is one of (comma-separated)"
    GREATER = "greater", "is greater than"
    LESS = "less", "is less than"
    EMPTY = "empty", "is empty"
    NOT_EMPTY = "not_empty", "is not empty"
