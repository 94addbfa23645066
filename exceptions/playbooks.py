"""What a person reads about each kind of case: what it means, what to do, what CX says, when it closes."""

from __future__ import annotations

from dataclasses import dataclass

NOTHING = "CX: nothing to do."


@dataclass(frozen=True)
class Playbook:
    """`steps` in order; `cx` begins with “CX: nothing to do” or “Tell the customer”."""

    meaning: str
    what_to_do: str
    steps: tuple[str, ...]
    cx: str
    closes_when: str


PLAYBOOKS: dict[str, Playbook] = {
    "E01": Playbook(
        "A marketplace order has not been accepted yet. When its time runs out, the marketplace cancels it by itself.",
        "Accept it while the clock runs, or refuse the lines that cannot be delivered.",
        (
            "Look at the last answer below.",
            "Press Send again.",
            "If it fails again, accept the order in the marketplace's back office.",
            "Check that the order left “waiting acceptance”.",
        ),
        NOTHING,
        "the marketplace shows the order as accepted by us",
    ),
    "E02": Playbook(
        "Nobody accepted the order in time, so the marketplace refused it. The sale is lost, and the marketplace may have set the stock to zero.",
        "Tell the customer if they ask, and check that the SKU is still on sale there.",
        ("Check that the offer's stock was not set to zero.", "Write down why nobody accepted in time.", "Resolve with what you found."),
        "Tell the customer, if they ask: the marketplace cancelled the order and returns the money.",
        "a person resolves it; it never closes by itself",
    ),
    "E03": Playbook(
        "The order lacks something the warehouse needs, so it was not sent. The fields are named above.",
        "Fill in the missing fields below. The order goes to the warehouse by itself afterwards.",
        (
            "Read which fields are missing.",
            "Ask the customer if the order does not tell.",
            "Correct the order below and save.",
            "Watch the order arrive in the warehouse.",
        ),
        "Tell the customer: we need a detail of your delivery address before your order can go out.",
        "the warehouse has the order",
    ),
    "E04": Playbook(
        "The order could not be handed to the warehouse. It is kept here and nothing of it is lost.",
        "Read the answer, mend what it names, then press Send again.",
        (
            "Read what the other system answered.",
            "Correct what it complains about.",
            "Press Send again.",
            "Check that the warehouse shows the order once.",
        ),
        NOTHING,
        "the warehouse has the order",
    ),
    "E05": Playbook(
        "The order is ready, but the warehouse does not show it after the time it should take.",
        "Look at the order's journey to see where it stopped, and press Send again if it waits.",
        (
            "Open the order's journey.",
            "Check that the warehouse connection works.",
            "Press Send again.",
            "Search the warehouse for the order number.",
        ),
        "CX: nothing to do yet. If the customer asks: the order is being prepared.",
        "the warehouse shows the order",
    ),
    "E06": Playbook(
        "The order exists in one system and has no counterpart in the other.",
        "Find out whether it was made by hand, and link it or cancel it.",
        ("Search the other system for the order number and the customer.", "Link the two, if both are there.", "Cancel the one nobody ordered."),
        NOTHING,
        "the counterpart is found",
    ),
    "E07": Playbook(
        "Two warehouse orders look like the same sale. If both are picked, the customer gets the goods twice.",
        "Stop one of them before it is picked.",
        ("Compare the two orders.", "Tell the warehouse to hold the newer one.", "Cancel the one too many."),
        NOTHING,
        "one of the two is cancelled",
    ),
    "E08": Playbook(
        "The order is held because its payment has not settled in the time allowed.",
        "Check the payment with the provider: then let the order go, or cancel it.",
        (
            "Look at the payment in the provider's back office.",
            "Ask CX to contact the customer if the payment failed.",
            "Let the order go, or cancel it in the channel.",
        ),
        "Tell the customer: your payment has not arrived yet; please check with your bank or pay again.",
        "the payment settles or the order is cancelled",
    ),
    "E09": Playbook(
        "The order was changed in the shop after the warehouse had it. The change will not reach the warehouse by itself.",
        "Call the warehouse before it packs, or tell the customer that the change comes too late.",
        (
            "Compare the two versions below.",
            "Ask the warehouse whether the order can still be changed.",
            "Tell the customer what was possible.",
            "Record the contact.",
        ),
        "Tell the customer: your change came after packing began; we tell you what is still possible.",
        "both versions agree, or the contact with the customer is recorded",
    ),
    "E10": Playbook(
        "The price on the order does not agree with the price the warehouse expects. It would be refused at packing.",
        "Decide which price is right, and correct the other.",
        ("Compare the two prices.", "Correct the wrong one in its own system.", "Press Send again."),
        NOTHING,
        "the prices agree",
    ),
    "E11": Playbook(
        "A SKU on the order is not known in the other system, so the order waits.",
        "Choose the product it means. Everything that waits for this SKU goes by itself afterwards.",
        (
            "Check whether the SKU is new, misspelt or renamed.",
            "Map it to the right product, or create the product there.",
            "Watch the waiting orders go.",
        ),
        "CX: nothing to do yet. If the customer asks: the order is being checked.",
        "every line's SKU is known",
    ),
    "E12": Playbook(
        "One SKU stands for two products. Stock and orders would be mixed up, so it is blocked.",
        "Give one of the two a SKU of its own in the product master.",
        ("Find the two products.", "Decide which keeps the SKU.", "Change the other in the product master.", "Wait for the next catalogue read."),
        NOTHING,
        "the SKU belongs to one product only",
    ),
    "E13": Playbook(
        "A SKU is in one catalogue and not in the other, or the two say different things about it.",
        "Create or retire the product on the side where it is wrong.",
        ("Look at both sides.", "Correct the one that is wrong.", "The next audit confirms it."),
        NOTHING,
        "both catalogues agree on the SKU",
    ),
    "E14": Playbook(
        "There is stock in the warehouse that a channel cannot sell, because it does not know the SKU.",
        "List the product on the channel, or map its SKU.",
        (
            "Check whether the product should be sold there.",
            "List it, or map its SKU.",
            "If it should not be sold there, take it out of the integration.",
        ),
        NOTHING,
        "the channel knows the SKU, or the stock is zero",
    ),
    "E15": Playbook(
        "Somebody changed a SKU by hand. Old orders and stock still carry the old one.",
        "Undo the change, or keep it and add an alias from the old SKU to the new one.",
        ("Ask who changed it and why.", "Undo it, or add an alias.", "Check open orders with the old SKU."),
        NOTHING,
        "an alias exists or the change is undone",
    ),
    "E16": Playbook(
        "A carrier or delivery method has no counterpart in the other system. What uses it waits here.",
        "Choose the counterpart. Everything that waits goes by itself afterwards.",
        ("Read the code and what waits for it.", "Choose the counterpart from the other system's list.", "Watch the waiting items go."),
        "CX: nothing to do. Orders leave as soon as the code is mapped.",
        "the mapping exists and what waited has gone",
    ),
    "E17": Playbook(
        "The channel refused the tracking we sent. The customer sees no parcel yet.",
        "Correct the carrier or the tracking number, then send again.",
        ("Read why the channel refused it.", "Check the carrier mapping and the tracking number.", "Press Send again."),
        "Tell the customer, if they ask: the parcel is on its way; the tracking follows.",
        "the channel shows the tracking",
    ),
    "E18": Playbook(
        "The parcel left the warehouse, but the channel still shows the order as open.",
        "Find out what holds the update, and send it again.",
        ("Look at the last answer below.", "Check the carrier mapping.", "Press Send again.", "Check that the channel shows shipped, with tracking."),
        "Tell the customer, if they ask: the parcel has left; the shop's page is behind.",
        "the channel shows the order as shipped, with tracking",
    ),
    "E19": Playbook(
        "Part of the order shipped; the rest is stuck, or the channel does not show what shipped.",
        "Find the missing part and decide: ship it, or cancel it.",
        ("Compare ordered and shipped units below.", "Ask the warehouse about the rest.", "Ship it, or cancel the lines in the channel."),
        "Tell the customer: part of your order is on its way; we tell you when the rest follows.",
        "the shipped quantities agree on both sides",
    ),
    "E20": Playbook(
        "The two systems tell different states of the same order, and trying again has not settled it.",
        "Decide which side is right, and correct the other.",
        ("Compare both states.", "Correct the one that is wrong.", "Press Send again."),
        NOTHING,
        "both systems tell the same state",
    ),
    "E21": Playbook(
        "The channel refused a stock update, so it may sell more than there is.",
        "Read the reason, mend it, and send the level again.",
        ("Read why the channel refused it.", "Check the SKU on the channel.", "Press Send again."),
        NOTHING,
        "the channel shows the right level",
    ),
    "E22": Playbook(
        "The channel shows another stock level than the warehouse, or shows it too late.",
        "Look at the SKU's timeline to see which update is missing, and send the level again.",
        ("Open the SKU's timeline.", "Check that both connections work.", "Press Send again.", "Raise the buffer if it sells fast."),
        NOTHING,
        "the channel shows the right level",
    ),
    "E23": Playbook(
        "More was sold than there is. Somebody will not get their order.",
        "Find stock elsewhere or cancel the newest orders, and see that the money goes back.",
        ("Check incoming stock and other warehouses.", "Decide which orders cannot be delivered.", "Tell those customers.", "Cancel and refund."),
        "Tell the customer: we are sorry, the item is sold out; we cancel it and return your money.",
        "stock covers the orders, or they are cancelled and refunded",
    ),
    "E24": Playbook(
        "A store or warehouse has no counterpart, so nothing of it is sent. Or orders carry a new attribute; that stops nothing.",
        "Choose the counterpart, and what waits goes by itself. An attribute is decided under Mappings, Order attributes.",
        ("Check whether the place or attribute is new.", "Choose its counterpart, or decide about it.", "Watch the waiting items go."),
        NOTHING,
        "the mapping exists, or the attribute is decided",
    ),
    "E25": Playbook(
        "Goods came back that nobody had announced.",
        "Find the order they belong to, and decide what becomes of them.",
        ("Look for the order by name, parcel and SKU.", "Link the return, or record what becomes of the goods."),
        "Tell the customer, if they ask: we have your parcel and are checking it.",
        "the return is matched, or what became of the goods is recorded",
    ),
    "E26": Playbook(
        "The goods are back, but the customer has no money yet. The longer it takes, the likelier a chargeback.",
        "Release the refund in the channel.",
        ("Check that the goods were accepted.", "Release the refund.", "Tell the customer."),
        "Tell the customer: your return has arrived; the refund is on its way.",
        "the refund is seen in the channel",
    ),
    "E27": Playbook(
        "The customer has the money back, but the goods have not arrived.",
        "Ask for the goods, or write them off.",
        ("Check the return parcel's tracking.", "Ask the customer for the parcel.", "Write the goods off if they do not come."),
        "Tell the customer: please send the goods back; the label is attached.",
        "the goods arrive or are written off",
    ),
    "E28": Playbook(
        "The goods have left, but the payment was never taken. An authorisation ends after some days.",
        "Take the payment now.",
        ("Check until when the authorisation holds.", "Capture it at the provider.", "If it has ended, ask CX to contact the customer."),
        NOTHING,
        "the payment is seen as taken",
    ),
    "E29": Playbook(
        "The customer has paid, but nothing was shipped for a long time.",
        "Ship it or return the money.",
        ("Open the order's journey.", "Ask the warehouse for a date.", "Ship it, or cancel and refund."),
        "Tell the customer: your order is late; you choose whether to wait or to get your money back.",
        "it is shipped, or refunded",
    ),
    "E30": Playbook(
        "A payout differs from the sales it should cover by more than is tolerated.",
        "Find the lines that explain it, or dispute it with the operator.",
        ("Open the payout's waterfall.", "Look at the unexplained lines.", "Tie them to their orders, or dispute them."),
        NOTHING,
        "the difference is within tolerance",
    ),
    "E31": Playbook(
        "The operator charged a fee or penalty that no known event explains.",
        "Tie it to its cause, or dispute it.",
        ("Look for late or cancelled orders of those days.", "Tie the fee to its cause.", "Dispute it if there is none."),
        NOTHING,
        "it is tied to a cause or disputed",
    ),
    "E32": Playbook(
        "A connection does not answer, refuses our credential, or has gone silent. What should go there waits, in order, and nothing is lost.",
        "Find out whether the fault is theirs or ours. When the connection works again, everything goes by itself.",
        ("Read the last answer below.", "Look at the vendor's status page.", "Renew the credential if it was refused.", "Press Verify."),
        "CX: nothing to do. If customers ask: orders are being processed with a delay.",
        "the connection answers and a real read succeeds",
    ),
    "E33": Playbook(
        "An order went out with the Default SKU, because its own SKU was not known.",
        "Map the SKU, so that the next order carries the right one.",
        ("Check what the warehouse will really send.", "Map the SKU."),
        NOTHING,
        "the SKU has a mapping of its own",
    ),
}  # fmt: skip
