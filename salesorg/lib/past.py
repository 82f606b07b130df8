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


class OfACorrectedDay(OfADay):
    """The same of records whose past is corrected later: as it was recorded then, or with ?corrections= as it is known now."""

    corrections = forms.BooleanField(required=False)
    knows_corrections = True  # False on a page that reads the past in another way

    @property
    def corrected(self):
        """Whether a past day is shown with what was corrected since."""
        return bool(self.knows_corrections and self.day and self.get("corrections"))

    @property
    def recorded_then(self):
        """The query string of the same day as it was recorded then."""
        return self.query(corrections=None)

    @property
    def known_now(self):
        """The query string of the same day with later corrections."""
        return self.query(corrections="on")

    @property
    def now(self):
        return self.query(as_of=None, corrections=None)


def opens_any_day(view):
    """Mark a view as one that shows the past day of its address; any other page says that it knows only today."""
    view.opens_any_day = True
    return view
