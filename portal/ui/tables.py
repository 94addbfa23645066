"""The base of every list: django-tables2 with one lean template (`templates/ui/table.html`) that becomes cards on a telephone."""

from __future__ import annotations

from typing import Any

import django_tables2 as tables
from django.db.models import Model
from django.utils.safestring import SafeString

from portal.ui.templatetags import ui


class LeanTable(tables.Table):
    """Not orderable and not paged by django-tables2: the view orders and pages by key (`paging.py`)."""

    caption = ""  # what the list is, for those who listen

    class Meta:
        """A table with a Meta of its own inherits this one: `class Meta(LeanTable.Meta)`."""

        template_name = "ui/table.html"
        orderable = False
        empty_text = "Nothing here."

    def __init__(self, data: Any, **kwargs: Any) -> None:
        nothing = self._meta.empty_text or LeanTable.Meta.empty_text  # django-tables2 forgets the Meta of a base class
        super().__init__(data, **{"orderable": False, "empty_text": nothing, "template_name": "ui/table.html", **kwargs})


class NumberColumn(tables.Column):
    """Digits under digits."""

    kind = "number"

    def render(self, value: Any) -> str:
        return f"{value:,}"


class MoneyColumn(tables.Column):
    """An amount; `currency` names the attribute of the row that holds it, unless the value is Money."""

    kind = "number"

    def __init__(self, *args: Any, currency: str = "currency", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.currency = currency

    def render(self, value: Any, record: Any) -> SafeString | str:
        held = record.get(self.currency, "") if isinstance(record, dict) else getattr(record, self.currency, "")
        return ui.money(value, held)


class TimeColumn(tables.Column):
    """A moment in the reader's zone, exact UTC on hover."""

    def __init__(self, *args: Any, form: str = "short", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.form = form

    def render(self, value: Any) -> SafeString | str:
        return ui.local_time(value, self.form)


class BadgeColumn(tables.Column):
    """A state; `tones` maps the stored value to a badge's tone. The word is the field's own label."""

    def __init__(self, *args: Any, tones: dict[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.tones = tones

    def render(self, value: Any, record: Any, bound_column: Any) -> SafeString:
        stored = getattr(record, bound_column.accessor, value) if isinstance(record, Model) else value
        return ui.badge(str(value), self.tones.get(str(stored), "quiet"))


class LinkColumn(tables.Column):
    """The row's own page: the first column, so that a whole row can be opened from the keyboard."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("linkify", True)
        super().__init__(*args, **kwargs)
