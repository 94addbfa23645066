"""Cuts a dispatch into what BigCommerce calls shipments: one tracking number, one address, its own items."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from connectors.canonical import Parcel, Shipment

Units = dict[str, int]  # order product id → units


@dataclass(frozen=True)
class Piece:
    """One shipment to show."""

    address: str
    units: Units
    number: str = ""
    link: str = ""


def pieces_of(shipment: Shipment, units: Units, addresses: Mapping[str, str]) -> tuple[tuple[Piece, ...], tuple[str, ...]]:
    """The pieces, and what could not be told. What no parcel names goes with the first; unnamed contents are spread evenly."""
    to = {line: addresses.get(line, "") for line in units}
    parcels = [parcel for parcel in shipment.parcels if parcel.tracking_number] or [Parcel("")]
    shares = named(parcels, units, shipment) if any(parcel.lines for parcel in parcels) else evenly(units, len(parcels))
    pieces = [
        Piece(address, {line: quantity for line, quantity in share.items() if to[line] == address}, parcel.tracking_number, parcel.tracking_url)
        for parcel, share in zip(parcels, shares, strict=True)
        for address in dict.fromkeys(to[line] for line in share)
    ]
    told = {piece.number for piece in pieces}
    untold = [parcel.tracking_number for parcel in parcels if parcel.tracking_number and parcel.tracking_number not in told]
    warnings = (f"There are more packages than units, so BigCommerce does not show: {', '.join(untold)}.",) if untold else ()
    return tuple(pieces), warnings


def evenly(units: Units, count: int) -> list[Units]:
    """The units in `count` shares of nearly the same size, in order; empty ones where there are more shares than units."""
    singles = [line for line, quantity in units.items() for _ in range(quantity)]
    size, larger = divmod(len(singles), count)
    shares: list[Units] = []
    at = 0
    for place in range(count):
        taken = singles[at : at + size + (place < larger)]
        at += len(taken)
        shares.append({line: taken.count(line) for line in dict.fromkeys(taken)})
    return shares


def named(parcels: list[Parcel], units: Units, shipment: Shipment) -> list[Units]:
    """The units as the parcels name them, never more than were shipped; the rest goes with the first parcel."""
    by_sku = {line.sku: line.order_line for line in shipment.lines if line.order_line}
    left = dict(units)
    shares: list[Units] = []
    for parcel in parcels:
        share: Units = {}
        for line in parcel.lines:
            reference = line.order_line or by_sku.get(line.sku, "")
            part = min(line.quantity, left.get(reference, 0))
            if part > 0:
                share[reference] = share.get(reference, 0) + part
                left[reference] -= part
        shares.append(share)
    for reference, quantity in left.items():
        if quantity > 0:
            shares[0][reference] = shares[0].get(reference, 0) + quantity
    return shares
