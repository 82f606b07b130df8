"""Handing deals over: offering, accepting, returning, withdrawing, passing on, and taking back what did not count."""

from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from accounts.models import Coverage, CoverageLine
from accounts.services.coverage import set_coverage
from pipeline.engine import handoffs as steps
from pipeline.frameworks import SDRS
from pipeline.models import Deal, DealMember, Handoff, Stage, Status
from salesorg.jobs import outbox
from salesorg.lib.db import write
from salesorg.lib.errors import DomainError
from salesorg.lib.working_time import due, elapsed
from salesorg.people.leading import leads
from salesorg.people.models import Membership, User, organisation
from salesorg.people.roles import SELLERS, Action, Role
from salesorg.people.services.leaving import hold_colleague
from salesorg.people.working import calendar_of, stand_in_of

from .deals import assign_deals
from .gates import hold_stage
from .handoff_stages import move_on, stage_after
from .leads import note_seller
from .members import Share, begin_share, role_of
from .onboarding import begin_with_handoff
from .packages import stored_package

MAIL = "pipeline.handoff_mail"
REMIND_AFTER = 0.75  # of the time to decide: with a day and a half left of six
STATE = Handoff.State
NEXT = {Role.AE: Role.CSM, Role.SPECIALIST: Role.CSM, Role.CSM: Role.AE}  # of a deal that no stage says more about


def roles_of(deal):
    """(giver's role, receiver's role) of a handoff of `deal`: its owner's, and that of whoever works its next stages."""
    giver = role_of(deal.owner_id, organisation().today())
    if deal.status == Status.WON:
        return (Role.AE if giver in SDRS else giver), Role.CSM
    coming = Stage.objects.filter(pipeline=deal.pipeline_id, status=Status.OPEN, position__gte=deal.stage.position)
    other = next((role for role in coming.order_by("position").values_list("owner_role", flat=True) if role != giver), None)
    return giver, Role(other) if other else NEXT.get(giver, Role.AE)


@transaction.atomic
def offer_handoff(*, deal, package, actor, to=None, to_role=None, team=None, now=None):
    """Offer `deal` to the person `to`, or to whoever holds `to_role` (in `team`), with the answers `package` {key: answer}.

    The deal keeps its owner until the offer is accepted. Somebody away passes it to their stand-in at once; to oneself it
    is accepted silently. Returns the Handoff. Raises DomainError, naming the fields, when the package lacks an answer, and
    when the deal is lost, is offered already, or `to` cannot work with it.
    """
    now = now or timezone.now()
    to = able_today(to, now) if to is not None else None
    deal = _locked_deal(deal.pk)
    if deal.status == Status.LOST:
        raise DomainError(_("A lost deal is not handed over. Reopen it first."))
    if Handoff.objects.waiting().filter(deal=deal).exists():
        raise DomainError(_("This deal is already offered to somebody. Withdraw that offer first."))
    giver_role, usual_role = roles_of(deal)
    silent = to is not None and to.pk == deal.owner_id
    taker_role = Role(to_role or (_role_for(to, usual_role, now) if to and not silent else usual_role))
    if silent and deal.is_open and not _holds(to, taker_role, now):
        raise DomainError(_("%(name)s owns this deal already. Choose who takes it over.") % {"name": to}, fields=["to"])
    version = stored_package(giver_role, taker_role)
    answers = package if silent else check_package(version, package)
    handoff = Handoff(
        deal=deal, status_then=deal.status, giver=deal.owner, giver_role=giver_role, taker=to, taker_role=taker_role, team=team,
        package=version, answers=steps.kept(version.fields, answers), is_silent=silent, offered_at=now,
    )  # fmt: skip
    start_clock(handoff, now)
    try:
        with transaction.atomic():
            handoff.save()
    except IntegrityError as error:  # somebody was quicker on another path
        raise DomainError(_("This deal is already offered to somebody. Withdraw that offer first.")) from error
    if silent:
        return _accept(handoff, to, now)
    tell(handoff, "offered", to)
    return handoff


def check_package(version, answers):
    """`answers` as they may be kept. Raises DomainError naming the fields that are missing or cannot be read."""
    fields = version.fields
    for found, sentence in (
        (steps.missing(fields, answers), _("Fill in %(fields)s before handing over.")),
        (steps.unreadable(fields, answers), _("Look at %(fields)s again: the answer is too long, or not of its kind.")),
    ):
        if found:
            words = get_text_list([each.label for each in found], _("and"))
            raise DomainError(sentence % {"fields": words}, fields=[each.key for each in found])
    return answers


@transaction.atomic
def accept_handoff(*, handoff, actor, now=None):
    """`actor`, to whom it is offered or open, takes the deal: owner, shares and coverage follow. Returns the Handoff.

    Where the pipeline says so the deal goes on to the first stage of the receiver's role (`moved_to`). Accepted already by
    the same person, it stays as it is. Raises DomainError when it is no longer open to them, and when the deal was closed
    meanwhile.
    """
    now = now or timezone.now()
    taker = hold_colleague(actor, field="to")
    coming = stage_after(handoff.deal, handoff.taker_role)
    if coming is not None:
        hold_stage(coming)  # before the deal: in the order of whoever takes a stage out of use
    deal, handoff = locked_handoff(handoff)
    if handoff.state == STATE.ACCEPTED and handoff.decided_by_id == actor.pk:
        return handoff  # clicked twice
    _check_step(handoff, steps.ACCEPT, actor)
    if deal.status != handoff.status_then:
        words = {"deal": deal, "status": deal.get_status_display().lower()}
        raise DomainError(_("“%(deal)s” is %(status)s meanwhile. Return it, or ask to withdraw it.") % words)
    if deal.owner_id != handoff.giver_id:  # it is no longer the giver's to give
        words = {"deal": deal, "name": deal.owner}
        raise DomainError(_("“%(deal)s” belongs to %(name)s meanwhile. Return it, and let them offer it to you.") % words)
    _check_may_work(taker)
    handoff = _accept(handoff, taker, now)
    handoff.moved_to = None
    if coming is not None and stage_after(deal, handoff.taker_role) == coming:
        handoff.moved_to = coming if move_on(deal, coming, taker, organisation().today(now)) else None
    tell(handoff, "accepted", handoff.giver)
    return handoff


def _accept(handoff, taker, now):
    deal, today = handoff.deal, organisation().today(now)
    if not handoff.is_after_sale:
        assign_deals(deals=Deal.objects.filter(pk=deal.pk), owner=taker, actor=taker, today=today)
        keep_in_sight(handoff, taker, today)
        note_seller(deal, taker)
    cover(handoff, taker, today)
    begin_with_handoff(handoff, taker, today)
    calendar = calendar_of(taker)
    return write(
        handoff,
        {
            "state": STATE.ACCEPTED,
            "taker": taker,
            "decided_by": taker,
            "decided_at": now,
            "decide_time": elapsed(calendar, handoff.waiting_since, now),
            "contact_by": due(calendar, now, timedelta(hours=handoff.package.contact_hours)),
        },
    )


def keep_in_sight(handoff, taker, today):
    """The giver stays on the deal without a share, and so sees what becomes of it."""
    there = DealMember.objects.on(today).filter(deal=handoff.deal, user=handoff.giver)
    if handoff.giver_id != taker.pk and not there.exists():
        begin_share(handoff.deal, Share(handoff.giver, Role(handoff.giver_role), 0), today)


def cover(handoff, taker, today):
    """`taker` covers the account in the role of the handoff from today, unless a third person does: then the structure stands."""
    if handoff.deal.account_id is None:
        return
    code = CoverageLine.CUSTOMER_SUCCESS if handoff.taker_role == Role.CSM else CoverageLine.NEW_BUSINESS
    line = CoverageLine.objects.filter(code=code).first()
    slot = Coverage.objects.on(today).filter(account=handoff.deal.account_id, line=line, role=handoff.taker_role)
    if line is None or slot.exclude(user=handoff.giver).exists():
        return
    if taker.pk == handoff.giver_id and slot.exists():
        return
    reason = _("Handoff of “%(deal)s” from %(giver)s") % {"deal": handoff.deal, "giver": handoff.giver}
    where = {"account": handoff.deal.account, "line": line, "role": handoff.taker_role, "source": Coverage.Source.HANDOFF}
    set_coverage(user=taker, reason=reason[:300], from_day=today, actor=taker, **where)


@transaction.atomic
def return_handoff(*, handoff, reason, actor, note="", now=None):
    """`actor`, to whom it is offered, gives it back with a `reason` of the package and words. The giver keeps it."""
    now = now or timezone.now()
    _deal, handoff = locked_handoff(handoff)
    if handoff.state == STATE.RETURNED and handoff.decided_by_id == actor.pk:
        return handoff  # clicked twice
    _check_step(handoff, steps.RETURN, actor)
    if reason not in handoff.package.reasons:
        raise DomainError(_("Choose why you give it back."), fields=["reason"])
    waited = elapsed(calendar_of(actor), handoff.waiting_since, now)
    facts = {"taker": actor, "decided_by": actor, "decided_at": now, "decide_time": waited, "reason": reason, "note": note}
    write(handoff, {"state": STATE.RETURNED, **facts})
    tell(handoff, "returned", handoff.giver)
    return handoff


@transaction.atomic
def withdraw_handoff(*, handoff, actor, note="", now=None):
    """The giver, or who leads them, takes the offer back before it is decided."""
    _deal, handoff = locked_handoff(handoff)
    if handoff.state == STATE.WITHDRAWN:
        return handoff
    _check_step(handoff, steps.WITHDRAW, actor)
    return withdraw(handoff, note, actor, now or timezone.now())


def withdraw(handoff, note, actor, now):
    """The locked `handoff` waits for nobody any more."""
    return write(handoff, {"state": STATE.WITHDRAWN, "decided_at": now, "decided_by": actor, "note": note[:1000]})


@transaction.atomic
def pass_on_handoff(*, handoff, to, actor, now=None):
    """The offer waits for `to` instead, whose clock starts anew: the receiver passes it on, or who leads them."""
    now = now or timezone.now()
    to = able_today(to, now)
    deal, handoff = locked_handoff(handoff)
    _check_step(handoff, steps.PASS_ON, actor)
    if to.pk in (handoff.taker_id, deal.owner_id):
        raise DomainError(_("Choose somebody else than %(name)s.") % {"name": to}, fields=["to"])
    return pass_to(handoff, to, now)


def pass_to(handoff, to, now):
    """The locked `handoff` waits for `to` from `now` on."""
    handoff.taker, handoff.team = to, None
    start_clock(handoff, now)
    handoff.save(update_fields=["taker", "team", "waiting_since", "remind_at", "decide_by", "reminded_at", "escalated_at"])
    tell(handoff, "offered", to)
    return handoff


@transaction.atomic
def challenge_handoff(*, handoff, reason, actor, now=None):
    """The receiver says that what was accepted should not count; a manager decides. Possible for the package's days alone."""
    now = now or timezone.now()
    _deal, handoff = locked_handoff(handoff)
    if handoff.state == STATE.CHALLENGED:
        return handoff
    _check_step(handoff, steps.CHALLENGE, actor)
    days = handoff.package.disqualify_days
    if now > handoff.decided_at + timedelta(days=days):
        raise DomainError(_("A handoff can be disqualified for %(days)d days after it was accepted, no longer.") % {"days": days})
    if not reason.strip():
        raise DomainError(_("Say why it should not count."), fields=["reason"])
    return write(handoff, {"state": STATE.CHALLENGED, "challenge": reason[:1000], "challenged_at": now})


@transaction.atomic
def judge_challenge(*, handoff, disqualified, actor, now=None):
    """A manager of the receiver decides: it does not count (and credit may be taken back), or it stands as accepted."""
    _deal, handoff = locked_handoff(handoff)
    step = steps.DISQUALIFY if disqualified else steps.UPHOLD
    if handoff.judged_by_id == actor.pk and handoff.state == (STATE.DISQUALIFIED if disqualified else STATE.ACCEPTED):
        return handoff
    _check_step(handoff, step, actor)
    facts = {"state": steps.after(handoff.state, step), "judged_by": actor, "judged_at": now or timezone.now()}
    handoff = write(handoff, facts)
    tell(handoff, "judged", handoff.giver)
    return handoff


# ── who, and what is locked ──


def parts_of(handoff, actor):
    """What `actor` is in a handoff: giver, taker, leader (of the receiver, else of the giver; operations lead everybody).

    Whoever owns the deal by now may withdraw an offer that was made before it was theirs, as its giver.
    """
    parts = {"giver"} if handoff.giver_id == actor.pk else set()
    if handoff.is_waiting and handoff.deal.owner_id == actor.pk and handoff.taker_id != actor.pk:
        parts.add("giver")
    if handoff.taker_id == actor.pk or (
        handoff.taker_id is None and handoff.is_waiting and Handoff.objects.to_decide(actor).filter(pk=handoff.pk).exists()
    ):
        parts.add("taker")
    led = handoff.taker or handoff.giver
    if actor.pk != led.pk and (leads(actor, led, actor.today) or Role.OPERATIONS in actor.scope.roles):
        parts.add("leader")
    if "leader" not in parts and handoff.is_waiting and leads(actor, handoff.giver, actor.today):
        parts.add("giver")  # who leads the giver may withdraw in their place
    return parts


def _check_step(handoff, step, actor):
    if steps.after(handoff.state, step) is None:
        words = {"state": handoff.get_state_display().lower(), "who": handoff.decided_by or _("the system")}
        raise DomainError(_("This handoff is no longer open to that: it is %(state)s (%(who)s). Look at it again.") % words)
    if not steps.may_take(step, parts_of(handoff, actor)):
        raise DomainError(_("This is not yours to decide: ask the receiver, or who leads them."))


def _locked_deal(pk):
    deal = Deal.objects.select_for_update().filter(pk=pk).first()
    if deal is None:
        raise DomainError(_("This deal is not there any more: somebody took it away meanwhile."))
    return deal


def locked_handoff(handoff):
    """(deal, handoff) as they are now, the deal locked first, as every change of it does."""
    deal = _locked_deal(handoff.deal_id)
    handoff = Handoff.objects.select_for_update().get(pk=handoff.pk)
    handoff.deal = deal
    return deal, handoff


def able_today(person, now):
    """The colleague who gets the offer: `person`, or who stands in today. Raises DomainError for who could not work with it."""
    person = hold_colleague(person, field="to")
    stand_in = stand_in_of(person, organisation().today(now))
    if stand_in is not None and stand_in.may(Action.EDIT_DEALS):
        person = hold_colleague(stand_in, field="to")
    _check_may_work(person)
    return person


def _check_may_work(person):
    if not User.objects.get(pk=person.pk).may(Action.EDIT_DEALS):
        raise DomainError(_("%(name)s has no role in sales today. Choose somebody else.") % {"name": person}, fields=["to"])


def _holds(person, role, now):
    return Membership.objects.on(organisation().today(now)).filter(user=person, role=role).exists()


def _role_for(person, usual, now):
    """The role in which `person` takes a deal: the one that is asked for when they hold it, else the one they sell in."""
    if _holds(person, usual, now):
        return usual
    held = Membership.objects.on(organisation().today(now)).filter(user=person, role__in=SELLERS)
    return held.order_by("-role").values_list("role", flat=True).first() or role_of(person.pk, organisation().today(now))


def start_clock(handoff, now):
    """The receiver has the package's hours from `now` on, in their own working time; a role has everybody's."""
    calendar = calendar_of(handoff.taker or User(time_zone=organisation().time_zone))
    hours = handoff.package.decide_hours
    handoff.waiting_since, handoff.reminded_at, handoff.escalated_at = now, None, None
    handoff.remind_at = due(calendar, now, timedelta(hours=hours * REMIND_AFTER))
    handoff.decide_by = due(calendar, now, timedelta(hours=hours))


def tell(handoff, what, to):
    """Have `to` mailed about the handoff, once for each thing that happens to it."""
    if to is not None:
        key = f"{MAIL}:{handoff.pk}:{what}:{to.pk}:{handoff.waiting_since.isoformat()}"
        outbox.publish(MAIL, {"handoff": handoff.pk, "what": what, "to": to.pk}, key)
