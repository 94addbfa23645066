"""What shows that a case of a return is over, read again from the ledger; never its age (A4)."""

from __future__ import annotations

from django.utils import timezone

from exceptions.models import ExceptionCase
from exceptions.proof import Proof, register
from portal.ledger.models import FlowState, ReturnFlow
from portal.sync.case_actions.held_up import open_subjects
from portal.sync.returns.watching import proof_of

STILL = {"E25": FlowState.UNAUTHORISED, "E26": FlowState.REFUND_DUE, "E27": FlowState.GOODS_MISSING}


@register("E25", "E26", "E27")
def triangle_closed(case: ExceptionCase) -> Proof | None:
    """Matched or a disposition recorded; the refund seen; the goods received or written off."""
    wanted = [int(pk) for prefix, _, pk in (subject.partition(":") for subject in open_subjects(case)) if prefix == "flow" and pk.isdigit()]
    over = list(ReturnFlow.objects.filter(pk__in=wanted).exclude(state=STILL[case.kind]))
    if not over:
        return None
    return Proof(proof_of(over[0], at=timezone.now()), tuple(f"flow:{flow.pk}" for flow in over))
