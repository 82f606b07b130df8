"""What people bring back from a visit, below the fold of the form: all of it optional."""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from accounts.models import Contact
from accounts.models.vehicles import LONGEST_TRIP
from accounts.services import Brought
from salesorg.lib.money import COMMON
from salesorg.lib.validators import check_amount
from salesorg.people.models import organisation

MOST_CONTACTS = 60  # shown to be ticked
WORST_ACCURACY = 100_000  # metres; a phone that knows no better knows nothing


class BroughtBackForm(forms.Form):
    """Whom one met, what they need, the competitor seen, the way driven, and where the phone stood.

    `cleaned_data["brought"]` holds it all, as the services take it.
    """

    contacts = forms.ModelMultipleChoiceField(None, label=_lazy("Met"), required=False, widget=forms.CheckboxSelectMultiple)
    needs = forms.CharField(label=_lazy("What they need"), required=False, max_length=2000, widget=forms.Textarea({"rows": 2}))
    competitor = forms.CharField(
        label=_lazy("Competitor seen"), required=False, max_length=100, widget=forms.TextInput({"autocomplete": "off"})
    )
    product = forms.CharField(label=_lazy("Their product"), required=False, max_length=100)
    price = forms.DecimalField(
        label=_lazy("Their price"),
        required=False,
        max_digits=16,
        decimal_places=4,
        validators=[check_amount],
        widget=forms.NumberInput({"inputmode": "decimal", "step": "any"}),
    )
    currency = forms.ChoiceField(label=_lazy("Currency"), required=False)
    kilometres = forms.DecimalField(
        label=_lazy("Kilometres driven here"),
        required=False,
        min_value=0,
        max_value=LONGEST_TRIP,
        max_digits=6,
        decimal_places=1,
        widget=forms.NumberInput({"inputmode": "decimal", "step": "0.1"}),
    )
    # Written by the page when one taps "I am here"; nonsense in them is no reason to refuse a visit.
    at_latitude = forms.FloatField(required=False, widget=forms.HiddenInput)
    at_longitude = forms.FloatField(required=False, widget=forms.HiddenInput)
    at_accuracy = forms.FloatField(required=False, widget=forms.HiddenInput)
    wrong_pin = forms.BooleanField(label=_lazy("The pin is wrong: propose that the account is here"), required=False)

    PLACE = ("at_latitude", "at_longitude", "at_accuracy")
    SIGHTING = ("competitor", "product", "price", "currency")
    BROUGHT = ("contacts", "needs", *SIGHTING, "kilometres", *PLACE, "wrong_pin")

    def offer(self, account, contact=None):
        """Give the choices that depend on the person and the account; `contact` is ticked from the start."""
        self.fields["contacts"].queryset = met = Contact.objects.visible_to(self.user)
        here = met.here().filter(account=account).order_by("name", "pk")[:MOST_CONTACTS] if account else ()
        offered = {each.pk: each.name for each in [*([contact] if contact else []), *here]}
        self.fields["contacts"].widget.choices = list(offered.items())
        self.fields["contacts"].initial = [contact.pk] if contact else []
        own = organisation().currency
        self.fields["currency"].choices = [(code, code) for code in dict.fromkeys([own, *COMMON])]
        self.fields["currency"].initial = own

    def clean(self):
        cleaned = super().clean()
        for name in self.PLACE:
            self.errors.pop(name, None)
        facts = {name: cleaned.pop(name, None) for name in self.BROUGHT}
        if (facts["product"] or facts["price"] is not None) and not facts["competitor"] and "competitor" not in self.errors:
            self.add_error("competitor", _("Say whose product or price it is."))
        sighting = {name: facts[name] for name in self.SIGHTING}
        sighting["currency"] = facts["currency"] or self.fields["currency"].initial
        cleaned["brought"] = Brought(
            contacts=tuple(facts["contacts"] or ()),
            needs=facts["needs"] or "",
            kilometres=facts["kilometres"],
            check_in=place_of(*(facts[name] for name in self.PLACE)),
            wrong_pin=bool(facts["wrong_pin"]),
            sighting=sighting if facts["competitor"] else None,
        )
        return cleaned

    def is_unfolded(self):
        """Whether something below the fold is wrong or filled in already, and must be seen."""
        return bool({*self.BROUGHT, "done_at"} & self.errors.keys() or self.fields["contacts"].initial)


def place_of(latitude, longitude, accuracy):
    """What a phone said of its place, as the services take it; None when it is no place on earth."""
    if latitude is None or longitude is None or abs(latitude) > 90 or abs(longitude) > 180:
        return None
    accuracy = int(accuracy) if accuracy is not None and 0 <= accuracy < WORST_ACCURACY else WORST_ACCURACY
    return {"latitude": latitude, "longitude": longitude, "accuracy": accuracy}


class PinForm(forms.Form):
    """Where an account really is; the page fills it in when one stands there."""

    latitude = forms.FloatField(
        label=_lazy("Latitude"), min_value=-90, max_value=90, help_text=_lazy("For example 40.7506"),
        widget=forms.NumberInput({"step": "any", "inputmode": "decimal"}),
    )  # fmt: skip
    longitude = forms.FloatField(
        label=_lazy("Longitude"), min_value=-180, max_value=180, help_text=_lazy("For example -73.9935"),
        widget=forms.NumberInput({"step": "any", "inputmode": "decimal"}),
    )  # fmt: skip
    accuracy = forms.IntegerField(required=False, min_value=0, max_value=WORST_ACCURACY, widget=forms.HiddenInput)
