"""What people type when a customer orders on the spot."""

import uuid

from django import forms
from django.utils.translation import gettext_lazy as _lazy

from salesorg.lib.widgets import day_field


class OrderRequestForm(forms.Form):
    """What the customer wants, in words, for whoever takes orders of this account."""

    client_id = forms.UUIDField(required=False, widget=forms.HiddenInput({"data-client-id": ""}))
    what = forms.CharField(
        label=_lazy("What and how much"), max_length=5000, widget=forms.Textarea({"rows": 4}), help_text=_lazy("One line each.")
    )
    wanted_on = day_field(label=_lazy("Wanted by"), required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["client_id"].initial = uuid.uuid4
