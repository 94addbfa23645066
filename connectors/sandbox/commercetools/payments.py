"""Payments and their transactions (https://docs.commercetools.com/api/projects/payments)."""

from __future__ import annotations

from connectors.sandbox.commercetools.custom import custom_actions, custom_of
from connectors.sandbox.commercetools.deliveries import find
from connectors.sandbox.commercetools.inventory import set_key
from connectors.sandbox.commercetools.order_actions import check_transition
from connectors.sandbox.commercetools.resources import Resource
from connectors.sandbox.commercetools.shapes import Doc, choose, key_of, money, objects, put_or_drop, take, without_nones
from connectors.sandbox.commercetools.store import Work
from connectors.sandbox.commercetools.updates import Action, Actions, Note, changed, set_field

TRANSACTION_TYPES = frozenset({"Authorization", "CancelAuthorization", "Charge", "Refund", "Chargeback"})
TRANSACTION_STATES = frozenset({"Initial", "Pending", "Success", "Failure"})


def new_transaction(work: Work, draft: Doc) -> Doc:
    transaction = {
        "id": work.state.new_id(),
        "timestamp": take(draft, "timestamp", "string"),
        "type": choose(draft, "type", TRANSACTION_TYPES, required=True),
        "amount": money(draft, "amount", required=True),
        "interactionId": take(draft, "interactionId", "string"),
        "interfaceId": take(draft, "interfaceId", "string"),
        "state": choose(draft, "state", TRANSACTION_STATES, default="Initial"),
        "custom": custom_of(work, draft, "transaction"),
    }
    return without_nones(transaction)


def create_payment(work: Work, draft: Doc) -> Doc:
    info = take(draft, "paymentMethodInfo", "object", default={})
    payment = {
        "key": key_of(draft),
        "interfaceId": take(draft, "interfaceId", "string"),
        "amountPlanned": money(draft, "amountPlanned", required=True),
        "paymentMethodInfo": {name: info[name] for name in ("paymentInterface", "method", "name", "token") if name in info},
        "paymentStatus": status_of(work, take(draft, "paymentStatus", "object", default={})),
        "transactions": [new_transaction(work, one) for one in objects(draft, "transactions")],
        "interfaceInteractions": [],
        "custom": custom_of(work, draft, "payment"),
    }
    stored = work.create("payments", without_nones(payment))
    work.tell("payments", stored, "PaymentCreated", {}, embed="payment")
    return stored


def status_of(work: Work, given: Doc) -> Doc:
    state = take(given, "state", "object")
    texts = {name: take(given, name, "string") for name in ("interfaceCode", "interfaceText")}
    return without_nones(texts | {"state": work.reference(state, "state") if state else None})


def add_transaction(work: Work, payment: Doc, action: Doc) -> list[Note]:
    transaction = new_transaction(work, take(action, "transaction", "object", required=True))
    payment["transactions"].append(transaction)
    return [Note("PaymentTransactionAdded", {"transaction": transaction})]


def one_transaction(payment: Doc, action: Doc) -> Doc:
    return find(payment["transactions"], {"transactionId": action.get("transactionId")}, "transaction")


def change_transaction_state(work: Work, payment: Doc, action: Doc) -> list[Note]:
    transaction = one_transaction(payment, action)
    transaction["state"] = choose(action, "state", TRANSACTION_STATES, required=True)
    return [Note("PaymentTransactionStateChanged", {"transactionId": transaction["id"], "state": transaction["state"]})]


def change_transaction(name: str) -> Action:
    def act(work: Work, payment: Doc, action: Doc) -> list[Note]:
        one_transaction(payment, action)[name] = take(action, name, "string", required=True)
        return []

    return act


def set_status(name: str, kind: str) -> Action:
    def act(work: Work, payment: Doc, action: Doc) -> list[Note]:
        value = take(action, name, "string")
        put_or_drop(payment["paymentStatus"], name, value)
        return [Note(kind, {"paymentId": payment["id"]} | changed(name, value))] if kind else []

    return act


def transition(work: Work, payment: Doc, action: Doc) -> list[Note]:
    target = work.reference(take(action, "state", "object", required=True), "state")
    force, present = take(action, "force", "boolean", default=False), payment["paymentStatus"].get("state")
    if not force:
        check_transition(work, present["id"] if present else None, target["id"])
    payment["paymentStatus"]["state"] = target
    return [Note("PaymentStatusStateTransition", {"state": target, "force": force})]


def set_method(name: str, given: str, kind: str = "string") -> Action:
    def act(work: Work, payment: Doc, action: Doc) -> list[Note]:
        put_or_drop(payment["paymentMethodInfo"], name, take(action, given, kind))
        return []

    return act


PAYMENT_ACTIONS: Actions = {
    "addTransaction": add_transaction,
    "changeTransactionState": change_transaction_state,
    "changeTransactionTimestamp": change_transaction("timestamp"),
    "changeTransactionInteractionId": change_transaction("interactionId"),
    "setStatusInterfaceCode": set_status("interfaceCode", "PaymentStatusInterfaceCodeSet"),
    "setStatusInterfaceText": set_status("interfaceText", ""),
    "transitionState": transition,
    "setInterfaceId": set_field("interfaceId"),
    "setMethodInfoInterface": set_method("paymentInterface", "interface"),
    "setMethodInfoMethod": set_method("method", "method"),
    "setMethodInfoName": set_method("name", "name", "object"),
    "setKey": set_key,
    **custom_actions("payment"),
}
PAYMENTS = Resource(
    path="payments",
    view=("view_payments",),
    manage=("manage_payments",),
    create=create_payment,
    actions=PAYMENT_ACTIONS,
)
