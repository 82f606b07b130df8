"""What changed in the open pipeline between two days: a waterfall, a bar for each cause, and the deals behind it."""

from datetime import timedelta
from urllib.parse import urlencode

from django import forms
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.http import require_safe

from pipeline.engine.waterfall import UP, WON, steps_of
from pipeline.models import Deal, Status
from pipeline.reports.changes import Changes
from pipeline.selections.deals import ANY, day_filter
from pipeline.views.filters import menus
from pipeline.views.review import team_menu, teams_for
from pipeline.views.review_tabs import review_tabs
from pipeline.views.spans import span_menu, span_of
from salesorg.lib.periods import month_of, quarter_of
from salesorg.lib.selection import Selection
from salesorg.lib.templatetags.salesorg import day as day_words
from salesorg.people.access import requires
from salesorg.people.roles import Action

SHOWN = 50  # deals before one asks for all of them
MOST = 1_000  # of all of them
WIDTH = 1000  # of the chart, in units of its own
SPANS = ("month", "quarter", "year", "all")
WORDS = {
    "created": _lazy("New"),
    "pulled_in": _lazy("Pulled in"),
    "moved_in": _lazy("Taken over"),
    "reopened": _lazy("Reopened"),
    "grown": _lazy("Grown"),
    "entered": _lazy("Now within the filters"),
    "won": _lazy("Won"),
    "lost": _lazy("Lost"),
    "pushed_out": _lazy("Pushed out"),
    "moved_out": _lazy("Passed on"),
    "shrunk": _lazy("Shrunk"),
    "deleted": _lazy("Deleted"),
    "dropped": _lazy("No longer within the filters"),
}
PRESETS = {
    "monday": _lazy("Since last Monday"),
    "week": _lazy("7 days"),
    "month": _lazy("This month"),
    "quarter": _lazy("This quarter"),
}


class TwoDays(Selection):
    """The two days that are compared, each at its end: chosen, or by a name that moves on with the days."""

    since = day_filter(_lazy("From the end of"))
    until = day_filter(_lazy("to the end of"))
    days = forms.ChoiceField(required=False, choices=[("", ""), *PRESETS.items()])
    cause = forms.ChoiceField(required=False, choices=[("", ""), *WORDS.items()])

    @property
    def chosen(self):
        """(first day, second day, the name they go by or "")."""
        today = self.user.today
        until = min(self.get("until") or today, today)
        if since := self.get("since"):
            return min(since, until - timedelta(days=1)), until, ""
        name = self.get("days") or "monday"
        return day_before(name, until), until, name


def day_before(name, until):
    """The day from whose end on the preset `name` compares; what began today looks at the one before."""
    begin = {
        "monday": until - timedelta(days=until.weekday() or 7),
        "week": until - timedelta(days=6),
        "month": month_of(until).start,
        "quarter": quarter_of(until).start,
    }
    return begin[name] - timedelta(days=1)


@require_safe
@requires(Action.REVIEW_PIPELINE)
def pipeline_changes(request):
    """The open pipeline of a team on one day, what came and went, and the pipeline on another day."""
    teams = teams_for(request.user)
    default = teams[0] if teams and not request.user.scope.sees_all_deals else ""
    days = TwoDays(request.GET, user=request.user)
    since, until, name = days.chosen
    asked = {"status": Status.OPEN, "team": default, "owner": ANY}
    changes = Changes(
        request.GET, user=request.user, since=since, until=until,
        span_of=lambda selection: span_of(request.GET, selection, "quarter"), **asked,
    )  # fmt: skip
    currency = changes.after.get("currency").upper() or request.user.organisation.currency
    page = Page(request, changes, currency, days)
    found = changes.of(currency)
    chosen = [change for change in found if days.get("cause") in ("", change.cause)]
    shown = MOST if request.GET.get("all") == "1" else SHOWN
    context = {
        "selection": changes.after,
        "review_tabs": review_tabs(request),
        "since": since,
        "until": until,
        "span": changes.span,
        "currency": currency,
        "others": [(code, page.address(currency=code)) for code in changes.currencies if code != currency],
        "bars": page.bars(found),
        "cause": WORDS.get(days.get("cause")),
        "clear_url": page.address(cause=None),
        "rows": page.rows(chosen[:shown]),
        "count": len(chosen),
        "left": max(len(chosen) - shown, 0),
        "all_url": page.address(all="1"),
        "days": days,
        "hidden": [pair for pair in page.kept.items() if pair[0] not in ("since", "until", "days")],
        "menus": [
            page.menu_of_days(name),
            span_menu(changes.span, lambda name: page.address(period=name, close_from=None, close_to=None), SPANS),
            *team_menu(changes.after, teams),
            *menus(changes.after, "pipeline", "product"),
        ],
    }
    return render(request, "pipeline/changes.html", context)


class Page:
    """The bars, rows and addresses of one look at what changed."""

    def __init__(self, request, changes, currency, days):
        self.user, self.changes, self.currency, self.days = request.user, changes, currency, days
        names = (*changes.after.fields, *days.fields, "period")
        # What the address says, but for the day of a selection: here there are two.
        self.kept = {name: request.GET[name] for name in names if request.GET.get(name) and name != "as_of"}

    def address(self, **changed):
        """This page with other filters; None takes one away."""
        query = self.kept | changed
        return "?" + urlencode({name: value for name, value in query.items() if value not in (None, "")})

    def menu_of_days(self, name):
        """The choice of the first day by name."""
        items = [(words, self.address(days=key, since=None, until=None), key == name) for key, words in PRESETS.items()]
        return {"label": _("Compare"), "chosen": PRESETS.get(name) or _("two days"), "items": items}

    def bars(self, found):
        """The pipeline of the first day, a bar for each cause, the pipeline of the second day, all on one scale."""
        changes, span = self.changes, self.changes.span
        start, end = changes.start(self.currency), changes.end(self.currency)
        steps = steps_of(start[1], found)
        most = max([start[1], end[1], *(step.high for step in steps)]) or 1
        bars = [
            {
                "name": WORDS[step.cause], "count": step.count, "amount": step.amount, "signed": True,
                "tone": tone_of(step.cause), "url": self.address(cause=step.cause) + "#deals",
                **_place(step.low, step.high, most),
            }
            for step in steps
        ]  # fmt: skip
        ends = []
        for selection, (count, amount) in ((changes.before, start), (changes.after, end)):
            day = selection.day or self.user.today
            only = {"status": Status.OPEN, "currency": self.currency, "close_from": span.first, "close_to": span.last}
            query = selection.query(**only | {"team": selection.get("team") or None, "as_of": selection.day})
            url = f"{reverse('pipeline:deal_list')}?{query}"
            name = _("Open, end of %(day)s") % {"day": day_words(day)} if selection.day else _("Open now")
            ends.append({"name": name, "count": count, "amount": amount, "tone": "whole", "url": url, **_place(0, amount, most)})
        return [ends[0], *bars, ends[1]]

    def rows(self, changes):
        """The deals of these changes, with what each was worth on the two days."""
        deals = Deal.objects.visible_to(self.user).filter(pk__in=[change.deal for change in changes])
        known = {deal.pk: deal for deal in deals.select_related("account", "owner").only("name", "account__name", "owner__name")}
        return [
            {"change": change, "deal": known[change.deal], "words": WORDS[change.cause], "tone": tone_of(change.cause)}
            for change in changes
            if change.deal in known
        ]


def tone_of(cause):
    """What is won leaves the open pipeline for the best of reasons."""
    return "up" if cause in UP else "won" if cause == WON else "down"


def _place(low, high, most):
    """Where a bar lies: at least so wide that it can be seen."""
    x = int(low * WIDTH / most)
    return {"x": x, "width": max(int(high * WIDTH / most) - x, 4)}
