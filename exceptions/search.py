"""Finding cases by a word: order number, SKU, tracking number, customer reference, or “#12” for the case itself."""

from __future__ import annotations

from dataclasses import dataclass

from exceptions.models import CaseKey

MOST = 1000  # more matches than this are no help; the page asks for more of the word
SHORTEST = 3  # a beginning or an end of fewer letters matches half the table


@dataclass(frozen=True)
class Found:
    """The cases; `more`: there are others."""

    pks: list[int]
    more: bool = False


def find(words: str) -> Found:
    """Exactly the word, else what begins with it, else what ends with it: each from an index."""
    word = words.strip().upper()
    if word.startswith("#") and word[1:].isdecimal():
        return Found([int(word[1:])] if len(word) < 19 else [])
    tries = [CaseKey.objects.filter(key=word)]
    if len(word) >= SHORTEST:
        tries += [CaseKey.objects.filter(key__startswith=word), CaseKey.objects.filter(reversed__startswith=word[::-1])]
    for rows in tries:
        pks = list(rows.order_by().values_list("case_id", flat=True)[: MOST + 1])
        if pks:
            return Found(list(dict.fromkeys(pks))[:MOST], more=len(pks) > MOST)
    return Found([])
