"""The people pages, recorded. The trail itself has a page of its own and is not in the admin."""

from __future__ import annotations

from django.contrib import admin
from django.contrib.auth.models import Group
from django.db import transaction
from django.http import HttpRequest, HttpResponse

from portal.accounts.models import User
from portal.accounts.people_admin import PersonPages
from portal.accounts.permissions import Action
from portal.audit.admin_trail import CHANGED, AuditedAdmin
from portal.audit.trail import record

admin.site.unregister(Group)  # roles are memberships


@admin.register(User)
class PersonAdmin(PersonPages, AuditedAdmin):
    """Who may come in and in which roles."""

    change_action = Action.MANAGE_PEOPLE
    view_action = Action.MANAGE_PEOPLE

    def may_change(self, request: HttpRequest) -> bool:
        """A superuser made on the command line holds no role yet and must be able to give the first one."""
        return super().may_change(request) or request.user.is_superuser

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:
        with transaction.atomic():
            answer = super().user_change_password(request, id, form_url)
            if request.method == "POST" and answer.status_code == 302:
                person = User.objects.get(pk=id)
                record("person.password_set", person, by=request.user, new={"password": CHANGED})
        return answer
