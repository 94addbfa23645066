"""Cases and runs: what a person must decide, and what ran."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import Http404
from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from connectors.canonical import Received, System
from exceptions.acts import comment
from exceptions.errors import CaseError
from exceptions.kinds import KINDS
from exceptions.models import ExceptionCase
from portal.accounts.models import User
from portal.accounts.roles import Role
from portal.api import shapes
from portal.api.bodies import Exact
from portal.api.described import KEY, WRITING, extend_schema, lists, reads, refusals
from portal.api.doors import Door, account_of, named_account
from portal.api.idempotency import digest
from portal.api.models import ApiToken
from portal.api.paging import Keyset, PageQuery, listed
from portal.api.problems import Conflict
from portal.api.scopes import Scope
from portal.api.views.goods import asked
from portal.sync.bells import ring
from portal.sync.models import Run
from portal.sync.receive import receive

DUE = Keyset(("due_at", datetime), ("id", int))
NEWEST = Keyset(("id", int), descending=True)


class CaseQuery(PageQuery):
    kind = serializers.ChoiceField(required=False, choices=list(KINDS))
    owner = serializers.ChoiceField(required=False, choices=Role.values)


class RunQuery(PageQuery):
    integration = serializers.IntegerField(required=False, min_value=1, max_value=2**63 - 1)


class CommentBody(Exact):
    text = serializers.CharField(max_length=4000)


class CommentAnswer(serializers.Serializer):
    id = serializers.IntegerField()


class RunEventBody(Exact):
    """What a flow says of its own run, as its last step."""

    flow_id = serializers.CharField(max_length=120)
    run_id = serializers.CharField(max_length=120)
    event = serializers.ChoiceField(choices=["finished", "failed"])
    message = serializers.CharField(required=False, allow_blank=True, default="", max_length=4000)
    counts = serializers.DictField(child=serializers.IntegerField(min_value=0, max_value=10**9), required=False)


class RunEventAnswer(serializers.Serializer):
    status = serializers.ChoiceField(choices=["stored", "duplicate"])


class Cases(Door):
    """Open cases, the nearest clock first."""

    scopes = {"GET": Scope.CASES_READ}

    @lists(shapes.CaseShape, query=CaseQuery, summary="List open cases, the nearest clock first")
    def get(self, request: Request) -> Response:
        wanted = asked(request, CaseQuery)
        rows = cases_of(request).filter(is_awake=True)
        rows = rows.filter(**{name: wanted[name] for name in ("kind", "owner") if name in wanted})
        found, cursor = DUE.page(rows, cursor=wanted.get("cursor", ""), limit=wanted["limit"])
        return listed(found, cursor, shapes.case)


class Case(Door):
    scopes = {"GET": Scope.CASES_READ}

    @reads(shapes.CaseShape, summary="One case")
    def get(self, request: Request, pk: int) -> Response:
        return Response(shapes.case(case_or_404(request, pk)))


class CaseComments(Door):
    scopes = {"POST": Scope.CASES_WRITE}

    @extend_schema(summary="Comment on a case", request=CommentBody, parameters=[KEY], responses={201: CommentAnswer, **refusals(*WRITING)})
    def post(self, request: Request, pk: int) -> Response:
        form = CommentBody(data=request.data)
        form.is_valid(raise_exception=True)
        by, text = author(request, form.validated_data["text"])
        try:
            event = comment(case_or_404(request, pk), text, by=by)
        except CaseError as error:
            raise Conflict(str(error)) from error
        return Response({"id": event.pk}, status=201)


class Runs(Door):
    scopes = {"GET": Scope.RUNS_READ}

    @lists(shapes.RunShape, query=RunQuery, summary="List runs, the newest first")
    def get(self, request: Request) -> Response:
        wanted = asked(request, RunQuery)
        rows = Run.objects.select_related("integration")
        if account := account_of(request):
            rows = rows.filter(integration__channel=account) | rows.filter(integration__hub=account)
        if integration := wanted.get("integration"):
            rows = rows.filter(integration=integration)
        found, cursor = NEWEST.page(rows, cursor=wanted.get("cursor", ""), limit=wanted["limit"])
        return listed(found, cursor, shapes.run)


class RunEvents(Door):
    """The optional last step of a flow: it says that its run is over, and how it went."""

    scopes = {"POST": Scope.RUNS_WRITE}

    @extend_schema(summary="Report a flow's run", request=RunEventBody, responses={200: RunEventAnswer, 201: RunEventAnswer, **refusals(*WRITING)})
    def post(self, request: Request) -> Response:
        account = named_account(request, System.PATCHWORKS)
        form = RunEventBody(data=request.data)
        form.is_valid(raise_exception=True)
        told, now = form.validated_data, timezone.now()
        body = form_bytes({"received_at": now.isoformat(), "item": request.data})
        item = Received("run_events", f"{told['run_id']}@{digest(request.data)[:32]}", f"flow {told['flow_id']}"[:160], body, now)
        fresh = receive([item], connection=account, door="api", at=now)
        if fresh:
            ring("interpret", account.pk)
        return Response({"status": "stored" if fresh else "duplicate"}, status=201 if fresh else 200)


class Ping(Door):
    """Whether the token works."""

    @extend_schema(
        summary="Whether the token works",
        responses={
            200: type("PingShape", (serializers.Serializer,), {"ok": serializers.BooleanField(), "account": serializers.CharField()}),
            **refusals(401, 403, 406, 429),
        },
    )
    def get(self, request: Request) -> Response:
        return Response({"ok": True, "account": str(account_of(request) or "")})


def form_bytes(data: Any) -> bytes:
    import json

    return json.dumps(data, ensure_ascii=False).encode("utf-8", "surrogatepass")


def cases_of(request: Request) -> Any:
    rows = ExceptionCase.objects.select_related("connection")
    account = account_of(request)
    return rows.filter(connection=account) if account else rows


def case_or_404(request: Request, pk: int) -> ExceptionCase:
    found: ExceptionCase | None = cases_of(request).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def author(request: Request, text: str) -> tuple[User, str]:
    """Who the comment is by: the person, or whoever issued the token, with the token named."""
    if isinstance(request.auth, ApiToken):
        return request.auth.created_by, f"{text}\n(by the API token “{request.auth}”)"
    assert isinstance(request.user, User)
    return request.user, text
