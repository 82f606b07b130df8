"""What passes to a colleague when somebody leaves: deals, work on others' deals, leads, handoffs, what customers wait for."""

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import ngettext_lazy

from salesorg.people import handover
from salesorg.people.models import organisation

from .models import Deal, DealMember, Handoff, Lead
from .services import assign_deals, onboarding, pass_membership, sprints, tickets
from .services.handoffs import locked_handoff, pass_to, withdraw


def count_deals(user, on):
    """How many open deals `user` owns."""
    return Deal.objects.open().filter(owner=user).count()


def transfer_deals(*, from_user, to_user, on, actor):
    """`to_user` owns the open deals of `from_user` from today, and gets their shares. Closed deals stay. Returns how many."""
    return assign_deals(deals=Deal.objects.open().filter(owner=from_user), owner=to_user, actor=actor)


def count_memberships(user, on):
    """On how many open deals of others `user` works."""
    return _worked_on(user).count()


def transfer_memberships(*, from_user, to_user, on, actor):
    """`to_user` works on them instead, with the same shares, from today. Returns how many."""
    today, deals = organisation().today(), list(_worked_on(from_user))
    for deal in deals:
        pass_membership(deal=deal, from_user=from_user, to_user=to_user, actor=actor, today=today)
    return len(deals)


def _worked_on(user):
    theirs = DealMember.objects.on(organisation().today()).filter(user=user)
    return Deal.objects.open().filter(pk__in=theirs.values("deal")).exclude(owner=user).order_by("pk")


def count_leads(user, on):
    """How many open leads `user` works or was handed."""
    return _leads(user).count()


def transfer_leads(*, from_user, to_user, on, actor):
    """`to_user` takes the place of `from_user` on open leads. Returns how many."""
    count = count_leads(from_user, on)
    for place in ("sdr", "seller"):
        _leads(from_user).filter(**{place: from_user}).update(**{place: to_user})
    return count


def _leads(user):
    return Lead.objects.filter(Q(sdr=user) | Q(seller=user), outcome=Lead.Outcome.OPEN)


def count_handoffs(user, on):
    """How many handoffs wait for `user` to decide."""
    return Handoff.objects.waiting().filter(taker=user).count()


def transfer_handoffs(*, from_user, to_user, on, actor):
    """`to_user` decides on what was offered to `from_user`; what they offered themselves is withdrawn. Returns how many."""
    now = timezone.now()
    waiting = Handoff.objects.waiting().filter(taker=from_user).order_by("deal")
    count = 0
    for each in waiting:
        deal, handoff = locked_handoff(each)
        if not handoff.is_waiting or handoff.taker_id != from_user.pk:  # decided meanwhile
            continue
        if to_user.pk == deal.owner_id:
            withdraw(handoff, "", actor, now)
        else:
            pass_to(handoff, to_user, now)
        count += 1
    return count


def register_all():
    """Called when the apps are ready; in this order they are counted and pass over."""
    handover.register(
        ngettext_lazy("%(count)d open deal", "%(count)d open deals", "count"), count=count_deals, transfer=transfer_deals
    )
    handover.register(
        ngettext_lazy("%(count)d deal of a colleague to work on", "%(count)d deals of colleagues to work on", "count"),
        count=count_memberships,
        transfer=transfer_memberships,
    )
    handover.register(
        ngettext_lazy("%(count)d open lead", "%(count)d open leads", "count"), count=count_leads, transfer=transfer_leads
    )
    handover.register(
        ngettext_lazy("%(count)d handoff to decide", "%(count)d handoffs to decide", "count"),
        count=count_handoffs,
        transfer=transfer_handoffs,
    )
    handover.register(
        ngettext_lazy("%(count)d onboarding step", "%(count)d onboarding steps", "count"),
        count=onboarding.count_steps,
        transfer=onboarding.transfer_steps,
    )
    handover.register(
        ngettext_lazy("%(count)d open ticket", "%(count)d open tickets", "count"),
        count=tickets.count_tickets,
        transfer=tickets.transfer_tickets,
    )
    handover.register(
        ngettext_lazy("%(count)d thing committed for the week", "%(count)d things committed for the week", "count"),
        count=sprints.count_commitments,
        transfer=sprints.transfer_commitments,
    )
