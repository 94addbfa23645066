"""OR11's filters over the indexes of a shop."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta

from connectors.sandbox.mirakl.answers import Args
from connectors.sandbox.mirakl.fields import commas, flag, moment, one_of, repeated
from connectors.sandbox.mirakl.models import STATES, Order
from connectors.sandbox.mirakl.store import Shop

WORKFLOWS = ("PAY_ON_ACCEPTANCE", "PAY_ON_DELIVERY", "PAY_ON_DUE_DATE", "PAY_ON_SHIPMENT", "NO_CUSTOMER_PAYMENT_CONFIRMATION")
TAX_MODES = ("TAX_INCLUDED", "TAX_EXCLUDED")
PAGING = ("max", "offset", "shop_id", "locale", "order_tax_mode", "paginate")
ANSWERS_KEPT = 32
Test = Callable[[Order], bool]


def matching_orders(shop: Shop, args: Args, *, overlap_s: float) -> list[Order]:
    """The orders asked for, by creation; kept until anything changes, so that a further page does not filter again."""
    question = tuple(sorted(pair for pair in args.items(multi=True) if pair[0] not in PAGING))
    kept = shop.answers.get(question)
    if kept and kept[0] == shop.version:
        return kept[1]
    tests = filters(args)
    found = [order for order in sources(shop, args, overlap_s=overlap_s) if all(test(order) for test in tests)]
    found.sort(key=lambda order: (order.created_at, order.id), reverse=args.get("order", "asc") == "desc")
    if len(shop.answers) >= ANSWERS_KEPT:
        shop.answers.clear()
    shop.answers[question] = (shop.version, found)
    return found


def sources(shop: Shop, args: Args, *, overlap_s: float) -> Iterable[Order]:
    """The smallest set of orders that an index can give."""
    named = named_orders(shop, args)
    if named is not None:
        return [shop.orders[id] for id in named if id in shop.orders]
    since = moment(args, "start_update_date")
    if since:
        return [shop.orders[id] for id in shop.changed.since(since - timedelta(seconds=overlap_s))]
    states = one_of(commas(args, "order_state_codes"), "order_state_codes", allowed=STATES)
    if states:
        return [shop.orders[id] for state in dict.fromkeys(states) for _, id in shop.by_state[state]]
    return [shop.orders[id] for _, id in shop.by_creation.between(moment(args, "start_date"), moment(args, "end_date"))]


def named_orders(shop: Shop, args: Args) -> set[str] | None:
    """Ids that the query names, directly or by a reference; None if it names none."""
    named = [set(commas(args, "order_ids"))] if args.get("order_ids") else []
    for whose in ("customer", "seller"):
        references = commas(args, f"order_references_for_{whose}")
        if references:
            named.append(set().union(*(shop.by_reference.get((whose, each), set()) for each in references)))
    return set.intersection(*named) if named else None


def filters(args: Args) -> list[Test]:
    """What each order must pass; most polls have one or two."""
    tests = periods(args)
    states = set(one_of(commas(args, "order_state_codes"), "order_state_codes", allowed=STATES))
    workflow, channels, centers = args.get("payment_workflow"), set(commas(args, "channel_codes")), set(repeated(args, "fulfillment_center_code"))
    debited, incident = flag(args, "customer_debited"), flag(args, "has_incident")
    if states:
        tests.append(lambda order: order.state in states)
    if flag(args, "only_null_channel"):
        tests.append(lambda order: order.channel is None)
    elif channels:
        tests.append(lambda order: order.channel in channels)
    if workflow:
        one_of([workflow], "payment_workflow", allowed=WORKFLOWS)
        tests.append(lambda order: order.workflow == workflow)
    if debited is not None:
        tests.append(lambda order: (order.debited_at is not None) == debited)
    if incident is not None:
        tests.append(lambda order: order.has_incident == incident)
    if centers:
        tests.append(lambda order: order.center in centers)
    return tests


def periods(args: Args) -> list[Test]:
    tests: list[Test] = []
    start, end, changed_until = moment(args, "start_date"), moment(args, "end_date"), moment(args, "end_update_date")
    if start:
        tests.append(lambda order: order.created_at >= start)
    if end:
        tests.append(lambda order: order.created_at <= end)
    if changed_until:
        tests.append(lambda order: order.updated_at <= changed_until)
    return tests
