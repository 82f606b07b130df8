"""Stage conversion by cohort: of the deals that entered a stage in a time, how many went on, each figure with its deals."""

from datetime import date
from urllib.parse import parse_qsl, urlencode

from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.http import require_safe

from pipeline.board import stages_shown
from pipeline.engine.conversion import Cohort, is_too_young
from pipeline.engine.intervals import FEW, wilson
from pipeline.engine.pace import pace
from pipeline.models import Product, StageStay, Status
from pipeline.reports.conversion import Entries
from pipeline.reports.team_tree import TeamTree
from pipeline.selections.deals import ANY
from pipeline.views.figures import Figures
from salesorg.lib.past import opens_any_day
from salesorg.lib.periods import month_of, quarter_of
from salesorg.lib.templatetags.salesorg import date_in, locale, share
from salesorg.people.access import requires
from salesorg.people.models import User
from salesorg.people.roles import Action

DAYS = ("entered_from", "entered_to")
PAST = ("status", "stage", "owner", "team", "close_from", "close_to", *DAYS)  # of today, or asked of the entry itself
BY = {
    "month": (_lazy("Month"), _lazy("By month of entering")),
    "quarter": (_lazy("Quarter"), _lazy("By quarter of entering")),
    "owner": (_lazy("Rep"), _lazy("By rep, as of entering")),
    "team": (_lazy("Team"), _lazy("By team of the rep as of entering")),
    "product": (_lazy("Product"), _lazy("By product")),
}


@require_safe
@requires(Action.REVIEW_PIPELINE)
@opens_any_day
def conversion(request):
    """A funnel of the deals that entered each stage in the time, and the same by one thing (?by=)."""
    figures = Figures(request, by=BY, span="last_quarter", days=DAYS)
    by, cohorts = figures.by, Cohorts(figures.selection, figures.span)
    grouped, whole = cohorts.counted(by)
    context = figures.context(cohorts.rows(by, grouped), "pipeline", "product", "source", ranges=False) | {
        "head": BY[by][0],
        "title": BY[by][1],
        "stages": cohorts.open_stages,
        "funnel": cohorts.funnel(whole),
        "chips": figures.chips({key: label for key, (label, _title) in BY.items()}),
    }
    return render(request, "pipeline/conversion.html", context)


@require_safe
@requires(Action.REVIEW_PIPELINE)
def review_funnel(request):
    """The funnel of last quarter's entries at the foot of the review; a part of it that comes by itself."""
    figures = Figures(request, span="last_quarter", days=DAYS)
    cohorts = Cohorts(figures.selection, figures.span)
    _grouped, whole = cohorts.counted("quarter")
    context = {
        "funnel": cohorts.funnel(whole) if whole else [],
        "span": figures.span,
        "url": f"{reverse('pipeline:conversion')}?{figures.selection.query()}",
    }
    return render(request, "pipeline/_review_funnel.html", context)


class Cohorts:
    """The entries of a selection and a span into the stages of one pipeline, and the address of the deals behind each figure."""

    def __init__(self, selection, span):
        self.selection, self.user = selection, selection.user
        self.today = selection.day or selection.user.today
        self.first, self.last = span.first or date(1900, 1, 2), min(span.last or self.today, self.today)
        shown = stages_shown(selection)
        self.pipeline = shown[0].pipeline_id if shown else None
        self.stages = [stage for stage in selection.stages if stage.pipeline_id == self.pipeline]
        self.open_stages = [stage for stage in self.stages if stage.status == Status.OPEN and stage in shown]
        kept = parse_qsl(
            selection.query(team=None, owner=None, status=ANY, pipeline=None, stage=None, close_from=None, close_to=None)
        )
        self._kept = dict(kept) | {"entered_from": self.first, "entered_to": self.last}
        if team := selection.get("team"):
            self._kept["entered_team"] = team.pk
        if selection.person:
            self._kept["entered_by"] = selection.person.pk

    def counted(self, by):
        """({(stage id, key): Cohort}, {stage id: Cohort}); a team counts everybody in it or below it."""
        owners = self.selection.people
        if self.selection.person:
            owners = {self.selection.person.pk} if owners is None else owners & {self.selection.person.pk}
        entries = Entries(
            deals=self.selection.deals(leave_out=PAST, proven=True),
            place=self.user.organisation,
            stages=self.stages,
            first=self.first,
            last=self.last,
            owners=owners,
            day=self.selection.day,
        )
        grouped, whole = entries.cohorts("owner" if by == "team" else by)
        return (self._of_teams(grouped), whole) if by == "team" else (grouped, whole)

    def _of_teams(self, of_owners):
        self._tree = TeamTree(self.selection)
        found = {}
        for (stage, owner), cohort in of_owners.items():
            for team in self._tree.of(owner):
                found[stage, team] = found.get((stage, team), Cohort(0, 0, 0)).plus(cohort)
        return found

    def address(self, stage, reached="", **only):
        """The list of exactly the deals of a cohort."""
        asked = {"entered": stage.pk} | ({"reached": reached} if reached else {})
        return f"{reverse('pipeline:deal_list')}?{urlencode(self._kept | only | asked)}"

    def funnel(self, whole):
        """A step for each open stage: how many entered, how many went on, whether it is too early to say."""
        most = max((cohort.entered for cohort in whole.values()), default=0)
        paces, found = self._paces, []
        for stage in self.open_stages:
            cohort = whole.get(stage.pk, Cohort(0, 0, 0))
            cell = self.cell(stage, cohort, self.last, {})
            width = cohort.entered * 1000 / most if most else 0
            went = cohort.went_on * 1000 / most if most else 0
            found.append(cell | {
                "stage": stage, "width": f"{width - went:.0f}", "went": f"{went:.0f}", "most": paces[stage.pk].most,
                "why": self._why(stage, cohort), "left_url": self.address(stage, "no"),
                "won_share": cohort.won / cohort.entered if cohort.entered else None, "won_url": self.address(stage, "won"),
            })  # fmt: skip
        return found

    def cell(self, stage, cohort, last, only):
        """One figure: the share that went on, of how many, and how sure it is; `only` None: no list shows these alone."""
        low, high = wilson(cohort.went_on, cohort.entered)
        return {
            "cohort": cohort,
            "share": cohort.went_on / cohort.entered if cohort.entered else None,
            "likely": f"{low * 100:.0f}–{share(f'{high:.2f}')}",
            "is_small": cohort.entered < FEW,
            "too_young": is_too_young(last, self.today, self._paces[stage.pk].most),
            "url": "" if only is None else self.address(stage, **only),
            "went_url": "" if only is None else self.address(stage, "yes", **only),
        }

    def _why(self, stage, cohort):
        return {
            "id": f"stage-{stage.pk}",
            "formula": _(
                "of the distinct deals that entered the stage in this time, the share that later reached the next or any later "
                "stage, or was won; lost deals included; owner as of entering"
            ),
            "as_of": self.selection.day,
            "rows_in": cohort.entered,
            "rows_out": [],
        }

    @property
    def _paces(self):
        if not hasattr(self, "_known_paces"):
            stays = {stay.pk: stay for stay in StageStay.objects.visible_to(self.user)}
            self._known_paces = {
                stage.pk: pace(stage.expected_days, stay.stays, stay.half, stay.most)
                if (stay := stays.get(stage.pk))
                else pace(stage.expected_days)
                for stage in self.open_stages
            }
        return self._known_paces

    def rows(self, by, grouped):
        """A row for each key: its name and a cell for each stage, None where nobody entered."""
        keys = {key for _stage, key in grouped}
        names = self._names(by, keys)
        sizes = {key: sum(cohort.entered for (_stage, each), cohort in grouped.items() if each == key) for key in keys}
        order = (
            (lambda key: (key,)) if by in {"month", "quarter"} else (lambda key: (key is None, -sizes[key], str(names.get(key))))
        )
        return [self._row(by, key, names.get(key), grouped) for key in sorted(keys, key=order)]

    def _row(self, by, key, name, grouped):
        only, last = self._only(by, key)
        cells = []
        for stage in self.open_stages:
            cohort = grouped.get((stage.pk, key))
            cells.append(self.cell(stage, cohort, last, only) if cohort else None)
        unknown = {"product": _("No product"), "team": _("In no team")}
        return {"name": name or unknown.get(by, _("Somebody else")), "cells": cells}

    def _only(self, by, key):
        """(the filters of the deal list that name the key, the last day of its cohort)."""
        if by in {"month", "quarter"}:
            period = (month_of if by == "month" else quarter_of)(key)
            first, last = max(period.start, self.first), min(period.last_day, self.last)
            return {"entered_from": first, "entered_to": last}, last
        if key is None:
            return {"without": by} if by == "product" else None, self.last
        return {{"owner": "entered_by", "team": "entered_team", "product": "product"}[by]: key}, self.last

    def _names(self, by, keys):
        if by in {"month", "quarter"}:
            pattern = "LLL yyyy" if by == "month" else "QQQ yyyy"
            return {key: date_in(key, pattern, locale()) for key in keys}
        if by == "team":
            return {key: self._tree.name(key) for key in keys}
        model = User if by == "owner" else Product
        return dict(model.objects.visible_to(self.user).filter(pk__in=[key for key in keys if key]).values_list("pk", "name"))
