"""The ways to import stock: operations and addresses, columns, and how often a file's status may be asked for.

STO01 and OF01 (with three columns, mode NORMAL) leave everything but the quantity alone. https://developer.mirakl.com
"""

from __future__ import annotations

from dataclasses import dataclass

from connectors.canonical import StockTarget

Key = tuple[str, str]  # SKU, warehouse


@dataclass(frozen=True)
class Door:
    """One way of importing: its operations and addresses, its columns, and what the published frequency allows."""

    name: str
    upload: tuple[str, str]
    status: tuple[str, str]
    report: tuple[str, str]
    columns: tuple[str, ...]
    every_s: int
    reason_first: bool
    fields: tuple[tuple[str, str], ...] = ()
    warehouses: bool = True

    def row(self, target: StockTarget) -> tuple[str, ...]:
        by_column = {"quantity": str(target.quantity), "warehouse-code": target.warehouse_code, "update-delete": ""}
        return tuple(by_column.get(column, target.sku) for column in self.columns)

    def key(self, columns: dict[str, str]) -> Key:
        return columns.get(self.columns[0], ""), columns.get("warehouse-code", "")


STO01 = Door(
    "STO01",
    ("STO01", "/offers/stock/imports"),
    ("STO02", "/offers/stock/imports/{}/status"),
    ("STO03", "/offers/stock/imports/{}/error_report"),
    columns=("offer-sku", "quantity", "warehouse-code", "update-delete"),
    every_s=15,
    reason_first=True,
)
OF01 = Door(
    "OF01",
    ("OF01", "/offers/imports"),
    ("OF02", "/offers/imports/{}"),
    ("OF03", "/offers/imports/{}/error_report"),
    columns=("sku", "update-delete", "quantity"),
    every_s=60,
    reason_first=False,
    fields=(("import_mode", "NORMAL"),),
    warehouses=False,
)
DOORS = {"sto01": (STO01,), "of01": (OF01,), "auto": (STO01, OF01)}
