"""NRR, GRR and logo retention: of the customers of a year ago, and of each quarter's new ones."""

from datetime import date

from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from pipeline.engine.terms import months_after
from pipeline.reports.retention import YEAR, cohorts, currencies_of, retention_between
from pipeline.views.customers import book_tabs
from salesorg.lib.addresses import list_address
from salesorg.lib.money import divided, from_minor
from salesorg.people.access import requires
from salesorg.people.roles import Action

WIDE = 1_000  # of a bar's drawing
MOST = 150  # %, where a bar ends: hardly a cohort grows by half


@require_safe
@requires(Action.READ_RECORDS)
def retention(request):
    """How much of the recurring value stays, by today or by the end of the past day ?as_of=, in one ?currency=."""
    user = request.user
    currencies = currencies_of(user)
    asked = request.GET.get("currency", "").upper()
    currency = asked if asked in currencies else (currencies or [""])[0]
    day = _day(request.GET.get("as_of", ""), user.today)
    context = {"tabs": book_tabs("retention"), "day": day, "is_past": day < user.today, "currency": currency}
    if currency:
        overall = retention_between(user, day, currency)
        rows = [_row(each, currency) for each in cohorts(user, day, currency)]
        context |= {
            "overall": overall,
            "tiles": _tiles(overall, day, currency),
            "rows": rows,
            "old_enough": [row for row in rows if not row["too_young"]],
            "chips": [{"label": each, "url": f"?currency={each}", "on": each == currency} for each in currencies[:8]],
            "several": len(currencies) > 1,
        }
    return render(request, "pipeline/retention.html", context)


def _day(text, today):
    try:
        return min(max(date.fromisoformat(text[:10]), date(2000, 1, 1)), today)
    except ValueError:
        return today


def _tiles(overall, day, currency):
    """The three figures with their formulas, each a link to the contracts of a year before."""
    before = months_after(day, -YEAR)
    url = list_address("pipeline:contract_list", {"state": "running", "as_of": before, "currency": currency})
    formulas = (
        ("nrr", _("NRR"), overall.nrr, _("recurring value today ÷ a year ago, of the customers of then")),
        ("grr", _("GRR"), overall.grr, _("the same, counting no customer for more than a year ago")),
        ("logos", _("Logo retention"), overall.logos, _("customers who still have a contract ÷ customers of then")),
    )
    return [
        {
            "label": label,
            "share": _decimal(share),
            "url": url,
            "why": {"id": code, "formula": formula, "as_of": day, "rows_in": overall.customers, "rows_out": []},
        }
        for code, label, share, formula in formulas
    ]


def _row(cohort, currency):
    """A cohort as a line of the table and a bar of the chart."""
    kept = cohort.retention
    began = {"began_from": cohort.quarter.start, "began_to": cohort.quarter.last_day, "currency": currency, "state": "all"}
    gross, net = (min(_percent(share), MOST) for share in (kept.grr, kept.nrr))
    return {
        "name": cohort.name,
        "retention": kept,
        "too_young": cohort.too_young,
        "referrals": cohort.referrals,
        "start": from_minor(kept.start, currency),
        "after": from_minor(kept.after, currency),
        "gross": from_minor(kept.gross, currency),
        "nrr": _decimal(kept.nrr),
        "grr": _decimal(kept.grr),
        "logos": _decimal(kept.logos),
        "url": list_address("pipeline:contract_list", began),
        "lost_url": list_address("pipeline:contract_list", began | {"state": "given_up"}),
        "bar": {"gross": gross * WIDE // MOST, "growth_at": gross * WIDE // MOST, "growth": max(net - gross, 0) * WIDE // MOST},
    }


def _percent(share):
    return divided(share.numerator * 100, share.denominator) if share is not None else 0


def _decimal(share):
    """A Fraction as a Decimal of four digits, for the page; None stays None."""
    return None if share is None else from_minor(divided(share.numerator * 10_000, share.denominator), "") / 100
