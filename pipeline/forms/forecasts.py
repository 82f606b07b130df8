"""The form of a forecast call: two amounts and why."""

import uuid

from django import forms
from django.utils.translation import gettext_lazy as _

from salesorg.lib.validators import check_amount


def amount_field(label, help_text):
    box = forms.NumberInput({"min": 0, "step": "any", "inputmode": "decimal"})
    return forms.DecimalField(
        label=label, help_text=help_text, min_value=0, max_digits=20, decimal_places=4, validators=[check_amount], widget=box
    )


class CallForm(forms.Form):
    """What somebody judges a period will bring, as totals."""

    client_id = forms.UUIDField(required=False, widget=forms.HiddenInput, initial=uuid.uuid4)
    commit = amount_field(_("Commit"), _("What will close in the period at the least, what has closed already included."))
    best_case = amount_field(_("Best case"), _("What may close if things go well, the commit included."))
    note = forms.CharField(
        label=_("Why"),
        required=False,
        max_length=500,
        widget=forms.Textarea({"rows": 2}),
        help_text=_("Those who lead you read it."),
    )
