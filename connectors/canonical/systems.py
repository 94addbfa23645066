"""The systems Lockstep speaks with."""

from __future__ import annotations

from enum import StrEnum


class System(StrEnum):
    """A vendor's product, by the name it is stored under."""

    COMMERCETOOLS = "commercetools"
    VEEQO = "veeqo"
    MIRAKL = "mirakl"
    DEPOSCO = "deposco"
    XORO = "xoro"
    PATCHWORKS = "patchworks"
    SHOPIFY = "shopify"
    BIGCOMMERCE = "bigcommerce"

    @property
    def label(self) -> str:
        return LABELS[self]


LABELS = {
    System.COMMERCETOOLS: "commercetools",
    System.VEEQO: "Veeqo",
    System.MIRAKL: "Mirakl",
    System.DEPOSCO: "Deposco",
    System.XORO: "XoroERP",
    System.PATCHWORKS: "Patchworks",
    System.SHOPIFY: "Shopify",
    System.BIGCOMMERCE: "BigCommerce",
}
