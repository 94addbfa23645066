"""The vocabulary every vendor is translated into: frozen dataclasses, plain Python."""

from connectors.canonical.catalogue import Variant
from connectors.canonical.codes import Code, CodeKind
from connectors.canonical.feeds import CHANGED, Page, Received
from connectors.canonical.flows import Deduped, Flow, FlowFault, FlowRole, FlowRun, RunState
from connectors.canonical.money import CURRENCIES, Money, exponent, round_money
from connectors.canonical.orders import Address, OrderLine, OrderState, Payment, PaymentState, SalesOrder
from connectors.canonical.outgoing import (
    DispatchNotice,
    Done,
    LineDecision,
    OrderDecision,
    Proof,
    RefundRequest,
    ReturnNotice,
    StockTarget,
    StockVerdict,
    WarehouseLine,
    WarehouseOrder,
)
from connectors.canonical.payouts import PayoutLine
from connectors.canonical.returns import Refund, ReturnLine, ReturnOrder, ReturnState
from connectors.canonical.shipments import HubOrder, HubState, Parcel, Shipment, ShipmentLine
from connectors.canonical.stock import StockLevel
from connectors.canonical.systems import System

__all__ = [
    "CHANGED",
    "CURRENCIES",
    "Address",
    "Code",
    "CodeKind",
    "Deduped",
    "DispatchNotice",
    "Done",
    "Flow",
    "FlowFault",
    "FlowRole",
    "FlowRun",
    "HubOrder",
    "HubState",
    "LineDecision",
    "Money",
    "OrderDecision",
    "OrderLine",
    "OrderState",
    "Page",
    "Parcel",
    "Payment",
    "PaymentState",
    "PayoutLine",
    "Proof",
    "Received",
    "Refund",
    "RefundRequest",
    "ReturnLine",
    "ReturnNotice",
    "ReturnOrder",
    "ReturnState",
    "RunState",
    "SalesOrder",
    "Shipment",
    "ShipmentLine",
    "StockLevel",
    "StockTarget",
    "StockVerdict",
    "System",
    "Variant",
    "WarehouseLine",
    "WarehouseOrder",
    "exponent",
    "round_money",
]  # fmt: skip
