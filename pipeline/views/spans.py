"""The time a page of the review looks at: named, so that a saved view moves on with the days, or from day to day."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext_lazy as _

from salesorg.lib.periods import Period, last_complete_months, month_of, quarter_of, year_of
from salesorg.lib.templatetags.salesorg import day

NAMES = {
    "month": _("This month"),
    "quarter": _("This quarter"),
    "last_quarter": _("Last quarter"),
    "year": _("This year"),
    "months": _("12 months"),
    "all": _("All time"),
}


@dataclass(frozen=True)
class Span:
    """The days from `first` to `last`, both included; None: without an end. `name` is one of NAMES, or empty."""

    name: str
    first: date | None
    last: date | None

    @property
    def words(self):
        return f"{day(self.first)} – {day(self.last)}" if self.first and self.last else str(NAMES["all"])

    @property
    def period(self):
        """The same as a half-open Period; of all time a very long one."""
        return Period(self.first or date(1900, 1, 1), (self.last + timedelta(days=1)) if self.last else date(2200, 1, 1))


def span_of(params, selection, default="months", days=("close_from", "close_to")):
    """The Span that the address asks for: the days of the filters `days`, else what it names."""
    first, last = (selection.get(name) or None for name in days)
    if first or last:
        return Span("", first, last)
    name = params.get("period") if params.get("period") in NAMES else default
    today = selection.day or selection.user.today
    if name == "all":
        return Span(name, None, None)
    periods = {
        "month": month_of,
        "quarter": quarter_of,
        "last_quarter": lambda day: quarter_of(quarter_of(day).start - timedelta(days=1)),
        "year": year_of,
        "months": lambda day: Period(last_complete_months(day, 12).start, month_of(day).until),
    }
    period = periods[name](today)
    return Span(name, period.start, period.last_day)


def span_menu(span, address, names=tuple(NAMES)):
    """A menu (parts/menus.html) of the spans; `address(name)` is where each is looked at."""
    items = [(NAMES[name], address(name), name == span.name) for name in names]
    return {"label": _("Period"), "chosen": NAMES.get(span.name) or span.words, "items": items}
