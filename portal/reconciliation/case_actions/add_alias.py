"""Keep a SKU that was changed by hand: an alias joins the old name to the new, and what waits under the old one goes (D9)."""

from __future__ import annotations

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from exceptions.actions import ActionForm, CaseAction, Data, Preview, PreviewRow
from exceptions.errors import CaseError
from exceptions.models import ExceptionCase
from exceptions.proof import check
from mappings import changes
from mappings.models import SkuAlias
from portal.accounts.models import User
from portal.accounts.permissions import Action, Kind


class AliasForm(ActionForm):
    reason = forms.CharField(label="Why the new SKU stays (kept in the history)", max_length=300)


def names(case: ExceptionCase) -> tuple[str, str]:
    return str(case.evidence.get("old") or ""), str(case.evidence.get("new") or "")


def preview(case: ExceptionCase, data: Data) -> Preview:
    old, new = names(case)
    row = PreviewRow(f"{old} in {case.connection}", "unknown there since the change", f"means {new}")
    return Preview(f"From now on {old} means {new} in {case.connection}; orders and stock under either name find the product.", [row])


def run(case: ExceptionCase, by: User, data: Data) -> str:
    old, new = names(case)
    assert case.connection is not None
    at = timezone.now()
    alias = SkuAlias(connection=case.connection, old=old, new=new, effective_from=at)
    try:
        changes.save(alias, by=by, reason=str(data.get("reason") or "Kept from the case"))
    except ValidationError as error:
        raise CaseError(" ".join(error.messages)) from error
    check(case, at=timezone.now())
    return f"{old} means {new} in {case.connection} from now on. What waited for it goes."


ACTION = CaseAction(
    name="add_alias",
    label="Keep the new SKU, add an alias",
    action=Action.EDIT_SKU_MAPPING,
    run=run,
    preview=preview,
    form=AliasForm,
    applies=lambda case: case.connection is not None and all(names(case)),
    kinds=frozenset({"E15"}),
    on=Kind.SKU,
    help="The old SKU goes on being understood; nothing is renamed anywhere.",
    key="a",
)
