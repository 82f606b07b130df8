"""The forecast of a period: what the deals say by category, each level's call beside it, and how calls moved."""

from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode

from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from pipeline.forms import CallForm
from pipeline.models import ForecastCategory, Status
from pipeline.reports.forecast_calls import calls_of, earlier
from pipeline.reports.forecast_charts import SERIES, amount_of, bar, mark, moved
from pipeline.reports.forecasts import roll_up, with_calls
from pipeline.selections.forecasts import ForecastSelection
from pipeline.services import make_call, may_call
from pipeline.views.review_tabs import review_tabs
from salesorg.lib.forms import refusal_shown_in
from salesorg.lib.http import FORM_METHODS, next_page, toast
from salesorg.lib.past import opens_any_day
from salesorg.lib.templatetags.salesorg import NOTHING, date_in, locale, money
from salesorg.people.access import requires
from salesorg.people.roles import Action

SHOWN = 40  # parts a page can be read with; a larger team is looked at by the teams in it


@require_safe
@requires(Action.READ_RECORDS)
@opens_any_day
def forecast(request):
    """What a period will bring, of the reader's team or of one person: roll-up, calls, quota, and the parts below."""
    selection = ForecastSelection(request.GET, user=request.user)
    said = what_is_said(selection)
    context = (
        frame(request, selection)
        | said
        | {
            "chart": moved(said["calls"], selection.days, said["whole"].quota, timezone.get_current_timezone()),
            "earlier": earlier(selection, said["currency"]),
        }
    )
    return render(request, "pipeline/forecast.html", context)


def what_is_said(selection):
    """What the deals say of the period and what people say, of the whole and of each part, drawn on one scale."""
    period, organisation = selection.days, selection.user.organisation
    currency, until = organisation.currency, organisation.last_moment_of(selection.day) if selection.day else None
    whole, parts = roll_up(selection, period, currency)
    rows, calls = Rows(selection, currency, *selection.unit), calls_of(selection, period, until)
    longest = max([whole.whole, whole.quota or 0, *(call.best_case for call in calls[:1])])
    return {
        "whole": whole,
        "currency": currency,
        "categories": categories(whole, rows),
        "bar": bar(whole, rows.of, currency, longest),
        "marks": marks(whole, calls, longest),
        "parts": [row(part, selection, currency) for part in with_calls(parts[:SHOWN], selection.user, period, until)],
        "parts_in_all": len(parts),
        "calls": calls,
        "late_url": rows.late,
    }


@FORM_METHODS
@requires(Action.EDIT_DEALS)
def forecast_call(request):
    """Make one's own call on a period: on the team one leads, else on the own deals."""
    selection = ForecastSelection(request.GET, user=request.user)
    _user, team = selection.unit
    form = CallForm(request.POST or None)
    back = f"{reverse('pipeline:forecast')}?{selection.query()}"
    if request.method == "POST" and form.is_valid():
        with refusal_shown_in(form):
            make_call(period=selection.days, team=team, actor=request.user, **form.cleaned_data)
            return toast(request, _("Your call is kept, with what the deals say today."), to=next_page(request) or back)
    currency = request.user.organisation.currency
    whole, _parts = roll_up(selection, selection.days, currency)
    calls = calls_of(selection, selection.days)
    if not form.is_bound and calls:
        form.initial = {"commit": plain(calls[0].commit), "best_case": plain(calls[0].best_case)}
    context = frame(request, selection) | {
        "form": form, "whole": whole, "forecast_url": back, "back": next_page(request) or back, "currency": currency,
    }  # fmt: skip
    return render(request, "pipeline/forecast_call.html", context, status=422 if form.is_bound else 200)


def frame(request, selection):
    """What both pages say of the forecast they show."""
    user, team = selection.unit
    words = {"month": _("Month"), "quarter": _("Quarter")}
    may = not selection.day and selection.days.until > request.user.today and may_make(selection, user, team)
    return {
        "selection": selection,
        "review_tabs": review_tabs(request) if request.user.may(Action.REVIEW_PIPELINE) else [],
        "period": selection.days,
        "period_name": name_of(selection),
        "periods": [
            {"label": label, "url": "?" + selection.query(period=key), "current": key == selection.get("period")}
            for key, label in words.items()
        ],
        "unit": user.name if user else team.name if team else _("Everybody"),
        "is_own": bool(user and user.pk == request.user.pk),
        "menus": unit_menu(selection),
        "call_url": f"{reverse('pipeline:forecast_call')}?{selection.query()}" if may else "",
    }


def may_make(selection, user, team):
    """Whether the reader makes the call on what the page shows."""
    if not selection.user.may(Action.EDIT_DEALS) or (user is None and team is None):
        return False
    return user.pk == selection.user.pk if user else may_call(selection.user, team, selection.user.today)


def name_of(selection):
    """The period in words: "Q4 2026", "November 2026"."""
    start = selection.days.start
    if selection.get("period") == "quarter":
        return _("Q%(quarter)d %(year)d") % {"quarter": (start.month + 2) // 3, "year": start.year}
    return date_in(start, "LLLL yyyy", locale())


def unit_menu(selection):
    """The choice of team, for those who lead or see several; and one's own deals."""
    user, team = selection.unit
    items = [(each.name, f"?{selection.query(team=each.pk, owner=None)}", team == each) for each in selection.teams]
    if not items:
        return []
    if selection.user.scope.sees_all_deals:
        items.insert(0, (_("Everybody"), f"?{selection.query(team=None, owner=None)}", not (user or team)))
    if selection.user.may(Action.EDIT_DEALS):
        items.append((_("My own deals"), f"?{selection.query(team=None, owner='me')}", bool(user and user == selection.user)))
    now = next((name for name, _url, on in items if on), user.name if user else "")
    return [{"label": _("Team"), "chosen": now, "items": items}]


@dataclass(frozen=True)
class Rows:
    """Addresses of the deals behind the figures of a person, of a team, of a person as part of a team, or of everybody."""

    selection: ForecastSelection
    currency: str
    user: object = None
    team: object = None

    def address(self, **filters):
        day = self.selection.day
        who = ({"owner": self.user.pk} if self.user else {}) | ({"team": self.team.pk} if self.team else {})
        kept = who | ({"as_of": day.isoformat()} if day else {})
        return f"{reverse('pipeline:deal_list')}?{urlencode(kept | filters)}"

    def of(self, category):
        """The deals of a category that close in the period."""
        days = self.selection.days
        inside = {"close_from": days.start.isoformat(), "close_to": days.last_day.isoformat(), "currency": self.currency}
        if category == ForecastCategory.CLOSED:
            return self.address(status=Status.WON, **inside)
        return self.address(status=Status.OPEN, category=str(category), **inside)

    @property
    def late(self):
        """Open deals that should have closed before the period."""
        return self.address(status=Status.OPEN, close_to=(self.selection.days.start - timedelta(days=1)).isoformat())


def categories(whole, rows):
    """A line for each category: how many deals, their sum, and the way to them."""
    shown = [*SERIES, *([ForecastCategory.OMITTED] if whole.counts.get(ForecastCategory.OMITTED) else [])]
    return [
        {
            "name": category.label,
            "series": SERIES.get(category),
            "count": whole.counts.get(category, 0),
            "amount": amount_of(whole, category) if category in SERIES else None,
            "url": rows.of(category),
        }
        for category in shown
    ]


def marks(whole, calls, longest):
    """What stands above the bar as a line: the quota, and the latest call."""
    found = [("quota", _("Quota"), whole.quota)]
    if calls:
        found += [("commit", _("Commit called"), calls[0].commit), ("best-case", _("Best case called"), calls[0].best_case)]
    return [{"css": css, "label": label, "amount": amount, "x": mark(amount, longest)} for css, label, amount in found if amount]


def row(part, selection, currency):
    """A line of the table of parts: the figures, each with its deals, the call, and the page of the part itself."""
    who = {"owner": part.user.pk, "team": None} if part.user else {"team": part.team.pk, "owner": None}
    rows = Rows(selection, currency, part.user, part.team or selection.unit[1])
    cells = [link(amount_of(part.forecast, category), rows.of(category), currency) for category in SERIES]
    return {
        "name": (part.user or part.team).name,
        "url": "?" + selection.query(**who),
        "cells": cells,
        "forecast": part.forecast,
        "call": part.call,
    }


def link(amount, url, currency):
    return format_html('<a href="{}">{}</a>', url, money(amount, currency)) if amount else NOTHING


def plain(amount):
    """An amount as it is typed."""
    return f"{amount.normalize():f}"
