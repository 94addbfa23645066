"""What every mapping has: a scope, a time in which it holds, and the promise that no two rows answer the same question."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Func, OuterRef, Q, Subquery, Value
from django.utils import timezone

from connectors.canonical import CodeKind

SEPARATOR = "\x1f"  # stands in no code, so that “a” + “bc” and “ab” + “c” are two keys
PERIOD_BACKWARDS = "“Until” must be later than “from”."
SAME_TIME = "Another row answers the same question at that time. End that one first, or change the dates."


def code_field(name: str, *, blank: bool = False, help_text: str = "") -> models.CharField:
    """A code of a system. Compared byte by byte: capitals, leading zeros and blanks at the end are differences."""
    return models.CharField(name, max_length=200, blank=blank, default="" if blank else models.NOT_PROVIDED, db_collation="C", help_text=help_text)


def label_field(name: str) -> models.CharField:
    return models.CharField(name, max_length=200, blank=True, default="")


def same_key(fields: Sequence[str]) -> Func:
    """The fields as one number, wrapped in a range: the embedded server has no extension that compares text in an exclusion."""
    parts: list[Any] = []
    for field in fields:
        parts += [F(field), Value(SEPARATOR)]
    # Named arguments in the order in which migrations write them, or Django takes each run for a change.
    joined = Func(*parts[:-1], arg_joiner="::text || ", output_field=models.TextField(), template="(%(expressions)s)")
    number = Func(joined, Value(0), function="hashtextextended", output_field=models.BigIntegerField())
    return Func(number, number, Value("[]"), function="int8range")


def no_overlap(name: str, *fields: str, condition: Q | None = None, message: str = SAME_TIME) -> ExclusionConstraint:
    """No two rows with the same values of `fields` hold at the same time."""
    period = Func(F("effective_from"), F("effective_to"), function="tstzrange", output_field=DateTimeRangeField())
    return ExclusionConstraint(
        name=name,
        expressions=[(same_key(fields), RangeOperators.OVERLAPS), (period, RangeOperators.OVERLAPS)],
        condition=condition,
        violation_error_message=message,
    )


def period_in_order(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        condition=Q(effective_from=None) | Q(effective_to=None) | Q(effective_to__gt=F("effective_from")),
        name=name,
        violation_error_message=PERIOD_BACKWARDS,
    )


def indexes(prefix: str, *, scope: str, left: str, right: str) -> list[models.Index]:
    """For looking up from either side, for paging by either code, and for the two rare kinds of row people ask for."""
    return [
        models.Index(fields=[scope, left], name=f"{prefix}_left"),
        models.Index(fields=[scope, right], name=f"{prefix}_right"),
        models.Index(fields=[left, "id"], name=f"{prefix}_by_left"),
        models.Index(fields=[right, "id"], name=f"{prefix}_by_right"),
        models.Index(fields=[left, "id"], name=f"{prefix}_ended", condition=Q(effective_to__isnull=False)),
        models.Index(fields=[left, "id"], name=f"{prefix}_unused", condition=Q(used=False)),
    ]


def in_force(at: datetime) -> Q:
    """Rows that hold at that moment."""
    return (Q(effective_from=None) | Q(effective_from__lte=at)) & (Q(effective_to=None) | Q(effective_to__gt=at))


class Mapping(models.Model):
    """One answer to “what does the other system call this?”. Rows end, they are never deleted; every change is kept."""

    effective_from = models.DateTimeField("from", null=True, blank=True, help_text="Empty: since ever.")
    effective_to = models.DateTimeField("until", null=True, blank=True, help_text="Empty: until further notice.")
    note = models.TextField(blank=True, default="", help_text="What a colleague should know about this row.")
    used = models.BooleanField(default=False, editable=False)  # the first use sets it; counts are in MappingUse
    created_at = models.DateTimeField(auto_now_add=True)

    kind: ClassVar[CodeKind]
    LEFT: ClassVar[str]  # the code the row is looked up by, most of the time
    RIGHT: ClassVar[str]  # the code it answers
    KEY: ClassVar[tuple[str, ...]]  # what makes it this row and no other: fixed once saved

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.left or '(none)'} → {self.right or '(none)'}"

    @property
    def left(self) -> str:
        return str(getattr(self, self.LEFT))

    @property
    def right(self) -> str:
        return str(getattr(self, self.RIGHT))

    @property
    def told_apart_by(self) -> list[tuple[str, str]]:
        """The rest of the key, where it says anything: store, service, tracking number."""
        names = [name for name in ("store", "hub_service", "tracking_pattern") if name in self.KEY and getattr(self, name)]
        return [(name.removeprefix("hub_").removesuffix("_pattern"), getattr(self, name)) for name in names]

    @property
    def left_label(self) -> str:
        return ""

    @property
    def right_label(self) -> str:
        return ""

    @property
    def state(self) -> str:
        """“in force”, “ended” or “not yet”."""
        now = timezone.now()
        if self.effective_to is not None and self.effective_to <= now:
            return "ended"
        return "not yet" if self.effective_from is not None and self.effective_from > now else "in force"

    def clean(self) -> None:
        """It ends after it began, and the key of a saved row is fixed (R73): a different key is a different row."""
        if self.effective_from is not None and self.effective_to is not None and self.effective_to <= self.effective_from:
            raise ValidationError({"effective_to": PERIOD_BACKWARDS})
        if self.pk is None:
            return
        before = type(self)._base_manager.filter(pk=self.pk).values(*self.KEY).first() or {}
        changed = [name for name, value in before.items() if self.serializable_value(name) != value]
        if changed:
            names = ", ".join(str(type(self)._meta.get_field(name).verbose_name) for name in changed)  # type: ignore[union-attr]
            raise ValidationError(f"A saved row keeps its {names}. End this row and add a new one.")


def with_version(rows: models.QuerySet[Any]) -> models.QuerySet[Any]:
    """Add `version`: the id of the newest history row, which names what a mapping said at that moment."""
    history = rows.model.history.model._default_manager.filter(id=OuterRef("pk")).order_by("-history_id").values("history_id")
    return rows.annotate(version=Subquery(history[:1]))
