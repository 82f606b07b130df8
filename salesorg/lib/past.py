"""The past day of an address: read in one place, said on the page, and never silently left out."""

from django import forms
from django.utils.translation import gettext_lazy as _

from .widgets import SMALL, day_field


class OfADay(forms.Form):
    """The part of a Selection that reads ?as_of=, the past day whose end is looked at."""

    as_of = day_field(label=_("As of the end of"), required=False, css=SMALL)

    @property
    def day(self):
        """The past day that is looked at; None for now."""
        day = self.get("as_of")
        return day if day and day < self.user.today else None

    @property
    def past_day(self):
        """The same, for base.html, which says it on every page."""
        return self.day

    @property
    def moment(self):
        """The end of the day that is looked at."""
        return self.user.organisation.last_moment_of(self.day or self.user.today)

    @property
    def now(self):
        """The query string of the same page today."""
        return self.query(as_of=None)

    @property
    def kept(self):
        """What a form that asks for the day carries along."""
        return self.besides("as_of")


def opens_any_day(view):
    """Mark a view as one that shows the past day of its address; any other page says that it knows only today."""
    view.opens_any_day = True
    return view
