"""What orders carry, and what is to become of each attribute."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from mappings import attributes
from mappings.forms import ReasonForm
from mappings.models import SeenAttribute
from mappings.models.attributes import Decision
from mappings.views.door import base_context
from portal.accounts.gate import require
from portal.accounts.permissions import Action, allowed, check
from portal.connections.models import Integration

AGAIN = "again"
SAID = {
    Decision.USE: "Saved. Add it to the filters of {integration}: the field is “{field}”.",
    Decision.IGNORE: "Saved. Nobody is asked about it again.",
    None: "Saved. It is undecided again.",
}


class AttributeFilter(forms.Form):
    """Which of them."""

    integration = forms.ModelChoiceField(queryset=Integration.objects.none(), required=False, empty_label="all")
    show = forms.ChoiceField(choices=[("", "all"), ("undecided", "nobody has decided")], required=False)

    def __init__(self, data: object) -> None:
        super().__init__(data)  # type: ignore[arg-type]
        self.fields["integration"].queryset = Integration.objects.present()  # type: ignore[attr-defined]


class DecisionForm(ReasonForm):
    """What is to become of one."""

    decision = forms.ChoiceField(label="Decision")
    field_order = ("decision", "reason")

    def __init__(self, *args: object, row: SeenAttribute, **options: object) -> None:
        super().__init__(*args, **options)  # type: ignore[arg-type]
        back = [(AGAIN, "Undecided again")] if row.decision else []
        self.fields["decision"].choices = [("use", "Use it in filters"), ("ignore", "Ignore it"), *back]  # type: ignore[attr-defined]
        self.fields["reason"].help_text = "Kept with the decision and in the audit trail."


@require_safe
@require(Action.SEE_INBOX)
def attribute_list(request: HttpRequest) -> HttpResponse:
    form = AttributeFilter(request.GET)
    form.is_valid()
    told = form.cleaned_data
    rows = attributes.listed(told.get("integration"), undecided=told.get("show") == "undecided")
    may = allowed(request.user, Action.EDIT_CONNECTION).yes
    context = {**base_context(request), "form": form, "rows": rows, "may_decide": may, "most": attributes.MOST, "here": "attributes"}
    return render(request, "mappings/attributes.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@require(Action.SEE_INBOX)
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    check(request.user, Action.EDIT_CONNECTION)
    rows = SeenAttribute.objects.select_related("integration__channel", "order").filter(integration__removed_at=None)
    row = get_object_or_404(rows, pk=pk)
    form = DecisionForm(request.POST or None, row=row, initial={"decision": row.decision or Decision.USE})
    if request.method == "POST" and form.is_valid():
        chosen = form.cleaned_data["decision"]
        decision = None if chosen == AGAIN else Decision(chosen)
        try:
            attributes.decide(row, decision, by=request.user, reason=form.cleaned_data["reason"])  # type: ignore[arg-type]
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, SAID[decision].format(integration=row.integration.name, field=row.filter_field))
            return redirect("mappings:attributes")
    return render(request, "mappings/attribute.html", {**base_context(request), "row": row, "form": form, "here": "attributes"})
