"""What is typed about when people work: absences, and the hours of a week."""

from datetime import date, time

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from salesorg.lib.validators import check_business_date
from salesorg.lib.widgets import day_field

from ..models import Absence, WorkingDay
from .people import PeopleForm, person_field

NAME = 100  # characters of a public holiday's name


class AbsenceForm(PeopleForm):
    first_day = day_field(label=gettext_lazy("First day away"))
    last_day = day_field(label=gettext_lazy("Last day away"))
    stand_in = person_field(
        gettext_lazy("Stand-in"),
        required=False,
        help_text=gettext_lazy("Takes what cannot wait. Empty: clocks stand still, and your manager decides."),
    )
    reason = forms.ChoiceField(
        label=gettext_lazy("Reason"),
        choices=Absence.Reason.choices,
        help_text=gettext_lazy("Seen by you and those who lead you; everybody sees that you are away."),
    )


def time_field(label):
    return forms.TimeField(label=label, required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))


class WeekForm(forms.Form):
    """Seven days with from and until; a day without both is a day off."""

    def __init__(self, *args, hours, **kwargs):
        super().__init__(*args, **kwargs)
        for weekday, label in WorkingDay.Weekday.choices:
            span = hours[weekday] or (None, None)
            for name, words, value in (("opens", _("from"), span[0]), ("closes", _("until"), span[1])):
                field = time_field(f"{label} {words}")
                field.initial = value
                field.widget.attrs["class"] = "form-control form-control-sm"
                self.fields[f"{name}_{weekday}"] = field

    def days(self):
        """(weekday's name, its two fields), for the page."""
        return [(label, (self[f"opens_{day}"], self[f"closes_{day}"])) for day, label in WorkingDay.Weekday.choices]

    def clean(self):
        cleaned = super().clean()
        for weekday in range(7):
            opens, closes = cleaned.get(f"opens_{weekday}"), cleaned.get(f"closes_{weekday}")
            if {f"opens_{weekday}", f"closes_{weekday}"} & self.errors.keys():
                continue
            if (opens is None) != (closes is None):
                self.add_error(f"closes_{weekday}" if closes is None else f"opens_{weekday}", _("Give both, or neither."))
            elif opens is not None and closes <= opens and closes != time(0):
                self.add_error(f"closes_{weekday}", _("Must be later than the beginning; 00:00 is midnight."))
        return cleaned

    def hours(self):
        """The seven (opens, closes), or None for a day off."""
        spans = ((self.cleaned_data.get(f"opens_{day}"), self.cleaned_data.get(f"closes_{day}")) for day in range(7))
        return tuple(None if span[0] is None else span for span in spans)


class UsualWeekForm(WeekForm):
    """The week of everybody, and the days on which nobody works, one in a line."""

    MOST = 500  # lines: thirty years of them

    holidays = forms.CharField(
        label=gettext_lazy("Public holidays"),
        required=False,
        max_length=20_000,
        widget=forms.Textarea({"rows": 8, "spellcheck": "false"}),
        help_text=gettext_lazy("One in a line, the day first: 2026-12-25 Christmas Day. Nobody's clock runs on these days."),
    )

    def clean_holidays(self):
        """{day: name} of what was typed."""
        lines = [line.strip() for line in self.cleaned_data["holidays"].splitlines()]
        found = {}
        for number, line in enumerate(lines, 1):
            if line:
                day, name = _holiday(line, number)
                found[day] = name
        if len(found) > self.MOST:
            raise forms.ValidationError(_("Keep at most %(most)d days.") % {"most": self.MOST})
        return found


def _holiday(line, number):
    """(day, name) of a line of the list."""
    typed, _space, name = line.partition(" ")
    try:
        day = date.fromisoformat(typed)
    except ValueError as error:
        words = _("Line %(number)d does not begin with a day such as 2026-12-25.")
        raise forms.ValidationError(words % {"number": number}) from error
    check_business_date(day)
    if not 0 < len(name.strip()) <= NAME:
        raise forms.ValidationError(_("Line %(number)d: give the day a name of at most 100 characters.") % {"number": number})
    return day, name.strip()
