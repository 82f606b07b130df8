"""The calendar of one person: a day or a week, own or a colleague's as far as it may be seen."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from django import forms
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.http import require_safe

from accounts.agenda import MOST, days_of, hours_of
from accounts.selections.accounts import one_of
from salesorg.lib.addresses import list_address
from salesorg.lib.selection import Selection
from salesorg.lib.widgets import SMALL, day_field
from salesorg.people.access import requires
from salesorg.people.models import User
from salesorg.people.roles import Action


class CalendarSelection(Selection):
    """Which days of whom."""

    view = forms.ChoiceField(required=False, choices=[("day", ""), ("week", "")])
    day = day_field(required=False, css=SMALL, label=_lazy("Day"))
    person = one_of(User, "people:person_lookup", label=_lazy("Whose"))


@require_safe
@requires(Action.READ_RECORDS)
def calendar(request):
    """What is planned and was done in the days of the address; asked by htmx, the days alone."""
    selection = CalendarSelection(request.GET, user=request.user, view="week")
    person, now = selection.get("person") or request.user, timezone.now()
    zone = ZoneInfo(person.time_zone)
    today = now.astimezone(zone).date()
    shown = selection.get("day") or today
    week = selection.get("view") == "week"
    first = shown - timedelta(days=shown.weekday()) if week else shown
    count = 7 if week else 1
    days, is_cut = days_of(request.user, person, first, count, now)
    local = now.astimezone(zone)
    from_hour, until_hour = hours_of(days)
    context = {
        "selection": selection,
        "person": person,
        "is_own": person.pk == request.user.pk,
        "zone": person.time_zone if person.time_zone != request.user.time_zone else "",
        "days": days,
        "week": week,
        "first": first,
        "last": days[-1].day,
        "now_minute": local.hour * 60 + local.minute,
        "from_hour": from_hour,
        "until_hour": until_hour,
        "hours": [f"{hour:02}:00" for hour in range(from_hour, until_hour)],
        "most": MOST if is_cut else 0,
        "list_url": list_address(
            "accounts:activity_list", {"state": "planned", "user": person.pk, "since": first, "until": days[-1].day}
        ),
        "is_empty": not any(day.all_day or day.timed for day in days),
        "today_url": "?" + selection.query(day=None),
        "back_url": "?" + selection.query(day=first - timedelta(days=count)),
        "on_url": "?" + selection.query(day=first + timedelta(days=count)),
        "views": [
            {"label": label, "url": "?" + selection.query(view=view), "current": selection.get("view") == view}
            for view, label in (("day", _("Day")), ("week", _("Week")))
        ],
        "others": selection.besides("person"),
        "others_day": selection.besides("day"),
        "people_url": reverse("people:person_lookup"),
        "may_log": request.user.may(Action.LOG_ACTIVITY),
    }
    part = request.htmx.target == "calendar"
    return render(request, "accounts/_calendar.html" if part else "accounts/calendar.html", context)
