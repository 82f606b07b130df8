"""The queue: leads that wait for their first answer, by the time left on their clock."""

from datetime import UTC, datetime, timedelta

from django.db.models import Q, Value
from django.db.models.functions import Coalesce
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from pipeline.models import Arrival, Lead
from pipeline.reports.lead_fit import fit_of, rules_for
from pipeline.services.response import unanswered
from pipeline.views.lead_figures import lead_tabs
from pipeline.visible import visible_accounts
from pipeline.waiting import Clock, clock_of
from salesorg.lib.pagination import page_of
from salesorg.people.access import requires
from salesorg.people.roles import Action
from salesorg.people.working import calendars_of

SHOWN = 20
NEVER = datetime(9999, 1, 1, tzinfo=UTC)  # a lead without a clock comes after all that have one
SOON = timedelta(minutes=30)  # of working time


@require_safe
@requires(Action.READ_RECORDS)
def lead_queue(request):
    """What waits for a first answer: one's own, nobody's, or everybody's one may see."""
    whose = request.GET.get("whose") if request.GET.get("whose") in {"free", "all"} else "mine"
    waiting = {name: _of(request.user, name) for name in ("mine", "free", "all")}
    now = timezone.now()
    rows = waiting[whose].annotate(due=Coalesce("respond_by", Value(NEVER)))
    parts = ("account", "contact", "source", "sdr")
    page = page_of(rows.select_related(*parts), ("due", "pk"), request.GET.get("after", ""), size=SHOWN)
    dress(request.user, page.rows, now)
    labels = (("mine", _("Mine")), ("free", _("Nobody's")), ("all", _("Everybody's")))
    context = {
        "page": page,
        "whose": whose,
        "tabs": lead_tabs("queue"),
        "late": waiting[whose].filter(respond_by__lt=now).count(),
        "total": waiting[whose].count(),
        "chips": [{"label": label, "url": f"?whose={name}", "on": name == whose} for name, label in labels],
        "may_work": request.user.may(Action.EDIT_DEALS),
        "may_log": request.user.may(Action.LOG_ACTIVITY),
    }
    return render(request, "pipeline/queue.html", context)


def _of(user, whose):
    leads = unanswered(Lead.objects.visible_to(user))
    chosen = {"mine": Q(sdr=user), "free": Q(sdr=None), "all": Q()}
    return leads.filter(chosen[whose])


def dress(user, leads, now):
    """Give every lead its clock in words, what was asked last, and whether its account may be opened; in five queries."""
    asked = (
        Arrival.objects.visible_to(user)
        .filter(lead__in=leads)
        .exclude(request="")
        .order_by("lead", "-at", "-pk")
        .distinct("lead")
    )
    words = dict(asked.values_list("lead", "request"))
    seen = visible_accounts(user, {lead.account_id for lead in leads})
    people = {lead.sdr_id: lead.sdr for lead in leads if lead.sdr_id}
    calendars = calendars_of([*people.values(), user])
    rules = rules_for(user)
    for lead in leads:
        lead.fit = fit_of(lead, rules)
        calendar = calendars[lead.sdr_id or user.pk]
        lead.clock = clock_of(lead.respond_by, calendar, now, SOON) if lead.respond_by else Clock()
        lead.asked = words.get(lead.pk, "")
        lead.account_visible = lead.account_id in seen
    return leads
