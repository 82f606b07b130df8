"""What changed in the open pipeline between two days: a waterfall, a bar for each cause, and the deals behind it."""

from urllib.parse import urlencode

from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.http import require_safe

from pipeline.engine.waterfall import UP, WON, steps_of
from pipeline.models import Deal, Status
from pipeline.reports.changes import Changes
from pipeline.selections.changes import PRESETS, TwoDays
from pipeline.selections.deals import ANY
from pipeline.views.filters import menus
from pipeline.views.review_tabs import review_tabs
from pipeline.views.spans import span_menu, span_of
from pipeline.views.team_choice import first_team, team_menu, teams_for
from salesorg.lib.past import opens_any_day
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


@require_safe
@requires(Action.REVIEW_PIPELINE)
@opens_any_day
def pipeline_changes(request):
    """The open pipeline of a team on one day, what came and went, and the pipeline on another day."""
    teams = teams_for(request.user)
    days = TwoDays(request.GET, user=request.user)
    since, until, name = days.chosen
    asked = {"status": Status.OPEN, "team": first_team(request.user, teams), "owner": ANY}
    changes = Changes(
        request.GET, user=request.user, since=since, until=until,
        span_of=lambda selection: span_of(request.GET, selection, "quarter"), **asked,
    )  # fmt: skip
    currency = changes.after.get("currency").upper() or request.user.organisation.currency
    # What the address says, but for the day of a selection: here there are two.
    names = {*changes.after.fields, *days.fields, "period"} - {"as_of"}
    page = Page(changes, currency, {name: request.GET[name] for name in request.GET if name in names and request.GET[name]})
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

    def __init__(self, changes, currency, kept):
        """`kept` are the filters of its address."""
        self.user, self.changes, self.currency, self.kept = changes.after.user, changes, currency, kept

    def address(self, **changed):
        """This page with other filters; None takes one away."""
        query = self.kept | changed
        found = urlencode({name: value for name, value in query.items() if value not in (None, "")})
        return f"{reverse('pipeline:changes')}?{found}"

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
