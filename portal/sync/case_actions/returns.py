"""What closes the cases of a return: match it, say what became of the goods, pay, or write off (E25, E26, E27)."""

from __future__ import annotations

from django import forms

from exceptions.actions import ActionForm, CaseAction, Data
from exceptions.errors import CaseError
from exceptions.models import ExceptionCase
from portal.accounts.models import User
from portal.accounts.permissions import Action
from portal.ledger.models import FlowState, ReturnFlow
from portal.sync.case_actions.held_up import open_subjects
from portal.sync.returns import acts


class MatchForm(ActionForm):
    number = forms.CharField(label="Order number", max_length=120, required=False, help_text="Where the order is known already, leave it as it is.")
    note = forms.CharField(label="Why it is accepted", max_length=300)

    def __init__(self, *args: object, case: ExceptionCase, **options: object) -> None:
        super().__init__(*args, case=case, **options)
        flow = flow_of(case)
        self.fields["number"].initial = flow.order.number if flow and flow.order else ""


class DispositionForm(ActionForm):
    what = forms.ChoiceField(label="What became of the goods", choices=list(acts.DISPOSITIONS.items()))
    note = forms.CharField(label="Note", max_length=300)


class WriteOffForm(ActionForm):
    note = forms.CharField(label="Why the goods will not come", max_length=300)


def flow_of(case: ExceptionCase) -> ReturnFlow | None:
    """The one flow of the case."""
    found = [subject.removeprefix("flow:") for subject in open_subjects(case) if subject.startswith("flow:")]
    flows = ReturnFlow.objects.select_related("order", "integration", "connection")
    return flows.filter(pk=int(found[0])).first() if len(found) == 1 and found[0].isdigit() else None


def the_flow(case: ExceptionCase) -> ReturnFlow:
    flow = flow_of(case)
    if flow is None:
        raise CaseError("This return is not there any more: it was joined to its order.")
    return flow


def stands(state: FlowState, case: ExceptionCase) -> bool:
    flow = flow_of(case)
    return flow is not None and flow.state == state


def match(case: ExceptionCase, by: User, data: Data) -> str:
    return acts.match(the_flow(case), number=str(data.get("number") or ""), by=by, note=str(data["note"]))


def dispose(case: ExceptionCase, by: User, data: Data) -> str:
    return acts.dispose(the_flow(case), what=str(data["what"]), by=by, note=str(data["note"]))


def pay(case: ExceptionCase, by: User, data: Data) -> str:
    return acts.pay_now(the_flow(case), by=by)


def write_off(case: ExceptionCase, by: User, data: Data) -> str:
    return acts.write_off(the_flow(case), by=by, note=str(data["note"]))


MATCH = CaseAction(
    name="match_return",
    label="Accept this return",
    action=Action.RESOLVE_BY_HAND,
    run=match,
    form=MatchForm,
    applies=lambda case: stands(FlowState.UNAUTHORISED, case),
    help="Ties the goods to their order; the money follows.",
)
DISPOSE = CaseAction(
    name="record_disposition",
    label="Say what became of the goods",
    action=Action.RESOLVE_BY_HAND,
    run=dispose,
    form=DispositionForm,
    applies=lambda case: stands(FlowState.UNAUTHORISED, case),
    help="Exchanged, sent back, kept or destroyed; no money goes back.",
)
PAY = CaseAction(
    name="release_refund",
    label="Give the money back now",
    action=Action.RESOLVE_BY_HAND,
    run=pay,
    applies=lambda case: stands(FlowState.REFUND_DUE, case),
    help="The goods are here. The channel's own total is looked at first.",
)
WRITE_OFF = CaseAction(
    name="write_off_goods",
    label="Write the goods off",
    action=Action.WRITE_OFF,
    run=write_off,
    form=WriteOffForm,
    applies=lambda case: stands(FlowState.GOODS_MISSING, case),
    help="The money is back and the goods will not come.",
)
