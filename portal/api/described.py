"""What every answer of the API may be, for its description (OpenAPI 3.1)."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, PolymorphicProxySerializer, extend_schema, inline_serializer
from rest_framework import serializers

from portal.api.idempotency import HEADER
from portal.api.problems import ProblemRenderer

REFUSALS = {
    400: "The request is not readable.",
    401: "No valid token.",
    403: "The caller may not do this.",
    404: "There is nothing under this address.",
    406: "The caller accepts no form we can answer in.",
    409: "It does not fit what is here; do not repeat it unchanged.",
    413: "The body is too large.",
    415: "The body is not JSON.",
    422: "Well formed, but some fields are not right; do not repeat it unchanged.",
    429: "Too many calls; wait for Retry-After.",
}
READING = (401, 403, 404, 406, 409, 422, 429)
WRITING = tuple(REFUSALS)
KEY = OpenApiParameter(HEADER, str, OpenApiParameter.HEADER, description="The same key gives the same answer and no second effect, for seven days.")
PARTIAL = OpenApiParameter(
    "partial_as_200", str, enum=["true", "false"], description="Answer 200 where some items of a list failed (else 207 or 422)."
)


class TokenScheme(OpenApiAuthenticationExtension):
    """The two ways to show a token."""

    target_class = "portal.api.tokens.TokenAuthentication"
    name = ["token", "key"]

    def get_security_definition(self, auto_schema: Any) -> list[dict[str, str]]:
        return [{"type": "http", "scheme": "bearer"}, {"type": "apiKey", "in": "header", "name": "X-Api-Key"}]

    def get_security_requirement(self, auto_schema: Any) -> list[dict[str, list[Any]]]:
        return [{"token": []}, {"key": []}]


class PersonScheme(OpenApiAuthenticationExtension):
    """A person signed in by the browser."""

    target_class = "portal.api.tokens.PersonAuthentication"
    name = "person"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "apiKey", "in": "cookie", "name": "sessionid"}


class ProblemShape(serializers.Serializer):
    """RFC 9457."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    errors = serializers.DictField(child=serializers.ListField(child=serializers.CharField()), required=False)  # type: ignore[assignment]


class ResultShape(serializers.Serializer):
    """What became of one item."""

    external_id = serializers.CharField()
    status = serializers.ChoiceField(choices=["stored", "duplicate", "error"])
    id = serializers.CharField(required=False)
    code = serializers.CharField(required=False)
    field = serializers.CharField(required=False)
    message = serializers.CharField(required=False)
    errors = serializers.DictField(child=serializers.ListField(child=serializers.CharField()), required=False)  # type: ignore[assignment]


class ResultsShape(serializers.Serializer):
    """What became of a list: one result for each item, in its order."""

    results = ResultShape(many=True)
    stored = serializers.IntegerField()
    failed = serializers.IntegerField()


def refusals(*codes: int) -> dict[Any, Any]:
    return {(code, ProblemRenderer.media_type): OpenApiResponse(ProblemShape, REFUSALS[code]) for code in codes}


def reads(shape: Any, *, query: Any = None, summary: str, operation_id: str | None = None) -> Any:
    """Describe a reading view."""
    parameters = [query] if query else []
    return extend_schema(operation_id=operation_id, summary=summary, parameters=parameters, responses={200: shape, **refusals(*READING)})


def lists(shape: type[serializers.Serializer], *, query: Any, summary: str) -> Any:
    """Describe a list with its cursor."""
    name = shape.__name__.removesuffix("Shape")
    page = inline_serializer(f"{name}Page", {"data": shape(many=True), "next_cursor": serializers.CharField(allow_null=True)})
    return reads(page, query=query, summary=summary, operation_id=f"{name.lower()}_list")


def takes(body: type[serializers.Serializer], *, summary: str) -> Any:
    """Describe a view that takes one item or a list of them."""
    name = body.__name__.removesuffix("Body")
    given = PolymorphicProxySerializer(f"{name}OrMany", serializers=[body, body(many=True)], resource_type_field_name=None, many=False)
    told = PolymorphicProxySerializer("ResultOrResults", serializers=[ResultShape, ResultsShape], resource_type_field_name=None, many=False)
    answers = {
        200: OpenApiResponse(told, "Known already, or a whole list stored."),
        201: OpenApiResponse(ResultShape, "Stored."),
        207: OpenApiResponse(ResultsShape, "Some items of the list failed."),
        (422, "application/json"): OpenApiResponse(ResultsShape, "Every item of the list failed."),
    }
    return extend_schema(summary=summary, request=given, parameters=[KEY, PARTIAL], responses={**answers, **refusals(*WRITING)})


def only_ours(endpoints: list[Any], **_options: Any) -> list[Any]:
    """Describe the versioned addresses and nothing else."""
    return [one for one in endpoints if one[0].startswith("/api/v1/") and not one[0].endswith("/schema.json")]
