"""`AuditedAdmin`: admin pages that open by role and whose every change is recorded with what it was before."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.forms import BaseModelForm
from django.http import HttpRequest

from portal.accounts.permissions import Action, Kind, allowed
from portal.audit.models import AuditEvent
from portal.audit.trail import SECRET_NAMES, record

CHANGED = "[changed]"


class AuditedAdmin(admin.ModelAdmin):
    """Set `change_action` (and `change_kind` where the table asks for it); `view_action` is open to whoever sees the inbox.

    Fields whose name promises a secret, and those in `secret_fields`, are recorded as “[changed]”.
    """

    change_action: Action
    change_kind: Kind | None = None
    view_action = Action.SEE_INBOX
    secret_fields: frozenset[str] = frozenset()

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return request.user.is_staff and (allowed(request.user, self.view_action).yes or self.may_change(request))

    def has_add_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return self.may_change(request)

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return self.may_change(request)

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return self.may_change(request)

    def may_change(self, request: HttpRequest) -> bool:
        return allowed(request.user, self.change_action, kind=self.change_kind).yes

    def save_model(self, request: HttpRequest, obj: models.Model, form: BaseModelForm[Any], change: bool) -> None:
        names = form.changed_data if change else list(form.cleaned_data)
        before = self.model._default_manager.filter(pk=obj.pk).first() if change else None
        super().save_model(request, obj, form, change)
        if names:
            verb = "changed" if change else "added"
            self.write(request, verb, obj, old=self.facts(before, names) if before else None, new=self.facts(obj, names))

    def delete_model(self, request: HttpRequest, obj: models.Model) -> None:
        label, old = str(obj), self.facts(obj, [field.name for field in obj._meta.fields])
        pk = obj.pk
        super().delete_model(request, obj)
        self.write(request, "removed", (obj._meta.label_lower, pk, label), old=old)

    def delete_queryset(self, request: HttpRequest, queryset: models.QuerySet[Any]) -> None:
        for obj in queryset:
            self.delete_model(request, obj)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        """Rows edited inside the page of another: one event each."""
        saved = [(row, row.instance.pk, list(row.changed_data)) for row in formset.forms if row.has_changed()]
        before = {pk: formset.model._default_manager.filter(pk=pk).first() for _, pk, _ in saved if pk}
        super().save_formset(request, form, formset, change)
        for row, pk, names in saved:
            if row in formset.deleted_forms:
                if pk:
                    self.write(request, "removed", (row.instance._meta.label_lower, pk, str(before[pk])), old=self.facts(before[pk], names))
                continue
            verb, old = ("changed", self.facts(before[pk], names)) if pk else ("added", None)
            self.write(request, verb, row.instance, old=old, new=self.facts(row.instance, names))

    def write(self, request: HttpRequest, verb: str, subject: models.Model | tuple[str, object, str], **facts: Any) -> AuditEvent:
        model = subject._meta.model_name if isinstance(subject, models.Model) else subject[0].rpartition(".")[2]
        return record(f"{model}.{verb}", subject, by=request.user, **facts)

    def facts(self, obj: models.Model, names: list[str]) -> dict[str, Any]:
        """The fields as JSON can keep them, without what must not be kept."""
        return {name: CHANGED if self.is_secret(name) else readable(obj, name) for name in names if name != "DELETE"}

    def is_secret(self, name: str) -> bool:
        return name in self.secret_fields or bool(SECRET_NAMES.search(name))


def readable(obj: models.Model, name: str) -> Any:
    """A plain value, the key of a foreign row, or the names of many; a form field that is no column says only that it changed."""
    try:
        field = obj._meta.get_field(name)
    except FieldDoesNotExist:
        return CHANGED
    if field.many_to_many:
        return sorted(str(one) for one in getattr(obj, name).all())
    if isinstance(field, models.ForeignKey):
        return str(getattr(obj, name)) if getattr(obj, field.attname) is not None else None
    return field.value_from_object(obj)  # type: ignore[union-attr]
