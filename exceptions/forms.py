"""What the case page asks for."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils import timezone

from exceptions import clocks, ignoring
from exceptions.models import ExceptionCase, Resolution
from exceptions.resolving import CODES
from portal.accounts.models import User
from portal.accounts.permissions import allowed
from portal.accounts.roles import Role

UNTIL_TOMORROW, UNTIL_THEN = "tomorrow", "then"
SPANS = {"1h": timedelta(hours=1), "4h": timedelta(hours=4)}


class CommentForm(forms.Form):
    text = forms.CharField(label="Comment", widget=forms.Textarea(attrs={"rows": 3, "data-key": "c", "data-key-label": "Comment"}), max_length=4000)


class AssignForm(forms.Form):
    """Only people of the teams that may act."""

    to = forms.ModelChoiceField(User.objects.none(), label="Assign to", required=False, empty_label="nobody")

    def __init__(self, *args: Any, case: ExceptionCase, **options: Any) -> None:
        super().__init__(*args, **options)
        people = User.objects.filter(is_active=True, memberships__role__in=sorted(case.acting_roles)).distinct().order_by("first_name", "username")
        self.fields["to"].queryset = people  # type: ignore[attr-defined]
        self.fields["to"].label_from_instance = lambda user: user.called  # type: ignore[attr-defined]


class ReassignForm(forms.Form):
    team = forms.TypedChoiceField(label="Hand to", coerce=Role)
    note = forms.CharField(label="Why", max_length=1000, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, case: ExceptionCase, **options: Any) -> None:
        super().__init__(*args, **options)
        teams = [(role.value, role.label) for role in Role if role not in (Role.AUD, case.team)]
        self.fields["team"].choices = teams  # type: ignore[attr-defined]


class SnoozeForm(forms.Form):
    """Until a moment, or sooner: when many more are hit, or when it gets worse."""

    until = forms.ChoiceField(
        choices=[("1h", "for 1 hour"), ("4h", "for 4 hours"), (UNTIL_TOMORROW, "until the next working day"), (UNTIL_THEN, "until …")]
    )
    then = forms.DateTimeField(
        label="Until", required=False, widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"], help_text="In your time zone; only with “until …”.",
    )  # fmt: skip
    items = forms.IntegerField(label="or when so many are affected", required=False, min_value=1)
    if_worse = forms.BooleanField(label="or when it gets worse", required=False)

    def __init__(self, *args: Any, case: ExceptionCase, **options: Any) -> None:
        super().__init__(*args, **options)
        self.case = case

    def clean(self) -> dict[str, Any]:
        found = super().clean() or self.cleaned_data
        if found.get("until") == UNTIL_THEN and not found.get("then"):
            self.add_error("then", "Say until when.")
        elif found.get("until"):
            found["until"] = self.moment(found["until"], found.get("then"))
        return found

    def moment(self, choice: str, then: datetime | None) -> datetime:
        now = timezone.now()
        if choice == UNTIL_TOMORROW:
            calendar = clocks.calendar_of(self.case.team)
            tomorrow = datetime.combine(timezone.localdate(now, calendar.zone) + timedelta(days=1), datetime.min.time(), tzinfo=calendar.zone)
            return calendar.add(tomorrow, 0)
        return then if choice == UNTIL_THEN and then else now + SPANS[choice]


class ResolveForm(forms.Form):
    """The codes this person may use on this case."""

    code = forms.TypedChoiceField(label="How it ended", coerce=Resolution, widget=forms.RadioSelect)
    note = forms.CharField(label="Note", required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 3}))
    until = forms.DateField(label="False alarm until", required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))

    def __init__(self, *args: Any, case: ExceptionCase, by: User, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["code"].choices = [(code.value, said) for code, said in self.codes(case, by)]  # type: ignore[attr-defined]
        if not ignoring.is_ignorable(case):
            del self.fields["until"]
        else:
            self.fields["until"].help_text = NOT_AGAIN + (PASSES if case.kind in ignoring.WHOLE else "")

    def clean_until(self) -> datetime | None:
        day = self.cleaned_data["until"]
        if day is None:
            return None
        moment = timezone.make_aware(datetime(day.year, day.month, day.day))
        if moment <= timezone.now():
            raise forms.ValidationError("Choose a day that is still to come, or leave it empty.")
        return moment

    @staticmethod
    def codes(case: ExceptionCase, by: User) -> list[tuple[Resolution, str]]:
        found = []
        for code, (action, _) in CODES.items():
            verdict = allowed(by, action, owner=case.acting_roles)
            if verdict.yes or verdict.needs_approval:
                found.append((code, f"{MEANT[code]}{' (a second person must agree)' if verdict.needs_approval else ''}"))
        return found


class ReopenForm(forms.Form):
    reason = forms.CharField(label="Why it is open again", max_length=1000, widget=forms.Textarea(attrs={"rows": 2}))


NOT_AGAIN = "Only for a false alarm: the same finding is not raised before that day; empty: not until somebody takes it back under Comparisons."
PASSES = " Orders it holds up go at once, and those that come later pass."
MEANT = {
    Resolution.FIXED: "Fixed and verified: it can be seen that it is solved",
    Resolution.BY_HAND: "Done by hand: say what you did and where it can be seen",
    Resolution.STOPPED: "Stop trying: give it up; what it held back is not sent any more",
    Resolution.FALSE_ALARM: "False alarm: nothing was wrong; say so, and the rule is tuned",
}


class StepForm(forms.Form):
    step = forms.IntegerField(min_value=1, max_value=99)


class MergeForm(forms.Form):
    into = forms.RegexField(r"^#?[0-9]{1,18}$", label="Merge into case", help_text="Its number, for example #1204. Only cases of the same kind.")

    def clean_into(self) -> int:
        return int(self.cleaned_data["into"].removeprefix("#"))


class AnyOf(forms.MultipleChoiceField):
    """Whatever was ticked; what is not part of the case is left out when it is done."""

    def valid_value(self, value: Any) -> bool:
        return len(str(value)) <= 160


class SplitForm(forms.Form):
    subject = AnyOf(error_messages={"required": "Tick what has another cause."})
    cause = forms.CharField(max_length=1000, error_messages={"required": "Say what their cause is."})
