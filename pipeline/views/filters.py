"""The filter menus above board, list and review, made of a selection."""

from django.db.models import Count
from django.urls import reverse
from django.utils.translation import gettext as _

from pipeline.models import Lead, Product, Source
from pipeline.selections.deals import ANY
from salesorg.people.models import Team
from salesorg.people.roles import HELPERS, SELLERS, Action
from territories.models import Plan, Territory

MENU = 30  # choices a menu holds at most; beyond that one types
DAYS = ("as_of", "compare")
RANGES = (("close_from", "close_to"), ("opened_from", "opened_to"), ("amount_from", "amount_to"))


def menus(selection, *names):
    """One menu (Selection.menu) for each filter named that offers more than one choice."""
    user = selection.user
    offers = {
        "stage": (_("Stage"), lambda: _stages(selection), {"status": ANY}),
        "team": (_("Team"), lambda: _choices(Team.objects.visible_to(user).order_by("name", "pk")), {"owner": ANY}),
        "territory": (_("Territory"), lambda: _territories(user), {"owner": ANY}),
        "product": (_("Product"), lambda: _choices(Product.objects.visible_to(user)), {}),
        "pipeline": (_("Pipeline"), lambda: _pipelines(selection), {}),
        "source": (_("Source"), lambda: _choices(Source.objects.visible_to(user)), {}),
        "landing_page": (_("Landing page"), lambda: _landing_pages(user), {}),
    }
    made = []
    for name in names:
        label, choices, besides = offers[name]
        choices = choices()[:MENU]
        if len(choices) > 1:
            made.append(selection.menu(label, name, choices, **besides))
    return made


def _territories(user):
    """The territories of the plan in force, by force, which is named where there are several."""
    found = Territory.objects.visible_to(user).filter(force__plan__status=Plan.Status.ACTIVE).order_by("force", "name", "pk")
    rows = list(found.values_list("pk", "name", "force__name")[:MENU])
    several = len({force for _pk, _name, force in rows}) > 1
    return [(pk, f"{force} · {name}" if several else name) for pk, name, force in rows]


def _choices(queryset):
    return list(queryset.values_list("pk", "name")[:MENU])


def _stages(selection):
    """The stages in use, and the chosen one even when it is archived; named with their pipeline where there are several."""
    chosen = selection.get("pipeline")
    stages = [stage for stage in selection.stages_in_use if not chosen or stage.pipeline_id == chosen]
    if (asked := selection.get("stage")) and asked not in stages:
        stages.append(asked)
    several = len({stage.pipeline_id for stage in stages}) > 1
    return [(stage.pk, f"{stage.pipeline} · {stage}" if several else stage.name) for stage in stages]


def _pipelines(selection):
    pipelines = dict.fromkeys(stage.pipeline for stage in selection.stages_in_use)
    return [(pipeline.pk, pipeline.name) for pipeline in pipelines]


def _landing_pages(user):
    """Those that brought most of the visible leads."""
    pages = Lead.objects.visible_to(user).exclude(landing_page="").order_by().values_list("landing_page")
    return [(page, page) for page, _count in pages.annotate(Count("pk")).order_by("-pk__count", "landing_page")[:MENU]]


def advising(user):
    """The tab beside board and list for whoever is brought onto deals of others."""
    if user.scope.roles.isdisjoint(SELLERS | HELPERS):
        return []
    return [{"label": _("Advising"), "url": reverse("pipeline:advice_list"), "current": False}]


def more(selection, *, ranges=True, days=DAYS[:1]):
    """What the last menu asks as a form: words, owner, ranges and the past day (`days`: or two of them to compare).

    All other filters go along hidden.
    """
    asked = {"owner", "owner__text", "differs", *days, *(["q", *(name for pair in RANGES for name in pair)] if ranges else [])}
    on = any(selection.data.get(name) for name in asked - {"owner"})
    return {
        "hidden": selection.besides(*asked),
        "ranges": [(selection[low], selection[high]) for low, high in RANGES] if ranges else [],
        "words": selection["q"] if ranges else None,
        "days": [selection[name] for name in days],
        "people_url": reverse("people:person_lookup"),
        "on": on or bool(selection.person and selection.get("owner") != "me"),
    }


def forecast_tab(user):
    """The way from board and list to the own forecast, for those who sell; leaders find theirs on the review."""
    if user.may(Action.REVIEW_PIPELINE) or not user.may(Action.EDIT_DEALS):
        return []
    return [{"label": _("Forecast"), "url": reverse("pipeline:forecast"), "current": False}]
