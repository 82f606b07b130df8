"""Sprints: committing a week, giving something up, and closing the week with what became of everything."""

from dataclasses import dataclass

from django.db import IntegrityError, connection, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts import merging
from accounts.models import Activity
from pipeline.engine.sprints import MOVE, STEP, WEEK, monday_of
from pipeline.models import Deal, Sprint, SprintItem, Stage
from pipeline.querysets.sprints import assisted_by
from pipeline.reports.sprints import KINDS, today_of, with_outcomes
from salesorg.lib.db import write
from salesorg.lib.errors import DomainError
from salesorg.people.models import Membership
from salesorg.people.roles import Action

AHEAD = 4  # weeks that can be planned beside the running one
MOST = 100  # items in one sprint: more is no plan that anybody could go through in a call

State = SprintItem.State


@dataclass(frozen=True)
class Pick:
    """Something to commit: a planned visit or call (`activity`), or a deal's next step, or its move to `stage`."""

    kind: str
    activity: int | None = None
    deal: int | None = None
    stage: int | None = None


@dataclass(frozen=True)
class Decision:
    """What becomes of an item that is still open when the week is closed: carried over, or dropped; and why."""

    carry: bool
    why: str
    note: str = ""


def may_plan(actor, *, user=None, team=None):
    """Whether `actor` plans and closes the sprint of this person or team.

    One's own, of whom one assists, of whom one leads; a team's: whoever is in it, or leads it.
    """
    if not actor.may(Action.LOG_ACTIVITY):
        return False
    if user is not None:
        if user.pk == actor.pk or user.pk in assisted_by(actor):
            return True
        return Membership.objects.filter(user=user, team__in=actor.scope.led_teams).exists()  # those who left, too
    in_it = Membership.objects.on(actor.today).filter(user=actor, team=team).exists()
    return in_it or team.pk in actor.scope.led_teams


@transaction.atomic
def commit_items(*, week, picks, actor, user=None, team=None, now=None):
    """Commit `picks` ([Pick]) for the week from Monday `week` of `user`, or of `team`. Returns (sprint, items added).

    What is committed for that week already, in the person's sprint or the team's, is left as it is: of two who commit the
    same, the second adds nothing. Raises DomainError for a week that is over or closed, and for what is no longer there.
    """
    _check_may(actor, user, team)
    today = today_of(user, now or timezone.now(), actor.organisation)
    if not monday_of(today) <= week <= monday_of(today) + AHEAD * WEEK:
        raise DomainError(_("Plan the running week or one of the next %(weeks)d.") % {"weeks": AHEAD})
    people = [user.pk] if user else list(Membership.objects.on(actor.today).filter(team=team).values_list("user", flat=True))
    people = _stay(people)
    if user is not None and not people:
        raise DomainError(_("%(name)s no longer works here.") % {"name": user})
    sprint = _open_sprint(week, user, team)
    items = _items(sprint, picks, people, actor, now or timezone.now())
    if sprint.items.filter(state=State.OPEN).count() + len(items) > MOST:
        raise DomainError(_("A week holds at most %(most)d things. Leave some for the next.") % {"most": MOST})
    return sprint, _stored(items)


def _check_may(actor, user, team):
    if not may_plan(actor, user=user, team=team):
        raise DomainError(_("You plan your own week, and those of your team and of the people you assist or lead."))


def _stay(people):
    """Those of `people` (ids) who work here; none of them can leave before the transaction ends.

    Before any sprint is held: who leaves passes on what is committed, and would wait for us while we wait for them.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM people_user WHERE id = ANY(%s) ORDER BY id FOR KEY SHARE", [list(people)])
        cursor.execute("SELECT id FROM people_user WHERE id = ANY(%s) AND is_active", [list(people)])
        return [pk for (pk,) in cursor.fetchall()]


def _hold(sprints):
    """Lock `sprints` (a queryset) in the one order that everybody takes: week by week, so that nobody waits in a circle."""
    return list(sprints.select_for_update(of=["self"]).order_by("week", "pk"))


def _open_sprint(week, user, team):
    """The sprint of that week, made when there is none, and held: whoever else plans the same week waits, then sees it."""
    whose = {"user": user} if user else {"team": team}
    Sprint.objects.get_or_create(week=week, **whose)
    sprint = Sprint.objects.select_for_update().get(week=week, **whose)
    if sprint.is_closed:
        raise closed_already(sprint)
    return sprint


def closed_already(sprint):
    """The refusal of a change to a week that is closed."""
    words = {"name": sprint.closed_by, "day": date_format(timezone.localtime(sprint.closed_at), "j M")}
    return DomainError(_("%(name)s closed this week on %(day)s: it stays as it is. Plan the next one.") % words)


def _items(sprint, picks, people, actor, now):
    there = SprintItem.objects.kept().filter(week=sprint.week)
    # Of what one may not see nobody learns that it is committed: it is refused as if there were none.
    seen_contacts = Activity.objects.visible_to(actor, few=True).filter(pk__in={pick.activity for pick in picks if pick.activity})
    seen_deals = Deal.objects.visible_to(actor).filter(pk__in={pick.deal for pick in picks if pick.deal})
    known = set(there.filter(activity__in=seen_contacts).values_list("activity", flat=True))
    known_deals = set(there.filter(deal__in=seen_deals).values_list("kind", "deal"))
    contacts = {pick.activity for pick in picks if pick.activity} - known
    dealt = [pick for pick in dict.fromkeys(picks) if pick.deal and (pick.kind, pick.deal) not in known_deals]
    items = []
    planned = Activity.objects.visible_to(actor, few=True).planned().filter(pk__in=contacts, user__in=people, kind__in=KINDS)
    planned = list(planned.order_by("due_on", "pk"))
    for each in planned:
        facts = {"account_id": each.account_id, "activity": each, "due_on": each.due_on}
        items.append(SprintItem(kind=KINDS[each.kind], doer_id=each.user_id, **facts))
    wanted = {pick.deal for pick in dealt}
    deals = Deal.objects.visible_to(actor).open().filter(pk__in=wanted, owner__in=people).select_related("stage").in_bulk()
    if len(planned) < len(contacts) or len(deals) < len(wanted):
        raise DomainError(_("Something of it is done, closed or with somebody else by now. Look at the list again."))
    stages = Stage.objects.in_use().in_bulk({pick.stage for pick in dealt if pick.stage})
    seen = set()
    for pick in dealt:
        if (pick.kind, pick.deal) not in seen:
            seen.add((pick.kind, pick.deal))
            items.append(_of_deal(pick, deals[pick.deal], stages.get(pick.stage)))
    for item in items:
        item.sprint, item.week, item.added_at = sprint, sprint.week, now
    return items


def _of_deal(pick, deal, stage):
    if pick.kind == STEP:
        if not deal.next_step:
            raise DomainError(_("“%(deal)s” has no next step. Give it one first.") % {"deal": deal})
        return SprintItem(kind=STEP, doer_id=deal.owner_id, deal=deal, step=deal.next_step, due_on=deal.next_step_on)
    if stage is None or stage.pipeline_id != deal.pipeline_id or stage.position <= deal.stage.position or stage.status == "lost":
        raise DomainError(_("Choose a stage that “%(deal)s” has still to reach.") % {"deal": deal}, fields=["stage"])
    return SprintItem(kind=MOVE, doer_id=deal.owner_id, deal=deal, stage=stage, due_on=deal.close_date)


def _stored(items):
    """Save them, in one order for everybody: the same may be committed in a pod's week at this very moment."""
    try:
        with transaction.atomic():
            for item in sorted(items, key=lambda item: (item.deal_id or 0, item.activity_id or 0, item.kind != STEP)):
                item.save(force_insert=True)
    except IntegrityError as error:
        raise DomainError(_("Somebody committed part of this at the same moment. Look at the list again.")) from error
    return items


@transaction.atomic
def drop_item(*, item, why, actor, note=""):
    """Give up one thing before the week is closed, and say why. Dropped already, it stays as it is. Returns the item.

    Raises DomainError for a week that is closed, and for what is done: an old page may still offer it.
    """
    sprint, item = _held(item)
    _check_may(actor, sprint.user, sprint.team)
    if sprint.is_closed:
        raise closed_already(sprint)
    if not item.is_open:
        return item
    if any(each.is_done for each in with_outcomes(sprint.items.filter(state=State.OPEN)) if each.pk == item.pk):
        raise DomainError(_("This is done meanwhile: nothing is left to drop."))
    return write(item, {"state": State.DROPPED, "why": why, "note": note})


def _held(item):
    """(sprint, item) as they are now, the sprint locked first, as every change of it does."""
    sprint = Sprint.objects.select_for_update().get(pk=item.sprint_id)
    return sprint, SprintItem.objects.select_for_update(of=["self"]).get(pk=item.pk)


@transaction.atomic
def close_sprint(*, sprint, decisions, actor, now=None):
    """Close the week: what is done is recorded as done, each open item is carried over or dropped as `decisions` say.

    `decisions`: {item's key: Decision}. What is carried over is committed for the next week, or for the running one where
    that is later. A closed week never changes again. Returns the sprint.
    Raises DomainError before the week begins, when it is closed already, and where an open item has no decision.
    """
    now = now or timezone.now()
    _stay(SprintItem.objects.open().filter(sprint=sprint).values_list("doer", flat=True))
    sprint = Sprint.objects.select_for_update().get(pk=sprint.pk)
    _check_may(actor, sprint.user, sprint.team)
    if sprint.is_closed:
        raise closed_already(sprint)
    today = today_of(sprint.user, now, actor.organisation)
    if today < sprint.week:
        raise DomainError(_("This week has not begun yet."))
    items = with_outcomes(sprint.items.filter(state=State.OPEN).select_for_update(of=["self"]).order_by("pk"))
    undecided = [each for each in items if not each.is_done and each.pk not in decisions]
    if undecided:
        raise DomainError(_("Something was added meanwhile, or is no longer done. Say what becomes of it too."))
    carried = []
    for each in items:
        if each.is_done:
            write(each, {"state": State.DONE, "done_on": each.outcome.on})
        else:
            _settle(each, decisions[each.pk])
            carried += [each] if decisions[each.pk].carry else []
    if carried:
        _carry_over(sprint, carried, max(sprint.week + WEEK, monday_of(today)), now)
    counts = dict.fromkeys((State.DONE, State.CARRIED, State.DROPPED), 0)
    for state in sprint.items.values_list("state", flat=True):
        counts[state] += 1
    return write(sprint, {"closed_at": now, "closed_by": actor} | {str(state): count for state, count in counts.items()})


def _settle(item, decision):
    if not decision.why:
        raise DomainError(_("Say why for everything that is not done."), fields=[f"why_{item.pk}"])
    if decision.carry and item.outcome.is_over:
        raise DomainError(_("What was lost, cancelled or passed on cannot be carried over: drop it."), fields=[f"what_{item.pk}"])
    if decision.carry and not item.doer.is_active:
        words = {"name": item.doer}
        raise DomainError(
            _("%(name)s no longer works here: drop it, and let a colleague commit it.") % words, fields=[f"what_{item.pk}"]
        )
    state = State.CARRIED if decision.carry else State.DROPPED
    write(item, {"state": state, "why": decision.why, "note": decision.note})


def _carry_over(sprint, items, week, now):
    """Commit `items` for the week from `week`; what is committed there already only learns that it was carried over."""
    whose = {"user": sprint.user} if sprint.user else {"team": sprint.team}
    later, _new = Sprint.objects.get_or_create(week=week, **whose)
    there = SprintItem.objects.kept().filter(week=week).select_related("sprint")
    there = there.filter(Q(activity__in=[each.activity_id for each in items]) | Q(deal__in=[each.deal_id for each in items]))
    _hold(Sprint.objects.filter(Q(pk=later.pk) | Q(pk__in=there.values("sprint"))))
    later.refresh_from_db()
    if later.is_closed:
        raise closed_already(later)
    known = {("activity", each.activity_id): each for each in there if each.activity_id}
    known |= {(each.kind, each.deal_id): each for each in there if each.deal_id}
    fresh = []
    for each in items:
        key = (each.kind, each.deal_id) if each.deal_id else ("activity", each.activity_id)
        came = {"carried_from": each, "times_carried": each.times_carried + 1}
        if key in known:
            if not known[key].sprint.is_closed:
                write(known[key], came)
            continue
        what = {name: getattr(each, name) for name in ("kind", "doer", "account", "deal", "activity", "stage", "step", "due_on")}
        fresh.append(SprintItem(sprint=later, week=week, added_at=now, **what, **came))
    _stored(fresh)


def _follow(keep, drop):
    """What was committed at an account that is merged stands at the one that is kept, whoever may see whose week it is."""
    return SprintItem.objects.filter(account=drop).update(account=keep)


merging.register("pipeline.SprintItem", "account", _follow)


# ── when somebody leaves ──


def count_commitments(user, on):
    """How many things `user` has still to do in weeks that are not closed."""
    return len(_left_to_do(user))


def transfer_commitments(*, from_user, to_user, on, actor):
    """`to_user` commits them instead, in the own week or where they stand in a team's. Returns how many.

    What is done by then stays with who did it.
    """
    open_items = SprintItem.objects.open().filter(doer=from_user, sprint__closed_at=None)
    own = Sprint.objects.filter(user=from_user, pk__in=open_items.values("sprint"))
    for week in sorted(own.values_list("week", flat=True)):
        Sprint.objects.get_or_create(user=to_user, week=week)
    sprints = Sprint.objects.filter(Q(pk__in=open_items.values("sprint")) | Q(user=to_user, week__in=own.values("week")))
    weeks = {each.week: each for each in _hold(sprints) if each.user_id == to_user.pk}
    items = _left_to_do(from_user)
    for each in items:
        sprint = weeks[each.week] if each.sprint.user_id == from_user.pk else each.sprint
        if not sprint.is_closed:
            write(each, {"sprint": sprint, "doer": to_user})
    return len(items)


def _left_to_do(user):
    items = SprintItem.objects.open().filter(doer=user, sprint__closed_at=None)
    return [each for each in with_outcomes(items.order_by("week", "pk")) if not each.is_done]
