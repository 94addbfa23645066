"""Which UPC an item has: products for the items of an order, the whole item list for a reading of all stock."""

from __future__ import annotations

from connectors.reading import text
from connectors.xoro.client import ITEMS, PRODUCTS, Client
from connectors.xoro.envelope import Row, rows_of


class Items:
    """UPCs by item number, kept for as long as one poll or one call takes."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.known: dict[str, str] = {}
        self.bases: set[str] = set()

    def add_codes(self, row: Row) -> Row:
        """The order with the UPC of each line's item, where the connection goes by UPC."""
        lines = row.get("SoEstimateItemLineArr")
        if self.client.settings.by_upc and isinstance(lines, list):
            return row | {"SoEstimateItemLineArr": [self.coded(line) if isinstance(line, dict) else line for line in lines]}
        return row

    def coded(self, line: Row) -> Row:
        number, base = text(line.get("ItemNumber")), text(line.get("BasePartNumber"))
        if number not in self.known and base and base not in self.bases:
            self.read_base(base)
        return line | {"ItemUpc": self.known.get(number, "")}

    def read_base(self, base: str) -> None:
        for product in rows_of(self.client.read(PRODUCTS, {"base_part_number": base}), what="products"):
            variants = product.get("Variants")
            for variant in variants if isinstance(variants, list) else ():
                if isinstance(variant, dict):
                    self.known[text(variant.get("ItemNumber"))] = text(variant.get("UPC"))
        self.bases.add(base)

    def read_all(self) -> dict[str, str]:
        """Every item's UPC by its number."""
        if not self.bases.issuperset({"*"}):
            for sheet in self.client.sheets(ITEMS, {}):
                self.known |= {text(row.get("ItemNumber")): text(row.get("ItemUpc")) for row in sheet.rows}
            self.bases.add("*")
        return self.known

    def numbers(self, code: str) -> list[str]:
        """The item numbers that a SKU of this connection stands for."""
        if not self.client.settings.by_upc:
            return [code]
        return [number for number, upc in self.read_all().items() if upc == code]
