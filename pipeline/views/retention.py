"""NRR, GRR and logo retention: of the customers of a year ago, and of each quarter's new ones."""

from fractions import Fraction

from django import forms
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.http import require_safe

from pipeline.reports.retention import BECAME, cohort_name, cohorts, currencies_of, retention_between, standings
from pipeline.views.customers import book_tabs
from pipeline.visible import visible_accounts
from salesorg.lib.addresses import list_address
from salesorg.lib.money import divided, from_minor
from salesorg.lib.past import OfADay, opens_any_day
from salesorg.lib.periods import quarter_of
from salesorg.lib.selection import Selection
from salesorg.lib.widgets import day_field
from salesorg.people.access import requires
from salesorg.people.roles import Action

WIDE = 1_000  # of a bar's drawing
PAGE = 50  # customers
MOST = 150  # %, where a bar ends: hardly a cohort grows by half
KINDS = (
    ("", _lazy("All")), ("kept", _lazy("Still customers")), ("more", _lazy("Worth more")), ("less", _lazy("Worth less")),
    ("gone", _lazy("Gone")),
)  # fmt: skip


class RetentionSelection(OfADay, Selection):
    """By the end of which day, in which currency, and which customers: the quarter they began in, what they became."""

    currency = forms.RegexField("^[A-Za-z]{3}$", required=False)
    cohort = day_field(required=False)
    became = forms.ChoiceField(required=False, choices=[(name, "") for name in BECAME])

    @property
    def quarter(self):
        """The quarter that holds the day of ?cohort=; None for the customers of a year ago."""
        day = self.get("cohort")
        return quarter_of(day) if day else None


@require_safe
@requires(Action.READ_RECORDS)
@opens_any_day
def retention(request):
    """How much of the recurring value stays, by today or by the end of the past day ?as_of=, in one ?currency=."""
    user = request.user
    currencies = currencies_of(user)
    selection = RetentionSelection(request.GET, user=user)
    asked = selection.get("currency").upper()
    currency = asked if asked in currencies else (currencies or [""])[0]
    day = selection.day or user.today
    context = {"tabs": book_tabs("retention"), "selection": selection, "day": day, "currency": currency}
    if currency:
        overall = retention_between(user, day, currency)
        rows = [_row(each, currency, day) for each in cohorts(user, day, currency)]
        context |= {
            "overall": overall,
            "tiles": _tiles(overall, day, currency),
            "rows": rows,
            "old_enough": [row for row in rows if not row["too_young"]],
            "chips": [
                {"label": each, "url": "?" + selection.query(currency=each), "on": each == currency} for each in currencies[:8]
            ],
            "several": len(currencies) > 1,
        }
    return render(request, "pipeline/retention.html", context)


@require_safe
@requires(Action.READ_RECORDS)
@opens_any_day
def retention_customers(request):
    """The customers behind a figure: of a year ago, or of the ?cohort=2025-07-01 that began in that quarter; ?became= narrows."""
    user = request.user
    selection = RetentionSelection(request.GET, user=user)
    currency, day = selection.get("currency").upper(), selection.day or user.today
    quarter, became = selection.quarter, selection.get("became")
    skip = int(request.GET["skip"][:6]) if request.GET.get("skip", "").isdecimal() else 0
    found = standings(user, day, currency, quarter=quarter, became=became, skip=skip, most=PAGE)
    asked = _asked(day, currency, quarter)
    context = {
        "tabs": book_tabs("retention"),
        "selection": selection,
        "title": cohort_name(quarter) if quarter else _("Customers of a year ago"),
        "chips": [{"label": label, "url": _rows(asked, name), "on": name == became} for name, label in KINDS],
        "found": found,
        "rows": [_customer(row, currency) for row in found.rows],
        "seen": visible_accounts(user, [row[0] for row in found.rows]),
        "sums": [from_minor(each, currency) for each in (found.start, found.after)],
        "share": _decimal(Fraction(found.after, found.start)) if found.start else None,
        "currency": currency,
        "day": day,
        "next": _rows(asked, became) + f"&skip={skip + PAGE}" if found.more else "",
        "back": _rows(asked, became) + f"&skip={max(skip - PAGE, 0)}" if skip else "",
        "retention": list_address("pipeline:retention", {"currency": currency, "as_of": day}),
    }
    return render(request, "pipeline/retention_customers.html", context)


def _customer(row, currency):
    account, name, start, after = row
    return {"pk": account, "name": name, "start": from_minor(start, currency), "after": from_minor(after, currency)}


def _asked(day, currency, quarter=None):
    return {"as_of": day, "currency": currency} | ({"cohort": quarter.start} if quarter else {})


def _rows(asked, became=""):
    return list_address("pipeline:retention_customers", asked | ({"became": became} if became else {}))


def _tiles(overall, day, currency):
    """The three figures with their formulas, each a link to its customers."""
    asked = _asked(day, currency)
    formulas = (
        ("nrr", _("NRR"), overall.nrr, _("recurring value today ÷ a year ago, of the customers of then")),
        ("grr", _("GRR"), overall.grr, _("the same, counting no customer for more than a year ago")),
        ("logos", _("Logo retention"), overall.logos, _("customers who still have a contract ÷ customers of then")),
    )
    return [
        {
            "label": label,
            "share": _decimal(share),
            "url": _rows(asked, "kept" if code == "logos" else ""),
            "why": {"id": code, "formula": formula, "as_of": day, "rows_in": overall.customers, "rows_out": []},
        }
        for code, label, share, formula in formulas
    ]


def _row(cohort, currency, day):
    """A cohort as a line of the table and a bar of the chart."""
    kept = cohort.retention
    asked = _asked(day, currency, cohort.quarter)
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
        "url": _rows(asked),
        "kept_url": _rows(asked, "kept"),
        "bar": {"gross": gross * WIDE // MOST, "growth_at": gross * WIDE // MOST, "growth": max(net - gross, 0) * WIDE // MOST},
    }


def _percent(share):
    return divided(share.numerator * 100, share.denominator) if share is not None else 0


def _decimal(share):
    """A Fraction as a Decimal of four digits, for the page; None stays None."""
    return None if share is None else from_minor(divided(share.numerator * 10_000, share.denominator), "") / 100
