"""What can be asked of the shop: types and their fields, arguments and inputs, as far as the simulator has them.

https://shopify.dev/docs/api/admin-graphql. A field is `name` (scalar), `name:Type`, `name:Type[]` (a list) or `name:Type*`
(a connection); arguments follow in brackets, `!` marks one that must be given.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

PAGE_ARGS = ("first", "last", "after", "before", "reverse", "query", "sortKey")
FIELD = re.compile(r"(\w+)(?::(\w+)(\[\]|\*)?)?(?:\(([^)]*)\))?")

FIELDS = {
    "QueryRoot": """shop:Shop currentAppInstallation:AppInstallation order:Order(id!) orders:Order* ordersCount:Count(query,limit)
        fulfillmentOrder:FulfillmentOrder(id!) fulfillmentOrders:FulfillmentOrder*(includeClosed) fulfillment:Fulfillment(id!)
        location:Location(id) locations:Location*(includeInactive,includeLegacy) inventoryItem:InventoryItem(id!) inventoryItems:InventoryItem*
        product:Product(id!) products:Product* productVariant:ProductVariant(id!) productVariants:ProductVariant*
        refund:Refund(id!) return:Return(id!)
        node:Node(id!) nodes:Node[](ids!) webhookSubscriptions:WebhookSubscription*(topics)""",
    "Mutation": """fulfillmentCreate:FulfillmentCreatePayload(fulfillment!,message) fulfillmentCancel:FulfillmentCancelPayload(id!)
        fulfillmentTrackingInfoUpdate:FulfillmentTrackingInfoUpdatePayload(fulfillmentId!,trackingInfoInput!,notifyCustomer)
        inventorySetQuantities:InventorySetQuantitiesPayload(input!) inventoryAdjustQuantities:InventoryAdjustQuantitiesPayload(input!)
        webhookSubscriptionCreate:WebhookSubscriptionCreatePayload(topic!,webhookSubscription!)
        webhookSubscriptionDelete:WebhookSubscriptionDeletePayload(id!)""",
    "Node": "id",
    "Count": "count precision",
    "Shop": "id name myshopifyDomain currencyCode email ianaTimezone timezoneAbbreviation contactEmail url plan:ShopPlan",
    "ShopPlan": "displayName publicDisplayName shopifyPlus",
    "AppInstallation": "id accessScopes:AccessScope[]",
    "AccessScope": "handle description",
    "PageInfo": "hasNextPage hasPreviousPage startCursor endCursor",
    "MoneyV2": "amount currencyCode",
    "MoneyBag": "shopMoney:MoneyV2 presentmentMoney:MoneyV2",
    "MailingAddress": """id firstName lastName name company address1 address2 city province provinceCode zip country countryCode countryCodeV2
        phone""",
    "Order": """id legacyResourceId name createdAt updatedAt processedAt cancelledAt cancelReason closedAt closed test confirmed edited unpaid
        refundable confirmationNumber subtotalLineItemsQuantity currentSubtotalLineItemsQuantity discountCode discountCodes sourceIdentifier
        displayFinancialStatus
        displayFulfillmentStatus returnStatus tags sourceName note email phone poNumber currencyCode presentmentCurrencyCode fullyPaid
        currentTotalPriceSet:MoneyBag totalPriceSet:MoneyBag currentSubtotalPriceSet:MoneyBag totalRefundedSet:MoneyBag totalTaxSet:MoneyBag
        totalShippingPriceSet:MoneyBag currentTotalTaxSet:MoneyBag totalDiscountsSet:MoneyBag taxesIncluded requiresShipping fulfillable
        shippingAddress:MailingAddress billingAddress:MailingAddress customer:Customer shippingLine:ShippingLine shippingLines:ShippingLine*
        customAttributes:Attribute[] lineItems:LineItem* fulfillments:Fulfillment[](first,query) refunds:Refund[](first) returns:Return*
        fulfillmentOrders:FulfillmentOrder*(displayable)""",
    "Customer": "id legacyResourceId email firstName lastName displayName phone",
    "ShippingLine": "id code title source originalPriceSet:MoneyBag",
    "Attribute": "key value",
    "LineItem": """id sku name title variantTitle quantity currentQuantity unfulfilledQuantity fulfillableQuantity nonFulfillableQuantity
        refundableQuantity requiresShipping isGiftCard taxable vendor variant:ProductVariant product:Product originalUnitPriceSet:MoneyBag
        discountedUnitPriceSet:MoneyBag originalTotalSet:MoneyBag discountedTotalSet:MoneyBag customAttributes:Attribute[]""",
    "Fulfillment": """id legacyResourceId name status displayStatus createdAt updatedAt deliveredAt inTransitAt estimatedDeliveryAt
        requiresShipping totalQuantity location:Location order:Order
        trackingInfo:FulfillmentTrackingInfo[](first) fulfillmentLineItems:FulfillmentLineItem* fulfillmentOrders:FulfillmentOrder*""",
    "FulfillmentTrackingInfo": "number company url",
    "FulfillmentLineItem": "id quantity lineItem:LineItem",
    "FulfillmentOrder": """id status requestStatus orderId orderName createdAt updatedAt fulfillAt fulfillBy order:Order
        supportedActions:SupportedAction[] assignedLocation:AssignedLocation fulfillmentHolds:FulfillmentHold[] lineItems:FulfillmentOrderLineItem*
        fulfillments:Fulfillment* destination:FulfillmentOrderDestination deliveryMethod:DeliveryMethod""",
    "SupportedAction": "action externalUrl",
    "AssignedLocation": "name address1 city zip countryCode location:Location",
    "FulfillmentHold": "id reason reasonNotes",
    "FulfillmentOrderDestination": "id firstName lastName company address1 address2 city province zip countryCode phone email",
    "DeliveryMethod": "id methodType presentedName",
    "FulfillmentOrderLineItem": "id remainingQuantity totalQuantity sku productTitle variantTitle requiresShipping lineItem:LineItem",
    "Refund": """id legacyResourceId createdAt updatedAt note order:Order return:Return totalRefundedSet:MoneyBag
        refundLineItems:RefundLineItem*""",
    "RefundLineItem": "id quantity restockType restocked location:Location lineItem:LineItem priceSet:MoneyBag subtotalSet:MoneyBag",
    "Return": "id name status createdAt closedAt totalQuantity order:Order refunds:Refund* returnLineItems:ReturnLineItem*",
    "ReturnLineItem": """id quantity refundableQuantity refundedQuantity processedQuantity returnReason returnReasonNote customerNote
        fulfillmentLineItem:FulfillmentLineItem""",
    "Location": """id legacyResourceId name isActive fulfillsOnlineOrders shipsInventory hasActiveInventory createdAt updatedAt deactivatedAt
        address:LocationAddress
        inventoryLevels:InventoryLevel* inventoryLevel:InventoryLevel(inventoryItemId!)""",
    "LocationAddress": "address1 address2 city zip provinceCode countryCode country",
    "InventoryItem": """id legacyResourceId sku tracked requiresShipping createdAt updatedAt countryCodeOfOrigin harmonizedSystemCode
        duplicateSkuCount unitCost:MoneyV2
        locationsCount:Count variant:ProductVariant inventoryLevels:InventoryLevel*(includeInactive) inventoryLevel:InventoryLevel(locationId!)""",
    "InventoryLevel": "id isActive createdAt updatedAt location:Location item:InventoryItem quantities:InventoryQuantity[](names!)",
    "InventoryQuantity": "id name quantity updatedAt",
    "Product": """id legacyResourceId title handle status vendor productType tags publishedAt description onlineStoreUrl createdAt updatedAt
        totalInventory variants:ProductVariant*""",
    "ProductVariant": """id legacyResourceId sku barcode title displayName price compareAtPrice position createdAt updatedAt inventoryQuantity
        inventoryPolicy availableForSale taxable selectedOptions:SelectedOption[] product:Product inventoryItem:InventoryItem""",
    "SelectedOption": "name value",
    "UserError": "field message code",
    "PlainUserError": "field message",
    "FulfillmentCreatePayload": "fulfillment:Fulfillment userErrors:PlainUserError[]",
    "FulfillmentCancelPayload": "fulfillment:Fulfillment userErrors:PlainUserError[]",
    "FulfillmentTrackingInfoUpdatePayload": "fulfillment:Fulfillment userErrors:PlainUserError[]",
    "InventorySetQuantitiesPayload": "inventoryAdjustmentGroup:InventoryAdjustmentGroup userErrors:UserError[]",
    "InventoryAdjustQuantitiesPayload": "inventoryAdjustmentGroup:InventoryAdjustmentGroup userErrors:UserError[]",
    "InventoryAdjustmentGroup": "id createdAt reason referenceDocumentUri changes:InventoryChange[]",
    "InventoryChange": "name delta quantityAfterChange item:InventoryItem location:Location",
    "WebhookSubscription": "id topic uri format createdAt updatedAt callbackUrl",
    "WebhookSubscriptionCreatePayload": "webhookSubscription:WebhookSubscription userErrors:PlainUserError[]",
    "WebhookSubscriptionDeletePayload": "deletedWebhookSubscriptionId userErrors:PlainUserError[]",
}
# Input object -> its fields: a scalar, another input, or a list of either; `!` must be there.
INPUTS: dict[str, dict[str, str]] = {
    "FulfillmentInput": {
        "lineItemsByFulfillmentOrder": "[FulfillmentOrderLineItemsInput]!",
        "trackingInfo": "FulfillmentTrackingInput",
        "notifyCustomer": "Boolean",
        "originAddress": "JSON",
    },
    "FulfillmentOrderLineItemsInput": {"fulfillmentOrderId": "ID!", "fulfillmentOrderLineItems": "[FulfillmentOrderLineItemInput]"},
    "FulfillmentOrderLineItemInput": {"id": "ID!", "quantity": "Int!"},
    "FulfillmentTrackingInput": {"number": "String", "company": "String", "url": "URL", "numbers": "[String]", "urls": "[URL]"},
    "InventorySetQuantitiesInput": {
        "name": "String!",
        "reason": "String!",
        "referenceDocumentUri": "String",
        "ignoreCompareQuantity": "Boolean",
        "quantities": "[InventoryQuantityInput]!",
    },
    "InventoryQuantityInput": {"inventoryItemId": "ID!", "locationId": "ID!", "quantity": "Int!", "compareQuantity": "Int"},
    "InventoryAdjustQuantitiesInput": {
        "name": "String!",
        "reason": "String!",
        "referenceDocumentUri": "String",
        "changes": "[InventoryChangeInput]!",
    },
    "InventoryChangeInput": {"inventoryItemId": "ID!", "locationId": "ID!", "delta": "Int!", "ledgerDocumentUri": "String"},
    "WebhookSubscriptionInput": {
        "uri": "String",
        "callbackUrl": "URL",
        "format": "String",
        "includeFields": "[String]",
        "filter": "String",
    },
}
# Argument of a mutation -> the input it is; the others are scalars.
INPUT_OF = {
    "fulfillment": "FulfillmentInput",
    "trackingInfoInput": "FulfillmentTrackingInput",
    "webhookSubscription": "WebhookSubscriptionInput",
}
INPUT_OF_FIELD = {"inventorySetQuantities": "InventorySetQuantitiesInput", "inventoryAdjustQuantities": "InventoryAdjustQuantitiesInput"}
SCALARS: dict[str, tuple[type, ...]] = {"Int": (int,), "Boolean": (bool,), "String": (str,), "ID": (str, int), "URL": (str,), "Float": (int, float)}


@dataclass(frozen=True)
class Shape:
    """A field: what it holds (None: a scalar), how many, and what may be said to it."""

    name: str
    type: str | None
    many: str = ""  # "[]" a list, "*" a connection
    args: frozenset[str] = frozenset()
    required: frozenset[str] = frozenset()

    @property
    def holds(self) -> str | None:
        """The type one selects from."""
        return f"{self.type}Connection" if self.many == "*" else self.type


@cache
def fields_of(type_name: str) -> dict[str, Shape]:
    """The fields of a type, or of the connection or edge of one."""
    if type_name.endswith("Connection"):
        inner = type_name.removesuffix("Connection")
        return {each.name: each for each in (Shape("nodes", inner, "[]"), Shape("edges", f"{inner}Edge", "[]"), Shape("pageInfo", "PageInfo"))}
    if type_name.endswith("Edge"):
        return {"cursor": Shape("cursor", None), "node": Shape("node", type_name.removesuffix("Edge"))}
    return {shape.name: shape for shape in map(shape_of, FIELD.finditer(FIELDS[type_name]))}


def shape_of(match: re.Match[str]) -> Shape:
    name, type_name, many, told = match.groups()
    words = [word.strip() for word in (told or "").split(",") if word.strip()]
    args = {word.rstrip("!") for word in words} | (set(PAGE_ARGS) if many == "*" else set())
    return Shape(name, type_name, many or "", frozenset(args), frozenset(word.rstrip("!") for word in words if word.endswith("!")))


def known_type(name: str) -> bool:
    return name in FIELDS or name.removesuffix("Connection") in FIELDS or name.removesuffix("Edge") in FIELDS


def faults_of(value: Any, kind: str, path: tuple[Any, ...] = ()) -> list[tuple[tuple[Any, ...], str]]:
    """What is wrong with an input value, each with the path to it."""
    if value is None:
        return [(path, "Expected value to not be null")] if kind.endswith("!") else []
    kind = kind.rstrip("!")
    if kind.startswith("["):
        items = value if isinstance(value, list) else [value]
        return [fault for at, item in enumerate(items) for fault in faults_of(item, kind[1:-1], (*path, at))]
    if kind in INPUTS:
        return faults_of_object(value, kind, path)
    allowed = SCALARS.get(kind)
    if allowed is None or (isinstance(value, allowed) and (kind == "Boolean" or not isinstance(value, bool))):
        return []
    return [(path, f"Could not coerce value {value!r} to {kind}")]


def faults_of_object(value: Any, kind: str, path: tuple[Any, ...]) -> list[tuple[tuple[Any, ...], str]]:
    if not isinstance(value, dict):
        return [(path, f"Expected {value!r} to be a key-value object.")]
    known = INPUTS[kind]
    found = [((*path, name), f"Field is not defined on {kind}") for name in value if name not in known]
    for name, inner in known.items():
        found += faults_of(value.get(name), inner, (*path, name))
    return found
