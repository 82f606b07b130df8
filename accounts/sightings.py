"""Competitors seen at accounts: which sightings a page shows, by its address, and what they come to."""

import re
from datetime import date

from django import forms
from django.db.models import Count, Max, Min, Q
from django.db.models.functions import TruncMonth
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from accounts.selections.accounts import choice
from salesorg.lib.pagination import Page
from salesorg.lib.periods import month_of
from salesorg.lib.selection import Selection
from salesorg.lib.widgets import SMALL, day_field

from .models import Account, Competitor, Sighting

LINES = 50  # of a page
UNKNOWN = "-"  # in the address: those that do not say
MONTH = re.compile(r"(20\d\d|2100)-(0[1-9]|1[0-2])")

# What may be counted by: the columns of a line.
GROUPS = {
    "competitor": ("competitor", "competitor__name"),
    "product": ("competitor", "competitor__name", "product"),
    "region": ("account__country", "account__city"),
    "month": ("month",),
}


def text(label):
    return forms.CharField(required=False, max_length=100, label=label)


class SightingSelection(Selection):
    """The filters of the competitors page."""

    by = choice([("competitor", ""), ("product", ""), ("region", ""), ("month", ""), ("rows", "")])
    competitor = forms.ModelChoiceField(
        Competitor.objects.none(), required=False, empty_label=_lazy("All"), label=_lazy("Competitor")
    )
    product = text(_lazy("Product"))
    country = text(_lazy("Country"))
    city = text(_lazy("City"))
    month = forms.RegexField(MONTH, required=False, label=_lazy("Month"), strip=True)
    account = forms.ModelChoiceField(Account.objects.none(), required=False, empty_label=_lazy("All"), label=_lazy("Account"))
    since = day_field(required=False, css=SMALL, label=_lazy("From"))
    until = day_field(required=False, css=SMALL, label=_lazy("to"))

    def sightings(self):
        """The visible sightings that pass the filters."""
        chosen = Q()
        for name, column in (("competitor", "competitor"), ("account", "account")):
            if value := self.get(name):
                chosen &= Q(**{column: value})
        for name, column in (("product", "product"), ("country", "account__country"), ("city", "account__city")):
            if value := self.get(name):
                chosen &= Q(**{column: "" if value == UNKNOWN else value})
        if month := self.get("month"):
            days = month_of(date.fromisoformat(f"{month[:7]}-01"))
            chosen &= Q(seen_on__gte=days.start, seen_on__lt=days.until)
        for name, comparison in (("since", "gte"), ("until", "lte")):
            if value := self.get(name):
                chosen &= Q(**{f"seen_on__{comparison}": value})
        return Sighting.objects.visible_to(self.user).filter(chosen)

    @property
    def words(self):
        """What is shown, in a sentence."""
        said = {
            "competitor": _("of %(value)s"),
            "product": _("with %(value)s"),
            "account": _("at %(value)s"),
            "city": _("in %(value)s"),
            "country": _("in %(value)s"),
            "month": _("in %(value)s"),
            "since": _("from %(value)s"),
            "until": _("until %(value)s"),
        }
        shown = {name: _("unknown") if self.get(name) == UNKNOWN else self.get(name) for name in said}
        return " ".join([_("Sightings"), *(pattern % {"value": shown[name]} for name, pattern in said.items() if shown[name])])


def counted(selection, by, after=""):
    """A Page of the selection's sightings counted by `by`, the most seen first (months: the newest): a dict for each line.

    Counts have no place to go on behind, so `after` says how many lines came before.
    {label, url of its rows, count, accounts, latest, prices: [{currency, least, most}]}.
    """
    sightings = selection.sightings()
    if by == "month":
        sightings = sightings.annotate(month=TruncMonth("seen_on"))
    columns = GROUPS[by]
    lines = sightings.order_by().values(*columns)
    lines = lines.annotate(count=Count("pk"), accounts=Count("account", distinct=True), latest=Max("seen_on"))
    before = int(after) if after.isascii() and after.isdecimal() and len(after) < 8 else 0
    lines = list(lines.order_by("-month" if by == "month" else "-count", *columns)[before : before + LINES + 1])
    lines, more = lines[:LINES], len(lines) > LINES
    prices = {}
    priced = sightings.order_by().filter(price__isnull=False, **{f"{columns[0]}__in": {line[columns[0]] for line in lines}})
    for each in priced.values(*columns, "currency").annotate(least=Min("price"), most=Max("price")).order_by("currency"):
        prices.setdefault(tuple(each[column] for column in columns), []).append(each)
    for line in lines:
        line["label"], filters = _named(line, by)
        line["url"] = "?" + selection.query(by="rows", **filters)
        line["prices"] = prices.get(tuple(line[column] for column in columns), [])
    return Page(lines, str(before + LINES) if more else None)


def _named(line, by):
    """The words of a line, and the filters that choose its rows."""
    if by == "competitor":
        return line["competitor__name"], {"competitor": line["competitor"]}
    if by == "product":
        filters = {"competitor": line["competitor"], "product": line["product"] or UNKNOWN}
        return f"{line['competitor__name']} · {line['product'] or _('product not noted')}", filters
    if by == "month":
        return date_format(line["month"], "F Y"), {"month": f"{line['month']:%Y-%m}"}
    country, city = line["account__country"], line["account__city"]
    label = ", ".join(filter(None, (city, country))) or _("Place unknown")
    return label, {"country": country or UNKNOWN, "city": city or UNKNOWN}
