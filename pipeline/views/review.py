"""The pipeline review: a team's pipeline by stage and person, and what closed."""

from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from urllib.parse import parse_qsl, urlencode

from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from pipeline.board import open_deals, stages_shown
from pipeline.models import Status
from pipeline.reports.deals import Sums, review
from pipeline.selections.deals import ANY, DealSelection
from pipeline.views.filters import menus, more
from pipeline.views.review_tabs import review_tabs
from salesorg.lib.periods import month_of, quarter_of, year_of
from salesorg.lib.templatetags.salesorg import NOTHING, amounts, day, figure, full_money, share
from salesorg.people.access import requires
from salesorg.people.models import Team, User, organisation
from salesorg.people.roles import Action
from salesorg.people.scope import below

PERIODS = {"month": month_of, "quarter": quarter_of, "year": year_of}
WIDTH = 1000  # of a chart row, in units of its own
SERIES = 8  # colours there are
SHOWN = 25  # people a page can be read with; a larger team is looked at by its parts


@require_safe
@requires(Action.REVIEW_PIPELINE)
def pipeline_review(request):
    """Open deals by stage and person, won and lost in the period, for a team the person leads or any below it."""
    teams = teams_for(request.user)
    default = teams[0] if teams and not request.user.scope.sees_all_deals else ""
    selection = DealSelection(request.GET, user=request.user, status=Status.OPEN, team=default, owner=ANY)
    today = selection.day or request.user.today
    name = request.GET.get("period") if request.GET.get("period") in PERIODS else "quarter"
    period = PERIODS[name](today)
    stages = stages_shown(selection)
    closed = selection.deals(leave_out={"status", "close_from", "close_to"}).filter(
        selection.by_status("closed"), selection.by_close_from(period.start), selection.by_close_to(period.last_day)
    )
    pipeline = {"pipeline_id": stages[0].pipeline_id} if stages else {"pk": None}
    people = User.objects.visible_to(request.user)
    found = review(
        open_deals(selection).filter(**pipeline), closed.filter(**pipeline), stages, people.in_bulk, selection.prefix_of_columns
    )
    links = Links(selection, period, pipeline.get("pipeline_id"))
    shown = found.people[:SHOWN]  # those with the most open deals; together they are all counted
    open_stages = [stage for stage in stages if stage.status == Status.OPEN]
    currency = organisation().currency
    context = {
        "selection": selection,
        "review_tabs": review_tabs(request),
        "teams": teams,
        "team": selection.get("team"),
        "period": period,
        "periods": [
            {"label": label, "url": "?" + keep(selection, request, period=key), "current": key == name}
            for key, label in (("month", _("Month")), ("quarter", _("Quarter")), ("year", _("Year")))
        ],
        "period_name": name,
        "stages": [{"name": stage.name, "series": index % SERIES + 1} for index, stage in enumerate(open_stages)],
        "rows": [row_of(person, open_stages, links) for person in shown],
        "people_in_all": len(found.people),
        "together": row_of(found.together, open_stages, links),
        "chart": chart(shown, open_stages, links, currency),
        "currency": currency,
        "left_out": left_out(found.people, currency),
        "tiles": tiles(found.together, links, selection, period),
        "menus": [*team_menu(selection, teams), *menus(selection, "pipeline")],
        "more": more(selection, ranges=False),
    }
    return render(request, "pipeline/review.html", context)


def team_menu(selection, teams):
    """The choice of team, when there is one."""
    chosen = getattr(selection.get("team"), "pk", selection.get("team"))
    items = [(team.name, f"?{selection.query(team=team.pk)}", team.pk == chosen) for team in teams]
    if selection.user.scope.sees_all_deals:
        items.insert(0, (_("Everybody"), f"?{selection.query(team=None)}", not chosen))
    now = next((name for name, _url, on in items if on), "")
    return [{"label": _("Team"), "chosen": now, "items": items}] if len(items) > 1 else []


def tiles(together, links, selection, period):
    """The figures on top of the page, each with how it came about."""
    words = {"start": day(period.start), "end": day(period.last_day)}
    span = _("closed %(start)s – %(end)s") % words
    counted = _("%(n)s deals")
    closed = together.won.count + together.lost.count
    as_of = selection.day

    def tile(label, key, number, url, since, formula, rows):
        why = {"id": key, "formula": formula, "as_of": as_of, "rows_in": rows}
        return {"label": label, "number": number, "url": url, "since": since, "why": why}

    open_url = links.to(status=Status.OPEN)
    rate = together.win_rate
    return [
        tile(
            _("Open"),
            "open",
            amounts(together.total.amounts),
            open_url,
            counted % {"n": figure(together.total.count)},
            _("sum of the amounts of open deals, per currency"),
            together.total.count,
        ),
        tile(
            _("Weighted"),
            "weighted",
            amounts(together.total.weighted),
            open_url,
            _("by stage probability"),
            _("sum of amount × probability of the stage"),
            together.total.count,
        ),
        tile(
            _("Won"),
            "won",
            amounts(together.won.amounts),
            links.closed(None, Status.WON),
            counted % {"n": figure(together.won.count)},
            span,
            together.won.count,
        ),
        tile(
            _("Win rate"),
            "rate",
            "–" if rate is None else share(decimal_of(rate)),
            links.closed(None, "closed"),
            counted % {"n": figure(closed)},
            _("won ÷ (won + lost), by close date and the owner on the day of closing; open deals are left out"),
            closed,
        ),
    ]


def decimal_of(fraction):
    return Decimal(fraction.numerator) / fraction.denominator


def teams_for(user):
    """The teams whose pipeline the person may look at, the widest first."""
    teams = list(Team.objects.visible_to(user).order_by("name", "pk"))
    if not user.scope.sees_all_deals:
        teams = [team for team in teams if team.pk in user.scope.led_teams]
    return sorted(teams, key=lambda team: -len(below({team.pk}, teams)))


def keep(selection, request, **changes):
    """The query string of the page with `changes`; the period is no filter of deals and travels beside them."""
    period = changes.pop("period", request.GET.get("period"))
    query = selection.query(**changes)
    return "&".join(part for part in (query, f"period={period}" if period else "") if part)


@dataclass(frozen=True)
class Links:
    """Addresses of the deal lists behind the figures: the very filters the figures were computed with."""

    selection: DealSelection
    period: object
    pipeline: int | None

    @cached_property
    def _kept(self):
        """The filters of every address. A page has hundreds of them: what they share is read once."""
        return dict(parse_qsl(self.selection.query(team=self.selection.get("team") or None, pipeline=self.pipeline, owner=None)))

    def to(self, person=None, **filters):
        """The deals of `person` (None: of everybody in the team) with these filters."""
        who = {"owner": person.pk} if person else {}
        return f"{reverse('pipeline:deal_list')}?{urlencode(self._kept | who | filters)}"

    def closed(self, person, status):
        return self.to(person, status=status, close_from=self.period.start.isoformat(), close_to=self.period.last_day.isoformat())


@dataclass(frozen=True)
class Figure:
    """A count with its sums, and the address of its rows."""

    sums: Sums
    url: str

    @property
    def link(self):
        """As one link; made here, since a page has three hundred and a template of its own for each took half its time."""
        if not self.sums.count:
            return NOTHING
        count, summed = figure(self.sums.count), amounts(self.sums.amounts)
        pattern = '<a href="{}" data-figure="{}">{} <span class="small muted">{}</span></a>'
        return format_html(pattern, self.url, self.sums.count, count, summed)


def row_of(person, stages, links):
    """A row of the table: a figure for each stage and outcome."""
    return {
        "user": person.user,
        "stages": [Figure(person.open[stage.pk], links.to(person.user, status=Status.OPEN, stage=stage.pk)) for stage in stages],
        "total": Figure(person.total, links.to(person.user, status=Status.OPEN)),
        "won": Figure(person.won, links.closed(person.user, Status.WON)),
        "lost": Figure(person.lost, links.closed(person.user, Status.LOST)),
        "win_rate": None if person.win_rate is None else decimal_of(person.win_rate),
        "closed_url": links.closed(person.user, "closed"),
    }


@dataclass(frozen=True)
class Bar:
    """One person's line of the chart: the parts lie end to end."""

    user: object
    total: object
    url: str
    words: str
    parts: list = field(default_factory=list)


def chart(people, stages, links, currency):
    """Bars of what is open per person by stage, in `currency`, all on one scale."""
    totals = {person.user.pk: person.total.amounts.get(currency, 0) for person in people}
    longest = max(totals.values(), default=0)
    bars = []
    for person in sorted(people, key=lambda person: -totals[person.user.pk]):
        total = totals[person.user.pk]
        if not person.total.count:
            continue
        words = f"{person.user.name}: {full_money(total, currency)}"
        bar, at = Bar(person.user, total, links.to(person.user, status=Status.OPEN, currency=currency), words), 0
        for index, stage in enumerate(stages):
            sums = person.open[stage.pk]
            width = int(sums.amounts.get(currency, 0) * WIDTH / longest) if longest else 0
            if width:
                url = links.to(person.user, status=Status.OPEN, stage=stage.pk, currency=currency)
                words = f"{person.user.name}, {stage.name}: {full_money(sums.amounts[currency], currency)}"
                bar.parts.append({"x": at, "width": width, "series": index % SERIES + 1, "url": url, "words": words})
            at += width
        bars.append(bar)
    return bars


def left_out(people, currency):
    """The currencies of open deals that the chart does not show."""
    others = {code for person in people for code in person.total.amounts} - {currency}
    return sorted(others)
