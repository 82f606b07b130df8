"""Lists of prospects: choosing them, giving each to one person at a time, and what becomes of it."""

from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Account
from accounts.reach import OUTREACH
from pipeline.models import Deal, Lead, Prospect, ProspectList
from salesorg.lib.db import write
from salesorg.lib.errors import DomainError
from salesorg.people.models import Membership
from salesorg.people.roles import Action
from salesorg.people.services.leaving import hold_colleague

from .intake import receive_lead

MOST = 1_000  # prospects on one list: more is no list that anybody gets to the end of
HELD = timedelta(minutes=30)  # somebody has it before them; after that it goes to whoever asks next
MEETINGS = frozenset(OUTREACH) - {"call", "email"}
State = Prospect.State


@transaction.atomic
def create_list(*, name, accounts, owner, actor, shared_with=None):
    """A list of `accounts` (a queryset), in order of their names, for `owner` and whoever it is `shared_with`.

    Those that are no prospects, have an open lead or deal, or wait on another open list, are
    left out. Returns (the list, how many stand on it).
    Raises DomainError when nobody is left, they are too many, or the person may not be given them by `actor`.
    """
    _check_people(owner, shared_with, actor)
    fit = wanted(accounts)
    count = fit.count()
    if not count:
        raise DomainError(_("None of these is free: they buy, are a lead or deal already, or wait on another list."))
    if count > MOST:
        raise DomainError(
            _("A list holds %(most)s prospects; these are %(count)s. Filter further.") % {"most": MOST, "count": count}
        )
    made = ProspectList.objects.create(name=name, owner=owner, shared_with=shared_with)
    keys = fit.order_by("name", "pk").values_list("pk", flat=True)
    Prospect.objects.bulk_create(Prospect(list=made, account_id=pk, position=i) for i, pk in enumerate(keys, 1))
    return made, count


def wanted(accounts):
    """Those of `accounts` that may be put on a new list: prospects that nobody sells to or is about to call."""
    waiting = Prospect.objects.filter(list__closed_at=None, state__in=[State.WAITING, State.LATER])
    of_account = {"account": OuterRef("pk")}
    worked = Exists(Lead.objects.open().filter(**of_account)) | Exists(Deal.objects.open().filter(**of_account))
    return accounts.filter(~Exists(waiting.filter(**of_account)) & ~worked, lifecycle=Account.Lifecycle.PROSPECT)


@transaction.atomic
def change_list(*, record, name, owner, actor, shared_with=None):
    """Give the list another name, or to somebody else. Raises DomainError as create_list does."""
    _check_people(owner, shared_with, actor)
    return write(record, {"name": name, "owner": owner, "shared_with": shared_with})


@transaction.atomic
def close_list(*, record, actor, now=None):
    """End the list: nobody is given a prospect of it any more, and who only saw a company through it sees it no longer."""
    record = _open_list(record.pk)
    Prospect.objects.filter(list=record).exclude(held_by=None).update(held_by=None, held_until=None)
    return write(record, {"closed_at": now or timezone.now()})


@transaction.atomic
def take_next(*, record, actor, now=None):
    """Give `actor` the prospect whose turn it is, and nobody else for a while. Returns it, or None at the end of the list.

    Whom one has before one already is the answer. Put off and due again comes first.
    """
    now, record = now or timezone.now(), _open_list(record.pk)  # locked: of two who ask at once, one waits and gets another
    rows = Prospect.objects.filter(list=record).to_work(actor.today)
    found = rows.filter(held_by=actor).first()
    if found is None:
        Prospect.objects.filter(list=record, held_by=actor).update(held_by=None, held_until=None)
        seen = Prospect.objects.visible_to(actor).filter(list=record).to_work(actor.today)
        found = (seen.filter(held_by=None) | seen.filter(held_until__lte=now)).order_by("later_on", "position", "pk").first()
    if found is not None:
        write(found, {"held_by": actor, "held_until": now + HELD})
    return found


@transaction.atomic
def put_off(*, prospect, until, actor, note="", now=None):
    """Not now: the prospect comes again on the day `until`. The actor is given the next."""
    if until <= actor.today:
        raise DomainError(_("Choose a day after today."), fields=["until"])
    prospect = _hold(prospect, actor, now)
    return _worked(prospect, actor, now, state=State.LATER, later_on=until, note=note)


@transaction.atomic
def rule_out(*, prospect, reason, actor, note="", now=None):
    """No fit, for a `reason` of the organisation's own. The actor is given the next."""
    prospect = _hold(prospect, actor, now)
    return _worked(prospect, actor, now, state=State.NO_FIT, reason=reason, note=note, later_on=None)


@transaction.atomic
def make_lead(*, prospect, source, actor, contact=None, request="", now=None):
    """The prospect has become a lead that `actor` works. Returns the Lead; the actor is given the next."""
    prospect = _hold(prospect, actor, now)
    received = receive_lead(
        source=source, company=prospect.account.name, account=prospect.account, contact=contact, request=request, sdr=actor,
        actor=actor, now=now,
    )  # fmt: skip
    reached = prospect.reached_at or now or timezone.now()
    _worked(prospect, actor, now, state=State.DONE, lead=received.lead, reached_at=reached, later_on=None)
    return received.lead


@transaction.atomic
def note_activity(*, activity, key, actor):
    """Somebody logged a call or visit from the list: the prospect is worked, or comes again when nobody was there.

    What happened at the account is kept whatever became of the list meanwhile.
    """
    prospect = Prospect.objects.visible_to(actor).filter(pk=key, account=activity.account_id, list__closed_at=None).first()
    if prospect is None or activity.kind not in OUTREACH:
        return None
    ProspectList.objects.select_for_update(no_key=True).get(pk=prospect.list_id)
    prospect = Prospect.objects.select_for_update().get(pk=key)
    following = list(activity.next_steps.values_list("kind", "due_on"))
    if activity.outcome == activity.Outcome.NOT_THERE:
        again = min((day for _kind, day in following), default=None) or actor.today + timedelta(days=1)
        return _worked(prospect, actor, activity.done_at, state=State.LATER, later_on=max(again, actor.today))
    facts = {"state": State.DONE, "later_on": None}
    if activity.kind != "email":
        facts["reached_at"] = prospect.reached_at or activity.done_at
    if activity.kind in MEETINGS or any(kind in MEETINGS for kind, _day in following):
        facts["meeting_at"] = prospect.meeting_at or activity.done_at
    return _worked(prospect, actor, activity.done_at, **facts)


def _worked(prospect, actor, now, **facts):
    """Write what became of the prospect, and give the actor the next one."""
    now = now or timezone.now()
    free = {"held_by": None, "held_until": None, "worked_at": now, "worked_by": actor}
    write(prospect, free | facts)
    take_next(record=prospect.list, actor=actor)
    return prospect


def _hold(prospect, actor, now):
    """The prospect as it is now, locked; refused when somebody else has it before them, or has ruled it out."""
    _open_list(prospect.list_id)
    prospect = Prospect.objects.select_for_update().get(pk=prospect.pk)
    others = prospect.held_by_id not in (None, actor.pk) and prospect.held_until > (now or timezone.now())
    if others:
        raise DomainError(_("%(name)s works on this one at this moment. Go on with the next.") % {"name": prospect.held_by})
    if prospect.state == State.NO_FIT:
        raise DomainError(_("%(name)s has ruled this one out meanwhile. Go on with the next.") % {"name": prospect.worked_by})
    return prospect


def _open_list(pk):
    """The list, locked; refused when it is closed."""
    record = ProspectList.objects.select_for_update(no_key=True).get(pk=pk)
    if not record.is_open:
        raise DomainError(_("This list is closed."))
    return record


def _check_people(owner, shared_with, actor):
    """A list opens its companies to whoever works it: one gives it to the own team, or may reassign."""
    if shared_with == owner:
        raise DomainError(_("The list is theirs already. Share it with somebody else, or with nobody."), fields=["shared_with"])
    own = Membership.objects.on(actor.today)
    mates = own.filter(team__in=own.filter(user=actor).values("team"))
    for field, person in (("owner", owner), ("shared_with", shared_with)):
        if person is None or person == actor:
            continue
        name = {"name": person}
        if not hold_colleague(person, field=field).may(Action.EDIT_DEALS):
            raise DomainError(_("%(name)s has no role in sales today. Choose somebody else.") % name, fields=[field])
        if not actor.may(Action.REASSIGN) and not mates.filter(user=person).exists():
            raise DomainError(_("%(name)s is in none of your teams. Ask whoever leads you to do it.") % name, fields=[field])
