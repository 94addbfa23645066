"""The page where an admin issues and revokes tokens."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from portal.accounts.gate import require
from portal.accounts.permissions import Action
from portal.accounts.views import person
from portal.api.models import ApiToken
from portal.api.scopes import Scope
from portal.api.tokens import mint, revoke
from portal.connections.models import Connection


class TokenForm(forms.ModelForm):
    """What a new token may do, and for whom it speaks."""

    scopes = forms.MultipleChoiceField(choices=Scope.choices, widget=forms.CheckboxSelectMultiple, label="It may")
    expires_at = forms.DateTimeField(
        required=False, label="Valid until", help_text="Empty: until it is revoked.", widget=forms.DateTimeInput(attrs={"type": "datetime-local"})
    )

    class Meta:
        model = ApiToken
        fields = ("name", "connection", "scopes", "per_minute", "expires_at")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["connection"].queryset = Connection.objects.present()  # type: ignore[attr-defined]

    def clean_expires_at(self) -> Any:
        until = self.cleaned_data["expires_at"]
        if until is not None and until <= timezone.now():
            raise ValidationError("This moment has passed. Choose a later one, or leave it empty.")
        return until


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@require(Action.EDIT_CONNECTION)
def tokens(request: HttpRequest) -> HttpResponse:
    """Every token, when it was last used, and the form for the next one. A new one is shown on this answer alone."""
    form, secret = TokenForm(request.POST or None, initial={"per_minute": 240}), ""
    if request.method == "POST" and form.is_valid():
        secret = mint(form.save(commit=False), by=person(request))
        form = TokenForm(initial={"per_minute": 240})
    now = timezone.now()
    rows = [(row, row.state(now)) for row in ApiToken.objects.select_related("connection", "created_by")]
    return render(request, "api/tokens.html", {"form": form, "secret": secret, "rows": rows})


@require_POST
@require(Action.EDIT_CONNECTION)
def revoke_token(request: HttpRequest, pk: int) -> HttpResponse:
    token = get_object_or_404(ApiToken, pk=pk)
    try:
        revoke(token, by=person(request))
        messages.success(request, f"“{token}” is revoked. Calls with it are refused from now on.")
    except ValidationError as error:
        messages.error(request, error.messages[0])
    return redirect("api:tokens")
