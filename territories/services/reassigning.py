"""Giving accounts, territories and seats to somebody else from a date; coverage follows in the same transaction."""

from collections import Counter
from dataclasses import dataclass, field

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.translation import gettext as _

from salesorg.lib.db import lock_until_commit, locked
from salesorg.lib.errors import DomainError
from salesorg.people.services.leaving import hold_colleague

from .. import engine, transfers
from ..models import Belonging, Placement, Seat, Territory
from ..placement import one_wins, write_coverage
from .affected import accounts_under, below, covering, lock_accounts
from .placing import put
from .structure import tree_of


@dataclass
class Reassignment:
    """What a reassignment does: `moved` is how many accounts change their territory, `successions` who follows whom where."""

    accounts: int
    moved: int = 0
    successions: list = field(default_factory=list)
    following: dict = field(default_factory=dict)  # how many open deals (and the like) could follow, or did

    @property
    def pairs(self):
        """((giver id, taker id), how many accounts), most first."""
        return Counter((each.giver_id, each.taker_id) for each in self.successions).most_common()


def preview(service, **what):
    """The Reassignment that `service(**what)` would return. It is really done, and taken back: nothing can differ."""
    with transaction.atomic():
        result = service(**what)
        transaction.set_rollback(True)
    return result


@one_wins()
@transaction.atomic
def give_seat(*, seat, user, day, actor, move_following=False):
    """`user` (None: nobody) holds `seat` from `day` on; before that day it stays who it was."""
    seat = locked(Seat.objects.select_related("territory__force__plan", "territory__force__line"), seat.pk)
    if seat.user_id == (user and user.pk):
        raise DomainError(_("%(person)s already holds this seat.") % {"person": user or _("Nobody")}, fields=["user"])
    if day < seat.during.lower:
        raise DomainError(_("This seat begins on %(day)s.") % {"day": seat.during.lower}, fields=["day"])
    if seat.during.upper is not None and day >= seat.during.upper:
        raise DomainError(_("This seat ends on %(day)s.") % {"day": seat.during.upper}, fields=["day"])
    if user:
        hold_colleague(user, field="user")
    return _reassign(
        seat.territory.force,
        accounts_under(seat.territory, day) if seat.is_lead else [],
        day,
        actor,
        move_following,
        lambda: _give_seat(seat, user, day),
    )


def _give_seat(seat, user, day):
    if day == seat.during.lower:
        seat.user = user
        seat.save(update_fields=["user"])
        return 0
    until, seat.during = seat.during.upper, DateRange(seat.during.lower, day)
    seat.save(update_fields=["during"])
    new = {"territory": seat.territory, "role": seat.role, "is_lead": seat.is_lead, "user": user}
    Seat.objects.create(**new, during=DateRange(day, until))
    return 0


@one_wins()
@transaction.atomic
def move_accounts(*, source, target, account_ids, day, reason, actor, move_following=False):
    """Pin accounts of `source` into `target` from `day` on, because of `reason`. Coverage by hand gives way.

    Raises DomainError when one of them no longer lies in `source`: somebody else moved it meanwhile.
    """
    if source.force_id != target.force_id:
        raise DomainError(_("%(target)s belongs to another force.") % {"target": target}, fields=["target"])
    if source.pk == target.pk:
        raise DomainError(_("They lie in %(target)s already.") % {"target": target}, fields=["target"])
    if not account_ids:
        raise DomainError(_("Choose at least one account."), fields=["accounts"])
    lock_accounts(account_ids)
    still = Placement.objects.from_day(day).filter(force=source.force_id, territory=source, account__in=account_ids)
    gone = len(set(account_ids)) - still.values("account_id").distinct().count()
    if gone:
        words = {"gone": gone, "source": source}
        raise DomainError(_("Somebody has moved %(gone)s of these accounts out of %(source)s meanwhile. Look again.") % words)
    territories = dict.fromkeys(account_ids, target.pk)
    return _reassign(
        source.force,
        list(territories),
        day,
        actor,
        move_following,
        lambda: put(source.force, territories, day=day, reason=reason, decided_by=Placement.DecidedBy.PIN),
        over_manual=True,
    )


@one_wins()
@transaction.atomic
def move_territory(*, territory, parent, day, actor, move_following=False):
    """`territory`, with all below it, is part of `parent` (None: stands alone) from `day` on."""
    lock_until_commit(tree_of(territory.force_id))  # two moves could otherwise each make half of a circle
    territory = locked(Territory.objects.select_related("force__plan", "force__line"), territory.pk)
    if parent is not None and parent.force_id != territory.force_id:
        raise DomainError(_("%(parent)s belongs to another force.") % {"parent": parent}, fields=["parent"])
    if parent is not None and parent.pk in below(territory, day):
        raise DomainError(
            _("%(parent)s is part of %(territory)s itself.") % {"parent": parent, "territory": territory}, fields=["parent"]
        )
    return _reassign(
        territory.force,
        accounts_under(territory, day),
        day,
        actor,
        move_following,
        lambda: _move_territory(territory, parent, day, actor),
    )


def _move_territory(territory, parent, day, actor):
    history = Belonging.objects.filter(territory=territory)
    if not history.exists():
        Belonging.objects.create(territory=territory, parent=territory.parent, during=DateRange(engine.BEGINNING, None))
    history.filter(during__startswith__gte=day).delete()
    current = history.get(during__contains=day)
    if current.parent_id == (parent and parent.pk):
        raise DomainError(_("It is part of that already."), fields=["parent"])
    current.during = DateRange(current.during.lower, day)
    current.save(update_fields=["during"])
    Belonging.objects.create(territory=territory, parent=parent, during=DateRange(day, None))
    if day <= actor.today:
        territory.parent = parent
        territory.save(update_fields=["parent"])
    return 0


def _reassign(force, account_ids, day, actor, move_following, change, *, over_manual=False):
    """Do `change`, let coverage follow, and say who took over from whom on `day`."""
    if move_following and day > actor.today:
        raise DomainError(
            _("Open deals can move today or with an earlier date. For a later one, leave them with their owner."),
            fields=["move_following"],
        )
    lock_accounts(account_ids)
    before = covering(force, account_ids, day)
    moved = change()
    write_coverage(force=force, day=day, account_ids=account_ids, over_manual=over_manual)
    after = covering(force, account_ids, day)
    successions = [
        transfers.Succession(account, before.get((account, role)), after.get((account, role)))
        for account, role in sorted(before.keys() | after.keys())
        if before.get((account, role)) != after.get((account, role))
    ]
    following = transfers.move_following(successions, actor=actor) if move_following else transfers.count_following(successions)
    return Reassignment(len(account_ids), moved, successions, following)
