"""Activity figures of people against their targets, week by week or month by month, ready to be drawn."""

from dataclasses import dataclass
from datetime import timedelta

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from salesorg.lib.periods import Period, month_of
from salesorg.lib.templatetags.salesorg import day, figure
from salesorg.people.models import Membership, Team
from salesorg.people.working import public_holidays

from .measures import count_all, counted, week_of
from .models import ActivityTarget

WEEKS, MONTHS = 8, 6
CELL = '<td class="number"><a href="{}">{}</a>{}</td>'
SOMEBODY = 10**17 + 7  # no person has this number: it keeps their place in an address, put together once for all of them
WIDTH, HEIGHT, GAP = 160, 44, 3  # of a small chart, in its own units


@dataclass(frozen=True, slots=True)
class Bar:
    """How many in one week or month, how many were wanted (None: no target), and where the rows are."""

    period: Period
    number: int
    target: int | None
    url: str


@dataclass(frozen=True, slots=True)
class Chart:
    """One measure of one person or team over the periods; the last bar is the one still running."""

    label: str
    bars: list
    most: int = 0  # what the scale reaches at least: the same for everybody, so that people can be compared

    @property
    def now(self):
        return self.bars[-1]

    @property
    def svg(self):
        """Bars with a mark at the target, what is shown in words for those who do not see it."""
        most = max([1, self.most, *(bar.number for bar in self.bars), *(bar.target or 0 for bar in self.bars)])
        width = WIDTH / len(self.bars) - GAP
        shapes, marks = SafeString("".join(self._bars(most, width))), SafeString("".join(self._marks(most, width)))
        numbers = ", ".join(str(bar.number) for bar in self.bars)
        said = _("%(label)s, oldest first: %(numbers)s") % {"label": self.label, "numbers": numbers}
        drawn = '<svg class="small-bars" viewBox="0 0 {} {}" role="img" aria-label="{}">{}{}</svg>'
        return format_html(drawn, WIDTH, HEIGHT, said, shapes, marks)

    def _bars(self, most, width):
        for index, bar in enumerate(self.bars):
            height = max(bar.number / most * (HEIGHT - 2), 1)
            tone = "running" if bar is self.now else "short" if bar.target and bar.number < bar.target else ""
            x, y = index * (width + GAP), HEIGHT - height
            yield f'<rect class="{tone}" x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}"/>'

    def _marks(self, most, width):
        for index, bar in enumerate(self.bars):
            if bar.target:
                x, y = index * (width + GAP), HEIGHT - bar.target / most * (HEIGHT - 2)
                yield f'<line x1="{x - 1:.1f}" x2="{x + width + 1:.1f}" y1="{y:.1f}" y2="{y:.1f}"/>'


def periods(today, by_month):
    """The weeks or months up to and including today's, oldest first."""
    if by_month:
        found = [month_of(today)]
        while len(found) < MONTHS:
            found.insert(0, month_of(found[0].start - timedelta(days=1)))
        return found
    monday = week_of(today)
    return [Period(monday - timedelta(weeks=back), monday - timedelta(weeks=back - 1)) for back in reversed(range(WEEKS))]


def figures_of(viewer, people, shown, by_month):
    """(sums of all `people` (ids) together as [(Counted, [numbers], [targets])], {person id: [Chart]} of those `shown`)."""
    spans = periods(viewer.today, by_month)
    targets = Targets(viewer, people, spans[0].start)
    numbers_of = count_all(viewer, people, spans[0].start, spans[-1].until, by_month)
    charts, sums = {person: [] for person in shown}, []
    for what in counted():
        numbers = numbers_of[what.measure]
        wanted = {person: [targets.wanted(what.measure, person, span) for span in spans] for person in people}
        totals = dict.fromkeys((span.start for span in spans), 0)
        for (_person, start), number in numbers.items():
            totals[start] += number
        given = [[wanted[person][i] for person in people if wanted[person][i] is not None] for i in range(len(spans))]
        sums.append((what, list(totals.values()), [sum(each) if each else None for each in given]))
        seen = [numbers.get((person, span.start), 0) for person in shown for span in spans]
        most = max([*seen, *(target or 0 for person in shown for target in wanted[person])], default=0)
        addresses = [what.address(span.start, span.last_day, {"user": SOMEBODY}) for span in spans]
        for person in shown:
            bars = [
                Bar(span, numbers.get((person, span.start), 0), target, address.replace(str(SOMEBODY), str(person)))
                for span, target, address in zip(spans, wanted[person], addresses, strict=True)
            ]
            charts[person].append(Chart(what.label, bars, most))
    return sums, charts


def rows_of(charts):
    """The table of a person's charts, a row for each week or month, in one go: twelve people have five hundred cells."""
    rows = (
        (day(bars[0].period.start), format_html_join("", CELL, map(_cell, bars)))
        for bars in zip(*(chart.bars for chart in charts), strict=True)
    )
    return format_html_join("", '<tr><th scope="row">{}</th>{}</tr>', rows)


def _cell(bar):
    target = format_html(' <span class="muted">/ {}</span>', figure(bar.target)) if bar.target else ""
    return bar.url, figure(bar.number), target


def chart_of_team(what, numbers, targets, spans, team):
    """The Chart of everybody in the team together."""
    rows = zip(spans, numbers, targets, strict=True)
    address = {"team": team.pk}
    return Chart(
        what.label, [Bar(span, n, target, what.address(span.start, span.last_day, address)) for span, n, target in rows]
    )  # fmt: skip


class Targets:
    """The targets of some people: a person's own before the nearest team's before the role's, by the day a period begins."""

    def __init__(self, viewer, people, since):
        self.rows = {}
        for row in ActivityTarget.objects.visible_to(viewer).from_day(since):
            key = ("user", row.user_id) if row.user_id else ("team", row.team_id) if row.team_id else ("role", row.role)
            self.rows.setdefault((row.measure, *key), []).append(row)
        self.measures = {measure for measure, _kind, _pk in self.rows}
        self.holidays = public_holidays(since) if self.rows else frozenset()
        of_teams = any(kind == "team" for _measure, kind, _pk in self.rows)
        parents = dict(Team.objects.values_list("pk", "parent_id")) if of_teams else {}
        self.places = {}
        for row in Membership.objects.on(viewer.today).filter(user_id__in=people).order_by("pk"):
            line, team = [], row.team_id
            while team is not None and team not in line:  # a loop in the tree must not hang a request
                line.append(team)
                team = parents.get(team)
            self.places.setdefault(row.user_id, []).append((row.role, line))

    def wanted(self, measure, person, span):
        """How many of `measure` this person was to make in the period; None without a target."""
        row = self._row(measure, person, span.start) if measure in self.measures else None
        if row is None:
            return None
        return (row.per_week * span.working_days(self.holidays) + 2) // 5  # of five days; halves go up

    def _row(self, measure, person, day):
        for key in self._keys(person):
            for row in self.rows.get((measure, *key), ()):
                if row.during.lower <= day and (row.during.upper is None or day < row.during.upper):
                    return row
        return None

    def _keys(self, person):
        yield ("user", person)
        places = self.places.get(person, ())
        for _role, line in places:
            yield from (("team", team) for team in line)
        for role, _line in places:
            yield ("role", role)
