"""What a person can do about a flow: hand ours to it again as it is now, or have it run again with what it had then."""

from __future__ import annotations

from datetime import timedelta

from django import forms
from django.db.models import QuerySet
from django.utils import timezone

from connectors.canonical import RunState, System
from connectors.errors import ConnectorError, OutcomeUnknown, Rejected
from exceptions.actions import ActionForm, CaseAction, Data, Preview, PreviewRow
from exceptions.errors import CaseError
from exceptions.models import ExceptionCase
from portal.accounts.models import User
from portal.accounts.permissions import Action
from portal.connections.connect import connect
from portal.sync.case_actions.held_up import counted, open_subjects
from portal.sync.flow_models import FlowRun
from portal.sync.models import OutboundMessage, State
from portal.sync.release import release_rows

PAYLOADS_LAST = timedelta(hours=72)
HANDED_ON = ("confirm_shipment", "publish_stock")
NOT_OFFERED = ("404", "405")
SHOWN = 20


def handed_on(case: ExceptionCase) -> QuerySet[OutboundMessage]:
    """What a flow was given of the case's things, and the shop has not shown."""
    given = OutboundMessage.objects.filter(state=State.SENT, kind__in=HANDED_ON, connection__system=System.PATCHWORKS)
    return given.filter(subject__in=open_subjects(case))


def preview_push(case: ExceptionCase, data: Data) -> Preview:
    rows = [PreviewRow(str(one.order or one.subject), "given to the flow", "given again, as it is now") for one in handed_on(case)[:SHOWN]]
    return Preview(f"{counted(handed_on(case).count(), 'message')} will be given to the flow again, with what is true now.", rows)


def push(case: ExceptionCase, by: User, data: Data) -> str:
    """Nothing is looked for first: the person has seen that the flow did not do it."""
    rows = handed_on(case)
    rows.update(looks_first=False)
    sent = release_rows(rows, at=timezone.now())
    if not sent:
        raise CaseError("There is nothing to give again: the shop shows it by now, or it was never given to a flow.")
    return f"{counted(sent, 'message')} on the way to the flow. The case closes by itself when the shop shows it."


def run_of(case: ExceptionCase) -> FlowRun | None:
    number = case.evidence.get("run_row")
    return FlowRun.objects.select_related("flow", "connection").filter(pk=number).first() if isinstance(number, int) else None


def is_in(state: RunState, case: ExceptionCase) -> bool:
    run = run_of(case)
    return run is not None and run.state == state and run.connection.removed_at is None


def rerun(case: ExceptionCase, by: User, data: Data) -> str:
    """The platform's own retry: it repeats what was stored then, not what is true now."""
    run = run_of(case)
    if run is None:
        raise CaseError("This run is not known any more.")
    if run.started_at < timezone.now() - PAYLOADS_LAST:
        raise CaseError(f"The platform keeps what a run was given for 72 hours, and this one is older. {elsewhere(run)}")
    try:
        made = connect(run.connection).retry_run(run.reference)
    except Rejected as error:
        if error.code in NOT_OFFERED:
            raise CaseError(f"{run.connection} does not let us run it again. {elsewhere(run)}") from error
        raise CaseError(f"{run.connection} refused: {error.sentence} Nothing was started.") from error
    except OutcomeUnknown as error:
        raise CaseError(f"It is not known whether it runs: {error.sentence} Look there before you press again. {elsewhere(run)}") from error
    except ConnectorError as error:
        raise CaseError(f"Nothing was started: {error.sentence}") from error
    return f"It runs again{f' as {made}' if made else ''}. The case closes by itself when that run ends well."


def elsewhere(run: FlowRun) -> str:
    return f"Run it again on its own page: {run.link}" if run.link else "Run it again in its own dashboard."


class PartialForm(ActionForm):
    """A run that was done in part may do that part twice."""

    sure = forms.BooleanField(
        label="I have looked: what this run did already does no harm twice",
        help_text="It was done in part. Running it again repeats all of it, so orders or dispatches may be there twice.",
    )


PUSH = CaseAction(
    name="push_again",
    label="Give it to the flow again",
    action=Action.REPLAY_ONE,
    run=push,
    preview=preview_push,
    applies=lambda case: handed_on(case).exists(),
    help="Hands over what is true now; nothing of the old payload is used.",
)
RERUN = CaseAction(
    name="rerun_flow",
    label="Run the flow again",
    action=Action.REPLAY_ONE,
    run=rerun,
    applies=lambda case: is_in(RunState.FAILED, case),
    calls_out=True,
    help="The platform repeats the run with what it was given then.",
)
RERUN_PARTIAL = CaseAction(
    name="rerun_partial",
    label="Run the flow again, though it was done in part",
    action=Action.REPLAY_ONE,
    run=rerun,
    form=PartialForm,
    applies=lambda case: is_in(RunState.PARTIAL, case),
    calls_out=True,
    help="The platform repeats all of the run, the part that was done too.",
)
