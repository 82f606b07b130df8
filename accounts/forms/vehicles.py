"""What people type into their vehicle log."""

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Trip, Vehicle, VehicleMonth
from accounts.models.vehicles import LONGEST_TRIP
from salesorg.lib.forms import ScopedModelForm
from salesorg.lib.widgets import day_field


class TripForm(ScopedModelForm):
    """One trip. Whoever has closed a month is asked for the reason of a correction, and whoever enters one twice whether so."""

    on = day_field(label=_("Day"))

    class Meta:
        model = Trip
        fields = ["on", "origin", "destination", "kind", "purpose", "kilometres", "odometer", "correction"]
        widgets = {
            "kilometres": forms.NumberInput({"inputmode": "decimal", "step": "0.1"}),
            "odometer": forms.NumberInput({"inputmode": "numeric"}),
        }
        help_texts = {"correction": _("Only for a month that is closed: it is shown in the export.")}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if not VehicleMonth.objects.visible_to(self.user).filter(user=self.user).exists():
            del self.fields["correction"]
        if "again" in self.data:
            self._ask_whether_again()

    def facts(self):
        again = {} if self.instance.pk else {"again": self.cleaned_data.get("again", False)}
        return {"correction": ""} | again | super().facts()

    def refuse(self, error):
        if "again" in error.fields:
            self._ask_whether_again()
        super().refuse(error)

    def _ask_whether_again(self):
        self.fields["again"] = forms.BooleanField(required=False, label=_("I drove this way more than once on that day"))


class StrikeForm(forms.Form):
    """Why a trip of a closed month is struck out."""

    correction = forms.CharField(label=_("Why it is struck out"), max_length=200, required=False)


class GiveBackForm(forms.Form):
    """Why finance gives a month back to its driver."""

    reason = forms.CharField(label=_("Why it is given back"), max_length=200, required=False)


class AcceptForm(forms.Form):
    """A proposed trip, by its key, and the kilometres where they were not known or are others."""

    key = forms.CharField(max_length=40)
    kilometres = forms.DecimalField(
        required=False, min_value=0, max_value=LONGEST_TRIP, max_digits=6, decimal_places=1, label=_("Kilometres")
    )


class VehicleForm(ScopedModelForm):
    class Meta:
        model = Vehicle
        fields = ["plate"]
