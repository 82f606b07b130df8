"""Win rates by person, team, product and whatever else one may compare, each with how sure it is and with its deals."""

from functools import cached_property
from urllib.parse import parse_qsl, urlencode

from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.http import require_safe

from accounts.models import Competitor
from pipeline.models import Product, Source
from pipeline.reports.team_tree import TeamTree
from pipeline.reports.win_rates import by_competitor, by_team, rates, together
from pipeline.selections.facts import SIZES
from pipeline.views.figures import Figures
from salesorg.lib.past import opens_any_day
from salesorg.lib.periods import month_of
from salesorg.lib.templatetags.salesorg import amounts, date_in, figure, locale, share
from salesorg.people.access import requires
from salesorg.people.models import User
from salesorg.people.roles import Action

BY = {
    "owner": (_lazy("Rep"), _lazy("Win rate by rep")),
    "team": (_lazy("Team"), _lazy("Win rate by team")),
    "product": (_lazy("Product"), _lazy("Win rate by product")),
    "source": (_lazy("Source"), _lazy("Win rate by source of the lead")),
    "competitor": (_lazy("Competitor"), _lazy("Win rate by competitor seen")),
    "sector": (_lazy("Sector"), _lazy("Win rate by sector of the account")),
    "size": (_lazy("Size"), _lazy("Win rate by size of the account")),
    "month": (_lazy("Month"), _lazy("Win rate by month of closing")),
}
# What stands for those of which it is not known, and the filter that lists them.
UNKNOWN = {
    "team": (_lazy("In no team"), "team"),
    "product": (_lazy("No product"), "product"),
    "source": (_lazy("From no lead"), "source"),
    "competitor": (_lazy("Nobody seen"), "competitor"),
    "sector": (_lazy("Sector not known"), "sector"),
    "size": (_lazy("Size not known"), "size"),
}


@require_safe
@requires(Action.REVIEW_PIPELINE)
@opens_any_day
def win_rates(request):
    """Won ÷ closed of the deals that the filters leave and that closed in the period, by one thing at a time (?by=)."""
    figures = Figures(request, status="closed", by=BY)
    by, page = figures.by, Rows(figures.selection, figures.span)
    found, overall = page.rates(by)
    context = figures.context(page.rows(by, found), "pipeline", "product", "source") | {
        "by": by,
        "head": BY[by][0],
        "title": BY[by][1],
        "overall": overall,
        "overall_mark": f"{(overall.share or 0) * 1000:.0f}",
        "overall_interval": interval(overall),
        "tiles": tiles(overall, page, figures.span),
        "chips": figures.chips({key: label for key, (label, _title) in BY.items()}),
    }
    return render(request, "pipeline/win_rates.html", context)


class Rows:
    """The closed deals of a selection and a span, their rates, and the address of the deals behind each."""

    def __init__(self, selection, span):
        self.selection, self.span, self.user = selection, span, selection.user
        closed = selection.deals(leave_out={"status", "close_from", "close_to"}).filter(selection.by_status("closed"))
        if span.first:
            closed = closed.filter(selection.by_close_from(span.first))
        if span.last:
            closed = closed.filter(selection.by_close_to(span.last))
        self.closed = closed
        days = {"close_from": span.first and span.first.isoformat(), "close_to": span.last and span.last.isoformat()}
        kept = dict(parse_qsl(selection.query(team=selection.get("team") or None, status="closed")))
        self._kept = kept | {name: value for name, value in days.items() if value}

    def address(self, **only):
        """The list of exactly these deals."""
        return f"{reverse('pipeline:deal_list')}?{urlencode(self._kept | only)}"

    def addresses(self, **only):
        """{status: the list of exactly these deals}; those open now whenever they are to close."""
        found = {status: self.address(**only | {"status": status}) for status in ("closed", "won", "lost")}
        kept = {name: value for name, value in self._kept.items() if name not in {"close_from", "close_to"}}
        return found | {"open": f"{reverse('pipeline:deal_list')}?{urlencode(kept | only | {'status': 'open'})}"}

    @cached_property
    def tree(self):
        """The teams that are compared, with their people of the day that is looked at."""
        return TeamTree(self.selection)

    def rates(self, by):
        """([Rate], the Rate of all together): values of `by` may share deals."""
        if by == "team":
            return by_team(self.closed, self.selection, self.tree, self.span)
        if by == "competitor":
            whole = together(rates(self.closed, self.selection, "owner"))
            return by_competitor(self.closed, self.selection, whole), whole
        found = rates(self.closed, self.selection, by)
        return found, together(found)

    def rows(self, by, found):
        """What the page shows of each rate, in the order of `by`."""
        names, keys = self._names(by, [rate.key for rate in found]), self._keys(by)
        order = self._order(by, names)
        return [self._row(rate, names.get(rate.key), keys(rate.key), by) for rate in sorted(found, key=order)]

    def _row(self, rate, name, only, by):
        if rate.key is None or name is None:
            name, fact = UNKNOWN.get(by, (_("Somebody else"), ""))
            only = {"without": fact} if fact else {}
        low, high = rate.interval
        return {
            "rate": rate,
            "name": name,
            "urls": self.addresses(**only),
            "value": f"{(rate.share or 0) * 1000:.0f}",
            "low": f"{low * 1000:.0f}",
            "high": f"{high * 1000:.0f}",
            "width": f"{(high - low) * 1000:.0f}",
            "interval": interval(rate),
            "average": average(rate),
        }

    def _keys(self, by):
        """How the filters of the deal list name one value."""
        if by == "month":
            return self._days_of
        return lambda key: {by: key}

    def _days_of(self, month):
        """The days of a month that lie within the span."""
        first, last = month, month_of(month).last_day
        return {"close_from": max(first, self.span.first or first), "close_to": min(last, self.span.last or last)}

    def _names(self, by, keys):
        models = {"owner": User, "product": Product, "source": Source, "competitor": Competitor}
        if by in models:
            known = models[by].objects.visible_to(self.user).filter(pk__in=[key for key in keys if key is not None])
            return dict(known.values_list("pk", "name"))
        if by == "team":
            return {key: self.tree.name(key) for key in keys}
        if by == "size":
            return {key: words for key, _few, _most, words in SIZES}
        return {key: date_in(key, "LLL yyyy", locale()) for key in keys} if by == "month" else {key: key for key in keys}

    def _order(self, by, names):
        """The surest first, the highest first among them; months and sizes in their own order."""
        if by == "month":
            return lambda rate: rate.key
        if by == "size":
            sizes = [key for key, *_rest in SIZES]
            return lambda rate: sizes.index(rate.key) if rate.key in sizes else len(sizes)
        if by == "team":
            return lambda rate: (rate.key is None, self.tree.depth(rate.key), rate.is_small, -(rate.share or 0))
        return lambda rate: (rate.key is None, rate.is_small, -(rate.share or 0), -rate.closed, str(names.get(rate.key)))


def average(rate):
    """{currency: amount of a won deal on average}; empty where nothing was won, or in several currencies."""
    return {code: amount / rate.won for code, amount in rate.amounts.items()} if rate.won and len(rate.amounts) == 1 else {}


def interval(rate):
    """ "41–62 %": where the share behind this one likely lies."""
    low, high = rate.interval
    return f"{low * 100:.0f}–{share(f'{high:.2f}')}"


def tiles(overall, page, span):
    """The figures on top of the page, each with how it came about."""
    sure = _("95 times in 100 the rate behind it lies within %(interval)s (Wilson's score interval)")
    words = {"interval": interval(overall)}

    def tile(key, label, number, since, formula, rows, status="closed"):
        why = {"id": key, "formula": formula, "as_of": page.selection.day, "rows_in": rows, "rows_out": []}
        return {"label": label, "number": number, "url": page.address(status=status), "since": since, "why": why}

    found = [
        tile(
            "rate", _("Win rate"), share(overall.share) if overall.closed else "–", _("likely %(interval)s") % words,
            _("won ÷ (won + lost), by close date and the owner on the day of closing; open deals are left out.")
            + " " + sure % words, overall.closed,
        ),
        tile("closed", _("Closed"), figure(overall.closed), span.words, _("deals won or lost, by close date"), overall.closed),
        tile(
            "won", _("Won"), amounts(overall.amounts), _("%(n)s deals") % {"n": figure(overall.won)},
            _("sum of the amounts of won deals, per currency"), overall.won, "won",
        ),
        tile(
            "cycle", _("Cycle"), "–" if overall.cycle is None else _("%(n)s days") % {"n": figure(overall.cycle)},
            _("median of won deals"), _("median days from the day a deal was opened to the day it was won"),
            len(overall.days), "won",
        ),
    ]  # fmt: skip
    if overall.won > len(overall.days):
        found[-1]["why"]["rows_out"] = [{"count": overall.won - len(overall.days), "rule": _("the day of opening is not known")}]
    return found
