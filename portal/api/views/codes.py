"""Mappings: looked up, listed and changed."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from django.utils import timezone
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from connectors.canonical import CodeKind
from mappings import changes
from mappings.errors import TO_CHANNEL, TO_HUB, UnmappedCode
from mappings.kinds import KINDS, Kind
from mappings.models import Mapping
from mappings.models.base import in_force
from mappings.resolve import to_channel, to_hub
from portal.accounts.models import User
from portal.accounts.permissions import NotAllowedError
from portal.api.bodies import Exact
from portal.api.described import KEY, READING, WRITING, extend_schema, lists, refusals
from portal.api.doors import Door, account_of
from portal.api.idempotency import once
from portal.api.models import ApiToken
from portal.api.paging import Keyset, PageQuery, listed
from portal.api.scopes import Scope
from portal.api.shapes import when
from portal.api.views.goods import asked
from portal.connections.models import Connection, Integration
from portal.reconciliation.sku_changes import alias_accounts, aliases_were_read

ALIASES = "sku_alias"
BY_ID = Keyset(("id", int))
ID: dict[str, Any] = {"min_value": 1, "max_value": 2**63 - 1}
RESOLVERS = {TO_HUB: to_hub, TO_CHANNEL: to_channel}


class LookupQuery(serializers.Serializer):
    integration = serializers.IntegerField(**ID)
    kind = serializers.ChoiceField(choices=[kind.value for kind in CodeKind])
    direction = serializers.ChoiceField(choices=[TO_HUB, TO_CHANNEL])
    value = serializers.CharField(max_length=200, trim_whitespace=False, help_text="Byte by byte: capitals, zeros and blanks count.")
    store = serializers.CharField(required=False, allow_blank=True, default="", max_length=200, trim_whitespace=False)
    service = serializers.CharField(
        required=False, allow_blank=True, default="", max_length=200, help_text="For a carrier on its way to the channel."
    )
    tracking = serializers.CharField(required=False, allow_blank=True, default="", max_length=200)


class LookupAnswer(serializers.Serializer):
    value = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    how = serializers.ChoiceField(choices=["mapping", "identity", "alias"])
    mapping = serializers.IntegerField(allow_null=True)


class MappingShape(serializers.Serializer):
    id = serializers.IntegerField()
    kind = serializers.CharField()
    integration = serializers.IntegerField(help_text="For an alias of a SKU: the account.")
    fields = serializers.DictField(child=serializers.JSONField())  # type: ignore[assignment]
    effective_from = serializers.DateTimeField(allow_null=True)
    effective_to = serializers.DateTimeField(allow_null=True)
    note = serializers.CharField()


class MappingBody(Exact):
    """A new row, or the row that answers the same question now with another answer."""

    integration = serializers.IntegerField(**ID, help_text="For an alias of a SKU: the account.")
    fields = serializers.DictField(child=serializers.JSONField(), help_text="The columns of its kind, for example channel_code and hub_code.")  # type: ignore[assignment]
    reason = serializers.CharField(max_length=100, help_text="Why; the next person who reads the row will ask.")


class Lookup(Door):
    scopes = {"GET": Scope.MAPPINGS_READ}

    @extend_schema(summary="What the other side calls a code", parameters=[LookupQuery], responses={200: LookupAnswer, **refusals(*READING)})
    def get(self, request: Request) -> Response:
        wanted = asked(request, LookupQuery)
        integration = integrations_of(request).filter(pk=wanted["integration"]).first()
        if integration is None:
            raise Http404
        options = {name: wanted[name] for name in ("store", "service", "tracking") if name == "store" or wanted["direction"] == TO_CHANNEL}
        try:
            found = RESOLVERS[wanted["direction"]](CodeKind(wanted["kind"]), wanted["value"], integration=integration, at=timezone.now(), **options)
        except UnmappedCode as error:
            raise NotFound(str(error)) from error
        return Response({"value": found.value, "label": found.label, "how": found.how, "mapping": found.mapping_id})


class Mappings(Door):
    scopes = {"GET": Scope.MAPPINGS_READ, "POST": Scope.MAPPINGS_WRITE}

    @lists(MappingShape, query=PageQuery, summary="The rows of one kind that hold now")
    def get(self, request: Request, slug: str) -> Response:
        kind, wanted = kind_or_404(slug), asked(request, PageQuery)
        account, now = account_of(request), timezone.now()
        followed = slug == ALIASES and account is not None
        scope = alias_accounts(account) if followed and account else scope_of(request, kind)
        rows = kind.table._default_manager.filter(in_force(now), **{f"{kind.scope}__in": scope})
        found, cursor = BY_ID.page(rows, cursor=wanted.get("cursor", ""), limit=wanted["limit"])
        if followed and account and cursor is None:
            aliases_were_read(account, at=now)
        return listed(found, cursor, lambda row: told(row, kind))

    @extend_schema(
        summary="Add a row, or change the one that answers the same question",
        request=MappingBody,
        parameters=[KEY],
        responses={200: MappingShape, 201: MappingShape, **refusals(*WRITING)},
    )
    def post(self, request: Request, slug: str) -> Response:
        kind = kind_or_404(slug)
        form = MappingBody(data=request.data)
        form.is_valid(raise_exception=True)
        return once(request, lambda: write(request, kind, form.validated_data))


def write(request: Request, kind: Kind, given: dict[str, Any]) -> Response:
    """Save through the one writer of mappings, by the person, or by whoever issued the token."""
    scope = scope_of(request, kind).filter(pk=given["integration"]).first()
    if scope is None:
        raise Http404
    fields = given["fields"]
    if unknown := sorted(set(fields) - set(changes.fields_of(kind))):
        raise serializers.ValidationError({f"fields.{name[:100]}": ["There is no such column in this kind."] for name in unknown[:20]})
    if wrong := sorted(name for name, value in fields.items() if not fits(kind, name, value)):
        raise serializers.ValidationError({f"fields.{name}": ["This is not a value for this column."] for name in wrong})
    row = existing(kind, scope, fields) or kind.table(**{kind.scope: scope})
    is_new = row.pk is None
    for name, value in fields.items():
        setattr(row, name, value)
    try:
        saved = changes.save(row, by=writer(request), reason=reason_of(request, given["reason"]))
    except NotAllowedError as error:
        raise serializers.ValidationError({"body": [str(error)]}) if isinstance(request.auth, ApiToken) else error from error
    return Response(told(saved, kind), status=201 if is_new else 200)


def fits(kind: Kind, name: str, value: Any) -> bool:
    """Text for codes, true or false for switches, a moment or null for dates."""
    kept = type(kind.table._meta.get_field(name)).__name__
    if kept == "BooleanField":
        return isinstance(value, bool)
    if kept == "DateTimeField":
        return value is None or isinstance(value, str)
    return isinstance(value, str) and "\x00" not in value


def existing(kind: Kind, scope: Any, fields: dict[str, Any]) -> Mapping | None:
    """The row in force with the same key."""
    key = {name: fields.get(name, "") for name in kind.table.KEY if name != kind.scope}
    if any(not isinstance(value, str) for value in key.values()):
        return None
    found: Mapping | None = kind.table._default_manager.filter(in_force(timezone.now()), **{kind.scope: scope}, **key).first()
    return found


def told(row: Mapping, kind: Kind) -> dict[str, Any]:
    return {
        "id": row.pk,
        "kind": kind.slug,
        "integration": getattr(row, f"{kind.scope}_id"),
        "fields": {name: getattr(row, name) for name in (*kind.fields, *(label for _, label in kind.labels))},
        "effective_from": when(row.effective_from),
        "effective_to": when(row.effective_to),
        "note": row.note,
    }


def kind_or_404(slug: str) -> Kind:
    if slug not in KINDS:
        raise Http404
    return KINDS[slug]


def integrations_of(request: Request) -> Any:
    rows = Integration.objects.present().select_related("channel", "hub")
    account = account_of(request)
    return (rows.filter(channel=account) | rows.filter(hub=account)) if account else rows


def scope_of(request: Request, kind: Kind) -> Any:
    """The integrations (for aliases: accounts) the caller may speak of."""
    if kind.scope == "integration":
        return integrations_of(request)
    account = account_of(request)
    return Connection.objects.present().filter(pk=account.pk) if account else Connection.objects.present()


def writer(request: Request) -> User:
    person = request.auth.created_by if isinstance(request.auth, ApiToken) else request.user
    assert isinstance(person, User)
    return person


def reason_of(request: Request, reason: str) -> str:
    return f"{reason} (API: {request.auth})"[:100] if isinstance(request.auth, ApiToken) else reason
