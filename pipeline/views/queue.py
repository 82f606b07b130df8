"""The queue: leads that wait for their first answer, by the time left on their clock."""

from datetime import UTC, datetime, timedelta

from django.db.models import Value
from django.db.models.functions import Coalesce
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from pipeline.models import Arrival
from pipeline.reports.lead_fit import fit_of, rules_for
from pipeline.selections.leads import QueueSelection
from pipeline.views.lead_figures import lead_tabs
from pipeline.visible import visible_accounts
from pipeline.waiting import Clock, clock_of
from salesorg.lib.pagination import page_of
from salesorg.lib.past import opens_any_day
from salesorg.people.access import requires
from salesorg.people.models import User
from salesorg.people.roles import Action
from salesorg.people.working import calendars_of

SHOWN = 20
NEVER = datetime(9999, 1, 1, tzinfo=UTC)  # a lead without a clock comes after all that have one
SOON = timedelta(minutes=30)  # of working time


@require_safe
@requires(Action.READ_RECORDS)
@opens_any_day
def lead_queue(request):
    """What waits for a first answer: one's own, nobody's, or everybody's one may see."""
    selection = QueueSelection(request.GET, user=request.user, whose="mine")
    whose, day = selection.get("whose"), selection.day
    waiting, now = selection.leads(whose), selection.moment if day else timezone.now()
    rows = waiting.annotate(due=Coalesce("respond_by", Value(NEVER)))
    parts = ("account", "contact", "source", "sdr")
    page = page_of(rows.select_related(*parts), ("due", "pk"), request.GET.get("after", ""), size=SHOWN)
    if day:
        stood_with(request.user, page.rows)
    dress(request.user, page.rows, now)
    context = {
        "page": page,
        "selection": selection,
        "whose": whose,
        "tabs": lead_tabs("queue"),
        "late": waiting.filter(respond_by__lt=now).count(),
        "total": waiting.count(),
        "chips": [
            {"label": label, "url": "?" + selection.query(whose=name), "on": name == whose}
            for name, label in selection.fields["whose"].choices
        ],
        "may_work": request.user.may(Action.EDIT_DEALS) and not day,
        "may_log": request.user.may(Action.LOG_ACTIVITY) and not day,
    }
    return render(request, "pipeline/queue.html", context)


def stood_with(user, leads):
    """Give every lead of a past day whom it was with."""
    people = User.objects.visible_to(user).in_bulk({lead.then_sdr_id for lead in leads if lead.then_sdr_id})
    for lead in leads:
        lead.sdr = people.get(lead.then_sdr_id)


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
