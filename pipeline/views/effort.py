"""What people did beside what came of it, as small multiples: a person a card, a measure a chart."""

from urllib.parse import parse_qsl, urlencode

from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.figures import Bar, Chart, periods
from pipeline.engine.intervals import FEW
from pipeline.models import Status
from pipeline.reports.effort import KINDS, activities, closed_in, made, wins
from pipeline.reports.win_rates import Rate, rates
from pipeline.selections.deals import ANY
from pipeline.views.figures import Figures
from pipeline.views.review_tabs import review_tabs
from pipeline.views.team_choice import team_menu
from pipeline.views.win_rates import interval
from salesorg.lib.addresses import list_address
from salesorg.lib.past import opens_any_day
from salesorg.people.access import requires
from salesorg.people.models import User
from salesorg.people.roles import Action

SHOWN = 12  # people a page: six small charts each


@require_safe
@requires(Action.REVIEW_PIPELINE)
@opens_any_day
def effort(request):
    """Visits, calls, meetings and demos of each person beside wins, win rate and new pipeline, by week or month (?by=month)."""
    figures = Figures(request, by=("", "month"))
    people = People(figures.selection, bool(figures.by))
    asked = request.GET.get("skip", "")
    skip = min(int(asked[:6]) if asked.isdecimal() else 0, len(people.ids))
    rows = people.rows(skip)
    context = {
        "selection": figures.selection,
        "review_tabs": review_tabs(request),
        "by_month": bool(figures.by),
        "currency": people.currency,
        "first": people.spans[0].start,
        "few": FEW,
        "rows": rows,
        "left": max(len(people.ids) - skip - SHOWN, 0),
        "next_url": figures.address(skip=skip + SHOWN),
        "back_url": figures.address(skip=max(skip - SHOWN, 0)) if skip else "",
        "chips": figures.chips({"": _("Weeks"), "month": _("Months")}),
        "menus": team_menu(figures.selection, figures.teams),
    }
    return render(request, "pipeline/effort.html", context)


class People:
    """Everybody of a selection who did something or won something in the weeks or months shown."""

    def __init__(self, selection, by_month):
        self.selection, self.user = selection, selection.user
        self.currency = self.user.organisation.currency
        self.spans = periods(selection.day or self.user.today, by_month)
        deals = selection.deals(leave_out={"status", "close_from", "close_to", "opened_from", "opened_to"})
        closed = closed_in(deals, self.spans, selection)
        self.rates = {rate.key: rate for rate in rates(closed, selection, "owner")}
        self.won = wins(deals, self.spans, by_month, selection)
        self.made = made(deals, self.spans, self.currency, selection)
        self.done = activities(self.user, selection.people, self.spans, by_month, selection.moment)
        totals = {}
        for (person, _kind), numbers in self.done.items():
            totals[person] = totals.get(person, 0) + sum(numbers.values())
        found = {*totals, *self.rates, *self.made}
        self.ids = sorted(found, key=lambda person: (-self._sum_won(person), -totals.get(person, 0), person))
        kept = dict(parse_qsl(selection.query(team=selection.get("team") or None)))
        self._kept = {name: value for name, value in kept.items() if name not in {"close_from", "close_to", "status"}}

    def _sum_won(self, person):
        return self.rates[person].amounts.get(self.currency, 0) if person in self.rates else 0

    def rows(self, skip):
        shown = self.ids[skip : skip + SHOWN]
        names = dict(User.objects.visible_to(self.user).filter(pk__in=shown).values_list("pk", "name"))
        scale = {
            kind: max((max(self.done.get((person, kind), {0: 0}).values()) for person in shown), default=0) for kind in KINDS
        }
        top = max((max(self.won.get(person, {0: 0}).values()) for person in shown), default=0)
        return [self._row(person, names.get(person, _("Somebody else")), scale, top) for person in shown]

    def _row(self, person, name, scale, top):
        rate = self.rates.get(person) or Rate(person)
        number, total = self.made.get(person, (0, 0))
        first, last = self.spans[0].start, self.spans[-1].last_day
        charts = [self._chart(person, kind, scale[kind]) for kind in KINDS]
        won = Chart(_("Won"), [self._won_bar(person, span) for span in self.spans], top)
        return {
            "name": name,
            "person": person,
            "charts": [(chart, sum(bar.number for bar in chart.bars), url) for chart, url in charts]
            + [(won, rate.won, self._deals(person, Status.WON, first, last))],
            "table": list(zip(*(chart.bars for chart in [*(chart for chart, _url in charts), won]), strict=True)),
            "rate": rate,
            "likely": interval(rate),
            "closed_url": self._deals(person, "closed", first, last),
            "won_sum": rate.amounts.get(self.currency, 0),
            "made": total,
            "opened": number,
            "made_url": self._list(owner=person, status=ANY, opened_from=first, opened_to=last),
        }

    def _chart(self, person, kind, most):
        numbers = self.done.get((person, kind), {})

        def listed(first, last):
            asked = {"state": "done", "kind": kind, "user": person, "since": first.isoformat(), "until": last.isoformat()}
            return list_address("accounts:activity_list", asked)

        bars = [Bar(span, numbers.get(span.start, 0), None, listed(span.start, span.last_day)) for span in self.spans]
        return Chart(kind.label, bars, most), listed(self.spans[0].start, self.spans[-1].last_day)

    def _won_bar(self, person, span):
        number = self.won.get(person, {}).get(span.start, 0)
        return Bar(span, number, None, self._deals(person, Status.WON, span.start, span.last_day))

    def _deals(self, person, status, first, last):
        return self._list(owner=person, status=status, close_from=first, close_to=last)

    def _list(self, **only):
        return f"{reverse('pipeline:deal_list')}?{urlencode(self._kept | only)}"
