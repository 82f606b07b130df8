"""What is typed about the organisation."""

import zoneinfo

from babel.numbers import list_currencies
from django import forms
from django.utils.translation import gettext_lazy as _

from ..models import Organisation
from .people import Suggested

CURRENCIES = frozenset(list_currencies()) - {"XXX", "XTS"}  # those two mean "none" and "a test"


class OrganisationForm(forms.ModelForm):
    nightly_hour = forms.TypedChoiceField(
        label=_("Hour of the nightly run"),
        choices=[(hour, f"{hour:02}:00") for hour in range(24)],
        coerce=int,
        help_text=_("In the organisation's time zone."),
    )

    class Meta:
        model = Organisation
        fields = ["name", "time_zone", "currency", "nightly_hour", "asks_customers"]
        widgets = {"time_zone": Suggested(zoneinfo.available_timezones()), "currency": Suggested(CURRENCIES)}
        help_texts = {
            "time_zone": _("Days, months and “today” begin and end in it. Type a city: Vienna, New_York …"),
            "currency": _("For new deals and quotas; amounts there already keep theirs."),
            "asks_customers": _("The night mails them after an onboarding and before a renewal. Without it only people ask."),
        }

    def clean_currency(self):
        currency = self.cleaned_data["currency"].upper()
        if currency not in CURRENCIES:
            raise forms.ValidationError(_("Give the three letters of a currency, such as EUR."))
        return currency
