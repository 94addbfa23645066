"""What Xoro's one envelope says: data, a refusal in words, or an answer that only looks like one because too much was asked.

There is no 429: throttling shows as `Result:false`, empty `Data`, a web page or a 5xx. Product pages: https://docs.xorosoft.com
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.errors import AccessDenied, ConnectorError, ContractError, OutcomeUnknown, RateLimited, Rejected
from connectors.http import Answer
from connectors.reading import decimal, text

Row = dict[str, Any]
SLOW_DOWN_S = 15.0
GENERIC = frozenset({"", "an error has occurred", "an error has occurred."})  # says nothing about the record
LOGIN_WORDS = (b"sign in", b"log in", b"login", b"password")
UNKNOWN_CALL = {
    400: "Xoro does not know this call or could not read it (HTTP 400). A path in the connection's options may be wrong.",
    404: "Xoro does not know this address (HTTP 404). The base address or the path prefix of the connection may be wrong.",
    405: "Xoro does not take this call in this way (HTTP 405). A path in the connection's options may be wrong.",
}


def opened(answer: Answer, *, what: str, write: bool = False) -> Row:
    """The envelope of a success. A read that says nothing is RateLimited, a write that says nothing OutcomeUnknown."""
    if 300 <= answer.status < 400 or looks_like_login(answer):
        raise AccessDenied("Xoro sent us to its sign-in page, so the key or the secret of this connection is wrong.", exchange=answer.exchange)
    if answer.status >= 400:
        sentence = UNKNOWN_CALL.get(answer.status, f"Xoro refused {what} (HTTP {answer.status}).")
        raise Rejected(sentence, detail=answer.text[:2000], exchange=answer.exchange, code=str(answer.status))
    if not answer.body.strip() or is_page(answer):
        raise unclear(answer, what=what, write=write)
    try:
        envelope = answer.json()
    except ContractError as error:
        if write:
            raise unclear(answer, what=what, write=True) from error
        raise
    if not isinstance(envelope, dict) or "Result" not in envelope:
        if write:
            raise unclear(answer, what=what, write=True)
        raise ContractError(f"Xoro's answer about {what} is not in its envelope (Result, Data).", detail=answer.text[:2000], exchange=answer.exchange)
    check(envelope, answer, what=what, write=write)
    return envelope


def check(envelope: Row, answer: Answer, *, what: str, write: bool) -> None:
    """Success is `Result` true without an error code and without a question to a person."""
    message, code = text(envelope.get("Message")), envelope.get("ErrorCode")
    if envelope.get("ConfirmFlag") is True:
        sentence = f"Xoro asks for a confirmation that only a person can give, so {what} was not done. Do it in Xoro."
        raise Rejected(sentence, detail=message, exchange=answer.exchange, code="confirm")
    if envelope["Result"] is True and is_none(code):
        return
    if message.lower() in GENERIC:
        raise unclear(answer, what=what, write=write)
    raise Rejected(f"Xoro refused {what}: {message}", detail=message, exchange=answer.exchange, code=text(code))


def is_none(code: Any) -> bool:
    if code is None or code == "":
        return True
    try:
        return decimal(code, what="ErrorCode") == 0
    except ContractError:
        return False


def unclear(answer: Answer, *, what: str, write: bool) -> ConnectorError:
    detail = answer.text[:2000]
    if write:
        return OutcomeUnknown(f"Xoro gave no clear answer, so it is not known whether {what} was done.", detail=detail, exchange=answer.exchange)
    return slow_down(what, detail=detail, answer=answer)


def slow_down(what: str, *, detail: str = "", answer: Answer | None = None) -> RateLimited:
    sentence = f"Xoro gave no usable answer about {what}, as it does when it is asked too often. Nothing was taken from it; it is asked again."
    return RateLimited(sentence, detail=detail, exchange=answer.exchange if answer else None, retry_after_s=SLOW_DOWN_S)


def is_page(answer: Answer) -> bool:
    start = answer.body[:2000].lower().lstrip()
    return start.startswith(b"<") or b"<html" in start


def looks_like_login(answer: Answer) -> bool:
    return is_page(answer) and answer.status < 400 and any(word in answer.body[:20_000].lower() for word in LOGIN_WORDS)


def rows_of(envelope: Mapping[str, Any], *, what: str) -> list[Row]:
    """`Data` as rows; nothing may be concluded from anything else."""
    data = envelope.get("Data")
    if data is None:
        return []
    if not isinstance(data, list) or not all(isinstance(row, dict) for row in data):
        raise ContractError(f"Xoro's answer about {what} holds something other than a list of rows.", detail=str(data)[:500])
    return data
