"""The error bodies of the HTTP API, by code (https://docs.commercetools.com/api/errors)."""

from __future__ import annotations

from typing import Any


class ApiError(Exception):
    """One refusal: the status, the code, the sentence, and whatever else the code carries."""

    def __init__(self, status: int, code: str, message: str, **extra: Any) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.extra = status, code, message, extra

    def body(self) -> dict[str, Any]:
        first = {"code": self.code, "message": self.message, **self.extra}
        body: dict[str, Any] = {"statusCode": self.status, "message": self.message, "errors": [first] if self.code else []}
        if self.status in (401, 403) or self.code in OAUTH_CODES:
            body["error"] = self.code
        if self.code == "insufficient_scope" or self.code in OAUTH_CODES:
            body["error_description"] = self.message
        return body


OAUTH_CODES = {"invalid_client", "invalid_scope", "unsupported_grant_type"}
OVERLOADED = {  # what an injected status says
    429: ("", "Too many requests."),
    500: ("General", "Oops! Something went wrong on our side."),
    503: ("OverCapacity", "The service is having trouble handling the load."),
    504: ("QueryTimedOut", "The query timed out."),
}


def invalid_input(message: str) -> ApiError:
    return ApiError(400, "InvalidInput", message)


def malformed(parameter: str, why: str) -> ApiError:
    return invalid_input(f"Malformed parameter: {parameter}: {why}")


def invalid_json(detail: str) -> ApiError:
    return ApiError(400, "InvalidJsonInput", "Request body does not contain valid JSON.", detailedErrorMessage=detail)


def invalid_operation(message: str) -> ApiError:
    return ApiError(400, "InvalidOperation", message)


def invalid_field(field: str, value: Any, allowed: Any = None) -> ApiError:
    extra = {"field": field, "invalidValue": value} | ({"allowedValues": sorted(allowed)} if allowed else {})
    return ApiError(400, "InvalidField", f"The value '{value}' is not valid for field '{field}'.", **extra)


def required_field(field: str) -> ApiError:
    return ApiError(400, "RequiredField", f"A value is required for field '{field}'.", field=field)


def duplicate_field(field: str, value: str) -> ApiError:
    message = f"A duplicate value '\"{value}\"' exists for field '{field}'."
    return ApiError(400, "DuplicateField", message, duplicateValue=value, field=field)


def not_found(ident: str, *, by: str = "id") -> ApiError:
    how = f"with ID '{ident}'" if by == "id" else f"with {by} '{ident}'"
    return ApiError(404, "ResourceNotFound", f"The Resource {how} was not found.")


def reference_missing(type_id: str, **ident: str) -> ApiError:
    name, value = next(iter(ident.items()))
    word = "identifier" if name == "id" else name
    message = (
        f"The referenced object of type '{type_id}' with {word} '{value}' was not found. "
        "It either doesn't exist, or it can't be accessed from this endpoint (e.g., if the endpoint filters by store or customer account)."
    )
    return ApiError(400, "ReferencedResourceNotFound", message, typeId=type_id, **ident)


def conflict(ident: str, *, expected: int, actual: int) -> ApiError:
    message = f"Object {ident} has a different version than expected. Expected: {expected} - Actual: {actual}."
    return ApiError(409, "ConcurrentModification", message, currentVersion=actual)


def out_of_stock(line_items: list[str], skus: list[str]) -> ApiError:
    return ApiError(400, "OutOfStock", "Some line items are out of stock at the time of placing the order.", lineItems=line_items, skus=skus)


def invalid_token() -> ApiError:
    return ApiError(401, "invalid_token", "invalid_token")


def no_token() -> ApiError:
    message = "This endpoint requires an access token. You can get one from the authorization server."
    return ApiError(401, "invalid_token", message)


def insufficient_scope(scopes: tuple[str, ...]) -> ApiError:
    return ApiError(403, "insufficient_scope", f"Insufficient scope. One of the following scopes is missing: {', '.join(scopes)}.")
