"""What a flow hands in: one serializer for each resource, with names close to those that flow builders know."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

UNITS: dict[str, Any] = {"min_value": 0, "max_value": 1_000_000}
MOST_LINES = 1000


class Exact(serializers.Serializer):
    """Takes no field it does not know: a misspelt one would otherwise be lost in silence."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict) and (unknown := sorted(set(map(str, data)) - set(self.fields))):
            raise serializers.ValidationError({name[:100]: ["There is no such field here."] for name in unknown[:20]})
        return super().to_internal_value(data)


def text(most: int, **options: Any) -> serializers.CharField:
    return serializers.CharField(max_length=most, **options)


def maybe(most: int, **options: Any) -> serializers.CharField:
    return text(most, required=False, allow_blank=True, default="", **options)


def money(**options: Any) -> serializers.DecimalField:
    return serializers.DecimalField(max_digits=16, decimal_places=4, coerce_to_string=True, **options)


def lines(body: Any, *, most: int = MOST_LINES) -> Any:
    """At least one of them."""
    return body(many=True, allow_empty=False, max_length=most)


class AddressBody(Exact):
    firstName = maybe(120)
    lastName = maybe(120)
    company = maybe(120)
    address1 = maybe(200)
    address2 = maybe(200)
    city = maybe(120)
    stateOrProvince = maybe(120)
    zipCodeOrPostalCode = maybe(40)
    country = maybe(2, help_text="ISO 3166-1 alpha-2, for example GB.")
    phone = maybe(60)
    email = maybe(320)


class CustomerBody(Exact):
    id = maybe(120)
    email = maybe(320)
    firstName = maybe(120)
    lastName = maybe(120)


class OrderLineBody(Exact):
    id = text(120)
    sku = maybe(120, help_text="May be empty: the order is kept, and a case asks for the SKU.")
    quantity = serializers.IntegerField(min_value=1, max_value=1_000_000)
    cancelledQuantity = serializers.IntegerField(required=False, default=0, **UNITS)
    unitPrice = money(required=False)
    unitDiscount = money(required=False)
    totalPrice = money(required=False)
    name = maybe(300)


class OrderBody(Exact):
    """An order as it is now. Hand it in again whenever it changes; `updatedAt` says which is newer."""

    externalId = text(120)
    name = maybe(120, help_text="The number people use, for example #10021. Empty: `externalId`.")
    source = maybe(120, help_text="The shop it comes from; a store mapping says where it belongs.")  # type: ignore[assignment]
    status = serializers.ChoiceField(choices=["pending_payment", "authorized", "paid", "shipped", "cancelled", "refunded"], default="paid")
    createdAt = serializers.DateTimeField()
    updatedAt = serializers.DateTimeField(required=False)
    currency = serializers.RegexField(r"^[A-Z]{3}$")
    totalPrice = money(required=False)
    shippingPrice = money(required=False)
    pricesIncludeTax = serializers.BooleanField(required=False, default=True)
    customer = CustomerBody(required=False)
    shippingAddress = AddressBody(required=False)
    billingAddress = AddressBody(required=False)
    shippingMethod = maybe(200)
    note = maybe(2000)
    tags = serializers.ListField(child=serializers.CharField(max_length=120), required=False, max_length=100)
    lineItems = lines(OrderLineBody)


class PackedLineBody(Exact):
    id = maybe(120, help_text="The order line.")
    sku = text(120)
    quantity = serializers.IntegerField(min_value=1, max_value=1_000_000)


class PackageBody(Exact):
    trackingNumber = maybe(120)
    carrier = maybe(120)
    service = maybe(200)
    trackingUrl = serializers.URLField(required=False, allow_blank=True, default="", max_length=500)
    lineItems = lines(PackedLineBody)


class ShipmentBody(Exact):
    """What left the warehouse for an order."""

    externalId = text(120)
    orderExternalId = text(120, help_text="`externalId` of the order, or its number.")
    shippedAt = serializers.DateTimeField()
    updatedAt = serializers.DateTimeField(required=False)
    location = maybe(120)
    packages = lines(PackageBody, most=200)


class ReturnLineBody(Exact):
    id = text(120)
    orderLineId = maybe(120)
    sku = text(120)
    quantity = serializers.IntegerField(min_value=1, max_value=1_000_000)
    received = serializers.IntegerField(required=False, default=0, **UNITS)
    sellable = serializers.IntegerField(required=False, allow_null=True, default=None, **UNITS)
    damaged = serializers.IntegerField(required=False, allow_null=True, default=None, **UNITS)
    missing = serializers.IntegerField(required=False, allow_null=True, default=None, **UNITS)
    reason = maybe(200)


class ReturnBody(Exact):
    externalId = text(120)
    orderExternalId = text(120)
    rma = maybe(120)
    status = serializers.ChoiceField(choices=["authorised", "in_transit", "received", "assessed", "refunded", "refused", "cancelled"])
    updatedAt = serializers.DateTimeField()
    trackingNumbers = serializers.ListField(child=serializers.CharField(max_length=120), required=False, max_length=50)
    lineItems = lines(ReturnLineBody)


class RefundBody(Exact):
    externalId = text(120)
    orderExternalId = text(120)
    orderLineId = maybe(120)
    amount = money(min_value=0)
    currency = serializers.RegexField(r"^[A-Z]{3}$")
    quantity = serializers.IntegerField(required=False, default=0, **UNITS)
    reason = maybe(200)
    createdAt = serializers.DateTimeField()


class LevelBody(Exact):
    """The level a place shows. For a channel this acknowledges what it was told to show."""

    sku = text(120)
    location = maybe(120)
    available = serializers.IntegerField(min_value=-1_000_000, max_value=100_000_000)
    onHand = serializers.IntegerField(required=False, allow_null=True, default=None, min_value=-1_000_000, max_value=100_000_000)
    asOf = serializers.DateTimeField()
