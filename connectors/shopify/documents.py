"""The questions put to Shopify. A rich one asks for more than every version and app allows; its lean twin is the least that is needed.

https://shopify.dev/docs/api/admin-graphql/latest/queries/orders
"""

from __future__ import annotations

import re

PAGE = "pageInfo{hasNextPage endCursor}"
ADDRESS = "firstName lastName company address1 address2 city provinceCode zip countryCodeV2 phone"
LINE = """id sku name quantity currentQuantity unfulfilledQuantity requiresShipping
 variant{id barcode inventoryItem{id}} originalUnitPriceSet{shopMoney{amount}}"""
RICH_LINE = f"{LINE} discountAllocations{{allocatedAmountSet{{shopMoney{{amount}}}}}} taxLines{{rate}}"
FULFILLMENT = "id status createdAt trackingInfo{number company url}"
SHIPPED = "quantity lineItem{id}"
ORDER_HEAD = f"""id legacyResourceId name createdAt updatedAt cancelledAt cancelReason closedAt
 displayFinancialStatus displayFulfillmentStatus returnStatus tags sourceName note email phone poNumber currencyCode
 currentTotalPriceSet{{shopMoney{{amount currencyCode}}}} shippingAddress{{{ADDRESS}}}"""
RICH_HEAD = f"""{ORDER_HEAD} billingAddress{{{ADDRESS}}} taxesIncluded currentTotalTaxSet{{shopMoney{{amount}}}}
 totalShippingPriceSet{{shopMoney{{amount}}}} shippingLine{{code title}} paymentGatewayNames customAttributes{{key value}}"""
LEAN_ORDER = f"""{ORDER_HEAD} lineItems(first:$inner){{nodes{{{LINE}}} {PAGE}}}
 fulfillments{{{FULFILLMENT} fulfillmentLineItems(first:$inner){{nodes{{{SHIPPED}}}}}}} refunds{{id createdAt}}"""
RICH_ORDER = f"""{RICH_HEAD} lineItems(first:$inner){{nodes{{{RICH_LINE}}} {PAGE}}}
 fulfillments{{{FULFILLMENT} location{{id}} fulfillmentLineItems(first:$inner){{nodes{{{SHIPPED}}} {PAGE}}}}} refunds{{id createdAt}}"""


def order_list(fields: str, *, inner: bool = True) -> str:
    more = ",$inner:Int!" if inner else ""
    return f"""query Orders($first:Int!,$after:String,$q:String{more}){{ orders(first:$first,after:$after,query:$q,sortKey:UPDATED_AT){{
 {PAGE} nodes{{{fields}}} }} }}"""


def one_order(fields: str) -> str:
    return f"query Order($id:ID!,$inner:Int!){{ order(id:$id){{{fields}}} }}"


ORDERS, LEAN_ORDERS = order_list(RICH_ORDER), order_list(LEAN_ORDER)
ORDER, LEAN_ONE = one_order(RICH_ORDER), one_order(LEAN_ORDER)

MORE_LINES = (
    f"query More($id:ID!,$first:Int!,$after:String){{ order(id:$id){{ lineItems(first:$first,after:$after){{nodes{{{RICH_LINE}}} {PAGE}}} }} }}"
)
LEAN_MORE_LINES = (
    f"query More($id:ID!,$first:Int!,$after:String){{ order(id:$id){{ lineItems(first:$first,after:$after){{nodes{{{LINE}}} {PAGE}}} }} }}"
)
MORE_SHIPPED = f"""query More($id:ID!,$first:Int!,$after:String){{ fulfillment(id:$id){{
 fulfillmentLineItems(first:$first,after:$after){{nodes{{{SHIPPED}}} {PAGE}}} }} }}"""

REFUND = """id createdAt note totalRefundedSet{shopMoney{amount currencyCode}}
 refundLineItems(first:$inner){nodes{quantity restockType lineItem{id sku} subtotalSet{shopMoney{amount}}}}"""
BOUGHT = "id name updatedAt currencyCode"
REFUNDS = order_list(f"{BOUGHT} refunds{{{REFUND}}}")
RETURN = """id name status returnLineItems(first:$inner){nodes{id quantity
 ... on ReturnLineItem{returnReason returnReasonNote fulfillmentLineItem{lineItem{id sku}}}}}"""
LEAN_RETURN = "id name status returnLineItems(first:$inner){nodes{id quantity}}"
RETURNS = order_list(f"{BOUGHT} returnStatus returns(first:$inner){{nodes{{{RETURN}}}}}")
LEAN_RETURNS = order_list(f"{BOUGHT} returnStatus returns(first:$inner){{nodes{{{LEAN_RETURN}}}}}")
FIND_REFUNDS = f"query Refunds($id:ID!,$inner:Int!){{ order(id:$id){{{BOUGHT} refunds{{{REFUND}}}}} }}"

FULFILLMENT_ORDER = f"""id status requestStatus assignedLocation{{name location{{id}}}}
 lineItems(first:$inner){{nodes{{id remainingQuantity totalQuantity lineItem{{id sku}}}} {PAGE}}}"""
SENT = f"""{ORDER_HEAD} lineItems(first:$inner){{nodes{{{LINE}}} {PAGE}}}
 fulfillments{{{FULFILLMENT} fulfillmentLineItems(first:$inner){{nodes{{{SHIPPED}}} {PAGE}}}}}"""
TO_SEND = f"query Sending($id:ID!,$inner:Int!){{ order(id:$id){{{SENT} fulfillmentOrders(first:50){{nodes{{{FULFILLMENT_ORDER}}} {PAGE}}} }} }}"
MORE_TO_SEND = f"""query More($id:ID!,$first:Int!,$after:String){{ fulfillmentOrder(id:$id){{
 lineItems(first:$first,after:$after){{nodes{{id remainingQuantity totalQuantity lineItem{{id sku}}}} {PAGE}}} }} }}"""
FULFILLMENT_ORDERS = f"""query Sending($inner:Int!,$after:String){{ fulfillmentOrders(first:50,after:$after){{
 nodes{{{FULFILLMENT_ORDER} orderId}} {PAGE} }} }}"""
CREATE = "mutation Fulfil($f:FulfillmentInput!){ fulfillmentCreate(fulfillment:$f){ fulfillment{id status} userErrors{field message} } }"
UPDATE_TRACKING = """mutation Track($id:ID!,$t:FulfillmentTrackingInput!,$n:Boolean){
 fulfillmentTrackingInfoUpdate(fulfillmentId:$id,trackingInfoInput:$t,notifyCustomer:$n){ fulfillment{id status} userErrors{field message} } }"""

QUANTITIES = 'quantities(names:["available","on_hand","committed","incoming"]){name quantity}'
LEVEL = f"id updatedAt item{{id sku}} {QUANTITIES}"
LOCATIONS = f"query Locations($first:Int!,$after:String){{ locations(first:$first,after:$after){{nodes{{id name isActive}} {PAGE}}} }}"
LEAN_LOCATIONS = f"query Locations($first:Int!,$after:String){{ locations(first:$first,after:$after){{nodes{{id name}} {PAGE}}} }}"
LEVELS = f"""query Levels($id:ID!,$first:Int!,$after:String,$q:String){{ location(id:$id){{ id
 inventoryLevels(first:$first,after:$after,query:$q){{nodes{{{LEVEL}}} {PAGE}}} }} }}"""
LEVELS_EVERYWHERE = f"""query Levels($first:Int!,$after:String,$q:String){{ locations(first:50){{nodes{{ id
 inventoryLevels(first:$first,after:$after,query:$q){{nodes{{{LEVEL}}} {PAGE}}} }} }} }}"""

VARIANT = "id sku barcode title updatedAt price"
RICH_VARIANT = f"{VARIANT} product{{id title status}} inventoryItem{{id tracked measurement{{weight{{value unit}}}}}}"
LEAN_VARIANT = f"{VARIANT} product{{id title}} inventoryItem{{id}}"
VARIANTS = (
    f"query Variants($first:Int!,$after:String,$q:String){{ productVariants(first:$first,after:$after,query:$q){{nodes{{{RICH_VARIANT}}} {PAGE}}} }}"
)
LEAN_VARIANTS = (
    f"query Variants($first:Int!,$after:String,$q:String){{ productVariants(first:$first,after:$after,query:$q){{nodes{{{LEAN_VARIANT}}} {PAGE}}} }}"
)
ITEM_LEVELS = f"inventoryLevels(first:50){{nodes{{id updatedAt location{{id name}} {QUANTITIES}}}}}"
STOCK_OF = f"""query StockOf($first:Int!,$after:String,$q:String){{ productVariants(first:$first,after:$after,query:$q){{
 nodes{{id sku inventoryItem{{id tracked {ITEM_LEVELS}}}}} {PAGE} }} }}"""


def set_quantities(*, directive: bool) -> str:
    """https://shopify.dev/docs/api/admin-graphql/latest/mutations/inventorySetQuantities"""
    key, marked = (",$key:String!", " @idempotent(key:$key)") if directive else ("", "")
    return f"""mutation SetStock($input:InventorySetQuantitiesInput!{key}){{ inventorySetQuantities(input:$input){marked}{{
 inventoryAdjustmentGroup{{id}} userErrors{{field message code}} }} }}"""


SHOP = "query Shop{ shop{name myshopifyDomain currencyCode plan{displayName}} }"
RECENT_SERVICES = "query Services{ orders(first:100,sortKey:UPDATED_AT,reverse:true){nodes{shippingLine{code title}}} }"


def asks_for(question: str, name: str) -> bool:
    return re.search(rf"\b{name}\b", question) is not None


def without(question: str, name: str) -> str:
    """The question without a field, its arguments and all that is asked of it."""
    found = re.search(rf"\b{name}\b(\([^)]*\))?", question)
    if found is None:
        return question
    end = found.end()
    if question[end : end + 1] == "{":
        depth = 0
        for place in range(end, len(question)):
            depth += {"{": 1, "}": -1}.get(question[place], 0)
            if depth == 0:
                end = place + 1
                break
    return without(question[: found.start()] + question[end:], name)
