"""What happens here and must be on record; sent inside the transaction of the change, and the audit trail listens."""

from __future__ import annotations

from django.dispatch import Signal

approval_changed = Signal()  # request: ApprovalRequest, by: User
password_changed = Signal()  # user: User, who changed their own
