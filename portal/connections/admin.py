"""Connections and integrations in the admin: for administrators only, every change audited."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from connectors.registry import vendors
from portal.accounts.models import User
from portal.accounts.permissions import Action, allowed
from portal.audit.trail import record
from portal.connections.changes import opposite_warning, remove_connection, remove_integration, save_integration
from portal.connections.forms import ConnectionForm, FilterRowForm, IntegrationForm
from portal.connections.models import Connection, FilterRow, Integration
from portal.connections.verify import verify


def administrator(request: HttpRequest) -> User:
    """Who is at it; the admin lets nobody in who is not logged in."""
    assert isinstance(request.user, User)
    return request.user


class AdministratorsOnly(admin.ModelAdmin):
    """Open to those who may edit connections; removing goes through its own action, so that history stays."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return allowed(request.user, Action.EDIT_CONNECTION).yes

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_module_permission(request)

    has_add_permission = has_module_permission
    has_change_permission = has_view_permission

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        old = {name: str(form.initial.get(name)) for name in form.changed_data if not name.startswith("credential_")} if change else None
        new = {name: str(form.cleaned_data.get(name)) for name in form.changed_data if not name.startswith("credential_")}
        if any(name.startswith("credential_") for name in form.changed_data):
            new["credential"] = "[changed]"
        super().save_model(request, obj, form, change)
        record(f"{obj._meta.model_name}.{'changed' if change else 'added'}", obj, by=request.user, old=old, new=new)


@admin.register(Connection)
class ConnectionAdmin(AdministratorsOnly):
    list_display = ("name", "system", "environment", "enabled", "health", "verified_at", "last_ok_at")
    list_filter = ("system", "environment", "enabled", "health")
    search_fields = ("name", "account")
    actions = ("verify_credentials", "switch_on", "switch_off", "remove")
    readonly_fields = ("verified_at", "verified_note", "health", "health_since", "health_note", "last_ok_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Connection]:
        return Connection.objects.present()

    def get_form(self, request: HttpRequest, obj: Connection | None = None, change: bool = False, **options: Any) -> Any:
        return super().get_form(request, obj, change, **options) if obj is None else bound_form(obj)

    def get_fieldsets(self, request: HttpRequest, obj: Connection | None = None) -> Any:
        if obj is None:
            return ((None, {"fields": ("name", "system", "environment"), "description": "Next you enter its address and credential."}),)
        names = list(bound_form(obj)(instance=obj).fields)
        credentials = [name for name in names if name.startswith("credential_")]
        settings = [name for name in names if name.startswith("option_")]
        rest = [name for name in names if name not in credentials and name not in settings]
        state = {"fields": self.readonly_fields}
        return ((None, {"fields": rest}), ("Credential", {"fields": credentials}), ("Options", {"fields": settings}), ("What was found", state))

    def formfield_for_choice_field(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        if db_field.name == "system":
            options["choices"] = [(card.system.value, card.system.label) for card in vendors()]
        return super().formfield_for_choice_field(db_field, request, **options)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if not change:
            obj.base_url, obj.auth_url = obj.vendor.base_url, obj.vendor.auth_url
        super().save_model(request, obj, form, change)

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: Any = None) -> Any:
        data = request.POST.copy()
        data["_continue"] = "1"
        request.POST = data  # type: ignore[assignment]
        return super().response_add(request, obj, post_url_continue)

    @admin.action(description="Verify: try the credential now")
    def verify_credentials(self, request: HttpRequest, queryset: QuerySet[Connection]) -> None:
        for connection in queryset:
            finding = verify(connection, by=administrator(request), at=timezone.now())
            self.message_user(request, f"{connection}: {finding.sentence}", messages.SUCCESS if finding.works else messages.ERROR)
            for warning in finding.warnings:
                self.message_user(request, f"{connection}: {warning}", messages.WARNING)

    @admin.action(description="Switch on: let scheduled jobs use it")
    def switch_on(self, request: HttpRequest, queryset: QuerySet[Connection]) -> None:
        for connection in queryset:
            if connection.verified_at is None:
                self.message_user(request, f"{connection} is not verified yet, so it stays off. Verify it first.", messages.ERROR)
                continue
            self.switch(request, connection, on=True)

    @admin.action(description="Switch off: nothing runs by itself")
    def switch_off(self, request: HttpRequest, queryset: QuerySet[Connection]) -> None:
        for connection in queryset:
            self.switch(request, connection, on=False)

    def switch(self, request: HttpRequest, connection: Connection, *, on: bool) -> None:
        connection.enabled = on
        connection.save(update_fields=["enabled"])
        record("connection.switched_on" if on else "connection.switched_off", connection, by=request.user)
        self.message_user(request, f"{connection} is {'on: jobs use it from now' if on else 'off: nothing runs there by itself'}.", messages.SUCCESS)

    @admin.action(description="Remove: erase the credential, keep the history")
    def remove(self, request: HttpRequest, queryset: QuerySet[Connection]) -> None:
        for connection in queryset:
            remove_connection(connection, by=administrator(request), at=timezone.now())
            self.message_user(request, f"{connection} was removed. Its orders, messages and open cases stay.", messages.SUCCESS)


def bound_form(connection: Connection) -> type[ConnectionForm]:
    """A form class whose declared fields include those of this connection's vendor (the admin reads them from the class)."""
    extra = {name: field for name, field in ConnectionForm(instance=connection).fields.items() if name.startswith(("credential_", "option_"))}
    return type("BoundConnectionForm", (ConnectionForm,), extra)


class FilterRowInline(admin.TabularInline):
    model = FilterRow
    form = FilterRowForm
    extra = 1

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return allowed(request.user, Action.EDIT_CONNECTION).yes

    has_add_permission = has_change_permission = has_delete_permission = has_view_permission


@admin.register(Integration)
class IntegrationAdmin(AdministratorsOnly):
    form = IntegrationForm
    inlines = (FilterRowInline,)
    list_display = ("name", "channel", "hub", "mode", "enabled")
    list_filter = ("enabled", "mode")
    actions = ("remove",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Integration]:
        return Integration.objects.present().select_related("channel", "hub")

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        save_integration(obj, by=administrator(request), at=timezone.now())
        if warning := opposite_warning(obj):
            self.message_user(request, warning, messages.WARNING)

    @admin.action(description="Remove: end it, keep the history")
    def remove(self, request: HttpRequest, queryset: QuerySet[Integration]) -> None:
        for integration in queryset:
            remove_integration(integration, by=administrator(request), at=timezone.now())
            self.message_user(request, f"{integration} was removed. Its orders and open cases stay.", messages.SUCCESS)
