"""The inbox's tables, one module a subject."""

from exceptions.models.bulk import BulkRun, BulkRunCase
from exceptions.models.calendars import Holiday, TeamCalendar
from exceptions.models.case import NEVER, CaseState, ExceptionCase, Resolution
from exceptions.models.checklists import ChecklistRun
from exceptions.models.counters import CaseCounter
from exceptions.models.events import CaseEvent, CasePresence, CaseRun, StepMark
from exceptions.models.ignored import IgnoredFinding
from exceptions.models.items import CaseItem, CaseKey, Regrouping
from exceptions.models.notices import CaseNotice, NoticeWish, OutgoingNotice
from exceptions.models.settings import KindSetting
from exceptions.models.views import SavedView

__all__ = [
    "NEVER", "BulkRun", "BulkRunCase", "CaseCounter", "CaseEvent", "CaseItem", "CaseKey", "CaseNotice", "CasePresence", "CaseRun",
    "CaseState", "ChecklistRun", "ExceptionCase", "Holiday", "IgnoredFinding", "KindSetting", "NoticeWish", "OutgoingNotice", "Regrouping",
    "Resolution", "SavedView", "StepMark", "TeamCalendar",
]  # fmt: skip
