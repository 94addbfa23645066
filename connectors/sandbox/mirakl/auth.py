"""Who calls, for which shop, how often, and under whose lock: what happens before and after every request."""

from __future__ import annotations

from flask import Flask, Response, g, jsonify, request
from werkzeug.exceptions import HTTPException

from connectors.sandbox.kit import ADMIN
from connectors.sandbox.mirakl.answers import Refused, refusal, too_many, whole
from connectors.sandbox.mirakl.store import Shop, State, User

ADMIN_ROLE, ACCOUNTANCY, TRANSACTIONS, PARTNER = "ROLE_SHOP_ADMIN", "ROLE_SHOP_ACCOUNTANCY", "ROLE_PARTNER_TRANSACTION_LOG_READ", "ROLE_PARTNER"
PAYOUT_ROLES = frozenset({ACCOUNTANCY, TRANSACTIONS})
ROLES = dict.fromkeys(("TL02", "TL03", "TL04", "TL05"), PAYOUT_ROLES) | {"PC01": frozenset({ADMIN_ROLE})}
ANY_ROLE = frozenset({ADMIN_ROLE, PARTNER})
FILES = ("OR15", "OR73", "OF03", "OF54", "STO03", "IV02", "TL05")  # these answer no JSON, and any Accept will do
FREE = ("V01",)


def guard(app: Flask, state: State) -> None:
    app.before_request(lambda: enter(state))
    app.after_request(lambda response: dress(state, response))
    app.teardown_request(lambda error: leave(state))
    app.register_error_handler(Refused, refusal)
    app.register_error_handler(HTTPException, unrouted)


def enter(state: State) -> Response | None:
    if not request.path.startswith(ADMIN):
        if request.routing_exception is not None:
            return None
        refused = admit(state)
        if refused is not None:
            return refused
    state.bench.lock.acquire()
    g.locked = True
    state.settle()
    return None


def operation() -> str:
    """The vendor's own id of what is called: the endpoint's name after the blueprint's."""
    return (request.endpoint or "").rpartition(".")[2]


def admit(state: State) -> Response | None:
    """Key, role, Accept, shop, frequency, in this order; None lets the call through."""
    called = operation()
    if called in FREE:
        return None
    key = request.headers.get("Authorization", "")  # bare: a "Bearer " in front makes it another key
    user = state.users.get(key)
    if user is None:
        raise Refused(401)
    if not user.roles & ROLES.get(called, ANY_ROLE):
        raise Refused(403)
    if called not in FILES and request.accept_mimetypes and not request.accept_mimetypes.best_match(["application/json"]):
        raise Refused(406)
    g.shop = chosen_shop(state, user)
    with state.bench.lock:
        seconds = wait(state, key, user, called)
    return too_many(seconds) if seconds else None


def chosen_shop(state: State, user: User) -> Shop:
    """`shop_id`, or the user's default shop."""
    mine = user.shop_ids or tuple(state.shops)
    wanted = whole(request.args, "shop_id", mine[0])
    if wanted not in mine or wanted not in state.shops:
        raise Refused(state.settings.foreign_shop)
    return state.shops[wanted]


def wait(state: State, key: str, user: User, called: str) -> int:
    further_page = "page_token" in request.args or request.args.get("offset", "0") not in ("", "0")
    if further_page and not state.settings.pages_counted:
        return 0
    if called == "OR11" and user.external:
        called = "OR11 external"
    if called == "OF01" and request.form.get("with_products") == "true":
        called = "OF01 with products"
    return state.limiter.wait_s(key, called, at=state.now(), scale=state.settings.rate_scale)


def dress(state: State, response: Response) -> Response:
    if not request.path.startswith(ADMIN) and response.status_code >= 400 and state.oddities.take("empty_error"):
        response.set_data(b"")
    return response


def leave(state: State) -> None:
    if g.pop("locked", False):
        state.bench.lock.release()


def unrouted(error: HTTPException) -> Response | tuple[Response, int] | HTTPException:
    """An unknown path, a verb that is not allowed, a body that cannot be read: all JSON."""
    if request.path.startswith(ADMIN):
        return jsonify(error=error.description), error.code or 500
    return refusal(Refused(error.code or 500))
