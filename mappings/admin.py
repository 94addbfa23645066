"""The tables in the admin, for those who keep them; every change goes through `changes`, as on the portal's own pages."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from simple_history.admin import SimpleHistoryAdmin

from connectors.canonical import CodeKind
from mappings import changes, live
from mappings.kinds import CHANNEL, KINDS, Kind, may_edit
from mappings.models import Mapping, MissingRule, OnMissing, SeenCode
from portal.accounts.permissions import Action, allowed
from portal.connections.models import Integration


class AdminForm(forms.ModelForm):
    """Asks why, and offers the live list of the integration that the row belongs to."""

    reason = forms.CharField(max_length=100, label="Why", help_text="Kept in the history of the row.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if isinstance(field, forms.CharField) and field.label != "Why":
                field.strip = False
        if self.instance.pk and isinstance(getattr(self.instance, "integration", None), Integration):
            kind = next(kind for kind in KINDS.values() if isinstance(self.instance, kind.table))
            for name, side in kind.lists:
                self._offer(kind, name, side)

    def _post_clean(self) -> None:
        """Everything that `changes.save` will ask, so that a refusal is a sentence on the form."""
        super()._post_clean()  # type: ignore[misc]
        if not self.errors:
            try:
                self.instance.full_clean()
            except ValidationError as error:
                self.add_error(None, ValidationError(error.messages))

    def _offer(self, kind: Kind, name: str, side: str) -> None:
        if name not in self.fields:
            return  # a fixed part of the key
        integration = self.instance.integration
        connection = integration.channel if side == CHANNEL else integration.hub
        found = live.codes(connection, CodeKind.STORE if name == "store" else kind.code_kind)
        held, field = getattr(self.instance, name), self.fields[name]
        if not found.codes:
            field.help_text = f"{field.help_text} {found.reason}".strip()
            return
        choices = [("", "–"), *((code.value, f"{code.label or code.value} ({code.value})") for code in found.codes)]
        if held and found.find(held) is None:
            choices.append((held, f"{held} (not in the list)"))
        self.fields[name] = forms.ChoiceField(label=field.label, choices=choices, required=field.required, help_text=field.help_text)


class MappingAdmin(SimpleHistoryAdmin):
    """Rows are ended, never deleted; the key of a saved row is fixed."""

    form = AdminForm
    show_full_result_count = False
    list_per_page = 50
    kind: Kind

    def has_module_permission(self, request: HttpRequest) -> bool:
        return allowed(request.user, Action.SEE_INBOX).yes

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_module_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return may_edit(request.user, self.kind).yes  # type: ignore[arg-type]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_add_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def revert_disabled(self, request: HttpRequest, obj: Any = None) -> bool:
        return True  # the row's own page does it, with the orders to look at again

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("used", *self.kind.table.KEY) if obj else ("used",)

    def save_model(self, request: HttpRequest, obj: Mapping, form: Any, change: bool) -> None:
        changes.save(obj, by=request.user, reason=form.cleaned_data["reason"])  # type: ignore[arg-type]


def register(kind: Kind) -> None:
    """One page for each table; search is exact or by beginning, so that it stays fast on a million rows."""
    table = kind.table
    options = {
        "kind": kind,
        "list_display": (table.LEFT, table.RIGHT, kind.scope, "effective_from", "effective_to", "used"),
        "list_filter": (kind.scope, "used"),
        "list_select_related": (kind.scope,),
        "search_fields": (f"{table.LEFT}__startswith", f"{table.RIGHT}__startswith"),
        "ordering": (table.LEFT, "id"),
        "__doc__": f"{kind.name}.",
    }
    admin.site.register(table, type(f"{table.__name__}Admin", (MappingAdmin,), options))


for each in KINDS.values():
    register(each)


class RuleForm(forms.ModelForm):
    """Asks why."""

    reason = forms.CharField(max_length=100, label="Why")


@admin.register(MissingRule)
class MissingRuleAdmin(SimpleHistoryAdmin):
    """What messages do whose code is missing."""

    form = RuleForm
    list_display = ("integration", "kind", "on_missing")

    def has_module_permission(self, request: HttpRequest) -> bool:
        return allowed(request.user, Action.EDIT_CONNECTION).yes

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_module_permission(request)

    has_add_permission = has_module_permission
    has_change_permission = has_view_permission

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("integration", "kind") if obj else ()

    def save_model(self, request: HttpRequest, obj: MissingRule, form: Any, change: bool) -> None:
        chosen, code_kind = OnMissing(obj.on_missing), CodeKind(obj.kind)
        saved = changes.set_on_missing(obj.integration, code_kind, chosen, by=request.user, reason=form.cleaned_data["reason"])  # type: ignore[arg-type]
        obj.pk = saved.pk


@admin.register(SeenCode)
class SeenCodeAdmin(admin.ModelAdmin):
    """Read only: the list of what waits is kept by the corridor."""

    list_display = ("value", "label", "kind", "direction", "integration", "times", "last_seen_at", "answered_at")
    list_filter = ("kind", "direction", "integration")
    show_full_result_count = False

    def has_module_permission(self, request: HttpRequest) -> bool:
        return allowed(request.user, Action.SEE_INBOX).yes

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_module_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
