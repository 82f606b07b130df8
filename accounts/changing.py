"""Changing more rows than one request can: in the background, part by part, followed on a page, taken back as one.

An app above adds its own kind of rows in AppConfig.ready (`register`).
"""

from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass

from django.contrib.postgres.expressions import ArraySubquery
from django.db import transaction
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.forms import AccountsForm
from accounts.models import Account, BulkChange
from accounts.services import change_accounts
from salesorg.audit.services import undo
from salesorg.jobs.models import Run
from salesorg.jobs.runs import register_step, start_run
from salesorg.lib.acting import acting
from salesorg.lib.errors import DomainError
from salesorg.lib.forms import in_words
from salesorg.people.roles import Action
from salesorg.people.speaking import speaking_to

CHANGE, UNDO = "bulk change", "bulk change undo"
AT_ONCE = 2_000  # rows a part: they stay locked until it is written, some two seconds
MOST_REFUSED = 500  # kept with their reason; all are counted
State = BulkChange.State


@dataclass(frozen=True)
class Kind:
    """Rows of one model: `form(data, user=)` with `facts()` says what they get, `change(rows, actor, facts)` gives the Plan."""

    label: str
    model: type
    may: Action
    form: Callable
    change: Callable
    page: str  # URL name of their list


_kinds = {}


def register(name, kind):
    _kinds[name] = kind


def kind_of(name):
    """The Kind of this name, None when there is none."""
    return _kinds.get(name)


def register_steps():
    """Called in AppConfig.ready."""
    register_step(job=CHANGE, order=1, name=gettext_lazy("Change"), parts=_slices, work=_change)
    register_step(job=CHANGE, order=2, name=gettext_lazy("Count"), parts=_whole, work=_changed)
    register_step(job=UNDO, order=1, name=gettext_lazy("Undo"), parts=_whole, work=_undo)


@transaction.atomic
def begin_change(*, kind, chosen, form, actor):
    """Begin to give the rows `chosen` what a valid `form` says. Returns the BulkChange."""
    change = BulkChange.objects.create(
        user=actor,
        kind=kind,
        words=chosen.words[:1000],
        what=_said(form)[:1000],
        typed={name: form.data.getlist(name) for name in form.fields},
        count=chosen.count,
    )
    # As they are now: what joins the list while it is worked through was not looked at.
    BulkChange.objects.filter(pk=change.pk).update(ids=ArraySubquery(chosen.rows.order_by("pk").values("pk")))
    _start(change, CHANGE, actor)
    return change


@transaction.atomic
def undo_change(*, change, actor):
    """Begin taking back all that the change has written."""
    if not BulkChange.objects.filter(pk=change.pk, state=State.DONE).update(state=State.UNDOING, problem=""):
        raise DomainError(_("This change has gone on meanwhile. Open it again to see how far it is."))
    _start(change, UNDO, actor)


def _start(change, job, actor):
    run = start_run(job=job, period=f"{change.pk}", actor=actor, again=True, alone=False)
    BulkChange.objects.filter(pk=change.pk).update(run_id=run.pk)


def run_of(change):
    """The Run that works on the change or worked on it last; None when it is forgotten."""
    return Run.objects.filter(pk=change.run_id).first()


def _said(form):
    """What was filled in, in words; not what only goes along with something left empty."""
    facts, said = form.facts(), []
    for name in [name for name in form.fields if name in {*facts, *facts.get("cover", ())}]:
        field = form.fields[name]
        if (value := form.cleaned_data.get(name)) not in (None, ""):
            words = dict(getattr(field, "choices", ())).get(value) if isinstance(value, str | int) else None
            said.append(f"{field.label}: {words or in_words(value)}")
    return " · ".join(said)


# ── what workers do ──


@contextmanager
def _change_of(run):
    """The change that the run works on, in the language and time zone of its person."""
    change = BulkChange.objects.select_related("user").defer("ids").get(run_id=run.pk)
    with speaking_to(change.user):
        yield change


def _whole(run):
    return [("all", {})]


def _slices(run):
    with _change_of(run) as change:
        return [(f"{first:07}", {"first": first, "last": first + AT_ONCE}) for first in range(0, change.count, AT_ONCE)]


def _change(run, payload):
    """Change some of the rows, by what their person may see and do by now; each obeys the rules of its own form."""
    with _change_of(run) as change:
        ids = BulkChange.objects.filter(pk=change.pk).values_list(f"ids__{payload['first']}_{payload['last']}", flat=True)[0]
        with acting(change.user, change.what, change.context):
            try:
                with transaction.atomic():
                    counts, refused = _change_rows(change, ids)
            except DomainError as refusal:  # of the whole: the person may no longer do this, or what was chosen is gone
                counts, refused = {"refused": len(ids)}, [[pk, str(refusal)] for pk in ids]
        _note(change, counts, refused)


def _change_rows(change, ids):
    actor, kind = change.user, kind_of(change.kind)
    actor.today = actor.organisation.today(change.created_at)  # one day for all, though the work may pass midnight
    if not actor.is_active or not actor.may(kind.may):
        raise DomainError(_("You may not change these any more."))
    typed = QueryDict(mutable=True)
    for name, values in change.typed.items():
        typed.setlist(name, values)
    form = kind.form(typed, user=actor)
    if not form.is_valid():
        raise DomainError(next(iter(form.errors.values()))[0])
    plan = kind.change(kind.model.objects.visible_to(actor).filter(pk__in=ids), actor, form.facts())
    refused = [[row.pk, str(why)] for row, why in plan.refused]
    counts = {"changed": len(plan.changes), "same": plan.same, "refused": len(refused)}
    return counts | {"gone": len(ids) - sum(counts.values())}, refused


def _note(change, counts, refused):
    """Add up under the row's lock, last of all: other parts wait for it."""
    row = BulkChange.objects.select_for_update().only("counts", "refused").get(pk=change.pk)
    total = {name: row.counts.get(name, 0) + counts.get(name, 0) for name in ("changed", "same", "refused", "gone")}
    BulkChange.objects.filter(pk=change.pk).update(counts=total, refused=[*row.refused, *refused][:MOST_REFUSED])


def _changed(run, payload):
    BulkChange.objects.filter(run_id=run.pk, state=State.CHANGING).update(state=State.DONE)


def _undo(run, payload):
    with _change_of(run) as change:
        try:
            with transaction.atomic():
                undone = undo(context=change.context, actor=change.user)
        except DomainError as refusal:
            BulkChange.objects.filter(pk=change.pk).update(problem=str(refusal), state=State.DONE)
            return None
        BulkChange.objects.filter(pk=change.pk).update(state=State.UNDONE)
        return {_("changes taken back"): undone.changes}


register(
    "accounts",
    Kind(
        label=gettext_lazy("Accounts"),
        model=Account,
        may=Action.EDIT_ACCOUNTS,
        form=AccountsForm,
        change=lambda rows, actor, facts: change_accounts(accounts=rows, actor=actor, **facts),
        page="accounts:account_list",
    ),
)
