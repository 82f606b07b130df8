"""Merging two accounts, or two contacts, into one; and saying that two are not the same."""

from dataclasses import dataclass

from django.db import IntegrityError, connection, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import merging
from accounts.engine import likeness
from accounts.models import Account, AccountPair, Contact, ContactPair, Coverage, MergedAccount, MergedContact
from salesorg.audit.recorded import visible_rows
from salesorg.lib.db import lock_until_commit
from salesorg.lib.errors import DomainError
from salesorg.people.models import organisation

KEEP, DROP, BOTH = "keep", "drop", "both"
# Columns that only make sense together: half of one address and half of another is a place that does not exist.
TOGETHER = {
    "address": ("street", "postal_code", "city", "country", "latitude", "longitude"),
    "potential": ("potential", "potential_how", "potential_on"),
}
NEVER_CHOSEN = {"id", "version", "external_key", "created_at", "account"}


@dataclass(frozen=True)
class Merge:
    """What a merge did: the record as it now is, and how much moved to it, in words."""

    kept: object
    moved: list


# ── what is chosen ──


def choices_of(model):
    """{name: its columns} of everything of which one side's value is kept; a group of columns goes as one."""
    grouped = {column: name for name, columns in TOGETHER.items() for column in columns}
    found = {}
    for field in model._meta.concrete_fields:
        if field.name in NEVER_CHOSEN or not field.editable:
            continue
        name = grouped.get(field.name, field.name)
        found.setdefault(name, []).append(field.name)
    return found


def proposal(model, keep, drop):
    """{name: KEEP, DROP or BOTH}: the kept record's values, the other's where it has none, and both notes."""
    return {name: _proposed(model, columns, keep, drop) for name, columns in choices_of(model).items()}


def _proposed(model, columns, keep, drop):
    kept, other = ([getattr(row, column) for column in columns] for row in (keep, drop))
    if not any(_says(value) for value in kept) and any(_says(value) for value in other):
        return DROP
    if may_have_both(model, columns) and all(map(_says, [*kept, *other])) and kept != other:
        return BOTH
    # What forbids something holds for the person, whichever of the two records says so.
    return DROP if columns == ["do_not_contact"] and other == [True] else KEEP


def may_have_both(model, columns):
    """Long texts may be kept one below the other."""
    return len(columns) == 1 and model._meta.get_field(columns[0]).get_internal_type() == "TextField"


def _says(value):
    return value not in (None, "", False)


def _values(model, keep, drop, choices):
    """{column: value} that the kept record gets."""
    found = {}
    chosen = proposal(model, keep, drop) | {name: side for name, side in choices.items() if side}
    for name, columns in choices_of(model).items():
        for column in columns:
            if chosen[name] == DROP:
                found[column] = getattr(drop, column)
            elif chosen[name] == BOTH:
                found[column] = _both(getattr(keep, column), getattr(drop, column), model._meta.get_field(column).max_length)
    return {column: value for column, value in found.items() if value != getattr(keep, column)}


def _both(one, other, longest):
    text = "\n\n".join(part for part in (one, other) if part)
    if longest and len(text) > longest:
        raise DomainError(_("Both notes together are too long. Choose one of them."), fields=["note"])
    return text


# ── merging ──


@transaction.atomic
def merge_accounts(*, keep, drop, choices, actor, versions=None):
    """Make one account of two: what points at `drop` goes over to `keep`, and its address and keys lead there.

    `choices` are {name: KEEP, DROP or BOTH} of choices_of; what is not named goes by `proposal`. `versions` are those of
    (keep, drop) as the person saw them. People who stand at both accounts become one. Returns a Merge.
    Raises DomainError when one of the two is gone or has changed, or when something would move that `actor` may not see.
    """
    lock_until_commit("accounts.parents")  # before the rows, as everybody who takes both
    keep, drop = _locked(Account, keep.pk, drop.pk, versions)
    _refuse_hidden(Account, drop, actor)
    values = _values(Account, keep, drop, choices)
    moved = merging.counts(Account, drop.pk)
    for kept, other in _same_people(keep, drop):
        _refuse_hidden(Contact, other, actor)
        _unite(Contact, kept, other, _values(Contact, kept, other, {}))
    if Coverage.objects.from_day(organisation().today()).filter(account=keep, is_first_contact=True).exists():
        Coverage.objects.filter(account=drop, is_first_contact=True).update(is_first_contact=False)
    values |= _parent(keep, drop, values)
    if keep.external_key is None and drop.external_key is not None:
        values["external_key"] = drop.external_key
    _unite(Account, keep, drop, values)
    MergedAccount.objects.create(
        old_id=drop.pk,
        name=drop.name,
        account=keep,
        external_key=None if "external_key" in values else drop.external_key,
    )
    for bring_in_order in merging.afterwards:
        bring_in_order(keep, organisation().today())
    return Merge(keep, moved)


@transaction.atomic
def merge_contacts(*, keep, drop, choices, actor, versions=None):
    """Make one contact of two, as merge_accounts does. `choices` may name the account of the one that goes."""
    keep, drop = _locked(Contact, keep.pk, drop.pk, versions)
    _refuse_hidden(Contact, drop, actor)
    moved = merging.counts(Contact, drop.pk)
    _unite(Contact, keep, drop, _values(Contact, keep, drop, choices))
    return Merge(keep, moved)


def _locked(model, keep, drop, versions):
    """Both rows, locked in the order of their keys, so that A into B and B into A wait for each other without a deadlock."""
    if keep == drop:
        raise DomainError(_("This is one and the same record."))
    rows = {row.pk: row for row in model._base_manager.select_for_update().filter(pk__in=[keep, drop]).order_by("pk")}
    if len(rows) < 2:
        raise DomainError(_("One of the two is gone: somebody has merged or deleted it meanwhile."))
    if versions and tuple(versions) != (rows[keep].version, rows[drop].version):
        raise DomainError(_("Somebody has changed one of the two meanwhile. Look at both again, then merge."))
    return rows[keep], rows[drop]


def _unite(model, keep, drop, values):
    """Move what points at `drop`, take it away, and write `values` to `keep`."""
    for pointer in merging.pointers(model):
        pointer.move(keep, drop)
    merging.remove(model, [drop.pk])
    if values:
        model._base_manager.filter(pk=keep.pk).update(**values)
        keep.refresh_from_db()
    if model is Contact:
        MergedContact.objects.create(old_id=drop.pk, name=drop.name, contact=keep)
    try:
        connection.check_constraints()  # now, and not at the end: what came to point at `drop` meanwhile must not be lost
    except IntegrityError as problem:
        raise DomainError(_("Somebody is adding to one of the two at this very moment. Try again.")) from problem


def _refuse_hidden(model, drop, actor):
    """Nobody moves what they may not see; sales operations sees everything."""
    if actor is None:
        return
    for pointer in merging.pointers(model):
        if pointer.rule:
            continue
        rows = pointer.rows(drop.pk)
        if hasattr(pointer.model._default_manager.all(), "visible_to") and (
            rows.count() != visible_rows(pointer.model, actor).filter(pk__in=rows.values("pk")).count()
        ):
            raise DomainError(
                _("Part of what would move belongs to people outside your teams. Ask sales operations to merge these.")
            )


def _parent(keep, drop, values):
    """{"parent": …} when the kept account would else end up below itself."""
    wanted = values.get("parent", keep.parent)
    above = wanted
    while above is not None:
        if above.pk in (keep.pk, drop.pk):
            return {"parent": drop.parent if drop.parent_id not in (keep.pk, None) and not _below(drop.parent, keep) else None}
        above = above.parent
    return {}


def _below(account, top):
    """True when `account` is `top` or belongs to it."""
    while account is not None:
        if account.pk == top.pk:
            return True
        account = account.parent
    return False


def _same_people(keep, drop):
    """(contact of keep, contact of drop) that are one person beyond doubt, locked."""
    rows = Contact._base_manager.select_for_update().filter(account_id__in=[keep.pk, drop.pk]).order_by("pk")
    people = list(rows)
    here = [each for each in people if each.account_id == keep.pk]
    for other in (each for each in people if each.account_id == drop.pk):
        twin = next((each for each in here if likeness.same_person(facts_of_contact(each), facts_of_contact(other))), None)
        if twin:
            here.remove(twin)
            yield twin, other


def facts_of_contact(contact):
    """The contact as accounts.engine.likeness compares it."""
    return likeness.ContactFacts(contact.pk, contact.name, contact.email, contact.phone, contact.account_id)


# ── pairs: relations with a rule of their own ──


def _pairs_go(model):
    """A pair with the dropped record goes; what somebody said of it holds for the record that is kept."""

    def move(keep, drop):
        pairs = list(model._base_manager.filter(Q(first=drop.pk) | Q(second=drop.pk)))
        merging.remove(model, [pair.pk for pair in pairs])
        for pair in pairs:
            other = pair.second_id if pair.first_id == drop.pk else pair.first_id
            first, second = sorted((keep.pk, other))
            if pair.dismissed_at is None or first == second or model._base_manager.filter(first=first, second=second).exists():
                continue
            pair.pk, pair.first_id, pair.second_id = None, first, second
            pair.save(force_insert=True)
        return 0

    return move


for _pair in (AccountPair, ContactPair):
    for _side in ("first", "second"):
        merging.register(_pair._meta.label, _side, _pairs_go(_pair))


# ── not the same ──


@transaction.atomic
def dismiss_pair(*, pair, actor):
    """Say that the two are not the same; the pair comes back only when its facts come much closer. Returns the pair."""
    rows = type(pair)._base_manager.filter(pk=pair.pk, dismissed_at=None)
    if not rows.update(dismissed_at=timezone.now(), dismissed_by=actor, dismissed_score=F("score")):
        raise DomainError(_("Somebody has already said that these two are not the same."))
    return pair


@transaction.atomic
def reopen_pair(*, pair, actor):
    """Take back that the two are not the same."""
    type(pair)._base_manager.filter(pk=pair.pk).update(dismissed_at=None, dismissed_by=None, dismissed_score=None)
    return pair
