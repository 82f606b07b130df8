"""How fast the pipeline turns into money, by whom and what, and how long deals stay in each stage."""

from datetime import date
from urllib.parse import parse_qsl, urlencode

from django.db.models import Count
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.http import require_safe

from pipeline.board import stages_shown
from pipeline.engine.velocity import velocity
from pipeline.models import Status
from pipeline.reports.conversion import Entries
from pipeline.reports.win_rates import KEYS, Rate
from pipeline.selections.deals import ANY
from pipeline.views.figures import Figures
from pipeline.views.win_rates import BY as RATES_BY
from pipeline.views.win_rates import Rows
from salesorg.lib.past import opens_any_day
from salesorg.lib.templatetags.salesorg import figure, money, share
from salesorg.people.access import requires
from salesorg.people.roles import Action

BY = {
    "owner": _lazy("Velocity by rep"),
    "team": _lazy("Velocity by team"),
    "product": _lazy("Velocity by product"),
    "source": _lazy("Velocity by source of the lead"),
    "sector": _lazy("Velocity by sector of the account"),
    "size": _lazy("Velocity by size of the account"),
}
PAST = ("status", "stage", "owner", "team", "close_from", "close_to")  # of today, or asked of the stay itself


@require_safe
@requires(Action.REVIEW_PIPELINE)
@opens_any_day
def speed(request):
    """Open deals × win rate × average won ÷ cycle, by one thing (?by=), and the days in each stage."""
    figures = Figures(request, status="closed", by=BY, span="last_quarter")
    by, speeds = figures.by, Speeds(figures.selection, figures.span, request.user.organisation.currency)
    rows, overall = speeds.rows(by)
    context = figures.context(rows, "pipeline", "product", "source") | {
        "head": RATES_BY[by][0],
        "title": BY[by],
        "currency": speeds.currency,
        "overall": overall,
        "tiles": speeds.tiles(overall),
        "stays": stays(figures.selection, figures.span),
        "chips": figures.chips({key: RATES_BY[key][0] for key in BY}),
    }
    return render(request, "pipeline/velocity.html", context)


class Speeds:
    """The four factors of velocity for each value of something, from the closed deals of a span and those open now."""

    def __init__(self, selection, span, currency):
        self.selection, self.span, self.currency = selection, span, currency
        self.closed = Rows(selection, span)
        self.open = selection.deals(leave_out={"status", "close_from", "close_to"}).filter(selection.by_status(Status.OPEN))

    def rows(self, by):
        """([a row for each value, the fastest first], the row of all together)."""
        found, whole = self.closed.rates(by)
        of_keys = self._open_by("owner" if by == "team" else by)
        counts = self._of_teams(of_keys) if by == "team" else of_keys
        known = {rate.key for rate in found}
        found += [Rate(key) for key in counts if key not in known]
        rows = [self._finished(row, counts.get(row["rate"].key, 0)) for row in self.closed.rows(by, found)]
        most = max((row["velocity"] or 0 for row in rows), default=0)
        for row in rows:
            row["width"] = f"{(row['velocity'] or 0) * 1000 / most:.0f}" if most else "0"
        rows.sort(key=lambda row: (row["velocity"] is None, row["rate"].is_small, -(row["velocity"] or 0)))
        return rows, self._finished({"rate": whole, "urls": self.closed.addresses()}, sum(of_keys.values()))

    def _open_by(self, by):
        """{key: number of open deals}."""
        return dict(self.open.order_by().annotate(group=KEYS[by](self.selection)).values_list("group").annotate(Count("pk")))

    def _of_teams(self, counts):
        found = {}
        for owner, number in counts.items():
            for team in self.closed.tree.of(owner):
                found[team] = found.get(team, 0) + number
        return found

    def _finished(self, row, number):
        """The row with its open deals, the average of a won one, and the velocity of all four."""
        rate, average = row["rate"], row["rate"].average(self.currency)
        return row | {
            "open": number,
            "average": average,
            "velocity": velocity(number, rate.share, average, rate.cycle),
        }

    def tiles(self, row):
        """The velocity of all together and what it is made of."""
        rate, urls, days = row["rate"], row["urls"], self.span.words
        wins = rate.won_in.get(self.currency, 0)
        others = [{"count": rate.won - wins, "rule": _("won in another currency")}] if rate.won > wins else []

        def tile(key, label, number, since, url, formula, rows, left_out=()):
            why = {"id": key, "formula": formula, "as_of": self.selection.day, "rows_in": rows, "rows_out": left_out}
            return {"label": label, "number": number, "since": since, "url": url, "why": why}

        return [
            tile(
                "velocity", _("Velocity"), money(row["velocity"], self.currency), _("%(code)s a day") % {"code": self.currency},
                "",
                _("open deals × win rate × average won amount ÷ days of the cycle"), row["open"] + rate.closed, others,
            ),
            tile(
                "open", _("Open deals"), figure(row["open"]), _("now"), urls["open"],
                _("deals that are open, whenever they are to close"), row["open"],
            ),
            tile(
                "rate", _("Win rate"), share(rate.share), days, urls["closed"],
                _("won ÷ (won + lost), by close date and the owner on the day of closing"), rate.closed,
            ),
            tile(
                "average", _("Average won"), money(row["average"], self.currency), self.currency, urls["won"],
                _("sum of the amounts of won deals ÷ their number"), rate.won, others,
            ),
            tile(
                "cycle", _("Cycle"), "–" if rate.cycle is None else _("%(n)s days") % {"n": figure(rate.cycle)}, _("median"),
                urls["won"], _("median days from the day a deal was opened to the day it was won"), rate.won,
            ),
        ]  # fmt: skip


def stays(selection, span):
    """Days in each open stage of the pipeline, of the stays that ended in the span."""
    today = selection.day or selection.user.today
    first, last = span.first or date(1900, 1, 2), min(span.last or today, today)
    owners = selection.people
    if selection.person:
        owners = {selection.person.pk} if owners is None else owners & {selection.person.pk}
    stages = [stage for stage in stages_shown(selection) if stage.status == Status.OPEN]
    deals = selection.deals(leave_out=PAST, proven=True)
    place = selection.user.organisation
    found = Entries(deals=deals, stages=stages, first=first, last=last, place=place, owners=owners, day=selection.day).stays()
    most = max((spread.longest for spread in found.values()), default=0) or 1
    kept = dict(parse_qsl(selection.query(**dict.fromkeys(PAST), pipeline=None))) | {"left_from": first, "left_to": last}
    if team := selection.get("team"):
        kept["entered_team"] = team.pk
    if selection.person:
        kept["entered_by"] = selection.person.pk
    return [_stay(stage, found[stage.pk], most, kept) for stage in stages if stage.pk in found]


def _stay(stage, spread, most, kept):
    """A row of the chart of days: from the shortest tenth to the longest, the middle half as a bar, a mark at the median."""
    at = {name: f"{getattr(spread, name) * 1000 / most:.0f}" for name in ("shortest", "low", "half", "high", "longest")}
    width = max((spread.high - spread.low) * 1000 // most, 4)
    query = urlencode(kept | {"status": ANY, "left": stage.pk})
    return {"stage": stage, "spread": spread, "at": at, "width": width, "url": f"{reverse('pipeline:deal_list')}?{query}"}
