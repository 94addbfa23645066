"""The switch that turns single-key shortcuts off (WCAG 2.1.4), kept with the person."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from portal.accounts.models import User
from portal.ui.theme import way_back


@require_POST
def switch(request: HttpRequest) -> HttpResponse:
    wanted = request.POST.get("single_keys") == "on"
    User.objects.filter(username=request.user.get_username()).update(single_keys=wanted)
    messages.success(request, "Single keys are on." if wanted else "Single keys are off. Turn them on again under “Keyboard”.")
    return redirect(way_back(request))
