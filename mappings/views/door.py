"""What the pages have in common: which kind is meant, and whether this person may change it."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.forms import Form, ModelForm
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404

from mappings.kinds import KINDS, Kind, may_edit
from portal.accounts.permissions import check


def kind_or_404(slug: str) -> Kind:
    if slug not in KINDS:
        raise Http404(f"There is no kind of mapping called {slug}.")
    return KINDS[slug]


def row_or_404(kind: Kind, pk: int) -> Any:
    related = ("connection",) if kind.scope == "connection" else ("integration", "integration__channel", "integration__hub")
    return get_object_or_404(kind.table._default_manager.select_related(*related), pk=pk)


def editable_row(request: HttpRequest, slug: str, pk: int) -> tuple[Kind, Any]:
    """The row, for somebody who may change it; NotAllowedError for everybody else."""
    kind = kind_or_404(slug)
    check(request.user, kind.action, kind=kind.subject)
    return kind, row_or_404(kind, pk)


def base_context(request: HttpRequest, kind: Kind | None = None) -> dict[str, Any]:
    """Tabs, and what this person may do."""
    context: dict[str, Any] = {"kinds": list(KINDS.values()), "kind": kind}
    if kind is not None:
        context["may_edit"] = may_edit(request.user, kind)  # type: ignore[arg-type]
    return context


def put_errors(form: Form | ModelForm, error: ValidationError) -> None:
    """Sentences of the model beside their fields, the rest on top."""
    if not hasattr(error, "error_dict"):
        form.add_error(None, error)
        return
    for name, several in error.error_dict.items():
        form.add_error(name if name in form.fields else None, several)
