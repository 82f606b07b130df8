"""What people type about consent."""

from django import forms
from django.utils.translation import gettext_lazy as _lazy

from accounts.models import Consent
from salesorg.lib.widgets import day_field


class ConsentForm(forms.Form):
    """One word of a contact about one channel."""

    channel = forms.ChoiceField(label=_lazy("Channel"), choices=Consent.Channel.choices)
    given = forms.TypedChoiceField(
        label=_lazy("Consent"), choices=[("yes", _lazy("given")), ("no", _lazy("withdrawn"))], coerce=lambda value: value == "yes"
    )
    how = forms.ChoiceField(label=_lazy("How"), choices=Consent.How.choices)
    said_on = day_field(label=_lazy("When"))
    note = forms.CharField(label=_lazy("Note"), required=False, max_length=200)

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["said_on"].initial = user.today
