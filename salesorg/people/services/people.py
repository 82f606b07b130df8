"""Adding and changing people, what they are in which team, and whom they assist."""

from datetime import timedelta

from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from salesorg.lib.db import lock_until_commit
from salesorg.lib.errors import DomainError

from ..models import Assistance, Membership, Team, User
from ..roles import Role
from .signing_in import invite

ASSISTS_ALREADY = gettext_lazy("This person already assists that colleague at that time.")
ADMINISTRATORS = "people.administrators"  # the lock under which the last one is looked for


@transaction.atomic
def create_person(*, name, email, actor, team=None, role=None, invited=False, **fields):
    """Add a colleague, in `role` of `team` from the first day on when those are given. Returns the User.

    There is no password until the person chooses one, with the link that an invitation mails.
    """
    fields["started_on"] = fields.get("started_on") or actor.today
    person = User(name=name, email=email, **fields)
    person.set_unusable_password()
    _save(person, None)
    if team is not None:
        add_membership(person=person, team=team, role=role, since=person.started_on, actor=actor)
    if invited:
        invite(user=person, actor=actor)
    return person


@transaction.atomic
def change_person(*, person, actor, **changes):
    """Write `changes` to the person; other columns stay as they are in the database."""
    for name, value in changes.items():
        setattr(person, name, value)
    return _save(person, list(changes))


def _save(person, columns):
    try:
        with transaction.atomic():
            person.save(update_fields=columns)
    except IntegrityError as error:
        if "one_person_per_email" in str(error):
            raise DomainError(_("Somebody already signs in with this e-mail address."), fields=["email"]) from error
        raise
    return person


@transaction.atomic
def add_membership(*, person, team, role, since, actor, last_day=None):
    """`person` is `role` in `team` from `since` up to and including `last_day` (None: until further notice)."""
    during = _period(since, last_day)
    if not person.is_active:
        raise DomainError(_("%(name)s has left. Let them sign in again first.") % {"name": person})
    if not Team.objects.select_for_update(no_key=True).filter(pk=team.pk).first():  # delete_team waits for us
        raise DomainError(_("This team has just been deleted."), fields=["team"])
    overlapping = person.memberships.filter(team=team, role=role, during__overlap=during).first()
    if overlapping:
        raise DomainError(_already(overlapping), fields=["since"])
    return Membership.objects.create(user=person, team=team, role=role, during=during)


def _already(membership):
    words = {"role": membership.get_role_display(), "team": membership.team, "day": membership.during.lower}
    return _("This person already is %(role)s in %(team)s, since %(day)s.") % words


def _period(since, last_day):
    if last_day is not None and last_day < since:
        raise DomainError(_("The last day lies before the first day."), fields=["last_day"])
    return DateRange(since, last_day and last_day + timedelta(days=1))


@transaction.atomic
def end_membership(*, membership, last_day, actor):
    """The membership ends after `last_day`; one that would have begun later never does.

    Raises DomainError when nobody would be left to administer.
    """
    membership = Membership.objects.select_for_update().get(pk=membership.pk)
    until = last_day + timedelta(days=1)
    if membership.during.upper is not None and membership.during.upper <= until:
        raise DomainError(_("This membership has already ended by then."), fields=["last_day"])
    if membership.role == Role.ADMINISTRATOR:
        keep_an_administrator(without=[membership.pk], on=until)
    if membership.during.lower >= until:
        membership.delete()
        return
    membership.during = DateRange(membership.during.lower, until)
    membership.save(update_fields=["during"])


def keep_an_administrator(*, without, on):
    """Raise DomainError when nobody would administer from `on` on without these memberships."""
    lock_until_commit(ADMINISTRATORS)  # two administrators must not end each other at the same moment
    others = Membership.objects.filter(role=Role.ADMINISTRATOR, during__contains=on, during__endswith__isnull=True)
    if not others.exclude(pk__in=without).filter(user__is_active=True).exists():
        raise DomainError(_("Nobody would be left to administer. Make somebody else an administrator first."))


@transaction.atomic
def add_assistance(*, assistant, principal, since, actor, last_day=None):
    """`assistant` sees and logs what `principal` may, from `since` up to and including `last_day`."""
    during = _period(since, last_day)
    if assistant.pk == principal.pk:
        raise DomainError(_("Nobody assists themselves."), fields=["principal"])
    User.objects.select_for_update(no_key=True).get(pk=assistant.pk)  # two at once would wait for each other for ever
    holds = assistant.memberships.filter(role=Role.ASSISTANT, during__overlap=during)
    if not holds.exists():
        raise DomainError(
            _("%(name)s is no sales assistant at that time. Add that role first.") % {"name": assistant}, fields=["since"]
        )
    if assistant.assisting.filter(principal=principal, during__overlap=during).exists():
        raise DomainError(ASSISTS_ALREADY, fields=["principal"])
    return Assistance.objects.create(assistant=assistant, principal=principal, during=during)


@transaction.atomic
def end_assistance(*, assistance, last_day, actor):
    """The assistance ends after `last_day`; one that would have begun later never does."""
    assistance = Assistance.objects.select_for_update().get(pk=assistance.pk)
    Assistance.objects.filter(pk=assistance.pk).end_before(last_day + timedelta(days=1))
