"""The deal list and the board of two days side by side: what differs, then and now."""

from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from pipeline.columns import in_all
from pipeline.models import Deal, Status
from pipeline.reports.comparison import KINDS, Comparison
from pipeline.reports.deals import Sums
from pipeline.views.filters import DAYS, menus, more
from salesorg.lib.templatetags.salesorg import amounts, money
from salesorg.lib.templatetags.salesorg import day as day_words
from salesorg.people.models import User
from salesorg.people.roles import Action

SHOWN = 50  # deals before one asks for all of them
MOST = 1_000  # of all of them
# (chip, what is said of one deal, its tone)
WORDS = {
    "new": (_lazy("New"), _lazy("New"), "good"),
    "came": (_lazy("Came in"), _lazy("Came in"), "info"),
    "gone": (_lazy("Gone"), _lazy("Gone"), "warn"),
    "stage": (_lazy("Stage changed"), _lazy("Stage"), ""),
    "owner": (_lazy("Owner changed"), _lazy("Owner"), ""),
    "amount": (_lazy("Amount changed"), _lazy("Amount"), ""),
    "close": (_lazy("Close date changed"), _lazy("Close date"), ""),
}


def deals_compared(request, selection, views):
    """The deals of the list that differ between the two days of `selection`, with what they were and what they became."""
    comparison = Comparison(selection)
    counts, kind = comparison.counts(), selection.get("differs")
    shown = MOST if request.GET.get("all") == "1" else SHOWN
    count = counts[kind] if kind else comparison.count
    urls = [_list_of(each) for each in (comparison.before, comparison.after)]
    context = _days(comparison) | {
        "selection": selection,
        "tiles": tiles(comparison, comparison.then, comparison.now, urls),
        "rows": rows(comparison.rows(kind, shown), comparison),
        "count": count,
        "left": max(count - shown, 0),
        "all_url": f"?{selection.query()}&all=1",
        "chips": [
            {"label": _("All that differs"), "url": "?" + selection.query(differs=None), "on": not kind},
            *(
                {"label": f"{WORDS[each][0]} {counts[each]}", "url": "?" + selection.query(differs=each), "on": kind == each}
                for each in KINDS
                if counts[each] or kind == each
            ),
        ],
        "menus": menus(selection, "pipeline", "stage", "team", "territory", "product"),
        "more": more(selection, days=DAYS),
        "why_url": why_url(selection, comparison),
        "views": views,
    }
    return render(request, "pipeline/deal_comparison.html", context)


def board_compared(request, selection, stages, views):
    """The open columns of the board on two days: number and sum then and now, and the difference."""
    comparison = Comparison(selection)
    columns = comparison.by_stage(stages)
    then, now = Sums(), Sums()
    for _stage, before, after in columns:
        then.plus(before)
        now.plus(after)
    here = {"status": Status.OPEN, "owner": selection.get("owner"), "pipeline": stages[0].pipeline_id if stages else None}
    urls = [_list_of(each, **here) for each in (comparison.before, comparison.after)]
    context = _days(comparison) | {
        "selection": selection,
        "tiles": tiles(comparison, then, now, urls),
        "rows": [_column(selection, comparison, *each) for each in columns],
        "chips": [],
        "menus": menus(selection, "pipeline", "team", "territory", "product"),
        "more": more(selection, ranges=False, days=DAYS),
        "why_url": why_url(selection, comparison),
        "views": views,
    }
    return render(request, "pipeline/board_comparison.html", context)


def _days(comparison):
    """The two days in words."""
    return {"days": _names(comparison), "is_same": comparison.first == comparison.last}


def _names(comparison):
    return [_("today") if each.day is None else day_words(each.day) for each in (comparison.before, comparison.after)]


def tiles(comparison, then, now, urls):
    """Number and sum on each of the days, and the difference."""
    first, last = _names(comparison)
    return [
        {
            "label": _("End of %(day)s") % {"day": first},
            "number": amounts(then.amounts),
            "since": in_all(then.count),
            "url": urls[0],
        },
        {
            "label": _("End of %(day)s") % {"day": last},
            "number": amounts(now.amounts),
            "since": in_all(now.count),
            "url": urls[1],
        },
        {
            "label": _("Difference"),
            "number": amounts(minus(now.amounts, then.amounts)),
            "since": in_all(now.count - then.count),
            "url": "",
        },
    ]


def _list_of(selection, **only):
    """The list of the deals as they were on the one day of `selection`."""
    return f"{reverse('pipeline:deal_list')}?{selection.query(**only)}"


def why_url(selection, comparison):
    """The same two days by cause, for those who review; only open deals have causes."""
    if not selection.user.may(Action.REVIEW_PIPELINE) or selection.get("status") != Status.OPEN:
        return ""
    apart = dict.fromkeys(("as_of", "compare", "differs", "sort", "columns", "status", "stage"))
    return f"{reverse('pipeline:changes')}?{selection.query(**apart)}&since={comparison.first}&until={comparison.last}&period=all"


def rows(differences, comparison):
    """What the list shows of each Difference: the deal, what happened, and what it was and is."""
    user = comparison.after.user
    deals = Deal.objects.visible_to(user).filter(pk__in=[each.deal for each in differences])
    known = {deal.pk: deal for deal in deals.select_related("account").only("name", "currency", "account__name")}
    owners = {state.owner for each in differences for state in (each.before, each.after) if state}
    names = {
        "stage": {stage.pk: stage.name for stage in comparison.after.stages},
        "owner": dict(User.objects.visible_to(user).filter(pk__in=owners).values_list("pk", "name")),
    }
    return [_row(each, known[each.deal], names) for each in differences if each.deal in known]


def _row(difference, deal, names):
    what = next((kind for kind in difference.kinds if kind in {"new", "came", "gone"}), "")
    return {
        "deal": deal,
        "what": WORDS[what][1] if what else _("Changed"),
        "tone": WORDS[what][2] if what else "",
        "facts": list(_facts(difference.before, difference.after, deal, names)),
        "difference": difference.amount,
    }


def _facts(before, after, deal, names):
    """(what, then, now) of everything that differs between two States; of a deal that is new all it is."""
    for name in ("stage", "owner", "amount", "close"):
        then, now = (getattr(state, name) if state else None for state in (before, after))
        if then != now:
            yield (
                WORDS[name][1],
                *(_said(name, value, deal, names) if state else None for state, value in ((before, then), (after, now))),
            )


def _said(name, value, deal, names):
    if name == "amount":
        return money(value, deal.currency)
    if name == "close":
        return day_words(value) if value else "–"
    return names[name].get(value, _("somebody else") if name == "owner" else "–")


def _column(selection, comparison, stage, then, now):
    """A stage with what it held on each day, each figure with its deals."""
    here = {"stage": stage.pk, "status": Status.OPEN, "owner": selection.get("owner"), "pipeline": None}
    differing = {"as_of": comparison.first.isoformat(), "compare": comparison.last.isoformat(), "differs": None}
    return {
        "stage": stage,
        "then": then,
        "now": now,
        "more": now.count - then.count,
        "difference": minus(now.amounts, then.amounts),
        "then_url": _list_of(comparison.before, **here),
        "now_url": _list_of(comparison.after, **here),
        "url": _list_of(selection, **here, **differing),
    }


def minus(now, then):
    """Sums by currency less other sums."""
    return {currency: now.get(currency, 0) - then.get(currency, 0) for currency in sorted({*now, *then})}
