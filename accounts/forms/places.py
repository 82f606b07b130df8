"""What people type about where an account is and when it is open, and about their own days in the field."""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from accounts.engine.opening import tidy
from accounts.models import Account, FieldDay
from accounts.positions import read_position, written
from salesorg.lib.forms import ScopedModelForm
from salesorg.lib.widgets import Combobox

HOURS_HELP = _lazy("Such as Mo-Fr 08:00-12:00,13:00-17:00; Sa 09:00-12:00. Empty: any time.")


class PositionField(forms.CharField):
    """A pair of degrees, or a link of a map application; cleaned to (latitude, longitude) or None."""

    def __init__(self, **options):
        options.setdefault("widget", forms.TextInput({"data-position": "", "autocomplete": "off"}))
        super().__init__(max_length=2000, **options)

    def clean(self, value):
        text = super().clean(value)
        if not text:
            return None
        position = read_position(text)
        if position is None:
            raise forms.ValidationError(_("Give a position such as 42.3601, -71.0589, or paste the link of a map."))
        return position


class PlaceForm(ScopedModelForm):
    """Where an account is, when it is open and how long a visit takes there."""

    position = PositionField(
        label=_lazy("Position"),
        required=False,
        help_text=_lazy("Latitude and longitude, or the link that a map application shares."),
    )
    field_order = ["position", "opening_hours", "visit_minutes"]

    class Meta:
        model = Account
        fields = ["opening_hours", "visit_minutes"]
        help_texts = {"opening_hours": HOURS_HELP, "visit_minutes": _lazy("Empty: as long as your visits usually take.")}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.initial["position"] = written(self.instance.latitude, self.instance.longitude)

    def facts(self):
        latitude, longitude = self.cleaned_data["position"] or (None, None)
        hours = tidy(self.cleaned_data["opening_hours"])
        return super().facts() | {"latitude": latitude, "longitude": longitude, "opening_hours": hours}


class FieldDayForm(forms.ModelForm):
    """Where one's days in the field begin and end. An account may stand in for a position."""

    start = PositionField(label=_lazy("Position of the start"), required=False)
    start_account = forms.ModelChoiceField(
        None, label=_lazy("… or start at an account"), required=False, widget=Combobox("accounts:account_lookup")
    )
    end = PositionField(
        label=_lazy("Position of the end"), required=False, help_text=_lazy("Empty: the day ends where it begins.")
    )
    end_account = forms.ModelChoiceField(
        None, label=_lazy("… or end at an account"), required=False, widget=Combobox("accounts:account_lookup")
    )
    field_order = ["start_name", "start", "start_account", "end_name", "end", "end_account", "begins", "ends"]

    class Meta:
        model = FieldDay
        fields = ["start_name", "end_name", "begins", "ends", "visit_minutes", "speed", "road_factor"]
        widgets = {name: forms.TimeInput({"type": "time"}, format="%H:%M") for name in ("begins", "ends")}
        labels = {"start_name": _lazy("Days begin at"), "end_name": _lazy("Days end at")}
        help_texts = {
            "start_name": _lazy("Home, the office …"),
            "road_factor": _lazy("How much longer roads are than the straight line: 1.3 is usual."),
        }

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        day = self.instance
        for name in ("start_account", "end_account"):
            self.fields[name].queryset = Account.objects.visible_to(user)
        self.initial["start"] = written(day.start_latitude, day.start_longitude)
        if (day.end_latitude, day.end_longitude) != (day.start_latitude, day.start_longitude):
            self.initial["end"] = written(day.end_latitude, day.end_longitude)

    def clean(self):
        cleaned = super().clean()
        for side in ("start", "end"):
            account = cleaned.get(f"{side}_account")
            if account and (account.latitude is None or account.longitude is None):
                self.add_error(f"{side}_account", _("Nobody knows yet where %(account)s is.") % {"account": account})
        if "begins" in cleaned and "ends" in cleaned and cleaned["ends"] <= cleaned["begins"]:
            self.add_error("ends", _("The day must end after it begins."))
        return cleaned

    def facts(self):
        """What was typed, as the service takes it: without an end of its own the day ends where it begins."""
        cleaned = self.cleaned_data
        facts = {name: cleaned[name] for name in self._meta.fields}
        places = {}
        for side in ("start", "end"):
            account, position, name = cleaned[f"{side}_account"], cleaned[side], cleaned[f"{side}_name"]
            if account:
                position, name = (account.latitude, account.longitude), account.name[:100]
            places[side] = (position, name)
        if not places["end"][0]:
            places["end"] = (places["start"][0], places["end"][1] or places["start"][1])
        for side, (position, name) in places.items():
            latitude, longitude = position or (None, None)
            facts |= {f"{side}_latitude": latitude, f"{side}_longitude": longitude, f"{side}_name": name}
        return facts
