"""Owners, time limits, playbooks and calendars, for leads and admins; every change is in the audit trail."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.utils import timezone

from exceptions.kinds import KINDS
from exceptions.models import Holiday, KindSetting, TeamCalendar
from portal.accounts.models import User
from portal.accounts.permissions import Action, allowed, may_ever
from portal.accounts.roles import Role
from portal.audit import trail


def plain(row: Model) -> dict[str, Any]:
    """A row as the trail keeps it."""
    names = [field.attname for field in row._meta.concrete_fields if field.attname not in ("id", "changed_at", "changed_by_id")]
    return {name: str(getattr(row, name)) for name in names}


class AuditedAdmin(admin.ModelAdmin):
    """Only those who may edit playbooks, time limits and ownership; a lead for the own team."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return may_ever(request.user, Action.EDIT_PLAYBOOKS).yes

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_module_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.has_module_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        team = self.team_of(obj) if obj is not None else None
        if team is None:
            return self.has_module_permission(request)
        return allowed(request.user, Action.EDIT_PLAYBOOKS, owner=team).yes

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_change_permission(request, obj)

    def team_of(self, obj: Any) -> Role | None:
        return None

    def save_model(self, request: HttpRequest, obj: Any, form: forms.ModelForm[Any], change: bool) -> None:
        before = plain(type(obj)._default_manager.get(pk=obj.pk)) if change else None
        super().save_model(request, obj, form, change)
        trail.record(f"{obj._meta.model_name}.{'changed' if change else 'added'}", obj, by=self.person(request), old=before, new=plain(obj))

    def delete_model(self, request: HttpRequest, obj: Model) -> None:
        trail.record(f"{obj._meta.model_name}.removed", obj, by=self.person(request), old=plain(obj))
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        for row in queryset:
            self.delete_model(request, row)

    def person(self, request: HttpRequest) -> User:
        return request.user  # type: ignore[return-value]


class KindSettingForm(forms.ModelForm):
    kind = forms.ChoiceField(choices=[(code, f"{code} {kind.name}") for code, kind in KINDS.items()])
    steps = forms.CharField(
        required=False, widget=forms.Textarea(attrs={"rows": 6}), help_text="One step a line; empty: the steps that came with the portal."
    )

    class Meta:
        model = KindSetting
        fields = ("kind", "owner", "ack_min", "resolve_min", "what_to_do", "steps", "cx")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if self.instance.pk:
            self.initial["steps"] = "\n".join(self.instance.steps)

    def clean_steps(self) -> list[str]:
        return [line.strip()[:300] for line in self.cleaned_data["steps"].splitlines() if line.strip()]

    def clean_owner(self) -> str:
        """A team that can work on it; otherwise nobody could solve it."""
        owner = self.cleaned_data["owner"]
        if owner == Role.AUD:
            raise forms.ValidationError("Auditors look and change nothing; choose the team that works on these cases.")
        return str(owner)


@admin.register(KindSetting)
class KindSettingAdmin(AuditedAdmin):
    form = KindSettingForm
    list_display = ("kind", "name", "owner", "ack_min", "resolve_min", "changed_by", "changed_at")
    list_filter = ("owner",)
    list_select_related = ("changed_by",)

    @admin.display(description="name")
    def name(self, row: KindSetting) -> str:
        return KINDS[row.kind].name if row.kind in KINDS else row.kind

    def team_of(self, obj: Any) -> Role | None:
        return Role(obj.owner)

    def save_model(self, request: HttpRequest, obj: Any, form: forms.ModelForm[Any], change: bool) -> None:
        obj.changed_by, obj.changed_at = self.person(request), timezone.now()
        super().save_model(request, obj, form, change)


@admin.register(TeamCalendar)
class TeamCalendarAdmin(AuditedAdmin):
    list_display = ("role", "time_zone", "opens", "closes", "weekdays")

    def team_of(self, obj: Any) -> Role | None:
        return Role(obj.role)


@admin.register(Holiday)
class HolidayAdmin(AuditedAdmin):
    list_display = ("day", "name", "role")
    list_filter = ("role",)

    def team_of(self, obj: Any) -> Role | None:
        return Role(obj.role) if obj.role else None
