"""The tables of the mappings, one module a subject."""

from mappings.models.attributes import SeenAttribute
from mappings.models.base import Mapping
from mappings.models.files import ImportFile, ImportState
from mappings.models.listed import ListedCode
from mappings.models.rules import MissingRule, OnMissing
from mappings.models.seen import SeenCode
from mappings.models.tables import CarrierMapping, ShipServiceMapping, SkuAlias, SkuMapping, StoreMapping, WarehouseMapping
from mappings.models.uses import MappingUse

__all__ = [
    "CarrierMapping", "ImportFile", "ImportState", "ListedCode", "Mapping", "MappingUse", "MissingRule", "OnMissing",
    "SeenAttribute", "SeenCode", "ShipServiceMapping", "SkuAlias", "SkuMapping", "StoreMapping", "WarehouseMapping",
]  # fmt: skip
