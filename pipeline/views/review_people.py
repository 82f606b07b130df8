"""The lower half of the review: a team's open pipeline by person and stage, and what closed in the period."""

from dataclasses import dataclass
from functools import cached_property
from urllib.parse import parse_qsl, urlencode

from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.http import require_safe

from pipeline.board import open_deals, stages_shown
from pipeline.models import Status
from pipeline.reports.deals import Sums, review
from pipeline.selections.review import ReviewSelection
from pipeline.views.review_bars import SERIES, chart, left_out
from pipeline.views.review_tiles import decimal_of, tiles
from salesorg.lib.templatetags.salesorg import NOTHING, amounts, figure
from salesorg.people.access import requires
from salesorg.people.models import User
from salesorg.people.roles import Action

SHOWN = 25  # people a page can be read with; a larger team is looked at by its parts


@require_safe
@requires(Action.REVIEW_PIPELINE)
def review_people(request):
    """Open deals by stage and person, won and lost in the period; a part of the review that comes by itself."""
    selection = ReviewSelection(request.GET, user=request.user)
    stages = stages_shown(selection)
    links = Links(selection, selection.days, stages[0].pipeline_id if stages else None)
    found = people_of(selection, stages, links.pipeline)
    shown = found.people[:SHOWN]  # those with the most open deals; together they are all counted
    open_stages = [stage for stage in stages if stage.status == Status.OPEN]
    currency = request.user.organisation.currency
    context = {
        "stages": [{"name": stage.name, "series": index % SERIES + 1} for index, stage in enumerate(open_stages)],
        "rows": [row_of(person, open_stages, links) for person in shown],
        "people_in_all": len(found.people),
        "together": row_of(found.together, open_stages, links),
        "chart": chart(shown, open_stages, links, currency),
        "currency": currency,
        "left_out": left_out(found.people, currency),
        "tiles": tiles(found.together, links, selection),
    }
    return render(request, "pipeline/_review_people.html", context)


def people_of(selection, stages, pipeline):
    """The Review (pipeline.reports) of the deals of one pipeline."""
    period = selection.days
    closed = selection.deals(leave_out={"status", "close_from", "close_to"}).filter(
        selection.by_status("closed"), selection.by_close_from(period.start), selection.by_close_to(period.last_day)
    )
    of_pipeline = {"pipeline_id": pipeline} if pipeline else {"pk": None}
    people = User.objects.visible_to(selection.user)
    opened = open_deals(selection).filter(**of_pipeline)
    return review(opened, closed.filter(**of_pipeline), stages, people.in_bulk, selection.prefix_of_columns)


@dataclass(frozen=True)
class Links:
    """Addresses of the deal lists behind the figures: the very filters the figures were computed with."""

    selection: ReviewSelection
    period: object
    pipeline: int | None

    @cached_property
    def _kept(self):
        """The filters of every address. A page has hundreds of them: what they share is read once."""
        who = {"team": self.selection.get("team") or None, "pipeline": self.pipeline, "owner": self.selection.person}
        return dict(parse_qsl(self.selection.query(**who, period=None, starting=None, changed=None)))

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
        "win_rate": decimal_of(person.win_rate),
        "closed_url": links.closed(person.user, "closed"),
    }
