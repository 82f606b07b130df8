"""Which two days are compared where a page says what changed: read from its address, by name or from day to day."""

from datetime import timedelta

from django import forms
from django.utils.translation import gettext_lazy as _

from pipeline.engine.waterfall import CAUSES
from pipeline.selections.deals import day_filter
from salesorg.lib.past import OfADay
from salesorg.lib.periods import month_of, quarter_of
from salesorg.lib.selection import Selection

PRESETS = {
    "monday": _("Since last Monday"),
    "week": _("7 days"),
    "month": _("This month"),
    "quarter": _("This quarter"),
}


class TwoDays(OfADay, Selection):
    """The two days that are compared, each at its end: chosen, or by a name that moves on with the days."""

    since = day_filter(_("From the end of"))
    until = day_filter(_("to the end of"))
    days = forms.ChoiceField(required=False, choices=[("", ""), *PRESETS.items()])
    cause = forms.ChoiceField(required=False, choices=[("", ""), *((cause, "") for cause in CAUSES)])

    @property
    def chosen(self):
        """(first day, second day, the name they go by or "")."""
        today = self.user.today
        until = min(self.get("until") or self.get("as_of") or today, today)
        if since := self.get("since"):
            return min(since, until - timedelta(days=1)), until, ""
        name = self.get("days") or "monday"
        return day_before(name, until), until, name


def day_before(name, until):
    """The day from whose end on the preset `name` compares; what began today looks at the one before."""
    begin = {
        "monday": until - timedelta(days=until.weekday() or 7),
        "week": until - timedelta(days=6),
        "month": month_of(until).start,
        "quarter": quarter_of(until).start,
    }
    return begin[name] - timedelta(days=1)
