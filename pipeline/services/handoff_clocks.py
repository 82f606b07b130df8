"""What a worker minds about handoffs, every minute: reminders, escalation, stand-ins, first contacts. It never decides one."""

from datetime import timedelta

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.db.models import Exists, F, OuterRef
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from accounts.models import Account
from pipeline.engine import handoffs as steps
from pipeline.models import Handoff
from salesorg.jobs import outbox
from salesorg.lib.acting import acting
from salesorg.lib.errors import DomainError
from salesorg.lib.working_time import elapsed
from salesorg.people.leading import leaders_of
from salesorg.people.models import Membership, User, organisation
from salesorg.people.roles import Role
from salesorg.people.speaking import speaking_to
from salesorg.people.working import away_on, calendars_of, stand_in_of

from .handoffs import MAIL, STATE, able_today, locked_handoff, pass_to, tell

AT_ONCE = 500  # rows of each kind in one tick; the rest waits a minute
CHURN_DAYS = 90


def mind_handoffs(*, now):
    """Everything that is due at `now`, each step for itself: one that fails keeps none of the others from being done."""
    for step in (close_dead_offers, pass_to_stand_ins, remind, escalate, note_first_contacts, escalate_contacts, note_churn):
        step(now=now)


def close_dead_offers(*, now):
    """An offer whose deal was won or lost meanwhile is withdrawn: nobody can accept it any more."""
    for handoff in Handoff.objects.waiting().exclude(deal__status=F("status_then"))[:AT_ONCE]:
        with transaction.atomic(), acting(None, "handoff"):
            deal, locked = locked_handoff(handoff)
            if locked.is_waiting and deal.status != locked.status_then:
                words = _("The deal was %(status)s meanwhile.") % {"status": deal.get_status_display().lower()}
                Handoff.objects.filter(pk=locked.pk).update(state=STATE.WITHDRAWN, decided_at=now, note=words)
                tell(locked, "closed", locked.giver)


def pass_to_stand_ins(*, now):
    """What waits for somebody who is away today passes to who stands in, with a clock of their own."""
    today = organisation().today(now)
    waiting = Handoff.objects.waiting().exclude(taker=None)
    left = AT_ONCE
    for taker, absence in away_on(waiting.values("taker"), today).items():
        # Asked once for each who is away: what nobody can take stays in nobody's way.
        able = able_stand_in(taker, now) if absence.stand_in_id and left else None
        if able is None:
            continue
        theirs = waiting.filter(taker=taker).exclude(giver=able).exclude(deal__owner=able)
        for handoff in theirs.order_by("decide_by", "pk")[:left]:
            left -= 1
            with transaction.atomic(), acting(None, "stand-in"):
                _deal, locked = locked_handoff(handoff)
                if locked.is_waiting and locked.taker_id == taker:
                    pass_to(locked, able, now)


def able_stand_in(taker, now):
    """Who stands in for `taker` (id) and sells; None where nobody does: the clock stands still, and a manager sees it."""
    stand_in = stand_in_of(User.objects.get(pk=taker), organisation().today(now))
    if stand_in is None:
        return None
    try:
        with transaction.atomic():
            return able_today(stand_in, now)
    except DomainError:
        return None


def remind(*, now):
    """The receiver is told once that little time is left."""
    due = Handoff.objects.waiting().filter(remind_at__lte=now, reminded_at=None).exclude(taker=None)
    for handoff in due.select_related("taker")[:AT_ONCE]:
        with transaction.atomic():
            # One conditional UPDATE: of two workers that get here together, one reminds.
            if Handoff.objects.waiting().filter(pk=handoff.pk, reminded_at=None).update(reminded_at=now):
                tell(handoff, "reminded", handoff.taker)


def escalate(*, now):
    """Whoever leads the receiver is told once that time is up, or that the receiver has left or works in no role today."""
    unheard = Handoff.objects.waiting().filter(escalated_at=None)
    due = unheard.filter(decide_by__lte=now) | unheard.filter(pk__in=left_alone(now).values("pk"))
    for handoff in due.select_related("taker", "giver")[:AT_ONCE]:
        with transaction.atomic():
            if Handoff.objects.waiting().filter(pk=handoff.pk, escalated_at=None).update(escalated_at=now):
                _tell_leaders(handoff, "escalated", now)


def left_alone(now):
    """Waiting handoffs of receivers who have left, or hold no role today."""
    held = Membership.objects.on(organisation().today(now)).filter(user=OuterRef("taker"))
    return Handoff.objects.waiting().exclude(taker=None).exclude(Exists(held), taker__is_active=True)


def note_first_contacts(*, now):
    """The receiver's first activity at the account after acceptance is the first contact."""
    found = Handoff.objects.without_contact(now).with_meeting().exclude(met_at=None).select_related("taker")
    found = list(found[:AT_ONCE])
    calendars = calendars_of([each.taker for each in found])
    for each in found:
        waited = elapsed(calendars[each.taker_id], each.decided_at, each.met_at)
        Handoff.objects.filter(pk=each.pk, contact_at=None).update(contact_at=each.met_at, contact_time=waited)


def escalate_contacts(*, now):
    """Whoever leads the receiver is told once that the customer has not heard from them in time."""
    late = Handoff.objects.without_contact(now).filter(contact_by__lte=now, contact_escalated_at=None)
    for handoff in late.select_related("taker", "giver")[:AT_ONCE]:
        with transaction.atomic():
            if Handoff.objects.filter(pk=handoff.pk, contact_escalated_at=None).update(contact_escalated_at=now):
                tell(handoff, "silent", handoff.taker)
                _tell_leaders(handoff, "silent", now)


def note_churn(*, now):
    """A customer handed over less than 90 days ago who is a former one today was lost after the handoff."""
    since = now - timedelta(days=CHURN_DAYS)
    lost = Handoff.objects.filter(state__in=steps.CREDITED, status_then="won", decided_at__gt=since, churned_on=None)
    lost = lost.filter(deal__account__lifecycle=Account.Lifecycle.FORMER)
    return lost.update(churned_on=organisation().today(now))


def _tell_leaders(handoff, what, now):
    """Tell who leads the receiver; where nobody does, sales operations, who may pass it on."""
    person, day = handoff.taker_id or handoff.giver_id, organisation().today(now)  # a role has no leader: the giver's takes care
    leaders = leaders_of([person], day)[person] or User.objects.working().with_role([Role.OPERATIONS], day)
    for leader in leaders:
        tell(handoff, what, leader)


SENTENCES = {
    "offered": lambda words: _("%(giver)s hands “%(deal)s” over to you") % words,
    "accepted": lambda words: _("%(taker)s has accepted “%(deal)s”") % words,
    "returned": lambda words: _("%(taker)s has returned “%(deal)s”: %(reason)s") % words,
    "reminded": lambda words: _("“%(deal)s” waits for your answer") % words,
    "escalated": lambda words: _("“%(deal)s” waits for %(taker)s, and the time to decide is up") % words,
    "silent": lambda words: _("%(account)s has not heard from %(taker)s since the handoff") % words,
    "closed": lambda words: _("Your offer of “%(deal)s” ended: the deal was closed") % words,
    "judged": lambda words: _("“%(deal)s” was judged: %(state)s") % words,
}
STILL_SO = {"offered": {STATE.OFFERED}, "reminded": {STATE.OFFERED}, "escalated": {STATE.OFFERED}, "silent": {STATE.ACCEPTED}}


@outbox.handles(MAIL)
def mail_handoff(payload):
    """Send the mail, unless it is no longer so or no longer theirs to read."""
    handoff = Handoff.objects.for_people().filter(pk=payload["handoff"]).first()
    to = User.objects.working().filter(pk=payload["to"]).first()
    what = payload["what"]
    if handoff is None or to is None or handoff.state not in STILL_SO.get(what, set(STATE)):
        return
    if not Handoff.objects.visible_to(to).filter(pk=handoff.pk).exists():
        return
    with speaking_to(to):
        words = {
            "giver": handoff.giver,
            "taker": handoff.taker or handoff.get_taker_role_display(),
            "deal": handoff.deal,
            "account": handoff.deal.account or handoff.deal,
            "reason": handoff.reason,
            "state": handoff.get_state_display().lower(),
        }
        subject = SENTENCES[what](words)
        link = settings.BASE_URL + handoff.get_absolute_url()
        text = render_to_string("pipeline/mail/handoff.txt", {"handoff": handoff, "subject": subject, "link": link})
    send_mail(" ".join(subject.split()), text.strip() + "\n", None, [to.email])
