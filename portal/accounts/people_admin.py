"""How people look in the admin; `portal.audit.admin` registers it, because every change there is recorded."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.db import models
from django.forms import BaseInlineFormSet, ModelForm
from django.http import HttpRequest

from portal.accounts.memberships import keep_in_step
from portal.accounts.models import Membership, User


class RoleRows(BaseInlineFormSet):
    """Every field of a row carries its column's name, which Django's table shows to the eye only."""

    def add_fields(self, form: ModelForm[Any], index: int | None) -> None:
        super().add_fields(form, index)
        for field in form.fields.values():
            if not field.widget.is_hidden:
                field.widget.attrs["aria-label"] = field.label


class MembershipInline(admin.TabularInline):
    """The roles of one person."""

    model = Membership
    formset = RoleRows
    extra = 0
    verbose_name_plural = "roles"

    def has_view_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return True  # the page around it is closed to others

    has_add_permission = has_change_permission = has_delete_permission = has_view_permission


class PersonPages(UserAdmin):
    """Django's own user pages, with our roles in place of its groups and permissions."""

    inlines = (MembershipInline,)
    list_display = ("username", "called", "held", "time_zone", "is_active", "last_login")
    list_filter = ("memberships__role", "is_active")
    readonly_fields = ("last_login", "date_joined", "is_staff")
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        ("Person", {"fields": ("first_name", "last_name", "email", "time_zone")}),
        ("Access", {"fields": ("is_active", "is_staff", "last_login", "date_joined")}),
    )
    filter_horizontal = ()

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[User]:
        return super().get_queryset(request).prefetch_related("memberships")

    @admin.display(description="roles")
    def held(self, user: User) -> str:
        return ", ".join(str(membership) for membership in user.memberships.all()) or "none yet"

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        keep_in_step(form.instance)

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False  # people are switched off, so that what they did keeps its name
