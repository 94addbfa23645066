"""The ledger's tables, one module a subject."""

from portal.ledger.models.catalogue import CatalogueItem, SkuChange
from portal.ledger.models.expectations import Expectation, Heartbeat
from portal.ledger.models.money import Payment, PayoutLine
from portal.ledger.models.orders import OPEN_STAGES, STILL_OPEN, HubOrder, OrderLine, SalesOrder, Stage
from portal.ledger.models.return_flows import OPEN_FLOWS, FlowState, ReturnFlow
from portal.ledger.models.returns import Refund, ReturnLine, ReturnOrder
from portal.ledger.models.shipments import Parcel, Shipment, ShipmentLine
from portal.ledger.models.stock import Buffer, StockChange, StockLevel, StockPublication, StockReplan

__all__ = [
    "OPEN_FLOWS", "OPEN_STAGES", "STILL_OPEN",
    "Buffer", "CatalogueItem", "Expectation", "FlowState", "Heartbeat", "HubOrder", "OrderLine", "Parcel", "Payment", "PayoutLine", "Refund",
    "ReturnFlow", "ReturnLine", "ReturnOrder", "SalesOrder", "Shipment", "ShipmentLine", "SkuChange", "Stage", "StockChange", "StockLevel",
    "StockPublication", "StockReplan",
]  # fmt: skip
