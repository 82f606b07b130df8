"""Every change of accounts, contacts, activities and coverage."""

import uuid
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone
from django.utils.translation import gettext as _

from salesorg.lib.db import lock_until_commit
from salesorg.lib.errors import DomainError
from salesorg.people.models import Membership
from salesorg.people.roles import SELLERS

from .models import Account, Activity, Contact, Coverage, CoverageLine

# Filled by upper apps in AppConfig.ready: called with (account ids, line id, role, day) when coverage by hand has ended.
fill_gaps = []


# ── accounts and contacts ──


@transaction.atomic
def create_account(*, actor, another_company=False, day=None, **fields):
    """Create an account; whoever does not see every account covers it from `day` (today), else it would vanish from view.

    Raises DomainError when an account like it exists, unless `another_company` says that it is a different one.
    """
    if not another_company:
        lock_until_commit("accounts.new")  # two at once, or one who clicked twice, would each find none like it
        refuse_duplicate(fields["name"], fields.get("domain", ""), actor)
    account = Account.objects.create(**fields)
    roles = actor.scope.roles & SELLERS or actor.scope.roles
    if roles and not actor.scope.sees_all_accounts:
        Coverage.objects.create(
            account=account,
            line=CoverageLine.objects.get(code=CoverageLine.NEW_BUSINESS),
            role=min(roles),
            user=actor,
            during=DateRange(day or actor.today, None),
            source=Coverage.Source.MANUAL,
            reason=_("created by %(name)s") % {"name": actor.name},
            is_first_contact=True,
        )
    return account


def refuse_duplicate(name, domain, actor):
    """Raise DomainError when an account of this name or domain exists, visible to `actor` or not.

    Of a hidden one it says only which team covers it.
    """
    twin = Account.objects.alike(name, domain).first()
    if twin is None:
        return
    if Account.objects.visible_to(actor).filter(pk=twin.pk).exists():
        raise DomainError(
            _("%(name)s exists already. Open it instead, or say that this is another company.") % {"name": twin.name},
            fields=["name"],
        )
    people = Coverage.objects.on(actor.today).filter(account=twin).values("user")
    teams = sorted(set(Membership.objects.on(actor.today).filter(user__in=people).values_list("team__name", flat=True)))
    if teams:
        sentence = _("An account like this exists, covered by team %(teams)s. Ask them for access.") % {"teams": ", ".join(teams)}
    else:
        sentence = _("An account like this exists, covered by nobody yet. Ask sales operations to assign it.")
    raise DomainError(sentence, fields=["name"])


@transaction.atomic
def change_account(*, account, actor, **changes):
    """Write `changes` to the account; other columns stay as they are in the database."""
    if changes.get("parent") is not None:
        _refuse_parent_cycle(account, changes["parent"])
    return _change(account, changes)


def _refuse_parent_cycle(account, parent):
    lock_until_commit("accounts.parents")  # two people could otherwise each make one half of a cycle
    seen, above = {account.pk}, parent.pk
    while above is not None:
        if above in seen:
            raise DomainError(
                _("%(parent)s already belongs to %(account)s, so it cannot also be its parent.")
                % {"parent": parent, "account": account},
                fields=["parent"],
            )
        seen.add(above)
        above = Account.objects.values_list("parent_id", flat=True).get(pk=above)


def _change(row, changes):
    for name, value in changes.items():
        setattr(row, name, value)
    row.save(update_fields=list(changes))
    return row


@transaction.atomic
def add_contact(*, account, actor, **fields):
    """Add a person at the account. Raises DomainError when exactly this person already stands there."""
    lock_until_commit(f"accounts.contacts {account.pk}")  # whoever clicked twice would find none both times
    if Contact.objects.filter(account=account, **fields).exists():
        raise DomainError(_("%(name)s stands here already, with all that you typed.") % fields, fields=["name"])
    return Contact.objects.create(account=account, **fields)


@transaction.atomic
def change_contact(*, contact, actor, **changes):
    """Write `changes` to the contact."""
    return _change(contact, changes)


# ── activities ──


@transaction.atomic
def log_activity(
    *,
    account,
    kind,
    actor,
    client_id=None,
    done_at=None,
    contact=None,
    outcome="",
    subject="",
    note="",
    next_kind="",
    next_on=None,
    next_subject="",
):
    """Record what was done at `account`, and plan the next step when it has a kind and a day.

    `client_id` is made where the visit was typed: sent again, the stored activity is the answer and nothing is added.
    Raises DomainError for a contact of another account, a moment in the future, or a `client_id` of something else.
    """
    done_at = done_at or timezone.now()
    if done_at > timezone.now() + timedelta(minutes=5):  # clocks of phones are not exact
        raise DomainError(_("What has not happened yet can be planned, not logged."), fields=["done_at"])
    facts = {"kind": kind, "contact": contact, "outcome": outcome, "subject": subject, "note": note, "done_at": done_at}
    activity, is_new = _store(account, actor, client_id, facts)
    if is_new:
        _plan_next_step(activity, next_kind, next_on, next_subject, actor)
    return activity


@transaction.atomic
def plan_activity(*, account, kind, due_on, actor, client_id=None, contact=None, subject="", note="", user=None):
    """Plan something at `account` for a day, for `user` (else the actor). Idempotent like log_activity."""
    facts = {"kind": kind, "contact": contact, "subject": subject, "note": note, "due_on": due_on}
    return _store(account, user or actor, client_id, facts)[0]


def _store(account, user, client_id, facts):
    """The activity with this client_id and whether it is new; of several sent at once, one stores and all answer alike."""
    contact = facts["contact"]
    if contact is not None and contact.account_id != account.pk:
        raise DomainError(
            _("%(contact)s does not belong to %(account)s.") % {"contact": contact, "account": account}, fields=["contact"]
        )
    client_id = client_id or uuid.uuid4()
    try:
        with transaction.atomic():  # waits for whoever is storing the same one, then finds it
            return Activity.objects.create(account=account, user=user, client_id=client_id, **facts), True
    except IntegrityError:
        activity = Activity.objects.filter(client_id=client_id).first()
        if activity is None:
            raise
    if (activity.account_id, activity.user_id) != (account.pk, user.pk):
        raise DomainError(_("This form has already been used for something else. Open it again."))
    return activity, False


@transaction.atomic
def complete_activity(*, activity, actor, done_at=None, outcome="", note="", next_kind="", next_on=None, next_subject=""):
    """Mark a planned activity as done now (or at `done_at`). Done already, it stays as it is and is the answer."""
    activity = Activity.objects.select_for_update().get(pk=activity.pk)
    if activity.is_done:
        return activity
    changes = {"done_at": done_at or timezone.now(), "outcome": outcome, "user": actor}
    if note:
        changes["note"] = note
    _change(activity, changes)
    _plan_next_step(activity, next_kind, next_on, next_subject, actor)
    return activity


def _plan_next_step(activity, kind, due_on, subject, actor):
    if not (kind and due_on):
        return None
    return Activity.objects.create(
        # Of the same origin as what it follows, so that it too can only be stored once.
        client_id=uuid.uuid5(activity.client_id, "next step"),
        account=activity.account,
        contact=activity.contact,
        user=actor,
        kind=kind,
        due_on=due_on,
        subject=subject,
        follows=activity,
    )


# ── coverage ──


@transaction.atomic
def set_coverage(*, account, line, role, user, reason, actor, from_day=None, until=None):
    """`user` covers `account` for `line` in `role` by hand from `from_day` (today) until `until`, whoever did before.

    What others covered before `from_day` keeps its dates; what was planned for them later is dropped.
    """
    from_day = from_day or actor.today
    if until is not None and until <= from_day:
        raise DomainError(_("The last day must not lie before the first."), fields=["until"])
    lock_coverage(account)
    Coverage.objects.filter(account=account, line=line, role=role).end_before(from_day)
    coverage = Coverage.objects.create(
        account=account,
        line=line,
        role=role,
        user=user,
        during=DateRange(from_day, until),
        source=Coverage.Source.MANUAL,
        reason=reason,
        is_first_contact=line.code == CoverageLine.NEW_BUSINESS,
    )
    if until is not None:
        _fill_gap(coverage, until)
    return coverage


@transaction.atomic
def end_coverage(*, coverage, reason, actor, day=None):
    """`coverage` ends before `day` (today); whoever the account's territory gives it to covers it from then on."""
    day = day or actor.today
    lock_coverage(coverage.account)
    coverage.refresh_from_db()
    if coverage.during.upper is not None and coverage.during.upper <= day:
        raise DomainError(_("This coverage has already ended."))
    Coverage.objects.filter(pk=coverage.pk).update(reason=f"{coverage.reason} · {_('ended')}: {reason}"[:300])
    Coverage.objects.filter(pk=coverage.pk).end_before(day)
    _fill_gap(coverage, day)


def lock_coverage(account):
    """One at a time changes who covers an account."""
    Account.objects.select_for_update(no_key=True).get(pk=account.pk)


def _fill_gap(coverage, day):
    for fill in fill_gaps:
        fill([coverage.account_id], coverage.line_id, coverage.role, day)
