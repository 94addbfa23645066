"""Links from an order to the same order in the other systems' own pages."""

from __future__ import annotations

from dataclasses import dataclass

from portal.dashboard.journey import Journey

# Option of a connection -> where its orders are seen by people, with {reference} and {number}; the hubs tell the link themselves.
OPTION = "order_link"


@dataclass(frozen=True)
class Link:
    """The order as one system knows it; `url` is empty where that system's pages cannot be linked."""

    system: str
    number: str
    reference: str
    url: str = ""


def links_of(journey: Journey) -> list[Link]:
    """The channel first, then each order the hub holds."""
    order, channel = journey.order, journey.channel
    links = [Link(str(channel), order.number, order.reference, _filled(str(channel.options.get(OPTION, "")), order.number, order.reference))]
    kept = {one.reference: one for one in journey.references if one.connection_id != channel.pk}
    for one in journey.hub_orders:
        reference = kept.pop(one.reference, None)
        links.append(Link(str(one.connection), one.number, one.reference, safe(one.link or (reference.link if reference else ""))))
    links += [Link(str(one.connection), "", one.reference, safe(one.link)) for one in kept.values()]
    return links


def safe(url: str) -> str:
    """Only addresses a browser opens as a page: a vendor's text must not become a script."""
    return url if url.startswith(("https://", "http://")) else ""


def _filled(pattern: str, number: str, reference: str) -> str:
    return safe(pattern.replace("{number}", number).replace("{reference}", reference))
