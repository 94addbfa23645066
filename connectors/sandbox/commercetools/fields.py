"""Which fields each resource has, so that a predicate or a sort on another one is refused."""

from __future__ import annotations

from typing import Any

Tree = dict[str, Any] | None  # None: anything may stand below
MOMENTS = {"timestamp", "expectedDelivery", "returnDate", "transitionDate", "estimatedDelivery"}


def is_moment(name: str) -> bool:
    return name in MOMENTS or name.endswith("At")


def tree(words: str, **nested: Tree) -> dict[str, Any]:
    return {**dict.fromkeys(words.split()), **nested}


REFERENCE = tree("typeId id")
KEY_REFERENCE = tree("typeId key")
MONEY = tree("type currencyCode centAmount fractionDigits preciseAmount")
BY = tree("clientId externalUserId anonymousId isPlatformClient", customer=REFERENCE)
BASE = tree("id version createdAt lastModifiedAt", createdBy=BY, lastModifiedBy=BY)
CUSTOM = tree("fields", type=REFERENCE)
ADDRESS = tree(
    "id key country title salutation firstName lastName streetName streetNumber additionalStreetInfo postalCode city region state company "
    "department building apartment pOBox phone mobile email fax additionalAddressInfo externalId",
    custom=CUSTOM,
)
STATE = tree("quantity", state=REFERENCE)
VARIANT = tree("id sku key prices attributes images assets availability")
LINE = tree(
    "id key productId productKey name productSlug price quantity totalPrice discountedPricePerQuantity taxRate taxedPrice priceMode "
    "lineItemMode inventoryMode shippingDetails addedAt lastModifiedAt taxedPricePortions perMethodTaxRate",
    productType=REFERENCE,
    variant=VARIANT,
    state=STATE,
    supplyChannel=REFERENCE,
    distributionChannel=REFERENCE,
    custom=CUSTOM,
)
CUSTOM_LINE = tree("id key slug name quantity taxRate taxedPrice priceMode", money=MONEY, totalPrice=MONEY, state=STATE, custom=CUSTOM)
TRACKING = tree("trackingId carrier provider providerTransaction isReturn")
PARCEL = tree("id key createdAt measurements items", trackingData=TRACKING, custom=CUSTOM)
DELIVERY = tree("id key createdAt", items=tree("id quantity"), parcels=PARCEL, address=ADDRESS, custom=CUSTOM)
SHIPPING_INFO = tree(
    "shippingMethodName shippingRate taxedPrice taxRate discountedPrice shippingMethodState estimatedDelivery",
    price=MONEY,
    taxCategory=REFERENCE,
    shippingMethod=REFERENCE,
    deliveries=DELIVERY,
)
RETURN_ITEM = tree(
    "id key type quantity lineItemId customLineItemId comment shipmentState paymentState createdAt lastModifiedAt",
    custom=CUSTOM,
)
ORDER = {
    **BASE,
    **tree(
        "orderNumber purchaseOrderNumber orderState paymentState shipmentState customerId customerEmail anonymousId taxMode taxRoundingMode "
        "taxCalculationMode priceRoundingMode inventoryMode shippingMode country locale origin completedAt discountCodes directDiscounts "
        "refusedGifts taxedShippingPrice discountOnTotalPrice",
        state=REFERENCE,
        store=KEY_REFERENCE,
        businessUnit=KEY_REFERENCE,
        customerGroup=REFERENCE,
        lineItems=LINE,
        customLineItems=CUSTOM_LINE,
        totalPrice=MONEY,
        taxedPrice=tree("taxPortions", totalNet=MONEY, totalGross=MONEY, totalTax=MONEY),
        shippingAddress=ADDRESS,
        billingAddress=ADDRESS,
        itemShippingAddresses=ADDRESS,
        shippingInfo=SHIPPING_INFO,
        shipping=tree("shippingKey", shippingInfo=SHIPPING_INFO, shippingAddress=ADDRESS),
        paymentInfo=tree("", payments=REFERENCE),
        returnInfo=tree("returnTrackingId returnDate", items=RETURN_ITEM),
        syncInfo=tree("externalId syncedAt", channel=REFERENCE),
        custom=CUSTOM,
        cart=REFERENCE,
        quote=REFERENCE,
        recurringOrder=REFERENCE,
    ),
}
PRODUCT_DATA = tree("name slug description attributes", categories=REFERENCE, masterVariant=VARIANT, variants=VARIANT)
TREES: dict[str, dict[str, Any]] = {
    "orders": ORDER,
    "carts": {**ORDER, **tree("cartState totalLineItemQuantity")},
    "inventory": {
        **BASE,
        **tree(
            "key sku quantityOnStock availableQuantity minCartQuantity maxCartQuantity restockableInDays expectedDelivery "
            "reservationExpirationInMinutes stockLevels",
            supplyChannel=REFERENCE,
            custom=CUSTOM,
        ),
    },
    "channels": {**BASE, **tree("key roles name description geoLocation reviewRatingStatistics", address=ADDRESS, custom=CUSTOM)},
    "products": {
        **BASE,
        **tree(
            "key priceMode",
            productType=REFERENCE,
            taxCategory=REFERENCE,
            state=REFERENCE,
            masterData=tree("published hasStagedChanges", current=PRODUCT_DATA, staged=PRODUCT_DATA),
        ),
    },
    "product-projections": {
        **BASE,
        **PRODUCT_DATA,
        **tree("key published hasStagedChanges priceMode", productType=REFERENCE, taxCategory=REFERENCE, state=REFERENCE),
    },
    "payments": {
        **BASE,
        **tree(
            "key interfaceId interfaceInteractions",
            customer=REFERENCE,
            amountPlanned=MONEY,
            paymentMethodInfo=tree("paymentInterface method name token"),
            paymentStatus=tree("interfaceCode interfaceText", state=REFERENCE),
            transactions=tree("id type state timestamp interactionId interfaceId", amount=MONEY, custom=CUSTOM),
            custom=CUSTOM,
        ),
    },
    "states": {**BASE, **tree("key type name description initial builtIn roles", transitions=REFERENCE)},
    "types": {**BASE, **tree("key name description resourceTypeIds fieldDefinitions")},
    "stores": {
        **BASE,
        **tree(
            "key name languages productSelections", countries=tree("code"), distributionChannels=REFERENCE, supplyChannels=REFERENCE, custom=CUSTOM
        ),
    },
    "shipping-methods": {**BASE, **tree("key name description isDefault localizedName zoneRates active", taxCategory=REFERENCE, custom=CUSTOM)},
    "subscriptions": {**BASE, **tree("key destination messages changes events format status")},
    "messages": {  # only text, enum, boolean, number and date fields may be asked for
        **BASE,
        **tree(
            "type sequenceNumber resourceVersion orderState oldOrderState paymentState oldPaymentState shipmentState oldShipmentState sku "
            "lineItemId deliveryId parcelId transactionId returnItemId returnShipmentState quantity transitionDate name email oldEmail force "
            "oldQuantityOnStock newQuantityOnStock oldAvailableQuantity newAvailableQuantity scope staged",
            resource=REFERENCE,
            resourceUserProvidedIdentifiers=tree("key externalId orderNumber customerNumber sku slug containerAndKey"),
        ),
    },
}
