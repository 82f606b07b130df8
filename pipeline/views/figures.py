"""What the review's pages of figures share: whose deals, in which time, compared by what, with the menus that choose them."""

from functools import cached_property
from urllib.parse import urlencode

from pipeline.engine.intervals import FEW
from pipeline.selections.deals import ANY, DealSelection
from pipeline.views.filters import menus, more
from pipeline.views.review_tabs import review_tabs
from pipeline.views.spans import NAMES, span_menu, span_of
from pipeline.views.team_choice import first_team, team_menu, teams_for

SHOWN = 25  # rows of a table before one asks for all of them
CLOSING = ("close_from", "close_to")


class Figures:
    """One look at such a page. `by` names what it may be compared by, the first by itself; `span` the time it begins with,
    which the filters `days` ask for from day to day."""

    def __init__(self, request, *, status=ANY, by=("",), span="months", days=CLOSING):
        self._params, self._default, self._days = request.GET, span, days
        self._tabs, self.teams = review_tabs(request), teams_for(request.user)
        team = first_team(request.user, self.teams)
        self.selection = DealSelection(request.GET, user=request.user, status=status, team=team, owner=ANY)
        self.selection.knows_corrections = False  # entries and stays are counted as they were recorded
        asked = request.GET.get("by", "")
        self.by = asked if asked in by else next(iter(by))

    @cached_property
    def span(self):
        return span_of(self._params, self.selection, self._default, self._days)

    @property
    def shows_all(self):
        return self._params.get("all") == "1"

    def address(self, **changes):
        """This page with `changes`; what is no filter of deals travels beside the filters."""
        query = self.selection.query(**dict.fromkeys(self._days)) if "period" in changes else self.selection.query()
        kept = {name: self._params.get(name) for name in ("by", "period")} | changes
        return "?" + "&".join(part for part in (query, urlencode({name: each for name, each in kept.items() if each})) if part)

    def chips(self, labels):
        """The chips that choose what is compared: {name: words}."""
        return [{"label": words, "url": self.address(by=name), "on": name == self.by} for name, words in labels.items()]

    def context(self, rows, *filters, spans=tuple(NAMES), ranges=True):
        """What all of these pages show: the first of `rows` or all, and the menus of the span, the team and `filters`."""
        return {
            "selection": self.selection,
            "review_tabs": self._tabs,
            "span": self.span,
            "few": FEW,
            "rows": rows if self.shows_all else rows[:SHOWN],
            "left": 0 if self.shows_all else max(len(rows) - SHOWN, 0),
            "all_url": self.address(all=1),
            "menus": [
                span_menu(self.span, lambda name: self.address(period=name), spans),
                *team_menu(self.selection, self.teams),
                *menus(self.selection, *filters),
            ],
            "more": more(self.selection, ranges=ranges),
        }
