"""On Today: the tickets to answer, and the deals of others that wait for the reader."""

from django.db.models import F, Q
from django.shortcuts import render
from django.views.decorators.http import require_safe

from pipeline.models import Ask, DealMember, Ticket
from pipeline.views.tickets import dress
from salesorg.people.access import requires
from salesorg.people.roles import HELPERS, Action, Role

MOST = 6  # of each kind; the links lead to all of them
FIRST_LINE = HELPERS | {Role.CSM}  # whose day the team's queue of tickets belongs to


@require_safe
@requires(Action.LOG_ACTIVITY)
def waiting_for_me(request):
    """My open tickets and those nobody has taken; deals I advise on that are due; questions to my role; places to fill."""
    user = request.user
    mine = Q(owner=user)
    if not user.scope.roles.isdisjoint(FIRST_LINE):
        mine |= Q(owner=None)
    tickets = Ticket.objects.visible_to(user).filter(mine, state=Ticket.State.OPEN).select_related("account", "owner")
    advised = DealMember.objects.visible_to(user).on(user.today).filter(user=user, deal__status="open").exclude(deal__owner=user)
    due = advised.filter(deal__next_step_on__lte=user.today).select_related("deal__account", "deal__owner", "deal__stage")
    asks = Ask.objects.visible_to(user).to_me(user).select_related("deal", "asked_by")
    context = {
        "tickets": dress(list(tickets.order_by(F("answered_at").asc(nulls_first=True), "answer_by", "pk")[:MOST])),
        "advised": due.order_by("deal__next_step_on", "pk")[:MOST],
        "asks": asks[:MOST],
        "places": DealMember.objects.visible_to(user).to_fill(user).select_related("user", "deal__account")[:MOST],
    }
    return render(request, "pipeline/_waiting_for_me.html", context)
